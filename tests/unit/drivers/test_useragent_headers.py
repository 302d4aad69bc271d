"""Who the far end is by now, and what else is read in messages as pjsua2 gives them."""

from __future__ import annotations

import pytest

from deskphone.core.events import Party
from deskphone.sip.policy.headers import asserted, focus, retry_after, targets, whole
from deskphone.sip.policy.sender import Sender
from deskphone.wire.message import Headers, Response, parse_headers


@pytest.mark.parametrize(
    ("fields", "party"),
    [
        ('P-Asserted-Identity: "Real" <sip:2@b>', Party("2", "Real", "sip:2@b")),
        ("Remote-Party-ID: R <sip:3@c>;party=called", Party("3", "R", "sip:3@c")),
        ("P-Asserted-Identity: <sip:2@b>\nPrivacy: id", Party(anonymous=True)),
        ('P-Asserted-Identity: "broken', None),
        ("To: <sip:1@a>", None),
    ],
)
def test_only_a_server_may_say_who_the_far_end_is_by_now(fields: str, party: Party | None) -> None:
    """From does not count: in an answer it is our own."""
    found = parse_headers(f"From: <sip:1@a>\n{fields}".encode())
    assert asserted(found, Sender("10.1.1.5:5060", 0)) == party
    assert asserted(found, Sender("10.9.9.9:5060")) is None


def test_seconds_to_wait() -> None:
    assert retry_after(parse_headers(b"Retry-After: 1800;duration=3600")) == 1_800
    assert retry_after(parse_headers(b"Retry-After: 18000")) == 3_600  # nobody sends the phone away for longer
    assert retry_after(parse_headers(b"Retry-After: soon")) == 0
    assert retry_after(parse_headers(b"")) == 0


def test_bytes_that_are_no_utf8_come_back_as_they_were() -> None:
    assert whole(b"J\xfcrgen".decode("utf-8", "surrogateescape")) == b"J\xfcrgen"


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("<sip:room-7@conf.example;gr=2>;isfocus", "sip:room-7@conf.example;gr=2"),
        ('<sip:a@b>, <sip:room@b>;audio;isfocus;methods="INVITE,REFER"', "sip:room@b"),
        ("<sip:isfocus@b>", ""),
        ("<sip:a@b>;ISFOCUS", "sip:a@b"),
        ("*", ""),
        ("<sip:broken", ""),
        ("", ""),
    ],
)
def test_the_conference_is_the_contact_of_its_focus(contact: str, uri: str) -> None:
    assert focus(parse_headers(f"Contact: {contact}".encode() if contact else b"")) == uri


@pytest.mark.parametrize(
    ("low", "high"), [("0.5", ".6"), (".5", "0.7"), ("0.5000", "0.6"), ("0.1", "1."), ("0.9", "2"), ("0", "0.001")]
)
def test_a_redirect_is_followed_by_q_however_it_is_written(low: str, high: str) -> None:
    values = (f"<sip:1@h>;q={low}", f"<sip:2@h>;q={high}")
    assert targets(redirect(302, *values)) == ("sip:2@h", "sip:1@h")


def test_a_proxy_that_a_305_names_is_no_target() -> None:
    assert targets(redirect(305, "<sip:proxy;lr>")) == ()


def redirect(code: int, *contacts: str) -> Response:
    fields = tuple(("contact", value) for value in contacts)
    return Response(code=code, reason="Moved", headers=Headers(fields), body=b"")
