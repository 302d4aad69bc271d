"""What follows from lines going in and out of service, and what the servers say in our subscriptions.

Law: routes only; the nouns decide. Each function is a step of a row in `core.reduce`.
"""

from __future__ import annotations

from deskphone.core.agent import agent
from deskphone.core.documents import AS_FEATURE, HOTELING, MESSAGE_SUMMARY, Command
from deskphone.core.events import MessageWaiting, NotifyBody, Registered, SubscriptionAnswered, SubscriptionEnded
from deskphone.core.lines import line as lines
from deskphone.core.lines import subscription
from deskphone.core.phone import boot
from deskphone.core.turn import Turn

NO_DIALOG = 481


def reconnected(turn: Turn, event: Registered) -> None:
    """Over a new connection every subscription begins anew. A server that takes the refresh of a registration is asked
    whether it still has the dialogs, where no keep-alive does that: one that was started anew takes it as ever."""
    if event.fresh:
        subscription.restart(turn, event.server)
    elif not lines.keep_alive_period(turn.phone):
        subscription.ask_after(turn, event.server, old=True)


def answered(turn: Turn, event: SubscriptionAnswered) -> None:
    """The final response to a SUBSCRIBE; a command the server does not accept is told to its owner."""
    _refused(turn, event.server, event.package, subscription.answered(turn, event))


def ended(turn: Turn, event: SubscriptionEnded) -> None:
    """A subscription is over; so is a command that the server answered by ending it. One that the server knows nothing
    of is a sign that it was started anew: it is asked for the other dialogs, and registered at."""
    up = any(line.server == event.server for line in turn.phone.registered)
    if event.code == NO_DIALOG and up:
        lines.register(turn, event.server)
    _refused(turn, event.server, event.package, subscription.ended(turn, event))
    if event.code == NO_DIALOG and up:
        subscription.ask_after(turn, event.server)


def _refused(turn: Turn, server: int, package: str, command: Command | None) -> None:
    if command is not None and package in (AS_FEATURE, HOTELING):
        agent.command_refused(turn, server, command)


def deaf(turn: Turn, event: NotifyBody) -> bool:
    """A NOTIFY of a dialog that is gone is ignored (True); any other one, with an empty body too, counts as the one
    that its SUBSCRIBE asked for (RFC 6665 section 4.1.2.4)."""
    return not subscription.notified(turn, event.server, event.package)


def agent_told(turn: Turn, event: NotifyBody) -> None:
    """The agent's documents; a change of the agent state is something to look at."""
    before = turn.phone.agent.presence
    agent.notified(turn, event.server, event.documents)
    if turn.phone.agent.presence is not before:
        boot.wake(turn)


def mail_notified(turn: Turn, event: MessageWaiting) -> None:
    """Voice mail told in a subscription of ours is its NOTIFY as well."""
    if subscription.find(turn.phone, event.server, MESSAGE_SUMMARY) is not None:
        subscription.notified(turn, event.server, MESSAGE_SUMMARY)
