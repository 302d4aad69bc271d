"""Lifetimes of bindings, and pauses before a connection is made anew."""

from __future__ import annotations

import pytest

from deskphone.sip.policy.bindings import LONGEST, lifetime, pause_before_reconnect
from deskphone.wire.message import Response, parse_response


def answer(*lines: str, code: int = 200, method: str = "REGISTER") -> Response:
    via = "Via: SIP/2.0/UDP 10.1.1.20:5060;branch=z9hG4bK1;rport=41000;received=192.0.2.7"
    sides = ("From: <sip:1502@site>;tag=us", "To: <sip:1502@site>;tag=them")
    head = (f"SIP/2.0 {code} So", via, *sides, "Call-ID: c", f"CSeq: 1 {method}")
    text = "\r\n".join((*head, *lines, "Content-Length: 0", "", ""))
    return parse_response(text.encode())


OURS = "<sip:1502@10.1.1.20:5060>"
NATTED = "<sip:1502@192.0.2.7:41000>"
OTHER = "<sip:1502@10.1.1.99:5060>"


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ((f"Contact: {OURS};expires=120, {OTHER};expires=8",), 120),
        ((f"Contact: {OURS}, {OTHER};expires=8",), 3600),
        (("Contact: <sip:token-1@10.1.1.20:5060>;expires=8", f"Contact: {OTHER};expires=3500"), 8),  # another user
        (("Contact: <sip:token@10.9.9.9;mark=m1>;expires=8", f"Contact: {OTHER};expires=3500"), 8),  # another address
        (("Contact: <sip:1502@10.9.9.9;mark=m2>;expires=8", f"Contact: {OURS};expires=90"), 90),  # an older start's
        ((f"Contact: {OURS[:-1]};mark=m1>;expires=70", "Contact: <sip:1502@10.1.1.1;mark=m1>;expires=8"), 70),
        (("Contact: <sip:other@10.9.9.9>;expires=8", f"Contact: {OTHER};expires=3500"), 8),  # no user kept at all
        ((f"Contact: {NATTED};expires=8", 'Contact: "x <sip:1502@10.1.1.99>;expires=3500'), 8),
        ((f'm: {NATTED};expires="8"',), 8),
        ((f"Contact: sip:1502@10.1.1.99;expires=8, {OTHER};Expires=3500",), 8),
        ((f"Contact: {NATTED};expires=8", f"Contact: {OTHER};expires=3500"), 8),
        ((f"Contact: {OTHER};expires=3500, {NATTED};expires=8",), 8),
        ((f"Contact: {NATTED}", "Expires: 90"), 90),
        ((f"Contact: {NATTED};expires=0, {OTHER};expires=40",), 40),
        (("Contact: <sip:anonymous@10.0.0.1>;expires=7",), 7),  # whoever that is, it may be ours
        (("Contact: <sip:1503@10.0.0.1>;expires=7", f"Contact: {NATTED};expires=70"), 70),
        (("Contact: <sip:1502@broken;expires=",), 3600),
        (("Expires: 90",), 3600),
        ((f"Contact: {NATTED};expires=soon",), 3600),
        ((f"Contact: {NATTED};expires=1215752191",), 86_400),
        ((f"Contact: {OURS};expires=0",), 0),  # it says that it is not kept
        ((f"Contact: {OURS[:-1]};mark=m1>;expires=0", f"Contact: {OTHER};expires=3500"), 0),
        (("Contact: <sip:1502@10.1.1.1;mark=m1>;expires=0", f"Contact: {NATTED};expires=90"), 90),  # the one of before
    ],
)
def test_the_shortest_lifetime_that_can_be_ours_counts(lines: tuple[str, ...], seconds: int) -> None:
    assert lifetime(answer(*lines), "m1", 3600) == seconds


def test_pauses_grow_and_are_spread() -> None:
    """RFC 5626 section 4.5: base times two to the failures, at random above its half, with an end to it."""
    assert 0.1 <= pause_before_reconnect(0, 0.0) <= pause_before_reconnect(0, 1.0) <= 1.0
    for number in range(1, 40):
        low, high = pause_before_reconnect(number, 0.0), pause_before_reconnect(number, 1.0)
        assert high == min(LONGEST, 2.0**number)
        assert low == high / 2
