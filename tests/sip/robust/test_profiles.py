"""Media profiles of other worlds at the running phone: 488, and the phone lives (an INVITE with DTLS ended it)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.desk import Desk, open_desk
from tests.sip.robust.caller import ANY_PORT, Call, Caller
from tests.unit.drivers.test_useragent_media import DTLS, EXPECTED, GOOD

pytestmark = [pytest.mark.sip, pytest.mark.slow, pytest.mark.timeout(180)]
MODES = ("DONOTSUPPORTENCRYPTION", "SUPPORTENCRYPTION", "REQUIREENCRYPTION")


def session(*lines: tuple[str, str]) -> str:
    """An offer with these audio lines: profile and attributes."""
    head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    return head + "".join(f"m=audio 40000 {profile} 8\r\n{rest}" for profile, rest in lines)


def good(mode: str) -> str:
    return session(("RTP/SAVP", GOOD) if mode == "REQUIREENCRYPTION" else ("RTP/AVP", ""))


def talking(desk: Desk, caller: Caller, body: str) -> Call:
    call = caller.invite(body=body)
    caller.expect(r"^SIP/2\.0 180 ")
    desk.story.press("ok")
    caller.taken(call)
    desk.story.in_call(within=10)
    return call


@pytest.mark.parametrize("mode", MODES)
def test_no_profile_ends_the_phone_whatever_brings_it(tmp_path: Path, mode: str) -> None:
    with open_desk(tmp_path, voip__media__srtp__mode=mode, **ANY_PORT) as desk:
        caller = Caller(desk.exchange.phone)
        row = MODES.index(mode)
        bad = [(profile, rest) for (profile, rest), fits in EXPECTED.items() if not fits[row]]
        try:
            for number, (profile, rest) in enumerate(bad):
                call = caller.invite(body=session((profile, rest)))
                caller.expect(rf"^SIP/2\.0 488 [^\0]*Call-ID: {call.call_id}")
                caller.options()
                assert desk.phone.child.alive, profile
                if number % 4 == 0:
                    within(desk, caller, mode, session((profile, rest)))
            for beside in ([("RTP/SAVP", ""), ("RTP/AVP", "")], [("UDP/TLS/RTP/SAVPF", DTLS), ("RTP/AVP", "")]):
                call = caller.invite(body=session(*beside))
                text = caller.expect(
                    rf"^SIP/2\.0 (180|4\d\d) [^\0]*Call-ID: {call.call_id}"
                )  # no 487 of the one before
                if " 180 " in text.split("\r\n", 1)[0]:
                    caller.cancel(call)
                desk.story.idle(within=10)
                caller.options()
        finally:
            caller.close()


def within(desk: Desk, caller: Caller, mode: str, body: str) -> None:
    """The same in a call: re-INVITE and UPDATE are refused and the call goes on; an answer in the ACK ends it."""
    call = talking(desk, caller, good(mode))
    for method in ("INVITE", "UPDATE"):
        call.cseq += 1
        caller.fire(caller.request(method, call, body=body))
        caller.expect(rf"^SIP/2\.0 488 [^\0]*CSeq: {call.cseq} {method}")
    caller.options()
    caller.bye(call)
    desk.story.idle(within=10)
    late = caller.invite(body="")
    caller.expect(r"^SIP/2\.0 180 ")
    desk.story.press("ok")
    text = caller.expect(rf"^SIP/2\.0 200 [^\0]*Call-ID: {late.call_id}")
    late.theirs = text.split("\r\nTo:", 1)[1].split("\r\n", 1)[0].partition(";tag=")[2]
    late.target = text.split("\r\nContact:", 1)[1].partition("<")[2].partition(">")[0]
    caller.fire(caller.request("ACK", late, body=body))
    caller.expect(r"^BYE ")
    desk.story.idle(within=10)
    caller.options()
