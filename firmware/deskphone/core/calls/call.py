"""Calls: what may happen to a call in each state, and what a person can do with it.

Law: `NEXT` is the table of RFC 3261 call states; an event it does not name is illegal and changes nothing.
Hold is never assumed: `hold_wanted` is the wish, CallMedia tells what is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deskphone.config.schema.words import RejectCode
from deskphone.core import failure
from deskphone.core.calls import beeps, calllog, dialplan, forwarding, refusal
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Answer, Hangup, Hold, Reject, Retrieve, SendDtmf
from deskphone.core.events import (
    CallEnded,
    CallEstablished,
    CallIncoming,
    CallMedia,
    CallProgress,
    CallRemoteChanged,
    HoldFailed,
)
from deskphone.core.moment import NEVER
from deskphone.core.phone import light, sound
from deskphone.core.screen import aside
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

NOTICE_SECONDS = 4.0  # that a message stays over the screen
OWN_SECONDS = 2.0  # in which the NOTIFY talk of the person's own desktop follows the ringing
REJECT = {RejectCode.CODE_603: 603, RejectCode.CODE_486: 486}
DTMF = {"RFC2833": "rfc4733", "VIA_SIP": "info", "INBAND": "inband"}  # the file's words, the field's words
S = CallState
# verb -> state -> next state. A verb without the state is illegal there.
NEXT: dict[str, dict[CallState, CallState]] = {
    "trying": {state: state for state in (S.OUTGOING, S.RINGING, S.EARLY, S.ENDING)},
    "ringing": {S.OUTGOING: S.RINGING, S.RINGING: S.RINGING, S.EARLY: S.RINGING, S.ENDING: S.ENDING},
    "early": {S.OUTGOING: S.EARLY, S.RINGING: S.EARLY, S.EARLY: S.EARLY, S.ENDING: S.ENDING},
    "answer": {S.INCOMING: S.ANSWERING},
    "established": {
        S.OUTGOING: S.ESTABLISHED,
        S.RINGING: S.ESTABLISHED,
        S.EARLY: S.ESTABLISHED,
        S.ANSWERING: S.ESTABLISHED,
        S.ESTABLISHED: S.ESTABLISHED,
        S.ENDING: S.ENDING,
    },
    "hang_up": dict.fromkeys(S, S.ENDING),
}


def step(turn: Turn, call_id: str, verb: str) -> Call:
    """Move a call by the table; IllegalEvent where the table has no such move."""
    now = turn.call(call_id)
    after = NEXT[verb].get(now.state)
    if after is None:
        raise IllegalEvent(f"{verb} of call {call_id} in state {now.state}")
    return turn.set_call(call_id, state=after)


# --- what happens --------------------------------------------------------------------------------


def refuse(turn: Turn, event: CallIncoming) -> bool:
    """An INVITE that may not ring is refused or redirected; True where it was."""
    phone = turn.phone
    if phone.call(event.call) is not None:
        raise IllegalEvent(f"call {event.call} rings twice")
    refused = refusal.of(phone, event)
    if refused is not None:
        turn_away(turn, event, refused)
    return refused is not None


def turn_away(turn: Turn, event: CallIncoming, refused: refusal.Refusal) -> None:
    """Refuse or redirect a call before it rings."""
    turn.set(calls=(*turn.phone.calls, _new(turn, event)))
    refuse_ringing(turn, event.call, refused)


def refuse_ringing(turn: Turn, call_id: str, refused: refusal.Refusal) -> None:
    """The same for a call that is in the state already."""
    call = turn.set_call(call_id, state=S.ENDING, logged=True)
    turn.do(Reject(call_id, refused.code, dialplan.bare(refused.contact), _diversion(turn.phone, refused.diversion)))
    turn.note(f"call {call_id} from {call.remote.number} refused: {refused.why}")
    if refused.missed:
        calllog.add(turn, "missed", call.remote, call.began)
    refocus(turn)


def ring(turn: Turn, event: CallIncoming) -> None:
    """It rings here; the 180 is `autoanswer.alert`'s, for an answer at once leaves it out."""
    forward = turn.phone.forward_of("no_reply")
    call = _new(turn, event, own=refusal.own(event))
    if forward.kind and not call.own:
        call = replace(call, forward_at=turn.after(forward.after))
    if refusal.perhaps_own(event):  # it is not to be heard where the services turn it away in a moment
        silent = refusal.service(turn.phone, event) is not None
        call = replace(call, silent=silent, own_until=turn.after(OWN_SECONDS))
    call = beeps.begun(turn, call)
    focused = turn.phone.focused
    shown = event.call if focused is None or focused.state is not S.INCOMING else focused.id  # who rang first stays
    turn.set(calls=(*turn.phone.calls, call), focus=shown, notice=None, sound=sound.seen(turn.phone))
    light.on(turn)


def _new(turn: Turn, event: CallIncoming, own: bool = False) -> Call:
    return Call(
        event.call,
        event.server,
        Direction.IN,
        S.INCOMING,
        event.remote,
        began=int(turn.now.unix),
        alert=event.hint.alert,
        diverted=event.diverted,
        own=own,
    )


def progress(turn: Turn, event: CallProgress) -> None:
    """A provisional response: an 18x without media rings, one with media is heard; a 100 only tells that the server
    lives."""
    turn.set_call(event.call, trying_by=NEVER)
    if event.code < 180:
        step(turn, event.call, "trying")
        return
    step(turn, event.call, "early" if event.early_media else "ringing")
    if event.early_media:
        turn.set_call(event.call, early_media=True)


def established(turn: Turn, event: CallEstablished) -> None:
    """The dialog is confirmed. Where the person talks to somebody else meanwhile, the call is held."""
    before = turn.call(event.call)
    call = step(turn, event.call, "established")
    if call.state is S.ESTABLISHED and before.state is not S.ESTABLISHED:
        turn.set_call(event.call, since=turn.now.mono, remote=event.remote or call.remote)
        other = next((each for each in turn.phone.calls if each.live and not each.holding and each.id != call.id), None)
        together = other is not None and other.conference and call.conference
        if other is not None and turn.phone.focus != call.id and not together:
            hold(turn, call.id)
        elif other is not None:  # not held yet, as where two were answered at once
            hold_others(turn, but=call.id)


def media(turn: Turn, event: CallMedia) -> None:
    """Directions and codec as last negotiated: the only place where hold becomes true."""
    call = turn.call(event.call)
    wanted = None if call.hold_wanted == event.local_hold else call.hold_wanted
    held_at = call.held_at if call.local_hold == event.local_hold else turn.now.mono
    turn.set_call(
        event.call, remote_hold=event.remote_hold, local_hold=event.local_hold,
        codec=event.codec, secure=event.secure, hold_wanted=wanted, held_at=held_at,
    )  # fmt: skip


def remote_changed(turn: Turn, event: CallRemoteChanged) -> None:
    """Another party is at the far end now; IllegalEvent where the call is gone."""
    turn.call(event.call)
    turn.set_call(event.call, remote=event.remote)


def hold_failed(turn: Turn, event: HoldFailed) -> None:
    """The re-INVITE got a final failure (RFC 3261 section 14.1: the session stays as it was); the wish is dropped and
    the person told, but not of a call on its way out."""
    call = turn.call(event.call)
    if call.state is S.ENDING:
        return
    if not call.live:
        raise IllegalEvent(f"a refused re-INVITE of call {event.call} in state {call.state}")
    if call.hold_wanted is False:
        leave_screen(turn, call)
    turn.set_call(event.call, hold_wanted=None, held_at=call.held_at if call.local_hold else turn.now.mono)
    show_notice(turn, Notice("hold_failed", f"{event.code} {event.reason}"))


def ended(turn: Turn, event: CallEnded) -> None:
    """The dialog is gone: say why where a person waits for it, look at what is left."""
    call = turn.call(event.call)
    remove(turn, call)
    refocus(turn)
    if call.direction is Direction.OUT and not call.live and call.state is not S.ENDING and event.code >= 300:
        detail, tone = failure.detail(event.reason), failure.tone(event.code)
        show_notice(turn, Notice(failure.word(event.code, event.reason), detail, tone))
    elif call.transfer and not call.joins and event.by_remote and event.code < 300:
        show_notice(turn, Notice("transfer_left"))
    elif call.live and event.code >= 300:
        show_notice(turn, Notice("call_lost", f"{event.code} {event.reason}"))


def remove(turn: Turn, call: Call) -> None:
    """Forget a call, and what leans on it."""
    left = (each for each in turn.phone.calls if each.id != call.id)
    turn.set(
        calls=tuple(replace(each, partner="") if each.partner == call.id else each for each in left),
        pages=tuple(page for page in turn.phone.pages if (page.name, page.argument) != ("deflect", call.id)),
    )
    dialling = turn.phone.dialling
    if dialling is not None and dialling.call == call.id:  # nobody is left to be transferred: a number like any other
        turn.set(dialling=replace(dialling, purpose="call", call=""))


def user_of(uri: str) -> str:
    """The user part of a URI, for the screen; where there is none, its host or number without parameters."""
    user, at, _ = uri.partition(":")[2].partition("@")
    return (user if at else user.partition(";")[0]) if ":" in uri else uri


# --- what a person does ----------------------------------------------------------------------------


def answer(turn: Turn, call_id: str) -> None:
    """Answer an incoming call with 200; a running one is held first. Nothing where it no longer rings."""
    call = turn.call(call_id)
    if call.state is not S.INCOMING:
        return
    sound.ensure_path(turn)
    hold_others(turn, but=call_id)
    step(turn, call_id, "answer")
    aside.clear(turn, call_id)
    turn.set(focus=call_id, notice=None, more=False)
    turn.set_call(call_id, forward_at=NEVER, answer_at=NEVER, own_until=NEVER)
    if turn.phone.settings.proactive_mute.enabled and not call.own:  # the caller hears nothing until the Mute key
        turn.set(sound=replace(turn.phone.sound, muted=True))
    turn.do(Answer(call_id))


def reject(turn: Turn, call_id: str, code: int = 0) -> None:
    """Refuse an incoming call with a final response, `reject_code` where no other code is given."""
    if turn.call(call_id).state is S.INCOMING:
        turn.set_call(call_id, state=S.ENDING)
        turn.do(Reject(call_id, code or REJECT[turn.phone.settings.calls.reject]))
        refocus(turn)


def deflect(turn: Turn, call_id: str, to: str, why: str = forwarding.DEFLECTED) -> None:
    """Send an incoming call elsewhere (302). A 302 without a Contact helps nobody: without `to` it goes on ringing.

    why: the reason in the words of RFC 5806.
    """
    if turn.call(call_id).state is S.INCOMING and to.strip():
        turn.set_call(call_id, state=S.ENDING)
        turn.do(Reject(call_id, 302, dialplan.bare(to.strip()), _diversion(turn.phone, why)))
        refocus(turn)


def _diversion(phone: Phone, why: str) -> str:
    return why if phone.settings.forwarding.diversion else ""


def silence(turn: Turn, call_id: str) -> None:
    """Stop the ring of this call; it can still be answered."""
    turn.set_call(call_id, silent=True)


def hang_up(turn: Turn, call_id: str) -> None:
    """End a call in whatever state it is."""
    call = turn.call(call_id)
    if call.state is S.ENDING:
        return
    if call.state is S.INCOMING:
        reject(turn, call_id)
        return
    step(turn, call_id, "hang_up")
    turn.do(Hangup(call_id))
    refocus(turn)


def hold(turn: Turn, call_id: str) -> None:
    """Ask to hold by re-INVITE; nothing where it is held or asked already."""
    call = turn.call(call_id)
    if call.live and not call.holding:
        turn.set_call(call_id, hold_wanted=True)
        turn.do(Hold(call_id))


def retrieve(turn: Turn, call_id: str) -> None:
    """Take a held call back, a conference as a whole; another running call is held first. One that is not held (the far
    end refused it) is talked to again."""
    call = turn.call(call_id)
    held = [each for each in together(turn, call) if each.live and each.holding]
    if call.live:
        hold_others(turn, but=call_id)
        sound.ensure_path(turn)
        show(turn, call_id)
        for each in held:
            turn.set_call(each.id, hold_wanted=False)
            turn.do(Retrieve(each.id))


def show(turn: Turn, call_id: str) -> None:
    """Put a call on the screen. Nothing covers who rings there: that one stays, as the keys mean it."""
    if turn.phone.focused is None or turn.phone.focused not in turn.phone.incoming:
        turn.set(focus=call_id)


def leave_screen(turn: Turn, call: Call) -> None:
    """One of a conference is held by itself: who goes on talking there is shown."""
    others = [each for each in together(turn, call) if each.live and not each.holding and each.id != call.id]
    if others and turn.phone.focus == call.id:
        turn.set(focus=others[-1].id)


def together(turn: Turn, call: Call) -> tuple[Call, ...]:
    """The open calls that are held and ended as one: the call alone, or all of its conference."""
    return tuple(each for each in turn.phone.open_calls if each.id == call.id or (call.conference and each.conference))


def hold_others(turn: Turn, but: str = "") -> None:
    """One conversation at a time: hold every call that talks, but not who is in a conference with `but`."""
    kept = turn.phone.call(but)
    together = kept is not None and kept.conference
    for call in turn.phone.calls:
        if call.id != but and call.live and not (together and call.conference):
            hold(turn, call.id)


def digits(turn: Turn, call_id: str, text: str) -> None:
    """Send DTMF in a call that is up (or early: announcements ask for digits too)."""
    call = turn.call(call_id)
    if call.state in (S.ESTABLISHED, S.EARLY) and not call.holding:
        turn.set_call(call_id, digits=(call.digits + text)[-20:])
        turn.do(SendDtmf(call_id, text, DTMF[turn.phone.settings.dtmf.mode]))


def refocus(turn: Turn) -> None:
    """After a call left the screen: what rings first, then what talks, then what is held."""
    phone = turn.phone
    if phone.focused is not None:
        return
    order = sorted(phone.open_calls, key=lambda call: (call.state is not S.INCOMING, call.holding))
    turn.set(focus=order[0].id if order else "", more=False)


def show_notice(turn: Turn, notice: Notice, seconds: float = NOTICE_SECONDS) -> None:
    """Put a message over the screen for a few seconds; 0: not at all."""
    if seconds > 0:
        turn.set(notice=replace(notice, until=turn.after(seconds)))
        light.on(turn)


def _notice_over(turn: Turn, _: None) -> None:
    turn.set(notice=None)


def _next_second(phone: Phone) -> Iterator[tuple[float, str]]:
    """When the length of each running call, as the screen shows it, is another one."""
    now = phone.now.mono
    for call in phone.calls:
        if call.live and call.since:
            yield call.since + call.length(now) + 1, call.id


DEADLINES = (
    Deadline("length of a call", _next_second, None),
    Deadline("notice", lambda phone: ((phone.notice.until, None),) if phone.notice else (), _notice_over),
)
