"""Whatever address the far end of a call names, what the phone says in the call reaches it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pjsua2 as pj
import pytest

from tests.native.native_peer import Message, Peer
from tests.native.native_phone import SDP, Call, Phone, answer, ring

CONTACTS = ["<sip:p@{a};transport=tcp>", "<sip:p@{a};transport=ws>", "<sips:p@{a}>", "<sip:p@{a};transport=UDP>"]
NONE = ["<tel:2001>", "<urn:service:sos>", ""]


def waiting(take: Callable[[], Any]) -> Any:
    """What waits there, None where nothing does."""
    try:
        return take()
    except BlockingIOError:
        return None


def hang_up(call: Call) -> None:
    """Says goodbye."""
    call.hangup(pj.CallOpParam())


def called(phone: Phone, peer: Peer) -> tuple[Call, Message]:
    """A call of the phone's, and its INVITE."""
    call = Call(phone.account)
    call.makeCall("sip:2001@sips-a.example.com", pj.CallOpParam(True))
    phone.account.calls["out"] = call
    return call, phone.take("INVITE")


def accept(peer: Peer, invite: Message, contact: str) -> None:
    """Answer 200, at this Contact."""
    peer.answer(invite, 200, "OK", [("Contact", contact)] if contact else [], body=SDP)


@pytest.mark.parametrize("contact", CONTACTS + NONE)
def test_an_answer_from_anywhere_is_acknowledged_and_the_call_ended_there(
    phone: Phone, peer: Peer, contact: str
) -> None:
    call, invite = called(phone, peer)
    accept(peer, invite, contact.format(a=f"127.0.0.1:{peer.port}"))
    ack = phone.take("ACK")
    assert ack.first_line.split()[1].startswith("sip:") and "transport=tcp" not in ack.first_line
    hang_up(call)
    assert phone.take("BYE").first_line.split()[1] == ack.first_line.split()[1]


@pytest.mark.parametrize("contact", CONTACTS)
def test_a_caller_who_wants_another_transport_is_told_goodbye_where_he_is(
    phone: Phone, peer: Peer, contact: str
) -> None:
    _, call = ring(peer, phone, SDP, contact=contact.format(a=f"127.0.0.1:{peer.port}"))
    answer(call, 200)
    taken = phone.take("INVITE", 200)
    head = [("From", taken.get("From")), ("To", taken.get("To")), ("Call-ID", "a-call"), ("CSeq", "1 ACK")]
    peer.request("ACK", phone.port, head)
    phone.until(lambda: call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED)
    hang_up(call)
    assert phone.take("BYE").first_line.startswith(f"BYE sip:p@127.0.0.1:{peer.port}")


def test_a_transport_that_is_open_is_used_as_it_is_asked_for(phone: Phone, peer: Peer) -> None:
    phone.listen()
    with socket.create_server(("127.0.0.1", 0)) as door:
        _, invite = called(phone, peer)
        accept(peer, invite, f"<sip:p@127.0.0.1:{door.getsockname()[1]};transport=tcp>")
        door.settimeout(0)
        with phone.until(lambda: waiting(lambda: door.accept()[0])) as stream:
            stream.settimeout(0)
            came = bytearray()
            phone.until(
                lambda: came.extend(waiting(lambda: stream.recv(4096)) or b"") or b"ACK sip:p@127.0.0.1:" in came
            )


def test_where_a_proxy_stays_in_the_way_the_target_is_left_as_it_is(phone: Phone, peer: Peer) -> None:
    call, invite = called(phone, peer)
    way = [("Record-Route", f"<sip:127.0.0.1:{peer.port};lr>"), ("Contact", "<sip:p@192.0.2.9;transport=tcp>")]
    peer.answer(invite, 200, "OK", way, body=SDP)
    ack = phone.take("ACK")
    assert ack.first_line.split()[1] == "sip:p@192.0.2.9;transport=tcp" and ack.get("Route")
    hang_up(call)
    assert phone.take("BYE").get("Route")


WAYS = [
    "<tel:+49301>", "<urn:x:y>", "<http://x/>", "<sip:{a};lr>, <tel:1>", "<tel:1>, <sip:{a};lr>",
    "<sip:{a};transport=tcp;lr>", "<sip:{a};transport=sctp;lr>", "<sips:{a};lr>", "<sip:[::1]:{p};lr>",
    "<sip:192.0.2.9;transport=tcp;lr;r2=on>, <sip:{a};lr;r2=on>",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_way_back_that_this_phone_cannot_go_is_gone_by_the_one_the_answer_came(
    phone: Phone, peer: Peer, way: str
) -> None:
    call, invite = called(phone, peer)
    routes = way.format(a=f"127.0.0.1:{peer.port}", p=peer.port)
    peer.answer(invite, 200, "OK", [("Record-Route", routes), ("Contact", f"<sip:p@127.0.0.1:{peer.port}>")], body=SDP)
    phone.take("ACK")
    hang_up(call)
    assert phone.take("BYE").first_line.split()[1] == f"sip:p@127.0.0.1:{peer.port}"


@pytest.mark.parametrize("way", WAYS[:5])
def test_a_caller_behind_no_sip_address_is_told_goodbye_as_well(phone: Phone, peer: Peer, way: str) -> None:
    routes = way.format(a=f"127.0.0.1:{peer.port}")
    _, call = ring(peer, phone, SDP, more=[("Record-Route", routes)])
    answer(call, 200)
    taken = phone.take("INVITE", 200)
    head = [("From", taken.get("From")), ("To", taken.get("To")), ("Call-ID", "a-call"), ("CSeq", "1 ACK")]
    peer.request("ACK", phone.port, head)
    phone.until(lambda: call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED)
    hang_up(call)
    assert phone.take("BYE")


@pytest.mark.parametrize(("timers", "least"), [(True, ""), (False, "3600"), (False, "")])
def test_an_interval_too_small_that_leaves_nothing_to_ask_for_is_a_refusal_like_any_other(
    bare_phone: Phone, peer: Peer, timers: bool, least: str
) -> None:
    """RFC 4028 section 7.4: the answer names no interval, or we named none. A later offer of that call goes out."""
    phone = bare_phone
    phone.start(timers=timers)
    call, invite = called(phone, peer)
    here = [("Contact", f"<sip:p@127.0.0.1:{peer.port}>")]
    peer.answer(invite, 200, "OK", here, body=SDP)
    phone.take("ACK")
    phone.until(lambda: call.getInfo().state == pj.PJSIP_INV_STATE_CONFIRMED)
    for _ in range(2):
        call.reinvite(pj.CallOpParam(True))
        offer = phone.take("INVITE")
        assert bool(offer.get("Session-Expires")) is timers
        peer.answer(offer, 422, "Session Interval Too Small", [("Min-SE", least)] if least else [])
        phone.take("ACK")
    call.reinvite(pj.CallOpParam(True))
    peer.answer(phone.take("INVITE"), 200, "OK", here, body=SDP)
    phone.take("ACK")
    hang_up(call)
    assert phone.take("BYE")
