"""An INVITE that says how long it is good for (RFC 3261 section 13.3.1)."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Answer, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming
from tests.sip.useragent.conftest import Phone, address_of
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip


def test_an_invitation_that_has_expired_rings_no_more(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """RFC 3261 section 13.3.1: 487, although nobody gave it up."""
    peer.invite(address_of(phone), (("Expires", "1"),), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    peer.response(180)
    peer.response(487)
    assert phone.expect(CallEnded).code == 487


@pytest.mark.parametrize("expires", ["1", "0", "-1", "soon"])
def test_one_that_was_answered_or_says_nonsense_does_not_expire(
    phone: Phone, peer: Peer, rtp: Rtp, expires: str
) -> None:
    dialog = peer.invite(address_of(phone), (("Expires", expires),), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), *[Answer("in-1")] * (expires == "1"))
    peer.response(180)
    if expires == "1":
        peer.ack(dialog, peer.response(200))
        phone.expect(CallEstablished)
    phone.nothing(CallEnded, 1.5)
