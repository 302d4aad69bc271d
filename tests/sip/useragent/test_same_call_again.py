"""Calls under one Call-ID: tried again after their end, come twice by two paths, or two at once with their own tags."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from deskphone.core.effects import Answer, Hangup, Register, Reject, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming, CallNotified, Registered
from tests.sip.useragent.conftest import Phone, account_at, address_of, call_in, settings_for
from tests.sip.useragent.peer import Dialog, Fields, Peer, Rtp, learn, sdp

pytestmark = pytest.mark.sip
TALK: Fields = (("Event", "talk"),)


def given_up(phone: Phone, peer: Peer, dialog: Dialog) -> None:
    """The caller cancels."""
    phone.do(Ring("in-1"))
    peer.response(180)
    peer.send("CANCEL", dialog, cseq=dialog.cseq, branch=dialog.branch)
    peer.response(200, "CANCEL")
    peer.ack(replace(dialog), peer.response(487))


def refused(phone: Phone, peer: Peer, dialog: Dialog) -> None:
    """The person refuses."""
    phone.do(Ring("in-1"), Reject("in-1", 486))
    peer.response(180)
    peer.ack(replace(dialog), peer.response(486))


def refused_and_not_acknowledged(phone: Phone, peer: Peer, dialog: Dialog) -> None:
    """The person refuses, and the ACK is lost."""
    phone.do(Ring("in-1"), Reject("in-1", 486))
    peer.response(180)
    peer.response(486)


def ended(phone: Phone, peer: Peer, dialog: Dialog) -> None:
    """The person answers and hangs up."""
    phone.do(Answer("in-1"))
    peer.ack(replace(dialog), peer.response(200, "INVITE"))
    phone.expect(CallEstablished)
    phone.do(Hangup("in-1"))
    peer.reply(peer.request("BYE"), 200, "OK")


@pytest.mark.parametrize("over", [given_up, refused, refused_and_not_acknowledged, ended])
def test_a_call_that_is_over_may_come_again_and_is_obeyed(
    phone: Phone, peer: Peer, rtp: Rtp, over: Callable[[Phone, Peer, Dialog], None]
) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    over(phone, peer, dialog)
    phone.expect(CallEnded)
    peer.send("INVITE", dialog, (), sdp(rtp.port), cseq=dialog.cseq)
    assert phone.expect(CallIncoming).call == "in-2"
    phone.do(Ring("in-2"))
    learn(dialog, peer.response(180))
    peer.send("NOTIFY", dialog, TALK)
    peer.response(200, "NOTIFY")
    assert phone.expect(CallNotified).call == "in-2"


@pytest.mark.parametrize("answered", [False, True], ids=["ringing", "talking"])
def test_a_call_that_comes_by_two_paths_rings_once(phone: Phone, peer: Peer, rtp: Rtp, answered: bool) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    first = replace(dialog)
    if answered:
        phone.do(Answer("in-1"))
        peer.ack(first, peer.response(200, "INVITE"))
        phone.expect(CallEstablished)
    peer.send("INVITE", dialog, (), sdp(rtp.port), cseq=dialog.cseq)
    peer.response(482, "INVITE")
    phone.nothing(CallIncoming)
    phone.nothing(CallEnded, 0)


def test_two_calls_may_share_a_call_id_and_are_told_apart_by_their_tags(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    one = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    two = replace(one, local=one.local + "other")
    learn(one, peer.response(180))
    two.branch = peer.send("INVITE", two, (), sdp(rtp.port), cseq=two.cseq)
    phone.expect(CallIncoming, call="in-2")
    phone.do(Ring("in-2"))
    learn(two, peer.response(180))
    for dialog, call in ((one, "in-1"), (two, "in-2"), (one, "in-1")):
        peer.send("NOTIFY", dialog, TALK)
        peer.response(200, "NOTIFY")
        assert phone.expect(CallNotified).call == call
    peer.send("CANCEL", replace(two, remote=f"<{two.target}>"), cseq=0, branch=two.branch)
    phone.expect(CallEnded, call="in-2")
    peer.send("NOTIFY", one, TALK)
    peer.response(200, "NOTIFY")
    peer.send("NOTIFY", two, TALK)
    peer.response(481, "NOTIFY")


def test_the_same_call_at_the_contact_of_before_a_power_cut_is_not_left_without_an_answer(
    phone: Phone, peer: Peer, rtp: Rtp
) -> None:
    """A registrar that still has the binding of then forks to both; for a silent branch it would wait 32 s."""
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    old = replace(dialog, target=address_of(phone)[:-16] + "0123456789abcdef")
    peer.send("INVITE", old, (), sdp(rtp.port), cseq=dialog.cseq)
    peer.response(482, "INVITE")
    phone.nothing(CallIncoming)


def number_in_pjsip(phone: Phone, name: str) -> int:
    return phone.agent._calls.legs[name].getId()  # type: ignore[no-any-return]


def test_the_end_of_a_farewell_is_not_that_of_the_call_that_has_the_number_now(
    make_phone: Callable[..., Phone], peer: Peer, rtp: Rtp
) -> None:
    """pjsip gives a number out again when the BYE is answered; its transaction goes T4 later (RFC 3261, 17.1.2.2)."""
    t4 = 2.0
    phone = make_phone(settings_for(sip={"t4": int(t4 * 1000)}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    call_in(phone, peer, rtp)
    number = number_in_pjsip(phone, "in-1")
    phone.do(Hangup("in-1"))
    peer.reply(peer.request("BYE"), 200, "OK")
    gone = time.monotonic() + t4
    phone.expect(CallEnded, call="in-1")
    for place in range(2, 17):
        dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
        phone.expect(CallIncoming, call=f"in-{place}")
        phone.do(Reject(f"in-{place}", 486))
        peer.ack(dialog, peer.response(486))
        phone.expect(CallEnded, call=f"in-{place}")
    call_in(phone, peer, rtp)
    assert number_in_pjsip(phone, "in-17") == number
    phone.nothing(CallEnded, max(0.0, gone - time.monotonic()) + 0.5)
