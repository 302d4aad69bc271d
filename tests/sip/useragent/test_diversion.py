"""Diversion (RFC 5806): read of a call that somebody sent on to us, written where we send one on."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Reject, Ring
from deskphone.core.events import CallEnded, CallIncoming, Party
from tests.sip.useragent.conftest import Phone, address_of
from tests.sip.useragent.peer import Fields, Peer, Rtp, sdp

pytestmark = pytest.mark.sip


@pytest.mark.parametrize("reason", ["unconditional", "user-busy", "no-answer", "deflection", ""])
def test_our_302_says_who_sends_on_and_why_where_it_is_to_say_so(
    phone: Phone, peer: Peer, rtp: Rtp, reason: str
) -> None:
    before: Fields = (("Diversion", "<sip:2002@site>;reason=no-answer"),)
    dialog = peer.invite(address_of(phone), before, sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), Reject("in-1", 302, "2424", reason))
    moved = peer.response(302)
    ours = (f"<sip:1502@127.0.0.1:{peer.port}>;reason={reason};counter=1",) if reason else ()
    assert moved.headers.every("diversion") == ours
    assert moved.headers.every("contact") == (f"<sip:2424@127.0.0.1:{peer.port}>",)
    peer.ack(dialog, moved)
    assert phone.expect(CallEnded).code == 302


@pytest.mark.parametrize(
    ("fields", "by"),
    [
        ((("Diversion", '"Anna" <sip:2002@site>;reason=user-busy;counter=1'),), Party("2002", "Anna", "sip:2002@site")),
        ((("Diversion", "<sip:2003@site>"), ("Diversion", "<sip:2002@site>")), Party("2003", "", "sip:2003@site")),
        ((("Diversion", "<sip:2002@site>;privacy=full"),), Party(anonymous=True)),
        ((("History-Info", "<sip:2002@site>;index=1, <sip:1502@site>;index=1.1"),), Party("2002", "", "sip:2002@site")),
        ((("History-Info", "<sip:1502@site>;index=1"),), Party()),
        ((("Diversion", "????"),), Party()),
        ((), Party()),
    ],
)
def test_who_sent_a_call_on_is_told(phone: Phone, peer: Peer, rtp: Rtp, fields: Fields, by: Party) -> None:
    dialog = peer.invite(address_of(phone), fields, sdp(rtp.port))
    incoming = phone.expect(CallIncoming)
    assert incoming.diverted == by
    phone.do(Reject(incoming.call, 486))
    peer.ack(dialog, peer.response(486))
