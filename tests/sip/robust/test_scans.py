"""What scanners of the open Internet do: OPTIONS, INVITEs from nowhere, extension guessing, and fishing for digests."""

from __future__ import annotations

import re

import pytest

from tests.peers.desk import Desk
from tests.sip.robust.caller import SDP, STRANGER, Call, Caller

pytestmark = [pytest.mark.sip, pytest.mark.slow]

CHALLENGE = 'WWW-Authenticate: Digest realm="{realm}", nonce="bait", algorithm=MD5, qop="auth"\r\n'


def test_a_scan_by_options_is_answered_and_leaves_no_trace(desk: Desk, stranger: Caller) -> None:
    before = desk.phone.state(), desk.phone.journal()
    for number in range(100):
        stranger.fire(stranger.request("OPTIONS", Call(f"scan-{number}", f"s{number}")))
    stranger.options()
    codes = {answer.split(b" ", 2)[1] for answer in stranger.heard}
    assert codes == {b"200"}
    assert len(stranger.heard) == 101
    assert (desk.phone.state()["rows"], desk.phone.journal()) == (before[0]["rows"], before[1])


def test_an_invite_from_nowhere_gets_no_answer_and_nothing_rings(desk: Desk, stranger: Caller) -> None:
    screen = desk.phone.screen()
    stranger.invite()
    stranger.options()
    assert not any(b"INVITE" in answer.partition(b"CSeq:")[2].partition(b"\r\n")[0] for answer in stranger.heard)
    assert desk.phone.screen() == screen  # no missed call either
    assert desk.phone.state()["tone"] == ""


@pytest.mark.parametrize("method", ["REGISTER", "MESSAGE", "INFO", "NOTIFY", "SUBSCRIBE", "PUBLISH", "REFER", "BYE"])
def test_other_requests_from_nowhere_change_nothing(desk: Desk, stranger: Caller, method: str) -> None:
    screen = desk.phone.screen()
    extra = f"Event: check-sync\r\nRefer-To: <sip:99@{STRANGER}>\r\nSubscription-State: active\r\n"
    stranger.fire(stranger.request(method, Call("from-nowhere", "x1"), extra))
    stranger.options()
    assert not any(re.match(rb"SIP/2\.0 2\d\d [^\0]*CSeq: \d+ (?!OPTIONS)", answer) for answer in stranger.heard)
    assert desk.phone.screen() == screen
    assert desk.phone.troubles() == []


def test_a_far_end_that_challenges_the_bye_gets_no_credentials(desk: Desk, caller: Caller, stranger: Caller) -> None:
    """The digest leak: who is in a call through the server names a Contact of his own and challenges the BYE."""
    desk.exchange.registrar = True
    call = caller.invite(body=SDP)
    desk.story.shows("Incoming call")
    desk.story.press("ok")
    caller.taken(call)
    desk.story.in_call()
    lure = caller.request("UPDATE", call).replace(
        f"Contact: <sip:2001@{caller.host}:{caller.port}>".encode(),
        f"Contact: <sip:2001@{stranger.host}:{stranger.port}>".encode(),
    )
    lure = lure.replace(f"CSeq: {call.cseq} UPDATE".encode(), f"CSeq: {call.cseq + 1} UPDATE".encode())
    caller.fire(lure)
    caller.expect(r"^SIP/2\.0 200 [^\0]*CSeq: \d+ UPDATE")
    stranger.polite = False
    desk.story.press("cancel")
    bye = stranger.expect(r"^BYE ")
    same = "".join(line + "\r\n" for line in re.findall(r"(?im)^(?:Via|From|To|Call-ID|CSeq):[^\r]*", bye))
    challenge = CHALLENGE.format(realm="asterisk")
    stranger.fire(f"SIP/2.0 401 Unauthorized\r\n{same}{challenge}Content-Length: 0\r\n\r\n".encode())
    desk.story.idle()
    stranger.options()
    leaked = [each for each in stranger.heard if re.search(rb"(?i)\r\n(?:Proxy-)?Authorization:", each)]
    assert leaked == [], leaked[0].decode("utf-8", "replace")
