"""Ringer and mixer, on a sound card that takes a period when the test lets it."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import alsaaudio
import pytest

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.core.voice_path import VoicePath
from deskphone.drivers.board_file import load_board
from deskphone.drivers.mixer import AlsaMixer, percent
from deskphone.drivers.ringer import PERIOD, AlsaRinger, gain, samples
from deskphone.drivers.worker import Bell, Worker
from deskphone.view.outputs import Ringing
from tests.unit.drivers.fakes import FakeAlsa, FakeAlsaError, Posted, wait_for
from tests.unit.drivers.showing import showing

AUDIO = load_board(Path(__file__).resolve().parents[3] / "board" / "handset.toml").audio
NO_CARD = FakeAlsaError("No such device [speaker]")


async def until(condition: object, what: str) -> None:
    def check() -> bool:
        assert callable(condition)
        return bool(condition())

    await asyncio.to_thread(wait_for, check, what)


class Watched(Bell):
    """A bell that counts how often its worker has found nothing to do, or waits for another try."""

    waits = 0

    def wait(self, seconds: float | None) -> None:
        self.waits += 1
        super().wait(seconds)


async def quiet(driver: Worker) -> None:
    """The thread has looked at what is wanted now, from the beginning to the end, and waits again."""
    bell = driver._bell
    assert isinstance(bell, Watched)
    for _ in range(2):
        before = bell.waits
        bell.ring()
        await until(lambda before=before: bell.waits > before, "the thread to wait again")


@asynccontextmanager
async def running(driver: Worker, posted: Posted, alsa: FakeAlsa) -> AsyncIterator[None]:
    driver._bell = Watched()
    task = asyncio.create_task(driver.run(posted))
    try:
        yield
    finally:
        task.cancel()
        alsa.play_on()
        with pytest.raises(asyncio.CancelledError):
            await task


def heard(data: bytes) -> array[int]:
    out = array("h")
    out.frombytes(data)
    return out


async def test_a_ring_tone_loops_until_it_is_no_longer_wanted_and_then_stops_at_once() -> None:
    alsa = FakeAlsa()
    ringer = AlsaRinger("speaker", alsa)
    async with running(ringer, Posted(), alsa):
        assert alsa.opened == []
        ringer.show(showing(ringing=Ringing("pulse", 10)))
        await until(lambda: alsa.opened, "the device")
        periods = -(-len(samples("pulse")) // PERIOD)
        alsa.play(periods + 2)
        await until(lambda: len(alsa.opened[0].data) == 2 * PERIOD * (periods + 2), "a loop and a little")
        out = heard(bytes(alsa.opened[0].data))
        assert out[: len(samples("pulse"))] == samples("pulse")
        assert out[periods * PERIOD :] == samples("pulse")[: 2 * PERIOD]
        ringer.show(showing())
        alsa.play(1)
        await until(lambda: alsa.opened[0].closed, "silence")
        assert alsa.opened[0].ended == "dropped" and len(alsa.opened) == 1


async def test_an_idle_phone_holds_no_sound_device() -> None:
    alsa = FakeAlsa()
    ringer = AlsaRinger("speaker", alsa)
    async with running(ringer, Posted(), alsa):
        ringer.show(showing(ringing=Ringing("silent", 10)))
        ringer.show(showing())
        await quiet(ringer)
        assert alsa.opened == []
        ringer.show(showing(ringing=Ringing("pulse", 10)))
        await until(lambda: alsa.opened, "the device, for a tone that sounds")


async def test_a_beep_sounds_once_and_to_its_end() -> None:
    alsa = FakeAlsa()
    alsa.play_on()
    ringer = AlsaRinger("speaker", alsa)
    async with running(ringer, Posted(), alsa):
        ringer.show(showing(ringing=Ringing("beep", 10, once=True)))
        await until(lambda: alsa.opened and alsa.opened[0].closed, "the end of the beep")
        assert alsa.opened[0].ended == "drained"
        assert heard(bytes(alsa.opened[0].data))[: len(samples("beep"))] == samples("beep")
        await quiet(ringer)
        assert len(alsa.opened) == 1
        ringer.show(showing())
        ringer.show(showing(ringing=Ringing("beep", 10, once=True)))
        await until(lambda: len(alsa.opened) == 2, "the next beep")


async def test_turning_the_volume_goes_on_in_the_tone_and_does_not_begin_again() -> None:
    alsa = FakeAlsa()
    ringer = AlsaRinger("speaker", alsa)
    async with running(ringer, Posted(), alsa):
        ringer.show(showing(ringing=Ringing("pulse", 10)))
        alsa.play(3)
        await until(lambda: alsa.opened and len(alsa.opened[0].data) == 6 * PERIOD, "three periods")
        ringer.show(showing(ringing=Ringing("pulse", 4)))
        alsa.play(3)
        await until(lambda: len(alsa.opened[0].data) == 12 * PERIOD, "three more")
        last = heard(bytes(alsa.opened[0].data))[5 * PERIOD :]
        assert last == array("h", [round(v * gain(4)) for v in samples("pulse")[5 * PERIOD : 6 * PERIOD]])
        assert len(alsa.opened) == 1


def test_ring_volume_is_three_decibels_a_step_and_nothing_at_zero() -> None:
    assert gain(0) == 0 and gain(10) == 1
    assert gain(9) == pytest.approx(0.708, abs=0.001)
    assert all(gain(n) < gain(n + 1) for n in range(10))


async def test_an_underrun_is_no_fault() -> None:
    alsa, posted = FakeAlsa(), Posted()
    alsa.underruns = 1
    ringer = AlsaRinger("speaker", alsa)
    async with running(ringer, posted, alsa):
        ringer.show(showing(ringing=Ringing("pulse", 10)))
        alsa.play(2)
        await until(lambda: alsa.opened and len(alsa.opened[0].data) == 2 * PERIOD, "the first period")
        assert posted.events == []


async def test_a_ringing_device_that_is_gone_is_reported_once_and_used_when_it_is_back() -> None:
    alsa, posted = FakeAlsa(), Posted()
    alsa.broken = NO_CARD
    ringer = AlsaRinger("speaker", alsa, retry_s=0.002)
    async with running(ringer, posted, alsa):
        ringer.show(showing(ringing=Ringing("pulse", 10)))
        await until(lambda: posted.events, "the report")
        await quiet(ringer)
        assert posted.events == [DriverFailed("ringer", "speaker: FakeAlsaError: No such device [speaker]")]
        alsa.broken = None
        alsa.play(5)
        await until(lambda: len(posted.events) == 2, "the good news")
        assert posted.events[1] == DriverRecovered("ringer")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("device", "good"), [("null", True), ("there_is_none", False)])
async def test_the_real_alsa_library_takes_our_beep(device: str, good: bool) -> None:
    """ALSA's `null` device: no sound card, but the real pyalsaaudio and its arguments."""
    posted = Posted()
    ringer = AlsaRinger(device, alsaaudio)
    ringer.show(showing(ringing=Ringing("beep", 10, once=True)))
    async with running(ringer, posted, FakeAlsa()):
        await quiet(ringer)
        assert [type(each) for each in posted.events] == ([] if good else [DriverFailed])


async def test_the_volume_of_a_path_goes_to_the_control_the_board_file_names() -> None:
    alsa = FakeAlsa()
    mixer = AlsaMixer(AUDIO, alsa)
    async with running(mixer, Posted(), alsa):
        mixer.show(showing(path=VoicePath.HANDSET, volume=5))
        await until(lambda: len(alsa.volumes) == 3, "the handset's controls")
        card = "hw:CARD=Handset"
        assert alsa.volumes == [(card, "Speaker", 0, 60), (card, "Speaker", -1, 0), (card, "Mic", 1, 70)]
        mixer.show(showing(path=VoicePath.HANDSET, volume=6))
        await until(lambda: len(alsa.volumes) == 5, "the next step")
        assert alsa.volumes[3] == (card, "Speaker", 0, 66)  # and the microphone is left alone
        mixer.show(showing(path=VoicePath.SPEAKER, volume=10))
        await until(lambda: len(alsa.volumes) == 7, "the loudspeaker")
        assert alsa.volumes[5] == ("hw:CARD=sndrpigooglevoi", "Speaker", 0, 100)


BOTH = ("Playback Volume", "Playback Mute", "Capture Volume", "Capture Mute")
CARDS = {
    "an adapter with a side tone and a gain of its own": (
        {"Speaker": BOTH[:2], "Mic": BOTH, "Auto Gain Control": ("Playback Mute",)},
        [
            ("Speaker", 0, 60),
            ("Speaker", -1, 0),
            ("Mic", 1, 70),
            ("Mic", -2, 1),
            ("Mic", -1, 1),
            ("Auto Gain Control", -1, 1),
        ],
    ),
    "an adapter without a side tone": (
        {"Mic": BOTH[2:], "PCM": BOTH[:2]},
        [("PCM", 0, 60), ("PCM", -1, 0), ("Mic", 1, 70), ("Mic", -2, 1)],
    ),
    "a headset, of which the kernel says Headphone": (
        {"Headphone": BOTH[:2], "Headset": BOTH[2:]},
        [("Headphone", 0, 60), ("Headphone", -1, 0), ("Headset", 1, 70), ("Headset", -2, 1)],
    ),
    "a headset with one name for both directions, which is not silenced": (
        {"Headset": BOTH},
        [("Headset", 0, 60), ("Headset", -1, 0), ("Headset", 1, 70), ("Headset", -2, 1)],
    ),
    "a headset whose microphone has no gain": ({"PCM": BOTH[:2]}, [("PCM", 0, 60), ("PCM", -1, 0)]),
}


@pytest.mark.parametrize("kind", CARDS)
async def test_a_card_whose_controls_have_other_names_has_its_volume_too(kind: str) -> None:
    alsa, posted = FakeAlsa(), Posted()
    alsa.controls, expected = CARDS[kind]
    mixer = AlsaMixer(AUDIO, alsa)
    async with running(mixer, posted, alsa):
        mixer.show(showing(path=VoicePath.HEADSET, volume=5))
        await until(lambda: len(alsa.volumes) == len(expected) or posted.events, "the headset's controls")
    assert [told[1:] for told in alsa.volumes] == expected
    assert not posted.events


async def test_a_headset_that_was_pulled_and_put_back_between_two_calls_has_its_volume_again() -> None:
    alsa = FakeAlsa()
    mixer = AlsaMixer(AUDIO, alsa)
    async with running(mixer, Posted(), alsa):
        for calls in (1, 2):
            mixer.show(showing(path=VoicePath.HEADSET, volume=5))
            await until(lambda calls=calls: len(alsa.volumes) == 3 * calls, "the headset's controls")
            mixer.show(showing(path=VoicePath.NONE, volume=5))


async def test_a_headset_that_is_pulled_and_put_back_in_a_call_has_its_volume_again(tmp_path: Path) -> None:
    alsa, posted, card = FakeAlsa(), Posted(), tmp_path / "Headset"
    card.touch()
    mixer = AlsaMixer(AUDIO, alsa, retry_s=0.002, cards=tmp_path)
    async with running(mixer, posted, alsa):
        mixer.show(showing(path=VoicePath.HEADSET, volume=5))
        await until(lambda: len(alsa.volumes) == 3, "the headset's controls")
        await quiet(mixer)
        assert len(alsa.volumes) == 3, "its own wheel may turn it"
        card.unlink()
        await until(lambda: mixer._gone, "a look at the empty socket")
        card.touch()
        await until(lambda: len(alsa.volumes) == 6, "the controls of the same headset")
        assert alsa.volumes[3:] == alsa.volumes[:3] and not posted.events


async def test_a_card_without_any_volume_is_out_of_order_as_a_mixer() -> None:
    alsa, posted = FakeAlsa(), Posted()
    alsa.controls = {"Mic": BOTH[2:]}
    mixer = AlsaMixer(AUDIO, alsa)
    async with running(mixer, posted, alsa):
        mixer.show(showing(path=VoicePath.HEADSET, volume=5))
        await until(lambda: posted.events, "the report")
        assert "Unable to find mixer control Speaker" in str(posted.events[0])


async def test_no_path_touches_no_card() -> None:
    alsa = FakeAlsa()
    mixer = AlsaMixer(AUDIO, alsa)
    async with running(mixer, Posted(), alsa):
        mixer.show(showing(path=VoicePath.NONE, volume=5))
        await quiet(mixer)
        assert alsa.volumes == []
        mixer.show(showing(path=VoicePath.HEADSET, volume=5))
        await until(lambda: alsa.volumes, "the card of a path")


@pytest.mark.parametrize(("volume", "expected"), [(-3, 30), (0, 30), (5, 60), (10, 90), (99, 90)])
def test_ten_steps_span_what_the_builder_found_useful(volume: int, expected: int) -> None:
    assert percent(AUDIO.handset, volume) == expected


async def test_an_unplugged_headset_is_reported_once_and_set_when_plugged_in() -> None:
    alsa, posted = FakeAlsa(), Posted()
    alsa.broken = FakeAlsaError("No such device [hw:CARD=Headset]")
    mixer = AlsaMixer(AUDIO, alsa, retry_s=0.002)
    async with running(mixer, posted, alsa):
        mixer.show(showing(path=VoicePath.HEADSET, volume=5))
        await until(lambda: posted.events, "the report")
        await quiet(mixer)
        assert posted.events == [DriverFailed("mixer", "headset: FakeAlsaError: No such device [hw:CARD=Headset]")]
        alsa.broken = None
        await until(lambda: len(alsa.volumes) == 3 and len(posted.events) == 2, "the headset")
        assert posted.events[1] == DriverRecovered("mixer")
