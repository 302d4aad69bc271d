"""Who calls, read from header fields as servers really send them."""

from __future__ import annotations

import pytest

from deskphone.core.events import Party
from deskphone.drivers.useragent.headers import answered_elsewhere, asserted, caller, retry_after, whole
from deskphone.wire.message import parse_headers


@pytest.mark.parametrize(
    ("fields", "party"),
    [
        ("From: <sip:2001@site>;tag=1", Party("2001", "", "sip:2001@site")),
        ('From: "Anna Berg" <sip:2001@site:5080;user=phone>;tag=1', Party("2001", "Anna Berg", "sip:2001@site:5080")),
        ('From: "2001" <sip:2001@site>', Party("2001", "", "sip:2001@site")),
        ('f: "x" <sip:1@a>\nP-Asserted-Identity: "Real" <sip:2@b>', Party("2", "Real", "sip:2@b")),
        ("From: <sip:1@a>\nP-Asserted-Identity: <tel:+49-30-1>, <sip:2@b>", Party("2", "", "sip:2@b")),
        ("From: <sip:1@a>\nP-Asserted-Identity: <tel:+49-30-1>", Party("+49301", "", "tel:+49-30-1")),
        ("From: <sip:1@a>\nRemote-Party-ID: R <sip:3@c>;party=calling", Party("3", "R", "sip:3@c")),
        ("From: <sip:1@a>\nRemote-Party-ID: R <sip:3@c>;privacy=full", Party(anonymous=True)),
        ("From: <sip:1@a>\nP-Asserted-Identity: <sip:2@b>\nPrivacy: id;critical", Party(anonymous=True)),
        ("From: <sip:1@a>\nPrivacy: none", Party("1", "", "sip:1@a")),
        ('From: "Anonymous" <sip:anonymous@anonymous.invalid>', Party(anonymous=True)),
        ("From: garbage", Party(anonymous=True)),
        ('From: <sip:1@a>\nP-Asserted-Identity: "broken', Party("1", "", "sip:1@a")),
        ("From: J\xfcrgen <sip:1@a>", Party("1", "J\xfcrgen", "sip:1@a")),
    ],
)
def test_the_caller_is_the_best_identity_there_is(fields: str, party: Party) -> None:
    assert caller(parse_headers(fields.encode())) == party
    assert caller(parse_headers(fields.encode("iso-8859-1"))) == party


def test_no_assertion_is_no_new_party() -> None:
    assert asserted(parse_headers(b"From: <sip:1@a>")) is None


def test_a_reason_of_200_means_another_phone_answered() -> None:
    assert answered_elsewhere(parse_headers(b'Reason: Q.850;cause=16, SIP ;cause=200;text="elsewhere"'))
    assert not answered_elsewhere(parse_headers(b"Reason: SIP;cause=487"))
    assert not answered_elsewhere(parse_headers(b'Reason: "broken'))


def test_seconds_to_wait() -> None:
    assert retry_after(parse_headers(b"Retry-After: 18000;duration=3600")) == 18_000
    assert retry_after(parse_headers(b"Retry-After: soon")) == 0
    assert retry_after(parse_headers(b"")) == 0


def test_bytes_that_are_no_utf8_come_back_as_they_were() -> None:
    assert whole(b"J\xfcrgen".decode("utf-8", "surrogateescape")) == b"J\xfcrgen"
