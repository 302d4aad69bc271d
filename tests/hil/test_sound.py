"""Voice on the rig, by its tones: what goes into a microphone, what comes out of an ear, and of none other."""

from __future__ import annotations

import re
import statistics
import time
from array import array
from collections.abc import Iterator

import pytest

from deskphone.drivers import ringer
from tests.hil.rig.ear import HANDSET, HEADSET, LISTEN_RATE, LOUDSPEAKER, loud
from tests.hil.room import CARDS, FAR, FAR_HZ, MOUTH_HZ, SAID, SILENT, Room
from tests.peers.sound import Recording, decibel
from tests.stories.bench_hil import HilBench
from tests.stories.bench_sip import SipCustomer

MICROPHONE_GAIN = 30.0  # dB, board/asound.conf
PARTIAL_DUPLEX = 12.0  # dB

pytestmark = [pytest.mark.hil, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def room_for_all() -> Iterator[Room]:
    """One phone for all tests that leave it as it was."""
    with HilBench() as bench:
        room = Room(bench)
        yield room
        assert bench.troubles() == [], bench.journal()


@pytest.fixture
def room(room_for_all: Room) -> Iterator[Room]:
    """Idle and silent, before and after."""
    yield room_for_all
    room_for_all.tidy()
    room_for_all.idle()
    room_for_all.hears("", within=8)


@pytest.mark.parametrize("path", ["handset", "headset"])
def test_an_echo_comes_back_to_the_ear_that_spoke_and_to_no_other(room: Room, path: str) -> None:
    where, card = CARDS[path]
    room.mouth.say(card, MOUTH_HZ, SAID)
    room.press(*"9196")
    room.shows("Dial", "9196")
    if path == "handset":
        room.lift()
    else:
        room.press("headset")
    room.in_call()
    room.hears_at(where, MOUTH_HZ, SAID)
    assert room.state()["audio"]["path"] == path
    for other, _ in CARDS.values():
        assert other is where or not loud(room.ear.samples(other, 1.0)), other.name
    room.mouth.hush(card)
    room.hears_at(where, MOUTH_HZ, -120.0)


def test_hands_free_both_hear_each_other(room: Room) -> None:
    """The far end is no echo, and the voice no steady tone: a canceller takes the one for its own sound, rightly, and
    the other for a noise in the room. While both speak it takes some of the voice: up to 12 dB is still a conversation
    (partial duplex, ITU-T P.340).
    """
    room.mouth.say("sndrpigooglevoi", MOUTH_HZ, SAID - MICROPHONE_GAIN, beats=True)
    customer = room.called(media=f"tone:{FAR_HZ}")
    room.press("speaker")
    customer.answered()
    room.wait("voice on the speaker", lambda state: state["audio"]["path"] == "speaker")
    softvol = -40.0 + 40.0 * percent(room, "sndrpigooglevoi", "Speaker") / 100  # board/asound.conf
    room.hears_at(LOUDSPEAKER, FAR_HZ, FAR + softvol)
    room.until(
        "the voice", lambda: beat(room, customer) > SAID - PARTIAL_DUPLEX, lambda: f"{beat(room, customer):.1f} dB"
    )
    assert not loud(room.ear.samples(HANDSET, 1.0))
    assert not loud(room.ear.samples(HEADSET, 1.0))


def test_mute_is_silence_at_the_far_end_and_nobody_hears_himself(room: Room) -> None:
    room.mouth.say("Handset", MOUTH_HZ, SAID)
    customer = room.called(media="silence")
    room.lift()
    customer.answered()
    room.far_hears(customer, SAID)
    assert room.level(HANDSET, MOUTH_HZ) < SILENT, "a side tone"
    room.press("mute")
    room.lamp("mute", "on")
    room.far_hears(customer, None)
    room.press("mute")
    room.lamp("mute", "off")
    room.far_hears(customer, SAID)


def test_volume_keys_turn_the_control_that_the_board_file_names(room: Room) -> None:
    customer = room.called(media=f"tone:{FAR_HZ}")
    room.lift()
    customer.answered()
    room.shows("Talking")
    stands_at(room, 66)  # step 6 of 10 between 30 and 90 %
    for key, expected in (("volume_up", 72), ("volume_down", 66), ("volume_down", 60), ("volume_up", 66)):
        room.press(key)
        stands_at(room, expected)
    assert percent(room, "Handset", "Mic") == 70


def test_the_ring_volume_is_three_decibels_a_step(room: Room) -> None:
    customer = room.called()
    room.hears("classic")
    before = strongest(room)
    room.press("volume_down", "volume_down", "volume_down")
    after = strongest(room)
    assert before - after == pytest.approx(9.0, abs=1.0)
    room.press("volume_up", "volume_up", "volume_up")
    assert strongest(room) == pytest.approx(before, abs=1.0)
    assert not loud(room.ear.samples(HANDSET, 3.0)), "the ear rings"
    customer.hang_up()
    room.hears("", within=8)


def test_a_digit_is_an_event_for_the_far_end_and_no_voice(room: Room) -> None:
    customer = room.called(media="silence")
    room.lift()
    customer.answered()
    room.shows("Talking")
    room.press("5", "0", "#")
    room.until("the digits", lambda: customer.digits == "50#", lambda: customer.digits)


def amixer(room: Room, card: str = "Handset", control: str = "Speaker") -> str:
    """What amixer says of a control."""
    return room.shell.check(f"amixer -c {card} sget {control}")


def percent(room: Room, card: str, control: str) -> int:
    """Where a control stands."""
    found = re.search(r"\[(\d+)%\]", amixer(room, card, control))
    assert found, amixer(room, card, control)
    return int(found[1])


def stands_at(room: Room, expected: int) -> None:
    """Wait until the handset's control does."""
    room.until(f"{expected} %", lambda: percent(room, "Handset", "Speaker") == expected, lambda: amixer(room))


def beat(room: Room, customer: SipCustomer) -> float:
    """dB of MOUTH_HZ at the far end in the loudest 100 ms of the last second."""
    samples = array("h", room.do(lambda: customer.there.ear.samples(1.0)))
    return max(Recording(8000, samples).windows(MOUTH_HZ, 100), default=-120.0)


def strongest(room: Room) -> float:
    """dB of the loudest 100 ms of a whole ring tone, heard from now on."""
    whole = len(ringer.samples("classic")) / ringer.RATE
    time.sleep(whole + 1.0)  # how long the measurement is; a second for the card's buffers and a slow machine
    samples = room.ear.samples(LOUDSPEAKER, whole)
    size = LISTEN_RATE // 10
    parts: list[array[int]] = [samples[at : at + size] for at in range(0, len(samples) - size, size)]
    return max(decibel(statistics.pstdev(part) / 32768) for part in parts)
