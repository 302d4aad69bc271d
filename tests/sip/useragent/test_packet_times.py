"""How long a packet of voice may be (RFC 8866 section 6.4): as the far end asks for, never longer than it takes."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Answer, Dial, Ring
from deskphone.core.events import CallEstablished, CallIncoming, CallMedia
from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Audio
from tests.sip.useragent.conftest import Phone, address_of, wait_for
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip
PER_MS = 8  # bytes of PCMU

ASKED = {
    "": 20,
    "a=ptime:10": 10,
    "a=ptime:30": 30,
    "a=ptime:40": 40,
    "a=ptime:60": 60,
    "a=maxptime:10": 10,
    "a=maxptime:15": 10,
    "a=maxptime:5": 10,  # no codec of ours has shorter frames
    "a=maxptime:20": 20,
    "a=maxptime:150": 20,
    "a=maxptime:0": 20,
    "a=maxptime:soon": 20,
    "a=ptime:40\r\na=maxptime:20": 20,
    "a=maxptime:30\r\na=ptime:60": 30,
    "a=ptime:0": 20,
    "a=ptime:20.0": 20,
    "a=ptime:240": 100,  # more than a datagram takes: nothing at all was sent
    "a=ptime:1000": 100,
    "a=ptime:2560": 100,
    "a=ptime:99999999999": 100,
}


def lengths(phone: Phone, rtp: Rtp, call: str) -> set[int]:
    """Milliseconds of the packets that come of a call."""
    phone.sound(Audio(VoicePath.HANDSET, calls=(call,)))
    wait_for(lambda: len(rtp.payloads(0)) >= 3, "a voice")
    return {len(each) // PER_MS for each in rtp.payloads(0)}


@pytest.mark.parametrize("asked", ASKED)
def test_a_packet_is_as_long_as_an_offer_asks_for(phone: Phone, peer: Peer, rtp: Rtp, asked: str) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port, extra=asked))
    name = phone.expect(CallIncoming).call
    phone.do(Ring(name), Answer(name))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished, call=name)
    assert lengths(phone, rtp, name) == {ASKED[asked]}


@pytest.mark.parametrize("asked", ["a=ptime:40\r\na=maxptime:30", "a=ptime:240"])
def test_and_as_an_answer_does(phone: Phone, peer: Peer, rtp: Rtp, asked: str) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, extra=asked))
    peer.request("ACK")
    phone.expect(CallMedia, call="out-1")
    assert lengths(phone, rtp, "out-1") == ({30} if "30" in asked else {100})
