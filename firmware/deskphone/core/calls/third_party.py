"""Call control by the server: NOTIFY talk and hold, click to dial by REFER, INVITE with Replaces.

Law: what a trusted server may do to the calls; `core.calls.call` carries it out. The table of talk and hold is `TALK`.
Progress of a call that a REFER asked for goes back to the one who asked (RFC 3515).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.calls import call, outgoing, refusal
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Answer, Hangup, NotifyRefer
from deskphone.core.events import (
    CallEnded,
    CallEstablished,
    CallIncoming,
    CallNotified,
    CallProgress,
    Party,
    ReferReceived,
)
from deskphone.core.moment import NEVER
from deskphone.core.phone import sound
from deskphone.core.screen import aside
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

S = CallState


def _nothing(turn: Turn, call_id: str) -> None:
    """The server asks for what is so already, or the call is on its way out."""


def _hold(turn: Turn, call_id: str) -> None:
    """The desktop knows of no conference: it holds the one that it names."""
    call.hold(turn, call_id)
    call.leave_screen(turn, turn.call(call_id))


# event package and what the call is -> what is done, as SIP Server's third-party call control has it
TALK: dict[tuple[str, str], Callable[[Turn, str], None]] = {
    ("talk", "ringing"): call.answer,
    ("talk", "held"): call.retrieve,
    ("talk", "talking"): _nothing,
    ("talk", "other"): _nothing,
    ("hold", "ringing"): _nothing,
    ("hold", "held"): _nothing,
    ("hold", "talking"): _hold,
    ("hold", "other"): _nothing,
}


def _word(of: Call) -> str:
    """The state of a call in the words of `TALK`: ringing, held, talking or other."""
    if of.state is S.INCOMING:
        return "ringing"
    if not of.live:
        return "other"
    return "held" if of.holding else "talking"


def notified(turn: Turn, event: CallNotified) -> None:
    """NOTIFY talk or hold, answered 200 already. A call that has just ended is no error: CANCEL and talk race."""
    meant = turn.phone.call(event.call)
    if not turn.phone.settings.talk_event.enabled or meant is None:
        return
    if event.package == "talk" and meant.own_until < NEVER:  # right behind the ringing: the desktop's own call
        meant = turn.set_call(event.call, own=True, own_until=NEVER)
    action = TALK.get((event.package, _word(meant)), _nothing)
    if action is not _nothing:
        turn.note(f"call {event.call}: the server asks for {event.package}")
        action(turn, event.call)


def _not_own(turn: Turn, call_id: str) -> None:
    """No talk came: it is a call of somebody else, and the person's services answer it as they would have at once."""
    ringing = turn.set_call(call_id, own_until=NEVER)
    if ringing.state is not S.INCOMING:
        return
    others = tuple(each for each in turn.phone.calls if each.id != call_id)
    event = CallIncoming(call_id, ringing.server, ringing.remote)
    refused = refusal.service(replace(turn.phone, calls=others), event)
    if refused is not None:
        call.refuse_ringing(turn, call_id, refused)


DEADLINES = (
    Deadline("the desktop's talk", lambda phone: ((each.own_until, each.id) for each in phone.calls), _not_own),
)


# --- REFER -----------------------------------------------------------------------------------------


def _is_unattended(phone: Phone) -> bool:
    """Whether nobody has said that he sits here: a phone that dials by itself opens its microphone."""
    return phone.settings.click_to_dial.only_logged_in and phone.agent.server is None


# Do not disturb is none of them: it keeps others away, and this is the person's own call, from the other keyboard.
REFUSALS: tuple[tuple[Callable[[Phone, ReferReceived], bool], int, str], ...] = (
    (lambda phone, event: not event.trusted, 403, "Forbidden"),
    (lambda phone, event: not phone.settings.click_to_dial.enabled, 403, "Forbidden"),
    (lambda phone, event: not event.call and _is_unattended(phone), 403, "Nobody Logged In"),
    (lambda phone, event: not phone.registered, 480, "Temporarily Unavailable"),
    (lambda phone, event: phone.full or phone.calling_out or bool(phone.incoming), 486, "Busy Here"),
)


def referred(turn: Turn, event: ReferReceived) -> None:
    """Dial what the desktop asks for, without asking; inside a call it is a consultation, and the call is held."""
    for refused, code, reason in REFUSALS:
        if refused(turn.phone, event):
            turn.note(f"REFER to {event.target} refused: {code} {reason}")
            turn.do(NotifyRefer(event.refer, code, reason, True))
            return
    first = turn.phone.call(event.call) if event.call else None
    partner = first.id if first is not None and first.live else ""
    turn.note(f"REFER from server {event.server}: calling {event.target}")
    turn.do(NotifyRefer(event.refer, 100, "Trying", False))
    outgoing.place(
        turn, Party(number=call.user_of(event.target), uri=event.target), partner,
        server=event.server, refer=event.refer, headers=(("Replaces", event.replaces),) if event.replaces else (),
    )  # fmt: skip


def _report(turn: Turn, call_id: str, code: int, reason: str, final: bool) -> None:
    asked = turn.phone.call(call_id)
    if asked is not None and asked.refer:
        turn.do(NotifyRefer(asked.refer, code, reason, final))
        if final:
            turn.set_call(call_id, refer="")


def progress(turn: Turn, event: CallProgress) -> None:
    """A provisional response, reported to whoever asked for the call."""
    if event.code >= 180:
        _report(turn, event.call, event.code, "Ringing" if event.code == 180 else "Session Progress", False)


def established(turn: Turn, event: CallEstablished) -> None:
    """The call is up: 200 is the last report to its REFER."""
    _report(turn, event.call, 200, "OK", True)


def ended(turn: Turn, event: CallEnded) -> None:
    """The call failed or ended before it was up: its final response is the last report to its REFER."""
    code = event.code if event.code >= 300 else 487
    _report(turn, event.call, code, event.reason or "Request Terminated", True)


# --- INVITE with Replaces (RFC 3891) -----------------------------------------------------------------


def take_over(turn: Turn, event: CallIncoming) -> bool:
    """An INVITE that names a call of ours takes its place without ringing; True where it did."""
    old = turn.phone.call(event.replaces) if event.replaces and event.trusted else None
    if old is None or not (old.live or (old.direction is Direction.OUT and old.state is not S.ENDING)):
        return False
    _take_over(turn, event, old)
    return True


def _take_over(turn: Turn, event: CallIncoming, old: Call) -> None:
    """The new call goes on where the old one was: same place, same device, one entry in the call log."""
    new = replace(
        old, id=event.call, server=event.server, direction=Direction.IN, state=S.ANSWERING, remote=event.remote,
        local_hold=False, remote_hold=False, hold_wanted=None, early_media=False, refer="",
        forward_at=NEVER, answer_at=NEVER, own_until=NEVER,
    )  # fmt: skip
    leaving = replace(old, state=S.ENDING, logged=True, partner="", conference=False)
    calls = tuple(leaving if each.id == old.id else each for each in turn.phone.calls)
    turn.set(calls=(*calls, new), focus=event.call if turn.phone.focus == old.id else turn.phone.focus)
    for each in turn.phone.calls:
        if each.partner == old.id:
            turn.set_call(each.id, partner=event.call)
        if each.joins == old.id:
            turn.set_call(each.id, joins=event.call)
        if each.transfer == old.id:
            turn.set_call(each.id, transfer=event.call)
    if (dialling := turn.phone.dialling) is not None and dialling.call == old.id:
        turn.set(dialling=replace(dialling, call=event.call))
    aside.renamed(turn, old.id, event.call)
    sound.ensure_path(turn)
    call.hold_others(turn, but=event.call)  # who is in a conference with it hears on
    turn.note(f"call {event.call} from {event.remote.number} takes the place of {old.id}")
    turn.do(Answer(event.call), Hangup(old.id))
