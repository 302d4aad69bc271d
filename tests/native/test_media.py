"""What pjmedia can and pjsua2 does not reach: no voice after a farewell, and the sound devices it knows."""

from __future__ import annotations

import ctypes
import socket
from collections.abc import Iterator
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import SDP, Call, Phone, answer, ring

PACKETS = 20
SILENCE = b"\xd5" * 160
"""20 ms in G.711 A-law."""
HERTZ, ON_MS, LOUD = 1000, 30_000, 8000


@pytest.fixture
def voice() -> Iterator[socket.socket]:
    """Where the far end takes voice."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", 0))
        opened.setblocking(False)
        yield opened


@pytest.fixture
def other_rate(peer: Peer) -> Iterator[Phone]:
    """A phone whose cards have another rate than its bridge."""
    made = Phone(peer, card_rate=48_000)
    made.start()
    yield made
    made.end()


def say(phone: Phone, call: Call) -> None:
    """A tone as the phone's voice."""
    phone.says = pj.ToneGenerator()
    phone.says.createToneGenerator()
    part = pj.ToneDesc()
    part.freq1, part.on_msec, part.volume = HERTZ, ON_MS, LOUD
    tones = pj.ToneDescVector()
    tones.append(part)
    phone.says.play(tones, True)
    phone.says.startTransmit(call.getAudioMedia(-1))


def talking(phone: Phone, peer: Peer, voice: socket.socket) -> tuple[Call, Any]:
    """A call whose voice reaches the far end, and where its voice comes from."""
    ringing, call = ring(peer, phone, SDP.replace(b"40000", b"%d" % voice.getsockname()[1]))
    answer(call, 200)
    phone.take("INVITE", 200)
    dialog = [(name, ringing.get(name)) for name in ("From", "To", "Call-ID")]
    peer.request("ACK", phone.port, [*dialog, ("CSeq", "1 ACK")])
    phone.until(lambda: call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED)
    say(phone, call)
    return call, phone.until(lambda: senders(voice))[0]


def sent(call: Call) -> int:
    """Packets it says it has sent. What pjsua2 gives lives only as long as the whole does: hence the name for that."""
    whole = call.getStreamStat(0)
    return int(whole.rtcp.txStat.pkt)


def heard(call: Call) -> int:
    """Packets of the far end that it has taken."""
    whole = call.getStreamStat(0)
    return int(whole.rtcp.rxStat.pkt)


def senders(voice: socket.socket) -> list[Any]:
    """Who sent each packet that has come since the last look."""
    found = []
    while True:
        try:
            found.append(voice.recvfrom(2048)[1])
        except BlockingIOError:
            return found


def test_a_call_about_to_end_sends_no_more_and_still_hears(phone: Phone, peer: Peer, voice: socket.socket) -> None:
    call, there = talking(phone, peer, voice)
    assert sipext.stop_sending(call.getId()) == 1
    senders(voice)  # one may have been on its way
    before = sent(call)
    for number in range(PACKETS):
        head = bytes((0x80, 8)) + number.to_bytes(2, "big") + (160 * number).to_bytes(4, "big") + b"peer"
        voice.sendto(head + SILENCE, there)
        phone.until(lambda wanted=number: heard(call) > wanted)
    assert senders(voice) == []
    assert sent(call) == before
    call.hangup(pj.CallOpParam())
    phone.take("BYE")


def test_a_call_that_is_over_or_none_has_nothing_to_stop(phone: Phone) -> None:
    assert sipext.stop_sending(0) == 0
    for number in (-1, 16):
        with pytest.raises(ValueError, match=f"expected a call from 0 to 15, not {number}"):
            sipext.stop_sending(number)


def test_a_call_in_the_clear_has_no_keys(phone: Phone, peer: Peer, voice: socket.socket) -> None:
    call, _ = talking(phone, peer, voice)
    assert sipext.encrypted(call.getId(), 0) is False
    assert sipext.encrypted(call.getId(), 7) is False  # it has no such media
    call.hangup(pj.CallOpParam())
    phone.take("BYE")
    for numbers in ((-1, 0), (16, 0), (0, -1)):
        with pytest.raises(ValueError, match="expected a call from 0 to 15 and its media"):
            sipext.encrypted(*numbers)
    assert sipext.encrypted(0, 0) is False


def test_pjmedia_knows_the_devices_it_was_told_and_no_others(phone: Phone) -> None:
    manager = phone.endpoint.audDevManager()
    sipext.set_sound_devices(["null", "plughw:CARD=Nowhere"])
    found = {device.name: (device.inputCount, device.outputCount) for device in manager.enumDev2()}
    assert found == {"null": (1, 1), "plughw:CARD=Nowhere": (0, 0)}
    assert manager.lookupDev("ALSA", "plughw:CARD=Nowhere") == 1
    manager.refreshDevs()
    assert [device.name for device in manager.enumDev2()] == list(found)


class _Mallinfo2(ctypes.Structure):
    """What glibc's mallinfo2(3) returns."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in (
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    ))  # fmt: skip


def heap() -> int:
    """Bytes in use of the C library's heap."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _Mallinfo2
    return int(mallinfo2().uordblks)


def open_and_close(phone: Phone) -> None:
    """The first card, as the phone's `SoundDevices` opens it."""
    manager = phone.endpoint.audDevManager()
    sipext.close_sound()
    manager.setCaptureDev(0)
    manager.setPlaybackDev(0)
    manager.setSndDevMode(0)
    assert manager.sndIsActive()
    sipext.close_sound()
    assert not manager.sndIsActive()


def test_a_card_of_another_rate_leaves_nothing_behind_however_often_it_is_opened(other_rate: Phone) -> None:
    """As the phone does with each call; pjsua keeps its resamplers, 12 kB each time."""
    sipext.set_sound_devices(["null"])

    def call_after_call(calls: int) -> int:
        for _ in range(calls):
            open_and_close(other_rate)
        return heap()

    before = call_after_call(3)
    assert call_after_call(15) < before + 15 * 3000


def test_a_bridge_whose_card_was_closed_goes_on(other_rate: Phone, peer: Peer, voice: socket.socket) -> None:
    sipext.set_sound_devices(["null"])
    for _ in range(2):
        open_and_close(other_rate)
    sipext.close_sound()  # nothing is open: nothing happens
    other_rate.endpoint.audDevManager().setNullDev()
    call, _ = talking(other_rate, peer, voice)
    before = sent(call)
    other_rate.until(lambda: sent(call) > before + PACKETS)


@pytest.mark.parametrize(
    ("names", "error"),
    [
        ([], "expected 1 to 64 names, not 0"),
        (["null"] * 65, "expected 1 to 64 names, not 65"),
        ([""], "expected names of 1 to 63 bytes"),
        (["x" * 64], "expected names of 1 to 63 bytes"),
        (["nu\0ll"], "expected names of 1 to 63 bytes, without NUL"),
        ([7], "expected a sequence of str"),
        (7, "expected a sequence of str"),
    ],
)
def test_names_that_cannot_be_kept_are_refused(phone: Phone, names: Any, error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=error):
        sipext.set_sound_devices(names)


def test_without_pjsua_there_is_nothing_to_tell(bare_phone: Phone) -> None:
    bare_phone.end()
    with pytest.raises(sipext.Error, match="pjsua is not running"):
        sipext.set_sound_devices(["null"])
    with pytest.raises(sipext.Error, match="pjsua is not running"):
        sipext.stop_sending(0)
    with pytest.raises(sipext.Error, match="pjsua is not running"):
        sipext.close_sound()
