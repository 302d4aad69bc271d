"""A response to a request that was read only in part, byte for byte, and where it goes (RFC 3261 18.2.2, RFC 3581)."""

from __future__ import annotations

import hashlib

import pytest

from deskphone.wire.mending import Answer, Drop, too_large
from deskphone.wire.refusal import Source, refusal

SOURCE = Source("192.0.2.7", 5099)
FIELDS = [
    ("via", b"SIP/2.0/UDP a:5070;branch=z9hG4bK1"),
    ("from", b"<sip:a@b>;tag=1"),
    ("to", b"<sip:c@d>;tag=2"),
    ("call-id", b"x"),
    ("cseq", b"1 INVITE"),
    ("subject", b"no matter"),
]
REST = b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"


def with_via(*vias: bytes) -> list[tuple[str, bytes]]:
    return [*(("via", each) for each in vias), *FIELDS[1:]]


def test_what_identifies_the_request_is_given_back_and_nothing_else() -> None:
    assert refusal(FIELDS, SOURCE, 400, "Bad Request") == (
        b"SIP/2.0 400 Bad Request\r\nVia: SIP/2.0/UDP a:5070;branch=z9hG4bK1;received=192.0.2.7\r\n" + REST, 5070
    )  # fmt: skip
    named = refusal(FIELDS, SOURCE, 488, "Nö", "deskphone\r\n1")
    assert named is not None
    assert named[0].startswith(b"SIP/2.0 488 N?\r\n")
    assert named[0].endswith(b"\r\nServer: deskphone  1\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("via", "answered", "port"),
    [
        (b"SIP/2.0/UDP a", b"SIP/2.0/UDP a;received=192.0.2.7", 5060),
        (b"SIP/2.0/UDP a:1", b"SIP/2.0/UDP a:1;received=192.0.2.7", 1),
        (b"SIP/2.0/UDP a:65535", b"SIP/2.0/UDP a:65535;received=192.0.2.7", 65_535),
        (b"SIP/2.0/UDP a:65536", b"SIP/2.0/UDP a:65536;received=192.0.2.7", 5060),
        (b"SIP/2.0/UDP a:0", b"SIP/2.0/UDP a:0;received=192.0.2.7", 5060),
        (b"SIP/2.0/UDP [::1] : 5070 ;x", b"SIP/2.0/UDP [::1] : 5070 ;x;received=192.0.2.7", 5070),
        (b"SIP/2.0/UDP a:5070;rport;x", b"SIP/2.0/UDP a:5070;rport=5099;x;received=192.0.2.7", 5099),
        (b"SIP/2.0/UDP a; RPORT = 7", b"SIP/2.0/UDP a;rport=5099;received=192.0.2.7", 5099),
        (b"SIP/2.0/UDP a;Received = b;x", b"SIP/2.0/UDP a;x;received=192.0.2.7", 5060),
        (b"SIP/2.0/UDP a,SIP/2.0/UDP b", b"SIP/2.0/UDP a;received=192.0.2.7,SIP/2.0/UDP b", 5060),
    ],
)
def test_it_goes_where_the_topmost_via_says_and_says_whence_the_request_came(
    via: bytes, answered: bytes, port: int
) -> None:
    assert refusal(with_via(via), SOURCE, 400, "Bad Request") == (
        b"SIP/2.0 400 Bad Request\r\nVia: " + answered + b"\r\n" + REST, port
    )  # fmt: skip


def test_the_vias_below_stay_in_their_order() -> None:
    found = refusal(with_via(b"SIP/2.0/UDP a", b"SIP/2.0/UDP b\x00", b"SIP/2.0/UDP c"), SOURCE, 400, "Bad Request")
    assert found is not None
    assert b"Via: SIP/2.0/UDP a;received=192.0.2.7\r\nVia: SIP/2.0/UDP b \r\nVia: SIP/2.0/UDP c\r\n" in found[0]


def test_nobody_answers_where_there_is_no_via_or_another_address_is_asked_for() -> None:
    assert refusal(FIELDS[1:], SOURCE, 400, "Bad Request") is None
    assert refusal(with_via(b"SIP/2.0/UDP a; Maddr = 224.0.0.1"), SOURCE, 400, "Bad Request") is None


def test_a_to_without_a_tag_gets_one_that_is_the_same_next_time() -> None:
    via, to = b"SIP/2.0/UDP a;branch=1", b"<sip:c@d>"
    fields = [("via", via), ("to", to)]
    tag = hashlib.sha256(via + to).hexdigest()[:16].encode()
    found = refusal(fields, SOURCE, 400, "Bad Request")
    assert found is not None
    assert b"\r\nTo: <sip:c@d>;tag=" + tag + b"\r\nContent-Length: 0\r\n" in found[0]
    assert b"From" not in found[0]
    kept = refusal([("via", via), ("to", b"<sip:c@d>; TAG =x")], SOURCE, 400, "Bad Request")
    assert kept is not None and b"\r\nTo: <sip:c@d>; TAG =x\r\n" in kept[0]


def test_what_could_end_a_line_is_a_blank_and_a_value_ends_after_2048_bytes() -> None:
    fields = [("via", b"SIP/2.0/UDP a"), ("call-id", b"a\r\n\x07\x7f\tb" + b"c" * 3_000)]
    found = refusal(fields, SOURCE, 400, "Bad Request")
    assert found is not None
    assert b"\r\nCall-ID: a    \tb" + b"c" * 2_041 + b"\r\n" in found[0]


HEAD = (
    b"NOTIFY sip:1502@phone SIP/2.0\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1\r\n"
    b"From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\n"
)


def test_of_what_is_too_large_the_first_part_is_refused() -> None:
    whole = too_large(HEAD + b"Call-ID: x\r\nCSeq: 1 INVITE\r\nContent-Length: 65536\r\n\r\nx", SOURCE)
    assert isinstance(whole, Answer)
    assert whole.raw == (
        b"SIP/2.0 513 Message Too Large\r\nVia: SIP/2.0/TCP a;branch=z9hG4bK1;received=192.0.2.7\r\n" + REST
    )
    assert isinstance(too_large(b"\r\n" + HEAD + b"X: " + b"a" * 9_000, SOURCE), Answer)


@pytest.mark.parametrize(
    "raw",
    [HEAD.replace(b"NOTIFY", b"ACK"), b"SIP/2.0 200 OK\r\nVia: x\r\n", b"a" * 9_000, b"", HEAD.replace(b"Via", b"X")],
)
def test_nothing_is_said_to_what_takes_no_answer(raw: bytes) -> None:
    assert too_large(raw, SOURCE) == Drop(("size",))
