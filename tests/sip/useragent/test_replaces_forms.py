"""Replaces in the forms that its grammar allows (RFC 3891 section 6.1, RFC 3261 section 25.1)."""

from __future__ import annotations

import pytest

from deskphone.core.events import CallEnded, CallIncoming
from tests.sip.useragent.conftest import Phone, address_of, call_in
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip


@pytest.mark.parametrize(
    "form",
    [
        "{call};to-tag={ours};from-tag={theirs}",
        "{call} ; to-tag={ours} ; from-tag={theirs}",
        "{call}\t;From-Tag = {theirs};x=y;TO-TAG={ours}",
        "{call}\r\n ;to-tag={ours}\r\n\t;from-tag={theirs}",
    ],
)
def test_a_call_is_taken_over_however_it_is_named(phone: Phone, peer: Peer, rtp: Rtp, form: str) -> None:
    dialog = call_in(phone, peer, rtp)
    ours, theirs = dialog.remote.partition("tag=")[2], dialog.local.partition("tag=")[2]
    value = form.format(call=dialog.call_id, ours=ours, theirs=theirs)
    peer.invite(address_of(phone), (("Replaces", value),), sdp(rtp.port))
    assert phone.expect(CallIncoming).replaces == "in-1"
    peer.reply(peer.request("BYE"), 200, "OK")
    phone.expect(CallEnded, call="in-1")
