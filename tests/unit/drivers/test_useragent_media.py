"""Which media this phone speaks: every profile, every SRTP mode, every message that may carry an offer or an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.schema.words import CodecName, SrtpMethod, SrtpMode
from deskphone.sip.policy.media import Speaks, objection, speakable
from deskphone.sip.policy.requests import Scene, judge
from deskphone.wire.message import parse_request, parse_response
from tests.unit.drivers.test_useragent_policy import SCENE, SERVER, SERVERS

KEY = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
GOOD = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4\r\n"
DTLS = f"a=fingerprint:sha-256 {':'.join(['AB'] * 32)}\r\na=setup:actpass\r\n"
OFF, ALLOWED, REQUIRED = SrtpMode
# (profile, attributes): spoken with SRTP off, allowed, required. Written from RFC 3264, 3711, 4568, 5124 and 5763.
EXPECTED = {
    ("RTP/AVP", ""): (True, True, False),
    ("RTP/AVP", GOOD): (True, True, False),
    ("RTP/AVP", DTLS): (True, True, False),
    ("rtp/avp", ""): (True, True, False),
    ("RTP/AVPF", ""): (True, True, False),
    ("RTP/SAVP", GOOD): (False, True, True),
    ("RTP/SAVPF", GOOD): (False, True, True),
    ("RTP/SAVP", ""): (False, False, False),
    ("RTP/SAVP", DTLS): (False, False, False),
    ("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc\r\n"): (False, False, False),
    ("RTP/SAVP", f"a=crypto:1 F8_128_HMAC_SHA1_80 inline:{KEY}\r\n"): (False, False, False),
    ("RTP/SAVP", f"a=crypto:1 F8_128_HMAC_SHA1_80 inline:{KEY}\r\n{GOOD}"): (False, True, True),
    ("UDP/TLS/RTP/SAVP", DTLS): (False, False, False),
    ("UDP/TLS/RTP/SAVPF", DTLS): (False, False, False),
    ("UDP/TLS/RTP/SAVPF", ""): (False, False, False),
    ("UDP/TLS/RTP/SAVP", GOOD): (False, False, False),
    ("TCP/TLS/RTP/SAVP", DTLS): (False, False, False),
    ("TCP/RTP/AVP", ""): (False, False, False),
    ("udp", ""): (False, False, False),
    ("TCP/MSRP", ""): (False, False, False),
    ("DCCP/RTP/AVP", ""): (False, False, False),
}
CASES = [
    pytest.param(profile, rest, mode, fits, id=f"{profile}-{number}-{mode[:4]}")
    for number, ((profile, rest), row) in enumerate(EXPECTED.items())
    for mode, fits in zip((OFF, ALLOWED, REQUIRED), row, strict=True)
]
MESSAGES = ["INVITE", "re-INVITE", "UPDATE", "PRACK", "answer", "ACK"]


def session(*lines: tuple[str, str, int], kind: str = "audio") -> bytes:
    """A session description with a media line each: profile, attributes, port."""
    head = "v=0\r\no=- 1 1 IN IP4 10.1.1.5\r\ns=-\r\nc=IN IP4 10.1.1.5\r\nt=0 0\r\n"
    return (head + "".join(f"m={kind} {port} {profile} 0\r\n{rest}" for profile, rest, port in lines)).encode()


def message(first: str, body: bytes, kind: str = "application/sdp", tag: str = ";tag=us") -> bytes:
    """A request or an answer that carries it."""
    method = first.split(maxsplit=1)[0] if not first.startswith("SIP/") else "INVITE"
    lines = [
        first, "Via: SIP/2.0/UDP 10.1.1.5;branch=z9hG4bK1", "From: <sip:2001@site>;tag=them",
        f"To: <sip:1502@site>{tag}", f"Call-ID: call-{1 if tag else 2}", f"CSeq: 2 {method}", f"Content-Type: {kind}",
        f"Content-Length: {len(body)}", "", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + body


def taken(how: str, body: bytes, speaks: Speaks, kind: str = "application/sdp") -> bool:
    """Whether the phone goes on with a message that brings this session."""
    if how == "answer":
        return speakable(parse_response(message("SIP/2.0 200 OK", body, kind)), speaks)
    request = message(
        f"{how.removeprefix('re-')} sip:1502@10.1.1.20 SIP/2.0", body, kind, "" if how == "INVITE" else ";tag=us"
    )
    if how == "ACK":
        return speakable(parse_request(request), speaks)
    scene: Scene = replace(SCENE, speaks=speaks)
    answer = judge(parse_request(request), SERVERS.sender(SERVER), scene).answer
    assert answer is None or answer.code == 488
    return answer is None


@pytest.mark.parametrize("how", MESSAGES)
@pytest.mark.parametrize(("profile", "rest", "mode", "fits"), CASES)
def test_a_profile_is_taken_or_refused_before_pjsua_sees_it(
    profile: str, rest: str, mode: SrtpMode, fits: bool, how: str
) -> None:
    assert taken(how, session((profile, rest, 40_000)), Speaks(mode)) is fits


@pytest.mark.parametrize("mode", SrtpMode)
def test_one_good_line_is_enough_wherever_it_stands(mode: SrtpMode) -> None:
    good = ("RTP/SAVP", GOOD, 40_000) if mode is REQUIRED else ("RTP/AVP", "", 40_000)
    for other in (
        ("RTP/SAVP", "", 40_002), ("TCP/RTP/AVP", "", 40_002), ("UDP/TLS/RTP/SAVPF", DTLS, 0),
        ("UDP/TLS/RTP/SAVPF", DTLS, 40_002), ("UDP/TLS/RTP/SAVP", GOOD, 40_002),
    ):  # fmt: skip
        assert taken("INVITE", session(good, other), Speaks(mode))
        assert taken("INVITE", session(other, good), Speaks(mode))


def test_video_of_any_kind_beside_the_voice_is_no_matter() -> None:
    video = b"m=video 41000 UDP/TLS/RTP/SAVPF 96\r\n" + DTLS.encode()
    assert taken("INVITE", session(("RTP/AVP", "", 40_000)) + video, Speaks(ALLOWED))


@pytest.mark.parametrize("line", ["m=audio", "m=audio x RTP/AVP 0", "m=audio 40000", "m= 40000 RTP/AVP 0"])
def test_a_media_line_that_cannot_be_read_is_refused_by_itself(line: str) -> None:
    good = session(("RTP/AVP", "", 40_000))
    assert taken("INVITE", good + f"{line}\r\n".encode(), Speaks())
    alone = good.partition(b"m=")[0] + f"{line}\r\n".encode()
    assert not taken("INVITE", alone, Speaks())


def test_blanks_letter_case_and_bare_line_ends_are_no_reason() -> None:
    body = session(("RTP/AVP", "", 40_000)).replace(b" 0\r\n", b" 0  \r\n")
    assert taken("INVITE", body, Speaks())
    assert taken("INVITE", body.replace(b"\r\n", b"\n"), Speaks())
    assert taken("INVITE", body.replace(b"m=audio", b"m=AUDIO"), Speaks())


def test_the_session_is_found_in_a_body_of_several_parts() -> None:
    inner = session(("UDP/TLS/RTP/SAVPF", DTLS, 40_000))
    body = b"--b\r\nContent-Type: application/sdp\r\n\r\n" + inner + b"\r\n--b--\r\n"
    assert not taken("INVITE", body, Speaks(ALLOWED), 'multipart/mixed;boundary="b"')


def test_a_suite_the_settings_do_not_name_is_no_key() -> None:
    body = session(("RTP/SAVP", GOOD.replace("_80", "_32"), 40_000))
    assert not taken("INVITE", body, Speaks(REQUIRED, SrtpMethod.AES_CM_128_HMAC_SHA1_80))
    assert taken("INVITE", body, Speaks(REQUIRED, SrtpMethod.AES_CM_128_ALL_METHODS))


def test_a_message_without_media_is_not_judged_by_them() -> None:
    for body in (b"", b"hello", session()):
        assert taken("INVITE", body, Speaks(REQUIRED))
    assert taken("INVITE", session(("UDP/TLS/RTP/SAVPF", DTLS, 0)), Speaks(REQUIRED))


ADDRESSES = {  # address: warn-code over IPv4, over IPv6
    "IN IP4 10.1.1.5": ("", "300"),
    "IN IP4 10.1.1.5/127": ("", "300"),
    "IN IP6 2001:db8::5": ("300", ""),
    "IN IP4 0.0.0.0": ("", ""),
    "IN IP6 ::": ("", ""),
    "IN IP4 media.example.com": ("301", "301"),
    "IN IP4 10.1.1.999": ("301", "301"),
    "IN IP4 223.255.255.254": ("", "300"),
    "IN IP4 224.0.0.1": ("330", "330"),  # all of the LAN would hear the agent
    "IN IP4 239.1.2.3/127": ("330", "330"),
    "IN IP4 255.255.255.255": ("330", "330"),
    "IN IP6 ff02::1": ("330", "330"),
    "IN IP6 ::ffff:239.1.2.3": ("330", "330"),
    "ATM NSAP 47.0091": ("301", "301"),
    "": ("", ""),
}


@pytest.mark.parametrize("way", [0, 1], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("where", ADDRESSES)
def test_an_address_no_voice_can_be_sent_to_is_refused_before_it_rings(where: str, way: int) -> None:
    body = session(("RTP/AVP", "", 40_000)).replace(b"c=IN IP4 10.1.1.5", f"c={where}".encode())
    offer = parse_request(message("INVITE sip:1502@10.1.1.20 SIP/2.0", body))
    assert objection(offer, Speaks(), ipv6=bool(way)) == ADDRESSES[where][way]


@pytest.mark.parametrize(
    ("formats", "rest", "code"),
    [
        ("101", "a=rtpmap:101 telephone-event/8000", "305"),
        ("97 101", "a=rtpmap:97 AMR/8000\r\na=rtpmap:101 telephone-event/8000", "305"),
        ("13", "", "305"),
        ("3 4 18", "", "305"),
        ("96", "", "305"),
        ("97 8 101", "a=rtpmap:97 AMR/8000", ""),
        ("9", "", ""),
        ("96", "a=rtpmap:96 pcma/8000", ""),
        ("111", "a=rtpmap:111 OPUS/48000/2", "305"),
    ],
)
def test_an_offer_without_a_codec_of_the_settings_is_refused_before_it_rings(
    formats: str, rest: str, code: str
) -> None:
    body = session(("RTP/AVP", f"{rest}\r\n" if rest else "", 40_000)).replace(b"AVP 0", f"AVP {formats}".encode())
    speaks = Speaks(codecs=frozenset({CodecName.PCMA, CodecName.G722}))
    assert objection(parse_request(message("INVITE sip:1502@10.1.1.20 SIP/2.0", body)), speaks) == code


def parts(*bodies: tuple[str, bytes], edge: str = "b") -> bytes:
    """A body of several parts: Content-Type and bytes of each."""
    whole = b"".join(f"--{edge}\r\nContent-Type: {kind}\r\n\r\n".encode() + body + b"\r\n" for kind, body in bodies)
    return whole + f"--{edge}--\r\n".encode()


def test_the_session_is_found_in_a_body_within_a_body_and_of_alternatives_it_is_the_last() -> None:
    plain, strange = session(("RTP/AVP", "", 40_000)), session(("UDP/TLS/RTP/SAVPF", DTLS, 40_000))
    sdp_type = "application/sdp"
    for kind, first, last in (("mixed", plain, strange), ("alternative", strange, plain)):
        inner = parts((sdp_type, first), ("text/plain", b"hello"), (sdp_type, last), edge="c")
        body = parts(("application/isup", b"\x01"), (f'multipart/{kind};boundary="c"', inner))
        assert taken("INVITE", body, Speaks(ALLOWED), "multipart/related;boundary=b")
        inner = inner.replace(first, b"x").replace(last, first).replace(b"x", last, 1)
        body = parts((f"multipart/{kind};boundary=c", inner))
        assert not taken("INVITE", body, Speaks(ALLOWED), "multipart/mixed;boundary=b")
