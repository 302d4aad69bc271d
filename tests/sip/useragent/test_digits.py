"""Digits in a call: as telephone events, as INFO, as tones; those of the far end."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from deskphone.core.effects import Dial, SendDtmf
from deskphone.core.events import CallMedia, DtmfReceived
from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Audio
from tests.sip.useragent.conftest import Phone, talk_out, wait_for
from tests.sip.useragent.peer import Peer, Rtp, audio_of, sdp
from tests.sip.useragent.sounds import (
    DTMF,
    EVENT,
    PATIENCE,
    PCMU,
    from_mulaw,
    power,
)

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def test_digits_leave_as_telephone_events(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    phone.do(SendDtmf("out-1", "15", "rfc4733"))
    # event, end bit of the last packets (RFC 4733 section 2.3)
    wait_for(lambda: {(p[0], p[1] >> 7) for p in rtp.payloads(EVENT)} >= {(1, 1), (5, 1)}, "both digits")


def test_events_that_only_an_rtpmap_is_left_of_are_not_sent(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """As of a border controller that takes a format out of the m= line alone: what it took out nobody hears."""
    left = sdp(rtp.port).replace(b"RTP/AVP 0 101", b"RTP/AVP 0")
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), left)
    peer.request("ACK")
    phone.expect(CallMedia)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    phone.do(SendDtmf("out-1", "5", "rfc4733"))

    wait_for(lambda: heard_digits(rtp) == "5", "the digit as a tone", PATIENCE)
    assert not rtp.payloads(EVENT)


def test_a_digit_pressed_while_the_server_moves_the_call_goes_where_it_is_moved(
    phone: Phone, peer: Peer, rtp: Rtp
) -> None:
    """By a re-INVITE without an offer (RFC 3725): the answer in the ACK makes the stream anew."""
    _, dialog = talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    other = Rtp()
    try:
        peer.send("INVITE", dialog)
        response = peer.response(200, "INVITE")
        phone.do(SendDtmf("out-1", "4", "rfc4733"))
        phone.nothing(CallMedia, 0.1)
        peer.ack(dialog, response, sdp(other.port))
        wait_for(lambda: (4, 1) in {(p[0], p[1] >> 7) for p in other.payloads(EVENT)}, "the digit")
        assert not rtp.payloads(EVENT)
    finally:
        other.close()


def test_digits_leave_as_info(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    phone.do(SendDtmf("out-1", "9#", "info"))
    for digit in "9#":
        info = peer.request("INFO")
        assert info.headers.get("content-type") == "application/dtmf-relay"
        assert f"Signal={digit}\r\n" in info.body.decode().replace("= ", "=")
        peer.reply(info, 200, "OK")


def test_digits_leave_as_tones(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    phone.do(SendDtmf("out-1", "5", "inband"))
    wait_for(lambda: heard_digits(rtp) == "5", "the tones of 5", PATIENCE)
    assert not rtp.payloads(EVENT)


def test_digits_pressed_quickly_all_sound_one_after_the_other(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    for digit in "19#":
        phone.do(SendDtmf("out-1", digit, "inband"))
    wait_for(lambda: heard_digits(rtp) == "19#", "three digits", PATIENCE)


def heard_digits(rtp: Rtp) -> str:
    """The digits in all PCMU that came, by their tones in pieces of 40 ms."""
    samples, found = from_mulaw(b"".join(rtp.payloads(PCMU))), " "
    for at in range(0, len(samples) - 320, 320):
        piece = samples[at : at + 320]
        now = next((d for d, pair in DTMF.items() if all(power(piece, hz, 8000) > 0.03 for hz in pair)), " ")
        found += now if now != found[-1] else ""
    return found.replace(" ", "")


def test_digits_of_the_far_end_arrive_by_event_and_by_info(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    invite, dialog = talk_out(phone, peer, rtp)
    place = audio_of(invite)
    for number in range(6):
        end = 0x80 if number > 2 else 0
        rtp.send(place, EVENT, struct.pack("!BBH", 7, end | 10, 160 * (number + 1)), number, 1000)
    assert phone.expect(DtmfReceived) == DtmfReceived("out-1", "7")
    peer.send("INFO", dialog, (), b"Signal=3\r\nDuration=160\r\n", kind="application/dtmf-relay")
    peer.response(200, "INFO")
    assert phone.expect(DtmfReceived) == DtmfReceived("out-1", "3")
