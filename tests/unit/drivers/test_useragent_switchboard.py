"""Who hears whom, as pairs; and the pure parts of the browser's voice, tones and command line."""

from __future__ import annotations

import pytest

from deskphone.core.voice_path import VoicePath
from deskphone.sip.options import Sound, sound
from deskphone.sip.stack.bridge import FRAME_BYTES, MOST, Jitter, peak
from deskphone.sip.stack.switchboard import gain, wanted
from deskphone.sip.stack.tone import amplitude, simple
from deskphone.view.outputs import Audio
from deskphone.view.tone_shapes import Tone, pulses, steady
from deskphone.view.tones import NAMES, tone

HANDSET = VoicePath.HANDSET


def test_silence_connects_nothing() -> None:
    assert wanted(Audio(), False, False) == frozenset()
    assert wanted(Audio(HANDSET), False, True) == frozenset()


def test_a_call_hears_the_microphone_and_is_heard() -> None:
    assert wanted(Audio(HANDSET, calls=("a",)), False, False) == {
        ("microphone", "call:a"), ("call:a", "loudspeaker"),
    }  # fmt: skip


def test_early_media_is_heard_only() -> None:
    assert wanted(Audio(HANDSET, listening=("a",)), False, False) == {("call:a", "loudspeaker")}


def test_a_tone_is_heard_on_the_path() -> None:
    assert wanted(Audio(HANDSET, tone="dial"), False, False) == {("tone", "loudspeaker")}
    assert wanted(Audio(VoicePath.NONE, tone="dial"), False, False) == frozenset()


def test_a_conference_mixes_everybody() -> None:
    pairs = wanted(Audio(HANDSET, calls=("a", "b")), False, False)
    assert {("call:a", "call:b"), ("call:b", "call:a")} <= pairs
    assert {("microphone", "call:a"), ("microphone", "call:b")} <= pairs
    assert wanted(Audio(VoicePath.NONE, calls=("a", "b")), False, False) == {
        ("call:a", "call:b"), ("call:b", "call:a"),
    }  # fmt: skip


def test_muting_keeps_the_connection() -> None:
    assert wanted(Audio(HANDSET, calls=("a",), muted=True), False, False) == wanted(
        Audio(HANDSET, calls=("a",)), False, False
    )


def test_a_browser_speaks_where_the_phone_has_no_microphone_of_its_own() -> None:
    pairs = wanted(Audio(HANDSET, calls=("a",)), False, True)
    assert pairs == {("browser", "call:a"), ("call:a", "loudspeaker"), ("call:a", "browser")}
    assert ("microphone", "call:a") in wanted(Audio(HANDSET, calls=("a",)), True, True)


def test_volume_steps_are_decibels_around_the_normal_one() -> None:
    assert gain(6, 6, 3.0) == 1.0
    assert gain(8, 6, 3.0) == pytest.approx(2.0, rel=0.01)
    assert gain(0, 6, 3.0) == pytest.approx(0.126, rel=0.01)


def test_the_jitter_queue_waits_for_two_frames_and_starts_anew_when_dry() -> None:
    jitter, frame = Jitter(), bytes(FRAME_BYTES)
    jitter.put(frame)
    assert jitter.get() is None
    jitter.put(frame)
    assert [jitter.get(), jitter.get(), jitter.get()] == [frame, frame, None]
    jitter.put(frame)
    assert jitter.get() is None


def test_the_jitter_queue_keeps_the_newest_frames() -> None:
    jitter = Jitter()
    for number in range(20):
        jitter.put(bytes([number]) * FRAME_BYTES)
    kept = []
    while (frame := jitter.get()) is not None:
        kept.append(frame[0])
    assert kept == list(range(20 - MOST, 20))


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="640"):
        Jitter().put(b"123")


def test_the_peak_of_a_frame() -> None:
    assert peak(bytes(640)) == 0.0
    assert peak((32_767).to_bytes(2, "little", signed=True) * 2) == 1.0
    assert peak((-32_768).to_bytes(2, "little", signed=True)) == 1.0


def test_a_level_is_an_amplitude() -> None:
    assert amplitude(3.14) == 32_767
    assert amplitude(3.14 - 6.02) == pytest.approx(16_384, rel=0.01)


def test_most_tones_are_made_by_the_generator_and_the_rest_from_samples() -> None:
    assert simple(tone("US", "dial"))
    assert not simple(tone("US", "howler"))
    assert not simple(Tone("x", steady(400, modulated_hz=20)))
    assert not simple(Tone("x", pulses((400,), *(10, 10) * 40)))
    assert sum(simple(tone(country, name)) for country in ("US", "DE", "GB", "FR") for name in NAMES) > 40


def test_the_sound_of_the_command_line() -> None:
    assert sound("null") == Sound("null")
    assert sound("alsa") == Sound("alsa")
    assert sound("wav:in.wav,out.wav") == Sound("wav", "in.wav", "out.wav")
    assert sound("wav:,out.wav") == Sound("wav", "", "out.wav")
    for wrong in ("", "wav", "wav:x", "null:x", "pulse"):
        with pytest.raises(ValueError, match="expected null, alsa or wav"):
            sound(wrong)
