"""What follows from lines going in and out of service, and what the servers say in our subscriptions.

Law: routes only; the nouns decide. `follow` runs after every event, so that no path can forget it.
"""

from __future__ import annotations

from deskphone.core.agent import agent, featuresync, hot_seat
from deskphone.core.documents import AS_FEATURE, HOTELING, MESSAGE_SUMMARY, Command
from deskphone.core.events import MessageWaiting, NotifyBody, Registered, SubscriptionAnswered, SubscriptionEnded
from deskphone.core.lines import line, subscription
from deskphone.core.phone import boot
from deskphone.core.screen import provisioning_login
from deskphone.core.turn import Turn


def follow(turn: Turn) -> None:
    """Subscriptions, agent and hot seat follow the lines and the settings; a login is asked for when there is time."""
    hot_seat.follow(turn)
    subscription.follow(turn)
    agent.follow(turn)
    provisioning_login.follow(turn)


def registered(turn: Turn, event: Registered) -> None:
    """In service; over a new connection every subscription begins anew."""
    line.registered(turn, event)
    boot.announce(turn)
    if event.fresh:
        subscription.restart(turn, event.server)


def answered(turn: Turn, event: SubscriptionAnswered) -> None:
    """An answer to a SUBSCRIBE; a command the server does not accept is told to its owner."""
    _refused(turn, event.server, event.package, subscription.answered(turn, event))


def ended(turn: Turn, event: SubscriptionEnded) -> None:
    """A subscription is over; so is a command that the server answered by ending it."""
    _refused(turn, event.server, event.package, subscription.ended(turn, event))


def _refused(turn: Turn, server: int, package: str, command: Command | None) -> None:
    if command is not None and package in (AS_FEATURE, HOTELING):
        agent.command_refused(turn, server, command)


def notified(turn: Turn, event: NotifyBody) -> None:
    """A NOTIFY. An empty one is legal and leaves everything as it is."""
    if not subscription.notified(turn, event.server, event.package):
        return
    before = turn.phone.agent.presence
    agent.notified(turn, event.server, event.documents)
    featuresync.notified(turn, event.documents)
    if turn.phone.agent.presence is not before:
        boot.wake(turn)


def message_waiting(turn: Turn, event: MessageWaiting) -> None:
    """Voice mail; in a subscription of ours it is the NOTIFY as well."""
    boot.message_waiting(turn, event)
    if subscription.find(turn.phone, event.server, MESSAGE_SUMMARY) is not None:
        subscription.notified(turn, event.server, MESSAGE_SUMMARY)
