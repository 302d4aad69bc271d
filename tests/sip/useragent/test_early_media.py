"""What is heard before the answer: the far end while its packets come, else our own ringing tone (RFC 3960)."""

from __future__ import annotations

import time

import pytest

from deskphone.core.effects import Dial, Hangup
from deskphone.core.events import CallEnded, CallProgress
from deskphone.sip.stack import early
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, wait_for
from tests.sip.useragent.peer import Fields, Peer, Rtp, audio_of, sdp

pytestmark = pytest.mark.sip
PORT = 40_000
SESSION = sdp(PORT)
MULTIPART = (("Content-Type", "multipart/mixed;boundary=x"),)
TEXT = (("Content-Type", "text/plain"),)

NEVER_HEARD: dict[str, tuple[Fields, bytes]] = {
    "inactive": ((), sdp(PORT, "inactive")),
    "receives only": ((), sdp(PORT, "recvonly")),
    "receives only, by the session": ((), SESSION.replace(b"t=0 0\r\n", b"t=0 0\r\na=recvonly\r\n")),
    "no voice": ((), sdp(0)),
    "no session": (TEXT, b"please wait"),
    "video alone": ((), SESSION.replace(b"m=audio", b"m=video")),
    "none in several parts": (MULTIPART, b"--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"),
}


class Ringing:
    """Calls out that are not answered, one after the other; `heard` is the phone's word on early media."""

    def __init__(self, phone: Phone, peer: Peer) -> None:
        self.phone, self.peer, self.number = phone, peer, 0
        self.invite: Request

    def begin(self) -> None:
        self.number += 1
        self.phone.do(Dial(f"out-{self.number}", 0, "2001"))
        self.invite = self.peer.request("INVITE")

    def says(self, code: int, body: bytes = b"", fields: Fields = (), tag: str = "peer") -> bool:
        self.peer.reply(self.invite, code, "Progress", fields, body, tag=tag)
        return self.phone.expect(CallProgress, call=f"out-{self.number}", code=code).early_media

    def talks(self, rtp: Rtp) -> None:
        for number in range(4):
            rtp.send(audio_of(self.invite), 0, bytes(160), number, 160 * number)

    def end(self) -> None:
        self.phone.do(Hangup(f"out-{self.number}"))
        self.peer.reply(self.peer.request("CANCEL"), 200, "OK")
        self.peer.reply(self.invite, 487, "Request Terminated")
        self.phone.expect(CallEnded, call=f"out-{self.number}")


@pytest.fixture
def ringing(phone: Phone, peer: Peer) -> Ringing:
    return Ringing(phone, peer)


def test_a_description_by_which_no_voice_can_come_is_none(ringing: Ringing) -> None:
    for what, (fields, body) in NEVER_HEARD.items():
        ringing.begin()
        assert not ringing.says(183, body, fields), what
        ringing.end()


def test_where_it_rings_already_a_session_alone_ends_no_tone(ringing: Ringing) -> None:
    for codes in ((180, 183), (180, 183, 180), (183, 180, 183), (180, 182), (180, 181, 183)):
        ringing.begin()
        heard = [ringing.says(code, SESSION if code != 180 else b"") for code in codes]
        rang = [180 in codes[: place + 1] for place in range(len(codes))]
        assert heard == [not each for each in rang], codes
        ringing.end()


def test_of_several_phones_that_ring_the_one_that_talks_is_heard(ringing: Ringing, rtp: Rtp) -> None:
    ringing.begin()
    assert not ringing.says(180, tag="desk")
    assert not ringing.says(183, sdp(rtp.port), tag="announcement")
    ringing.talks(rtp)
    assert ringing.phone.expect(CallProgress, early_media=True).code == 180
    ringing.peer.reply(ringing.invite, 180, "Ringing", tag="desk")  # it is heard on: nothing to tell
    ringing.phone.nothing(CallProgress)
    ringing.end()


def test_when_the_announcement_is_over_it_rings_here(
    ringing: Ringing, rtp: Rtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An announcement, then a 180 and nothing more to be heard: the person waits in silence for nobody."""
    monkeypatch.setattr(early, "QUIET", 0.3)
    ringing.begin()
    assert ringing.says(183, sdp(rtp.port))
    ringing.talks(rtp)
    wait_for(ringing.phone.agent._calls.legs["out-1"].early.packets, "the announcement")
    ringing.says(180)
    assert not ringing.phone.expect(CallProgress, early_media=False, within=5.0).early_media
    ringing.talks(rtp)
    assert ringing.phone.expect(CallProgress, early_media=True).code == 180
    ringing.end()


def test_an_announcement_that_was_over_when_it_began_to_ring_costs_no_silence(
    ringing: Ringing, rtp: Rtp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(early, "QUIET", 0.3)
    monkeypatch.setattr(early, "LOOK_HEARD", 0.05)
    ringing.begin()
    assert ringing.says(183, sdp(rtp.port))
    ringing.talks(rtp)
    media = ringing.phone.agent._calls.legs["out-1"].early
    wait_for(lambda: media._count == 4 and time.monotonic() - media._since > 0.3, "the end of the announcement")
    assert not ringing.says(180)
    ringing.end()


def test_a_voice_in_several_parts_is_one(ringing: Ringing) -> None:
    ringing.begin()
    body = b"--x\r\nContent-Type: application/sdp\r\n\r\n" + SESSION + b"\r\n--x--\r\n"
    assert ringing.says(183, body, MULTIPART)
    ringing.end()
