"""The five lamps by what the phone is, each by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.events import Party
from deskphone.core.phone.state import Mailbox
from deskphone.core.state import Phone, Sound
from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Lamp, Lamps
from deskphone.view.render import render


def lamps(**fields: object) -> Lamps:
    return render(replace(Phone(), powered=True, **fields)).lamps  # type: ignore[arg-type]


def call(state: CallState, **fields: object) -> Call:
    direction = Direction.IN if state is CallState.INCOMING else Direction.OUT
    return Call(str(state), 0, direction, state, Party("2001"), **fields)  # type: ignore[arg-type]


def test_all_is_dark_where_nothing_is() -> None:
    assert lamps() == Lamps(Lamp.OFF, Lamp.OFF, Lamp.OFF, Lamp.OFF, Lamp.OFF)


@pytest.mark.parametrize("path", VoicePath)
@pytest.mark.parametrize("talking", [False, True])
def test_headset_and_speaker_shine_where_voice_goes_or_would_go(path: VoicePath, talking: bool) -> None:
    calls = (call(CallState.ESTABLISHED),) if talking else ()
    seen = lamps(calls=calls, sound=Sound(path=path))
    assert (seen.headset is Lamp.ON) == (path is VoicePath.HEADSET)
    assert (seen.speaker is Lamp.ON) == (path is VoicePath.SPEAKER)
    assert {seen.headset, seen.speaker} <= {Lamp.ON, Lamp.OFF}


@pytest.mark.parametrize("muted", [False, True])
def test_mute_shines_while_muted(muted: bool) -> None:
    assert lamps(sound=Sound(muted=muted)).mute is (Lamp.ON if muted else Lamp.OFF)


@pytest.mark.parametrize(
    ("mail", "missed", "lamp"),
    [
        ((), 0, Lamp.OFF),
        ((), 1, Lamp.SLOW),
        (((0, Mailbox(False, 0, 3)),), 0, Lamp.OFF),
        (((0, Mailbox(True, 1)),), 0, Lamp.ON),
        (((0, Mailbox()), (1, Mailbox(True, 1))), 5, Lamp.ON),
    ],
)
def test_message_shines_for_voice_mail_and_blinks_for_missed_calls(
    mail: tuple[tuple[int, Mailbox], ...], missed: int, lamp: Lamp
) -> None:
    assert lamps(mail=mail, missed=missed).message is lamp


@pytest.mark.parametrize(
    ("calls", "lamp"),
    [
        ((call(CallState.INCOMING),), Lamp.FAST),
        ((call(CallState.INCOMING, silent=True),), Lamp.SLOW),
        ((call(CallState.ESTABLISHED), call(CallState.INCOMING)), Lamp.FAST),
        ((call(CallState.OUTGOING),), Lamp.ON),
        ((call(CallState.ESTABLISHED),), Lamp.ON),
        ((call(CallState.ESTABLISHED, local_hold=True),), Lamp.SLOW),
        ((call(CallState.ESTABLISHED, hold_wanted=True),), Lamp.SLOW),
        ((call(CallState.ESTABLISHED, remote_hold=True),), Lamp.ON),
        ((call(CallState.OUTGOING, local_hold=True),), Lamp.ON),
        ((call(CallState.ENDING),), Lamp.OFF),
    ],
)
def test_the_ring_lamp_by_the_calls(calls: tuple[Call, ...], lamp: Lamp) -> None:
    assert lamps(calls=calls, sound=Sound(path=VoicePath.HANDSET)).ring is lamp


def test_who_is_not_held_while_nobody_is_at_the_phone_waits_all_the_same() -> None:
    assert lamps(calls=(call(CallState.ESTABLISHED),)).ring is Lamp.SLOW
