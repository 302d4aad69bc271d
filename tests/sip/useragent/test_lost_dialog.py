"""A dialog that the far end knows no more: the call is over with the right word, and nobody rings on for it."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Dial, Hold
from deskphone.core.events import CallEnded
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, talk_out
from tests.sip.useragent.peer import Fields, Peer, Rtp, sdp

pytestmark = pytest.mark.sip


def lost_while_it_rings(phone: Phone, peer: Peer, body: bytes, code: int) -> tuple[Request, Fields]:
    """A call whose reliable provisional answer is confirmed to nobody; its INVITE, and the far end's Contact."""
    contact = (("Contact", f"<sip:p@{peer.host}:{peer.port}>"),)
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 183, "Progress", (("Require", "100rel"), ("RSeq", "1"), *contact), body)
    peer.reply(peer.request("PRACK"), code, "Gone")
    return invite, contact


@pytest.mark.parametrize("code", [481, 408])
@pytest.mark.parametrize("session", [False, True])
def test_a_prack_to_nobody_ends_the_call_as_gone(phone: Phone, peer: Peer, rtp: Rtp, code: int, session: bool) -> None:
    """Not as one without a common codec; and of a call that other phones ring for, they stop."""
    invite, contact = lost_while_it_rings(phone, peer, sdp(rtp.port) if session else b"", code)
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.by_remote) == (code, True)
    assert peer.request("BYE").headers.get("to").endswith("tag=peer")
    peer.reply(peer.request("CANCEL"), 200, "OK")
    peer.reply(invite, 487, "Request Terminated", contact, tag="fork")
    assert peer.request("ACK").headers.get("to").endswith("tag=fork")


def test_who_answers_such_a_call_is_connected_with_nobody_and_told_so(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    invite, contact = lost_while_it_rings(phone, peer, b"", 481)
    phone.expect(CallEnded)
    peer.reply(peer.request("BYE"), 200, "OK")
    peer.request("CANCEL")
    peer.reply(invite, 200, "OK", contact, sdp(rtp.port), tag="fork")
    assert peer.request("ACK").headers.get("to").endswith("tag=fork")
    bye = peer.request("BYE")
    assert bye.headers.get("to").endswith("tag=fork")
    peer.reply(bye, 200, "OK")


@pytest.mark.parametrize("code", [481, 408])
def test_a_call_that_the_far_end_has_no_more_is_over_as_that(phone: Phone, peer: Peer, rtp: Rtp, code: int) -> None:
    talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    peer.reply(peer.request("INVITE"), code, "Gone")
    assert phone.expect(CallEnded).code == code
    peer.request("BYE")
