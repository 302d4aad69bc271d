"""No voice goes to a group or to everybody, whatever an answer says."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Dial
from deskphone.core.events import CallEnded, CallMedia, CallProgress
from tests.sip.useragent.conftest import Phone
from tests.sip.useragent.peer import Peer, Rtp, sdp

pytestmark = pytest.mark.sip
GROUPS = ["239.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255"]


@pytest.mark.parametrize("group", GROUPS)
def test_an_answer_that_names_a_group_is_not_talked_to_before_it_is_refused(
    phone: Phone, peer: Peer, rtp: Rtp, group: str
) -> None:
    """The voice would go there from the 183 on, and in the moment between the 200 and our BYE."""
    answer = sdp(rtp.port, host=group)
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 183, "Session Progress", (), answer)
    phone.expect(CallProgress, code=183)
    peer.reply(invite, 200, "OK", (), answer)
    peer.request("ACK")
    peer.reply(peer.request("BYE"), 200, "OK")
    phone.expect(CallEnded, call="out-1")
    assert not [each for each in phone.events if isinstance(each, CallMedia) and each.codec]
