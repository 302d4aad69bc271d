"""Every profile of media, in every way SRTP can be set and wherever SDP can stand: an answer, and a phone after it."""

from __future__ import annotations

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from deskphone.wire.mending_sdp import mend_sdp
from tests.native.native_peer import Peer
from tests.native.native_phone import SDP, Call, Message, Phone, answer, ring

OFF, OPTIONAL, MANDATORY = pj.PJMEDIA_SRTP_DISABLED, pj.PJMEDIA_SRTP_OPTIONAL, pj.PJMEDIA_SRTP_MANDATORY
KEY = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:%s\r\n" % (b"A" * 40)
DTLS = b"a=setup:actpass\r\na=fingerprint:sha-256 AB:CD\r\na=rtcp-mux\r\na=ice-ufrag:x\r\na=ice-pwd:y\r\n"
BAD_KEY = b"a=crypto:1 ROT13 inline:AAAA\r\na=crypto:x\r\n"

PLAIN, SECRET = ("RTP/AVP", "RTP/AVPF"), ("RTP/SAVP", "RTP/SAVPF")
STRANGE = (
    "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", "TCP/DTLS/RTP/SAVP", "TCP/TLS/RTP/AVP", "UDP", "TCP/RTP/AVP", "udptl",
    "RTP/AVX", "XYZ", "RTP",
)  # fmt: skip
ATTRIBUTES = (b"", KEY, DTLS, BAD_KEY, KEY + DTLS)


def description(profile: str, attributes: bytes, version: int = 1) -> bytes:
    """SDP with one audio line of that profile."""
    return SDP.replace(b"RTP/AVP", profile.encode()).replace(b"- 1 1 IN", b"- 1 %d IN" % version) + attributes


def spoken(mode: int, profile: str, attributes: bytes) -> bool:
    """Whether the phone can speak it."""
    keyed = attributes.startswith(KEY)
    return (profile in PLAIN and mode != MANDATORY) or (profile in SECRET and keyed and mode != OFF)


def begin(phone: Phone, mode: int) -> None:
    """Start it with SRTP so and with the mender of SDP."""
    phone.start(srtp=mode)
    sipext.set_sdp_mender(mend_sdp)


def lives(phone: Phone, peer: Peer) -> None:
    """The phone answers an OPTIONS."""
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "alive"), ("CSeq", "1 OPTIONS")]
    peer.request("OPTIONS", phone.port, headers)
    phone.take("OPTIONS", 200)


def final(phone: Phone, peer: Peer, cseq: str) -> Message:
    """The 180 or the final answer to a request."""

    def found() -> Message | None:
        peer.poll()
        wanted = [each for each in peer.received if each.code >= 180 and each.get("CSeq") == cseq]
        return wanted[0] if wanted else None

    answered: Message = phone.until(found)
    peer.received.clear()
    return answered


@pytest.mark.parametrize("mode", [OFF, OPTIONAL, MANDATORY], ids=["off", "optional", "mandatory"])
@pytest.mark.parametrize("profile", [*PLAIN, *SECRET, *STRANGE])
def test_an_invite_rings_or_is_not_acceptable(bare_phone: Phone, peer: Peer, mode: int, profile: str) -> None:
    begin(bare_phone, mode)
    for number, attributes in enumerate(ATTRIBUTES):
        headers = [
            ("From", "<sip:2001@sips-a.example.com>;tag=caller"), ("To", "<sip:1502@sips-a.example.com>"),
            ("Call-ID", f"profile-{number}"), ("CSeq", "1 INVITE"), ("Content-Type", "application/sdp"),
        ]  # fmt: skip
        peer.request("INVITE", bare_phone.port, headers, description(profile, attributes))
        code = final(bare_phone, peer, "1 INVITE").code
        assert code == (180 if spoken(mode, profile, attributes) else 488), attributes or code
        lives(bare_phone, peer)
    bare_phone.account.calls.clear()


def established(phone: Phone, peer: Peer, mode: int) -> list[tuple[str, str]]:
    """A call that is up, in what the mode speaks: its dialog."""
    ringing, call = ring(peer, phone, description(*(("RTP/SAVP", KEY) if mode == MANDATORY else ("RTP/AVP", b""))))
    answer(call, 200)
    phone.take("INVITE", 200)
    dialog = [(name, ringing.get(name)) for name in ("From", "To", "Call-ID")]
    peer.request("ACK", phone.port, [*dialog, ("CSeq", "1 ACK")])
    phone.until(lambda: call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED)
    peer.received.clear()
    return dialog


@pytest.mark.parametrize("mode", [OFF, OPTIONAL, MANDATORY], ids=["off", "optional", "mandatory"])
@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_a_new_offer_in_a_call_is_taken_or_refused_and_the_call_goes_on(
    bare_phone: Phone, peer: Peer, mode: int, method: str
) -> None:
    begin(bare_phone, mode)
    dialog = established(bare_phone, peer, mode)
    cseq = 1
    for profile in (*PLAIN, *SECRET, *STRANGE):
        for attributes in ATTRIBUTES:
            cseq += 1
            headers = [*dialog, ("CSeq", f"{cseq} {method}"), ("Content-Type", "application/sdp")]
            peer.request(method, bare_phone.port, headers, description(profile, attributes, cseq))
            code = final(bare_phone, peer, f"{cseq} {method}").code
            if method == "INVITE":
                peer.request("ACK", bare_phone.port, [*dialog, ("CSeq", f"{cseq} ACK")])
            assert code in (200, 488), (profile, attributes, code)
            lives(bare_phone, peer)
    bare_phone.account.calls.clear()


@pytest.mark.parametrize("mode", [OFF, OPTIONAL, MANDATORY], ids=["off", "optional", "mandatory"])
@pytest.mark.parametrize("profile", [*PLAIN, *SECRET, *STRANGE])
def test_any_answer_to_our_offer_leaves_a_phone(bare_phone: Phone, peer: Peer, mode: int, profile: str) -> None:
    begin(bare_phone, mode)
    call = Call(bare_phone.account)
    call.makeCall("sip:2001@sips-a.example.com", pj.CallOpParam(True))
    invite = bare_phone.take("INVITE")
    copied = [(name, value) for name, value in invite.headers if name in ("Via", "From", "Call-ID", "CSeq")]
    headers = [*copied, ("To", f"{invite.get('To')};tag=peer"), ("Contact", f"<sip:127.0.0.1:{peer.port}>")]
    body = description(profile, ATTRIBUTES[bool(profile in SECRET)])
    peer.send("SIP/2.0 200 OK", [*headers, ("Content-Type", "application/sdp")], body, invite.source)
    bare_phone.take("ACK")
    lives(bare_phone, peer)


@pytest.mark.parametrize("mode", [OFF, OPTIONAL, MANDATORY], ids=["off", "optional", "mandatory"])
@pytest.mark.parametrize("profile", [*PLAIN, *SECRET, *STRANGE])
def test_any_answer_in_an_ack_leaves_a_phone(bare_phone: Phone, peer: Peer, mode: int, profile: str) -> None:
    begin(bare_phone, mode)
    ringing, call = ring(peer, bare_phone, b"")
    answer(call, 200)
    bare_phone.take("INVITE", 200)
    dialog = [(name, ringing.get(name)) for name in ("From", "To", "Call-ID")]
    body = description(profile, ATTRIBUTES[bool(profile in SECRET)])
    peer.request("ACK", bare_phone.port, [*dialog, ("CSeq", "1 ACK"), ("Content-Type", "application/sdp")], body)
    lives(bare_phone, peer)


@pytest.mark.parametrize("mender", [None, mend_sdp], ids=["as it is", "mended"])
@pytest.mark.parametrize("port", [b"0", b"40000"])
def test_a_description_without_an_address_ends_nothing(phone: Phone, peer: Peer, mender: object, port: bytes) -> None:
    sipext.set_sdp_mender(mender)  # type: ignore[arg-type]
    dialog = established(phone, peer, OFF)
    body = SDP.replace(b"c=IN IP4 127.0.0.1\r\n", b"").replace(b"40000", port)
    peer.request("INVITE", phone.port, [*dialog, ("CSeq", "2 INVITE"), ("Content-Type", "application/sdp")], body)
    assert final(phone, peer, "2 INVITE").code in (400, 415, 488)
    fresh = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:1502@b>"), ("Call-ID", "fresh"), ("CSeq", "1 INVITE")]
    peer.request("INVITE", phone.port, [*fresh, ("Content-Type", "application/sdp")], body)
    assert final(phone, peer, "1 INVITE").code in (400, 488)
    lives(phone, peer)
