"""Whose voice is heard and who gets ours: the address of the SDP, whatever else is sent to our port."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import SDP, Call, Message, Phone, answer, ring
from tests.native.test_media import SILENCE, say

ENOUGH = 40
"""Packets: pjmedia of itself follows another source after ten."""


class Ends:
    """Sockets on loopback with an even port and the next one, for RTP and RTCP."""

    def __init__(self, stack: ExitStack) -> None:
        self.rtp, self.rtcp = (stack.enter_context(each) for each in pair())
        self.sequence = self._heard = 0

    @property
    def port(self) -> int:
        """The port of RTP."""
        return int(self.rtp.getsockname()[1])

    def say(self, where: Any, payload_type: int = 8) -> None:
        """Send one packet of voice."""
        self.sequence += 1
        head = struct.pack("!BBHII", 0x80, payload_type, self.sequence, 160 * self.sequence, self.port)
        self.rtp.sendto(head + SILENCE, where)

    def report(self, where: Any) -> None:
        """Send one sender report of RTCP."""
        packet = struct.pack("!BBHIIIIII", 0x80, 200, 6, self.port, 1, 2, 3, self.sequence, 160 * self.sequence)
        self.rtcp.sendto(packet, (where[0], where[1] + 1))

    def heard(self) -> int:
        """Packets that have come since `forget`, RTP and RTCP."""
        for each in (self.rtp, self.rtcp):
            while True:
                try:
                    each.recv(2048)
                    self._heard += 1
                except BlockingIOError:
                    break
        return self._heard

    def forget(self) -> None:
        """Count anew."""
        self.heard()
        self._heard = 0


def pair() -> tuple[socket.socket, socket.socket]:
    """Two UDP sockets on neighbouring ports of loopback."""
    for _ in range(50):
        first, second = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        try:
            first.bind(("127.0.0.1", 0))
            second.bind(("127.0.0.1", first.getsockname()[1] + 1))
        except OSError:
            first.close()
            second.close()
            continue
        first.setblocking(False)
        second.setblocking(False)
        return first, second
    raise AssertionError("no two neighbouring ports are free")


@pytest.fixture
def far_end() -> Iterator[Ends]:
    """The far end's voice."""
    with ExitStack() as stack:
        yield Ends(stack)


@pytest.fixture
def other() -> Iterator[Ends]:
    """Somebody else's."""
    with ExitStack() as stack:
        yield Ends(stack)


class Talk:
    """A call that is up: where our voice comes from, and the far end's half of the dialog."""

    def __init__(self, phone: Phone, peer: Peer, port: int, lines: bytes = b"", profile: bytes = b"RTP/AVP") -> None:
        self.phone, self.peer = phone, peer
        self.cseq = 1
        ringing, self.call = ring(peer, phone, offer(port).replace(b"RTP/AVP", profile) + lines)
        answer(self.call, 200)
        self.answer = phone.take("INVITE", 200)
        self.dialog = [(name, ringing.get(name)) for name in ("From", "To", "Call-ID")]
        peer.request("ACK", phone.port, [*self.dialog, ("CSeq", "1 ACK")])
        phone.until(lambda: self.call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED)
        self.where = ("127.0.0.1", media_port(self.answer))
        say(phone, self.call)

    def moves_to(self, port: int) -> None:
        """re-INVITE with another address for our voice."""
        self.cseq += 1
        headers = [*self.dialog, ("CSeq", f"{self.cseq} INVITE"), ("Content-Type", "application/sdp")]
        self.peer.request("INVITE", self.phone.port, headers, offer(port, self.cseq))
        self.phone.take("INVITE", 200)
        self.peer.request("ACK", self.phone.port, [*self.dialog, ("CSeq", f"{self.cseq} ACK")])

    @property
    def source(self) -> tuple[str, int, int, bool]:
        """Whom it follows, what was dropped, and whether it followed its sender."""
        return sipext.media_source(self.call.getId())


def offer(port: int, version: int = 1) -> bytes:
    """An offer of A-law at that port."""
    return SDP.replace(b"40000", b"%d" % port).replace(b"- 1 1 IN", b"- 1 %d IN" % version)


def media_port(answer: Message) -> int:
    """The port of our audio line."""
    line = next(each for each in answer.body.decode().splitlines() if each.startswith("m=audio "))
    return int(line.split()[1])


def packets(call: Call) -> int:
    """Packets of the far end that were taken."""
    whole = call.getStreamStat(0)
    return int(whole.rtcp.rxStat.pkt)


@pytest.mark.parametrize("payload_type", [8, 0, 101, 127])
def test_a_strangers_packets_are_not_heard_and_get_nothing(
    phone: Phone, peer: Peer, far_end: Ends, other: Ends, payload_type: int
) -> None:
    talk = Talk(phone, peer, far_end.port)
    far_end.say(talk.where)
    phone.until(lambda: packets(talk.call) == 1)
    for _ in range(ENOUGH):
        other.say(talk.where, payload_type)
    phone.until(lambda: talk.source[1] == ENOUGH)
    far_end.forget()
    phone.until(lambda: far_end.heard() > 5)
    far_end.say(talk.where)
    phone.until(lambda: packets(talk.call) == 2)
    assert not other.heard() and talk.source == (f"127.0.0.1:{far_end.port}", ENOUGH, 0, False)


def test_a_stranger_who_is_first_gets_nothing_either(phone: Phone, peer: Peer, far_end: Ends, other: Ends) -> None:
    talk = Talk(phone, peer, far_end.port)
    for _ in range(ENOUGH):
        other.say(talk.where)
    phone.until(lambda: talk.source[1] == ENOUGH)
    phone.until(lambda: far_end.heard() > 5)
    assert not other.heard() and packets(talk.call) == 0


def test_a_strangers_rtcp_draws_no_report(phone: Phone, peer: Peer, far_end: Ends, other: Ends) -> None:
    talk = Talk(phone, peer, far_end.port)
    far_end.say(talk.where)
    far_end.report(talk.where)
    for _ in range(ENOUGH):
        other.report(talk.where)
    phone.until(lambda: talk.source[2] == ENOUGH)
    phone.until(lambda: _reports(far_end) > 0)
    assert not other.heard()


def test_a_strangers_rtcp_draws_no_report_of_a_secret_call_either(
    bare_phone: Phone, peer: Peer, far_end: Ends, other: Ends
) -> None:
    bare_phone.start(srtp=pj.PJMEDIA_SRTP_OPTIONAL)
    key = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n" % (b"A" * 40)
    talk = Talk(bare_phone, peer, far_end.port, key, b"RTP/SAVP")
    for _ in range(ENOUGH):
        other.report(talk.where)
        other.say(talk.where)
    bare_phone.until(lambda: _reports(far_end) > 0)
    assert not other.heard() and b"RTP/SAVP" in talk.answer.body


def _reports(ends: Ends) -> int:
    try:
        ends.rtcp.recv(2048)
    except BlockingIOError:
        return 0
    return 1


def test_after_a_reinvite_the_party_before_gets_and_says_nothing(
    phone: Phone, peer: Peer, far_end: Ends, other: Ends
) -> None:
    talk = Talk(phone, peer, far_end.port)
    far_end.say(talk.where)
    phone.until(lambda: far_end.heard() > 2)
    talk.moves_to(other.port)
    far_end.forget()  # what was under way before the 200
    for _ in range(ENOUGH):
        far_end.say(talk.where)
    phone.until(lambda: talk.source[1] == ENOUGH)
    phone.until(lambda: other.heard() > 5)
    assert not far_end.heard() and talk.source[0] == f"127.0.0.1:{other.port}"
    talk.moves_to(far_end.port)
    phone.until(lambda: far_end.heard() > 2)


@pytest.fixture
def symmetric() -> Iterator[None]:
    """Symmetric RTP, for ten seconds."""
    sipext.set_symmetric_rtp(10_000)
    yield
    sipext.set_symmetric_rtp(0)


@pytest.mark.usefixtures("symmetric")
def test_symmetric_rtp_follows_the_first_sender_once(phone: Phone, peer: Peer, far_end: Ends, other: Ends) -> None:
    talk = Talk(phone, peer, 9)  # behind a translator: nobody hears us there
    far_end.say(talk.where)
    phone.until(lambda: far_end.heard() > 2)
    assert packets(talk.call) == 1 and talk.source == (f"127.0.0.1:{far_end.port}", 0, 0, True)
    for _ in range(ENOUGH):
        other.say(talk.where)
    phone.until(lambda: talk.source[1] == ENOUGH)
    talk.moves_to(9)  # a refresh of the session, the description is the same
    far_end.forget()
    phone.until(lambda: far_end.heard() > 2)
    other.say(talk.where)
    phone.until(lambda: talk.source[1] == ENOUGH + 1)
    assert not other.heard()


@pytest.mark.usefixtures("symmetric")
def test_symmetric_rtp_does_not_leave_who_was_heard(phone: Phone, peer: Peer, far_end: Ends, other: Ends) -> None:
    talk = Talk(phone, peer, far_end.port)
    far_end.say(talk.where)
    phone.until(lambda: packets(talk.call) == 1)
    other.say(talk.where)
    phone.until(lambda: talk.source[1] == 1)
    assert not other.heard() and not talk.source[3]


def test_symmetric_rtp_ends_with_the_first_moments(phone: Phone, peer: Peer, far_end: Ends) -> None:
    sipext.set_symmetric_rtp(1)
    talk = Talk(phone, peer, 9)
    far_end.say(talk.where)
    phone.until(lambda: talk.source[1] == 1)
    assert not talk.source[3] and not far_end.heard()
    sipext.set_symmetric_rtp(0)
    with pytest.raises(ValueError, match="0 to 10000"):
        sipext.set_symmetric_rtp(-1)


def test_a_call_that_is_none_has_no_media(phone: Phone) -> None:
    assert sipext.media_source(3) == ("", 0, 0, False)
