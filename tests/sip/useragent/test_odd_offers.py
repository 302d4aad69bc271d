"""Offers and answers by which no voice can come, who is there by From, and what else is asked in a call."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Answer, Dial, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming, CallMedia, CallRemoteChanged, Party
from tests.sip.useragent.conftest import Phone, address_of, call_in
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
HERE = b"IN IP4 127.0.0.1"
UNFIT = {
    "another family": (HERE, b"IN IP6 ::1", "300"),
    "a name": (HERE, b"IN IP4 media.example.invalid", "301"),
    "no address": (HERE, b"IN IP4 127.0.0.999", "301"),
    "digits alone": (b"AVP 0 101", b"AVP 101", "305"),
    "no codec of ours": (b"AVP 0 101", b"AVP 4 101", "305"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_offer_no_voice_can_come_of_rings_nobody_and_changes_no_call(
    phone: Phone, peer: Peer, rtp: Rtp, name: str
) -> None:
    good, bad, code = UNFIT[name]
    offer = sdp(rtp.port).replace(good, bad)
    peer.invite(address_of(phone), (), offer)
    assert peer.response(488, "INVITE").headers.get("warning").startswith(f"{code} ")
    phone.nothing(CallIncoming, 0.1)
    dialog = call_in(phone, peer, rtp)
    phone.expect(CallMedia)
    for method in ("INVITE", "UPDATE"):
        dialog.branch = peer.send(method, dialog, (), offer)
        refused = peer.response(488, method)
        if method == "INVITE":
            peer.ack(dialog, refused)
    phone.nothing(CallMedia, 0.2)


@pytest.mark.parametrize("name", ["another family", "a name"])
def test_an_answer_no_voice_can_come_of_ends_the_call_as_not_acceptable(
    phone: Phone, peer: Peer, rtp: Rtp, name: str
) -> None:
    good, bad, _ = UNFIT[name]
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port).replace(good, bad))
    peer.reply(peer.request("BYE"), 200)
    assert phone.expect(CallEnded).code == 488


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_who_is_there_by_now_is_told_by_from_where_nothing_better_is(
    phone: Phone, peer: Peer, rtp: Rtp, method: str
) -> None:
    """RFC 4916: a transfer behind a server changes From in the same dialog."""
    dialog = call_in(phone, peer, rtp)
    dialog.local = dialog.local.replace('"Peer" <sip:2001@', '"Olga" <sip:2002@')
    peer.send(method, dialog, (("Supported", "from-change"),), sdp(rtp.port))
    told = peer.response(200, method)
    assert "from-change" in told.headers.get("supported")
    found = phone.expect(CallRemoteChanged).remote
    assert (found.name, found.number) == ("Olga", "2002")
    peer.send("UPDATE", dialog, (("P-Asserted-Identity", "<sip:2003@site>"),))
    assert phone.expect(CallRemoteChanged).remote == Party("2003", "", "sip:2003@site")
    peer.send("UPDATE", dialog)
    peer.response(200, "UPDATE")
    phone.nothing(CallRemoteChanged, 0.2)


def test_a_call_that_requires_what_we_have_rings(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (("Require", "answermode, timer, from-change"),), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished)


def test_an_info_in_a_call_is_answered_by_what_it_brings(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = call_in(phone, peer, rtp)
    for fields, body, kind, code in (
        ((), b"", "", 200), ((("Info-Package", "conference"),), b"", "", 469), ((), b"<x/>", "application/xml", 415),
        ((), b"Signal=5\r\nDuration=100\r\n", "application/dtmf-relay", 200),
    ):  # fmt: skip
        peer.send("INFO", dialog, fields, body, kind)
        peer.response(code, "INFO")


def test_a_call_id_longer_than_we_keep_is_refused_and_the_next_call_rings(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    target = address_of(phone)
    for name in ("x" * 300, "one\r\nCall-ID: two"):
        dialog = Dialog(name, "<sip:2001@site>;tag=them", "<sip:1502@site>", target)
        peer.send("INVITE", dialog, (), sdp(rtp.port))
        peer.response(400, "INVITE")
    phone.nothing(CallIncoming, 0.1)
    call_in(phone, peer, rtp)
