"""Automatic answer: by a header of a registered server (remote) or by the person's own setting (local).

Law: decides only whether and when; `core.calls.call.answer` answers. Every automatic answer leaves a journal line,
because a phone that answers by itself is a listening device in the wrong hands (baresip pull request 783).
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.schema.words import LocalAnswer, WaitingReply
from deskphone.core.calls import call
from deskphone.core.calls.refusal import Refusal
from deskphone.core.calls.state import CallState
from deskphone.core.deadlines import Deadline
from deskphone.core.effects import Ring
from deskphone.core.events import CallIncoming
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath

BEEP_SECONDS = 1.0  # of the tone that tells the person of an automatic answer


def refuse(turn: Turn, event: CallIncoming) -> bool:
    """It requires an automatic answer that is not allowed: RFC 5373 section 4.2, refuse rather than ring."""
    refused = event.hint.required and _wish(turn.phone, event) is None
    if refused:
        call.turn_away(turn, event, Refusal(403, "it requires an automatic answer, which is not allowed"))
    return refused


def alert(turn: Turn, event: CallIncoming) -> None:
    """180 Ringing, or 182 Queued where the call waits and `call_waiting/sip_reply` says so. An automatic answer at once
    leaves it out, unless it is wanted."""
    wish = _wish(turn.phone, event)
    if wish is None or wish[0] > 0 or turn.phone.settings.auto_answer.ringing_first:
        waits = len(turn.phone.open_calls) > 1
        turn.do(Ring(event.call, waits and turn.phone.settings.call_waiting.reply is WaitingReply.QUEUED))


def answer(turn: Turn, event: CallIncoming) -> None:
    """The phone answers a ringing call by itself, at once or later, where it is to."""
    wish = _wish(turn.phone, event)
    if wish is None or turn.call(event.call).silent:  # silent from the start: the services wait to turn it away
        return
    seconds, source = wish
    turn.note(f"automatic answer of call {event.call} in {seconds} s, asked for by {source}")
    if seconds:
        turn.set_call(event.call, answer_at=turn.after(seconds))
    else:
        due(turn, event.call)


def _wish(phone: Phone, event: CallIncoming) -> tuple[int, str] | None:
    """(seconds, who asks): a header of a registered server, else the person's own timer; None to let it ring.

    Who may only have written a server's address into a datagram opens no microphone. A header that forbids it
    (`Answer-Mode: Manual;require`) has a source and no time, and binds the timer too.
    """
    settings, hint = phone.settings.auto_answer, event.hint
    known = event.trusted and not event.doubtful
    headers = settings.enabled or (settings.local_enabled and settings.local_type is LocalAnswer.SIP_HEADER)
    if hint.after is not None and headers and known:
        return hint.after, hint.source
    forbidden = hint.required or (hint.after is None and bool(hint.source))
    if phone.auto_answer and known and not forbidden:
        return settings.local_seconds, "local setting"
    return None


def due(turn: Turn, call_id: str) -> None:
    """Answer as if the person had, on the device in use or the answer device; beep and mute as configured."""
    ringing = turn.set_call(call_id, answer_at=NEVER)
    if ringing.state is not CallState.INCOMING:
        return
    call.answer(turn, call_id)
    phone = turn.phone
    turn.note(f"call {call_id} from {ringing.remote.number} answered automatically on the {phone.sound.path}")
    beeps = phone.settings.auto_answer
    beeping = {VoicePath.HEADSET: beeps.headset_beep, VoicePath.SPEAKER: beeps.speakerphone_beep}
    beep = beeping.get(phone.sound.path, False)
    beep_until = turn.after(BEEP_SECONDS) if beep else NEVER
    turn.set(sound=replace(phone.sound, beep="auto_answer" if beep else "", beep_until=beep_until))


def _beep_over(turn: Turn, _: None) -> None:
    turn.set(sound=replace(turn.phone.sound, beep="", beep_until=NEVER))


DEADLINES = (
    Deadline("automatic answer", lambda phone: ((call.answer_at, call.id) for call in phone.calls), due),
    Deadline("beep", lambda phone: ((phone.sound.beep_until, None),), _beep_over),
)
