"""A far end that says without end that it rings: told once, and no other call waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable

import deskphone_sipext as sipext
import pytest

from deskphone.core.effects import Dial
from deskphone.core.events import CallEnded, CallProgress
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, wait_for
from tests.sip.useragent.peer import Fields, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
MANY = 400
RELIABLE = (("Require", "100rel"),)
KINDS: dict[str, Callable[[int, Rtp], tuple[int, Fields, bytes, str]]] = {
    "rings": lambda _, __: (180, (), b"", "peer"),
    "trying": lambda _, __: (100, (), b"", ""),
    "forwarded": lambda _, __: (181, (), b"", "peer"),
    "a session": lambda _, rtp: (183, (), sdp(rtp.port), "peer"),
    "another fork each time": lambda number, _: (180, (), b"", f"fork{number}"),
    "reliable, another each time": lambda number, _: (180, (*RELIABLE, ("RSeq", str(number + 1))), b"", "peer"),
}


def flood(peer: Peer, invite: Request, kind: str, rtp: Rtp) -> None:
    """Many provisional answers."""
    for number in range(MANY):
        code, fields, body, tag = KINDS[kind](number, rtp)
        peer.reply(invite, code, "Again", (("Contact", f"<sip:p@{peer.host}:{peer.port}>"), *fields), body, tag=tag)
        if not number % 20:
            time.sleep(0.002)  # the socket holds a few hundred


def rings_beside_it(phone: Phone, peer: Peer, invite: Request) -> None:
    """The other call's 180 is heard; the socket may have been full when it came."""
    for _ in range(20):
        peer.reply(invite, 180, "Ringing")
        try:
            assert phone.expect(CallProgress, 0.5, call="out-2").code == 180
        except AssertionError:
            continue
        return
    raise AssertionError("the other call does not ring")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_again_and_again_is_dropped_beyond_a_rate_and_told_once(
    phone: Phone, peer: Peer, rtp: Rtp, kind: str
) -> None:
    counted: list[int] = []

    def count() -> None:
        counted.append(sipext.counts()["rate"])

    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    flood(peer, invite, kind, rtp)
    phone.do(Dial("out-2", 0, "2002"))
    other = peer.request("INVITE")
    rings_beside_it(phone, peer, other)
    peer.reply(other, 486, "Busy")
    phone.agent._loop.post(count)
    wait_for(lambda: bool(counted), "the count")
    assert counted[0] > MANY // 2, "dropped before they cost anything"
    told = [each for each in phone.events if isinstance(each, CallProgress) and each.call == "out-1"]
    assert len(told) <= 3, f"{len(told)} times told: {told[:4]}"
    peer.reply(invite, 486, "Busy")
    assert phone.expect(CallEnded, call="out-1").code == 486
