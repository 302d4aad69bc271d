"""Where a redirect leads, at the running phone (RFC 3261 sections 8.1.3.4 and 19.1.5)."""

from __future__ import annotations

import pytest

from deskphone.wire.message import Request
from tests.sip.conformance.conftest import Wire
from tests.sip.useragent.peer import sdp

pytestmark = pytest.mark.sip

CASES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "by q, over several headers": (
        ('"Doe, J; x" <sip:2002@{p}>;q=0.1, <sip:2003@{p}>;q=.7', "<sip:2004@{p}>"), ("2004", "2003", "2002"),
    ),
    "without brackets": (("sip:2002@{p};q=0.2, sip:2003@{p};q=0.4",), ("2003", "2002")),
    "one that needs a transport that is not there": (("<sips:2002@{p}>", "<sip:2003@{p}>"), ("2003",)),
    "a header whose quotes do not end": (('"x <sip:2002@{p}>', "<sip:2003@{p}>"), ("2002", "2003")),
    "another method, another world": (
        ("<sip:2002@{p};method=BYE>", "<mailto:a@b>", "<tel:+4930>, <sip:2003@{p}>"), ("+4930", "2003"),
    ),
    "the same one written otherwise": (("<sip:%32002@{p}>, <sip:2002@{p}>", "<sip:2003@{p}>"), ("2002", "2003")),
    "headers hidden in it": (
        ("<sip:2002@{p}?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2&X-Bad=1&Route=%3Csip%3A10.0.0.1%3Blr%3E>",), ("2002",),
    ),
}  # fmt: skip


def user(request: Request) -> str:
    return request.uri.partition(":")[2].partition("@")[0].partition(";")[0]


def goes_out(wire: Wire) -> Request | None:
    try:
        return wire.peer.request("INVITE", 1.0)
    except AssertionError:
        return None


def test_each_target_is_tried_once_and_brings_no_header_with_it(wire: Wire) -> None:
    wire.power_on()
    place = f"127.0.0.1:{wire.peer.port}"
    for what, (contacts, expected) in CASES.items():
        wire.phone.dial("2001")
        moved = tuple(("Contact", each.format(p=place)) for each in contacts)
        wire.peer.reply(wire.peer.request("INVITE"), 302, "Moved Temporarily", moved)
        went = []
        for _ in expected:
            went.append(wire.peer.request("INVITE"))
            wire.peer.reply(went[-1], 486, "Busy Here")
        assert tuple(map(user, went)) == expected, what
        assert not [each for each in went if each.headers.get("replaces") or each.headers.get("x-bad")], what
        assert all(len(each.headers.every("route")) == 1 for each in went), what  # our own proxy
        wire.phone.shows("Busy")
        wire.phone.press("cancel")
        wire.phone.idle()


def test_redirects_that_go_round_end(wire: Wire) -> None:
    wire.power_on()
    wire.phone.dial("2001")
    went = []
    while (invite := goes_out(wire)) is not None:
        went.append(user(invite))
        following = "2002" if went[-1] == "2001" else "2001"
        contact = ("Contact", f"<sip:{following}@127.0.0.1:{wire.peer.port}>")
        wire.peer.reply(invite, 302, "Moved Temporarily", (contact,))
    assert went == ["2001", "2002", "2001"]  # the number that was typed is no URI yet
    wire.phone.shows("302")
    wire.phone.idle()


def test_a_redirect_of_a_running_call_refuses_what_was_asked(wire: Wire) -> None:
    wire.power_on()
    wire.talk()
    wire.phone.press("hold")
    contact = ("Contact", f"<sip:2009@127.0.0.1:{wire.peer.port}>")
    wire.peer.reply(wire.peer.request("INVITE"), 302, "Moved Temporarily", (contact,))
    wire.phone.shows("Hold refused")
    wire.peer.nothing("INVITE")
    wire.phone.in_call()


def test_a_far_end_that_demands_feedback_is_asked_again_so_that_it_can_answer(wire: Wire) -> None:
    """RFC 4585: what we offer first is RTP/AVP."""
    wire.power_on()
    wire.phone.dial("2001")
    wire.peer.reply(wire.peer.request("INVITE"), 488, "Not Acceptable Here")
    again = wire.peer.request("INVITE")
    assert user(again) == "2001"
    assert b" RTP/AVPF " in again.body
    wire.peer.reply(again, 200, "OK", (), sdp(wire.rtp.port).replace(b"RTP/AVP", b"RTP/AVPF"))
    wire.peer.request("ACK")
    wire.phone.in_call()
