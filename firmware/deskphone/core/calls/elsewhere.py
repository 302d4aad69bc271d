"""A call of ours that failed goes on: where a 3xx leads, in another profile, or at the other server.

Law: each target, profile and server is tried once. Only a call nobody has answered a word to is taken to the other
server, so that it never rings twice. The person presses no key and sees one call.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core import failure
from deskphone.core.calls import call, outgoing
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Hangup
from deskphone.core.events import CallEnded, Party
from deskphone.core.lines import sites
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

MAX_REDIRECTS = 5  # against loops (RFC 3261 section 8.1.3.4: no URI is tried twice)
GOING_OUT = (CallState.OUTGOING, CallState.RINGING, CallState.EARLY)


def redirected(turn: Turn, event: CallEnded) -> bool:
    """Follow a 3xx, as often as MAX_REDIRECTS: the call keeps its place on the screen, and its one entry in the log.

    Its targets are tried one after the other, none twice; a failure of the whole far end (6xx) is the last word. One
    that failed here (no way to it, no answer in time) is a failure like any other.
    """
    ours = turn.call(event.call)
    known = (event.redirect, *event.others, *ours.others) if event.redirect else ours.others
    been = (*ours.been, ours.target)
    targets = tuple(each for each in known if each not in been)
    fails = (bool(event.redirect) and event.code < 400) or 400 <= event.code < 600
    follows = event.code >= 300 and fails and ours.redirects < MAX_REDIRECTS and bool(turn.phone.registered)
    if not (targets and follows and ours.state in GOING_OUT):
        return False
    turn.note(f"call {ours.id} redirected ({event.code}) to {targets[0]}")
    call.remove(turn, ours)
    outgoing.place(
        turn, Party(uri=targets[0], number=call.user_of(targets[0])), ours.partner,
        server=sites.meant(turn.phone, targets[0], ours.server), refer=ours.refer,
        instead_of=replace(ours, others=targets[1:], been=been),
    )  # fmt: skip
    return True


def in_another_profile(turn: Turn, event: CallEnded) -> bool:
    """Offer once more, with feedback (RTP/AVPF), to who may have refused the profile of the first offer (RFC 4585)."""
    ours = turn.call(event.call)
    follows = ours.redirects < MAX_REDIRECTS and bool(turn.phone.registered)
    if not (event.feedback and not ours.feedback and follows and ours.state in GOING_OUT):
        return False
    turn.note(f"call {ours.id} refused ({event.code}): offered once more, with RTP/AVPF")
    call.remove(turn, ours)
    return outgoing.place(
        turn, ours.remote, ours.partner, server=ours.server, refer=ours.refer, headers=ours.headers, feedback=True,
        instead_of=ours,
    )  # fmt: skip


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
    return outgoing.place(
        turn, ours.remote, ours.partner, server=other, refer=ours.refer, headers=ours.headers,
        instead_of=replace(ours, tried=(*ours.tried, ours.server)),
    )  # fmt: skip


DEADLINES = (
    Deadline("first answer to a call", lambda phone: ((each.trying_by, each.id) for each in phone.calls), _unanswered),
)
