"""Session intervals that are too short for one proxy after the other (RFC 4028 section 7.3)."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Dial
from deskphone.core.events import CallEnded, CallEstablished
from tests.sip.useragent.conftest import Phone
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip


@pytest.mark.parametrize("wanted", [(2000,), (2000, 2600), (1900, 2000, 7200)])
def test_a_call_is_asked_for_with_the_longest_that_was_wanted(
    phone: Phone, peer: Peer, rtp: Rtp, wanted: tuple[int, ...]
) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    for least in wanted:
        peer.reply(invite, 422, "Session Interval Too Small", (("Min-SE", str(least)),))
        invite = peer.request("INVITE")
        assert (invite.headers.get("min-se"), invite.headers.get("session-expires")) == (str(least), str(least))
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    phone.expect(CallEstablished)


@pytest.mark.parametrize("growth", [0, 100])
def test_an_interval_that_is_never_long_enough_ends_the_call(phone: Phone, peer: Peer, growth: int) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    least = 2000
    for _ in range(10):
        try:
            invite = peer.request("INVITE", within=1.0)
        except AssertionError:
            break
        peer.reply(invite, 422, "Session Interval Too Small", (("Min-SE", str(least)),))
        least += growth
    assert phone.expect(CallEnded).code == 422
