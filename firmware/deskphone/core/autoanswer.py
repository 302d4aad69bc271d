"""Automatic answer: by a header of a registered server (remote) or by the person's own setting (local).

Law: decides only whether and when; `core.call.answer` answers. Every automatic answer leaves a journal line,
because a phone that answers by itself is a listening device in the wrong hands (baresip pull request 783).
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core import call
from deskphone.core.effects import Reject
from deskphone.core.events import CallIncoming
from deskphone.core.state import CallState
from deskphone.core.turn import Turn


def incoming(turn: Turn, event: CallIncoming) -> None:
    """An INVITE: let it ring (or be refused), then see whether the phone answers it itself."""
    call.incoming(turn, event)
    ringing = turn.phone.call(event.call)
    if ringing is not None and ringing.state is CallState.INCOMING:
        _consider(turn, event)


def _consider(turn: Turn, event: CallIncoming) -> None:
    """Start the answer timer where the INVITE or the person asks for it; 0 seconds answers now."""
    settings = turn.phone.settings
    hint = event.hint
    if hint.after is not None:
        if settings.auto_answer.enabled and event.trusted:
            _after(turn, event.call, hint.after, hint.source)
            return
        if hint.required:  # RFC 5373 section 4.2: refuse rather than ring
            turn.set_call(event.call, state=CallState.ENDING)
            turn.do(Reject(event.call, 403))
            call.refocus(turn)
            return
    if settings.auto_answer.local_enabled:
        _after(turn, event.call, settings.auto_answer.local_seconds, "local setting")


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
    beep = {"headset": beeps.headset_beep, "speaker": beeps.speakerphone_beep}.get(phone.sound.path, False)
    turn.set(sound=replace(phone.sound, beep="auto_answer" if beep else ""))
    if beep:
        turn.timer("beep", 1.0)


def beep_over(turn: Turn) -> None:
    """The beep was heard."""
    turn.set(sound=replace(turn.phone.sound, beep=""))
