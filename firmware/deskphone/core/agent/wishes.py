"""What the person asked the server for: another state of the agent, pending until the server grants it.

Law: owns the wish in `Phone.agent` and its deadline. It changes no state: only a NOTIFY does (`core.agent.agent`).
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.agent.state import Place, Presence
from deskphone.core.calls import call
from deskphone.core.deadlines import Deadline
from deskphone.core.documents import AS_FEATURE, RequestedAgentState, SetAgentState
from deskphone.core.lines import subscription
from deskphone.core.moment import NEVER
from deskphone.core.screen.state import Notice
from deskphone.core.turn import Turn

WISH_SECONDS = 5.0  # a wish the server does not grant in this time is given up
REQUESTS = {
    Presence.READY: RequestedAgentState.READY,
    Presence.NOT_READY: RequestedAgentState.NOT_READY,
    Presence.AFTER_CALL_WORK: RequestedAgentState.WORKING_AFTER_CALL,
}


def wish(turn: Turn, presence: Presence, code: str = "", server: int | None = None) -> None:
    """Ask for a state; it is shown as pending until the server grants it, or WISH_SECONDS. Not accepted where the agent
    has been logged out meanwhile, as behind the list of reasons."""
    server = turn.phone.agent.server if server is None else server
    if server is None or turn.phone.agent.at(server).place is not Place.IN:
        call.show_notice(turn, Notice("not_accepted"))
        return
    wish_until = turn.after(WISH_SECONDS)
    turn.set(agent=replace(turn.phone.agent, wanted=presence, wanted_code=code, wish_until=wish_until))
    subscription.command(turn, server, AS_FEATURE, SetAgentState(REQUESTS[presence], code))


def _wish_over(turn: Turn, _: None) -> None:
    """The server did not grant the wish; what it said last stays."""
    call.show_notice(turn, Notice("not_accepted"))
    drop_wish(turn)
    if turn.phone.agent.server is not None:
        subscription.withdraw(turn, turn.phone.agent.server, AS_FEATURE, SetAgentState)


def drop_wish(turn: Turn) -> None:
    """Clear the pending wish and its deadline: it was granted, refused, or is given up."""
    turn.set(agent=replace(turn.phone.agent, wanted=Presence.UNKNOWN, wanted_code="", wish_until=NEVER))


def drop_wish_of(turn: Turn, server: int) -> None:
    """Clear it, unless it is a wish at another server."""
    if turn.phone.agent.server in (None, server):
        drop_wish(turn)


DEADLINES = (Deadline("agent's wish", lambda phone: ((phone.agent.wish_until, None),), _wish_over),)
