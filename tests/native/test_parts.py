"""A session description is found wherever it stands in a body of several parts (RFC 5621 section 3.2)."""

from __future__ import annotations

import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import SDP, Phone, answer, ring

ALIEN = SDP.replace(
    b"m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000", b"m=audio 40000 RTP/AVP 97\r\na=rtpmap:97 AMR/8000"
)
PLAIN = ("text/plain", b"hello")
TEXT = "application/sdp"


def parts(*bodies: tuple[str, bytes], edge: str = "b") -> bytes:
    """A body of several parts: Content-Type and bytes of each."""
    whole = b"".join(f"--{edge}\r\nContent-Type: {kind}\r\n\r\n".encode() + body + b"\r\n" for kind, body in bodies)
    return whole + f"--{edge}--\r\n".encode()


def within(kind: str, *bodies: tuple[str, bytes], edge: str = "c") -> tuple[str, bytes]:
    """A part that is a body of several parts."""
    return f'multipart/{kind};boundary="{edge}"', parts(*bodies, edge=edge)


BODIES = {
    "beside another": ("mixed", [PLAIN, (TEXT, SDP)]),
    "in a related body": ("related", [(TEXT, SDP), PLAIN]),
    "in a body of its own": ("mixed", [within("mixed", PLAIN, (TEXT, SDP)), PLAIN]),
    "two deep": ("mixed", [PLAIN, within("mixed", within("related", (TEXT, SDP), edge="d"))]),
    "the last of alternatives": ("alternative", [(TEXT, ALIEN), PLAIN, (TEXT, SDP)]),
    "the first of others": ("mixed", [(TEXT, SDP), (TEXT, ALIEN)]),
    "alternatives in a body": ("mixed", [within("alternative", (TEXT, ALIEN), (TEXT, SDP)), (TEXT, ALIEN)]),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_description_is_answered_wherever_it_stands(phone: Phone, peer: Peer, name: str) -> None:
    kind, bodies = BODIES[name]
    _, call = ring(peer, phone, parts(*bodies), f"multipart/{kind}; boundary=b")
    answer(call, 200)
    assert b"PCMA/8000" in phone.take("INVITE", 200).body


@pytest.mark.parametrize("quotes", ["", '"'])
@pytest.mark.parametrize("end", [b"--b--\r\n", b"\r\n--b--\r\n"])
def test_a_last_part_that_no_boundary_ends_ends_with_the_message(
    phone: Phone, peer: Peer, end: bytes, quotes: str
) -> None:
    body = parts(PLAIN, (TEXT, SDP)).removesuffix(end)
    _, call = ring(peer, phone, body, f"multipart/mixed; boundary={quotes}b{quotes}")
    answer(call, 200)
    answered = phone.take("INVITE", 200).body
    assert b"PCMA/8000" in answered and b"PCMU/8000" not in answered, "an offer of our own"


def test_the_description_of_an_early_session_is_not_the_one_that_is_answered(phone: Phone, peer: Peer) -> None:
    """RFC 3959: it stands beside the one of the session, and first."""
    early = (TEXT + "\r\nContent-Disposition: early-session", ALIEN)
    _, call = ring(peer, phone, parts(early, (TEXT, SDP)), "multipart/mixed; boundary=b")
    answer(call, 200)
    answered = phone.take("INVITE", 200).body
    assert b"PCMA/8000" in answered and b"PCMU/8000" not in answered, "an offer of our own"


@pytest.mark.parametrize(
    "body",
    [
        parts(PLAIN), b"--b", b"--b\r\n", b"no edge at all", parts(("multipart/mixed;boundary=c", b"--c")),
        parts(("multipart/mixed", b"")), parts(within("mixed", within("mixed", within("mixed", (TEXT, SDP))))),
        parts(*[PLAIN] * 40, (TEXT, SDP)),
    ],
)  # fmt: skip
def test_what_holds_no_description_that_can_be_found_has_an_answer_and_the_phone_lives(
    phone: Phone, peer: Peer, body: bytes
) -> None:
    head = [("From", "<sip:2001@a>;tag=c"), ("To", "<sip:1502@a>"), ("Call-ID", "odd"), ("CSeq", "1 INVITE")]
    peer.request("INVITE", phone.port, [*head, ("Content-Type", "multipart/mixed; boundary=b")], body)
    phone.until(lambda: peer.poll() or any(each.code >= 180 for each in peer.received))
    peer.received.clear()
    head[2:] = [("Call-ID", "alive"), ("CSeq", "2 OPTIONS")]
    peer.request("OPTIONS", phone.port, head)
    assert phone.take("OPTIONS", 200)
