"""A call of ours goes on at the other server when its own fails: 503, nothing sent, or no response at all.

Law: only a call nobody has answered a word to is taken elsewhere, so that it never rings twice; each server is tried
once. The person presses no key and sees one call.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core import failure
from deskphone.core.calls import call
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Hangup
from deskphone.core.events import CallEnded
from deskphone.core.lines import sites
from deskphone.core.moment import NEVER
from deskphone.core.state import Call, CallState, Direction, Phone
from deskphone.core.turn import Turn


def failed(turn: Turn, event: CallEnded) -> bool:
    """An INVITE that its server could not or would not take; True where the call goes on at the other one."""
    ours = turn.call(event.call)
    excluded = event.code in turn.phone.settings.redundant.no_switch_codes
    if ours.state is not CallState.OUTGOING or not failure.of_server(event.code) or excluded:
        return False
    if _other(turn.phone, ours) is None:
        return False
    call.remove(turn, ours)
    return _go_on(turn, ours, f"{event.code} {event.reason}".rstrip())


def _unanswered(turn: Turn, call_id: str) -> None:
    """No response to the INVITE, not even 100 Trying."""
    ours = turn.set_call(call_id, trying_by=NEVER)
    if ours.state is CallState.OUTGOING and _other(turn.phone, ours) is not None:
        turn.set_call(call_id, state=CallState.ENDING, logged=True, partner="", refer="")
        turn.do(Hangup(call_id))
        _go_on(turn, ours, "no answer")


def _other(phone: Phone, ours: Call) -> int | None:
    if ours.direction is not Direction.OUT:
        return None
    return sites.serving(phone, (*ours.tried, ours.server))


def _go_on(turn: Turn, ours: Call, why: str) -> bool:
    other = _other(turn.phone, ours)
    turn.note(f"call {ours.id} at server {ours.server}: {why}; it goes on at server {other}", "warning")
    return call.place(
        turn, ours.remote, ours.partner, server=other, refer=ours.refer, headers=ours.headers,
        instead_of=replace(ours, tried=(*ours.tried, ours.server)),
    )  # fmt: skip


DEADLINES = (
    Deadline("first answer to a call", lambda phone: ((each.trying_by, each.id) for each in phone.calls), _unanswered),
)
