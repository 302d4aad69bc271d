"""Automatic answer: by a header of a registered server (remote) or by the person's own setting (local).

Law: decides only whether and when; `core.calls.call.answer` answers. Every automatic answer leaves a journal line,
because a phone that answers by itself is a listening device in the wrong hands (baresip pull request 783).
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.schema.words import LocalAnswer
from deskphone.core.calls import call
from deskphone.core.effects import Reject
from deskphone.core.events import CallIncoming
from deskphone.core.state import CallState, Phone
from deskphone.core.turn import Turn
from deskphone.core.voice_path import VoicePath


def incoming(turn: Turn, event: CallIncoming) -> None:
    """An INVITE: let it ring (or be refused), then see whether the phone answers it itself."""
    wish = _wish(turn.phone, event)
    ring = wish is None or wish[0] > 0 or turn.phone.settings.auto_answer.ringing_first
    call.incoming(turn, event, ring=ring)
    ringing = turn.phone.call(event.call)
    if ringing is None or ringing.state is not CallState.INCOMING:
        return
    if wish is not None:
        _after(turn, event.call, *wish)
    elif event.hint.required:  # RFC 5373 section 4.2: refuse rather than ring
        turn.set_call(event.call, state=CallState.ENDING)
        turn.do(Reject(event.call, 403))
        turn.note(f"call {event.call} refused: it requires an automatic answer, which is not allowed")
        call.refocus(turn)


def _wish(phone: Phone, event: CallIncoming) -> tuple[int, str] | None:
    """(seconds, who asks): a header of a registered server, else the person's own timer; None to let it ring.

    A header that forbids it (`Answer-Mode: Manual;require`) has a source and no time, and binds the timer too.
    """
    settings, hint = phone.settings.auto_answer, event.hint
    headers = settings.enabled or (settings.local_enabled and settings.local_type is LocalAnswer.SIP_HEADER)
    if hint.after is not None and headers and event.trusted:
        return hint.after, hint.source
    forbidden = hint.required or (hint.after is None and bool(hint.source))
    if phone.auto_answer and event.trusted and not forbidden:
        return settings.local_seconds, "local setting"
    return None


def _after(turn: Turn, call_id: str, seconds: int, source: str) -> None:
    turn.note(f"automatic answer of call {call_id} in {seconds} s, asked for by {source}")
    if seconds:
        turn.timer(f"auto_answer:{call_id}", seconds)
    else:
        answer(turn, call_id)


def answer(turn: Turn, call_id: str) -> None:
    """Answer as if the person had, on the device in use or the answer device; beep and mute as configured."""
    ringing = turn.phone.call(call_id)
    if ringing is None or ringing.state is not CallState.INCOMING:
        return
    call.answer(turn, call_id)
    phone = turn.phone
    turn.note(f"call {call_id} from {ringing.remote.number} answered automatically on the {phone.sound.path}")
    beeps = phone.settings.auto_answer
    beeping = {VoicePath.HEADSET: beeps.headset_beep, VoicePath.SPEAKER: beeps.speakerphone_beep}
    beep = beeping.get(phone.sound.path, False)
    turn.set(sound=replace(phone.sound, beep="auto_answer" if beep else ""))
    if beep:
        turn.timer("beep", 1.0)


def beep_over(turn: Turn) -> None:
    """The beep was heard."""
    turn.set(sound=replace(turn.phone.sound, beep=""))
