"""A refresh of the session (RFC 4028) that the far end refuses: it goes again, for without it the call ends in time.

pjsip sends refreshes by itself after 45 seconds at least; here the test does, by pjsip's own calls.
"""

from __future__ import annotations

import pytest

from deskphone.core.effects import Hangup
from deskphone.core.events import CallEnded, HoldFailed
from deskphone.sip.stack.holding import one_audio_stream
from tests.sip.useragent.conftest import Phone, talk_out
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip


def refresh(phone: Phone, method: str) -> None:
    """As pjsip's session timer does it."""
    leg = phone.agent._calls.legs["out-1"]
    ask = leg.reinvite if method == "INVITE" else leg.update
    phone.agent._loop.post(lambda: ask(one_audio_stream()))


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
@pytest.mark.parametrize("code", [491, 500])
def test_a_refused_refresh_goes_again(phone: Phone, peer: Peer, rtp: Rtp, method: str, code: int) -> None:
    talk_out(phone, peer, rtp)
    refresh(phone, method)
    peer.reply(peer.request(method), code)
    again = peer.request("INVITE", within=6.0)  # RFC 3261 section 14.1: 2.1 to 4 s
    assert again.headers.get("session-expires")
    peer.reply(again, 200, "OK", (), sdp(rtp.port))
    peer.request("ACK")
    peer.nothing("INVITE", 0.5)
    phone.nothing(HoldFailed, 0.1)
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("BYE"), 200)
    phone.expect(CallEnded)
