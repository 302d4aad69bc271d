"""What the core is told of a call that was sent elsewhere."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Dial
from deskphone.core.events import CallEnded
from tests.sip.useragent.conftest import Phone
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip


@pytest.mark.parametrize(
    ("code", "contact", "leads"),
    [
        (302, "<sip:2005@127.0.0.1>", "sip:2005@127.0.0.1"),
        (302, "<mailto:a@b>", ""),
        (380, "<sip:2005@127.0.0.1>", "sip:2005@127.0.0.1"),
        (305, "<sip:127.0.0.1;lr>", ""),
    ],
)
@pytest.mark.parametrize("rang", [False, True])
def test_it_is_told_in_the_servers_words_and_a_proxy_is_no_target(  # noqa: PLR0917
    phone: Phone, peer: Peer, rtp: Rtp, code: int, contact: str, leads: str, rang: bool
) -> None:
    """RFC 3261 section 21.3.4: who answers 305 names a proxy, and not whom to call."""
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    if rang:
        peer.reply(invite, 183, "Progress", (), sdp(rtp.port))
    peer.reply(invite, code, "Somewhere else", (("Contact", contact),))
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.reason, ended.redirect) == (code, "Somewhere else", leads)
