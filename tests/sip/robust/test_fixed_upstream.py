"""What pjproject mended after 2.17, at the running phone, whichever of the two its stack was built from: it lives.

Each description is one of upstream's merges (docs/security.md), in our own words: attributes, formats and headers
that overrun an array, or name what is not there.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.peers.desk import open_desk
from tests.sip.robust.caller import ANY_PORT, Caller

pytestmark = [pytest.mark.sip, pytest.mark.slow, pytest.mark.timeout(180)]
HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
KEY = "AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"


def keys(*tags: int) -> list[str]:
    return ["m=audio 40000 RTP/SAVP 8", *(f"a=crypto:{tag} {KEY}" for tag in tags)]


OFFERS: dict[str, list[str]] = {
    "66 keys": keys(*range(1, 67)),
    "a key's tag beyond any number": keys(99999999999999999999),
    "RED beside a codec without a map": [
        "m=audio 40000 RTP/AVP 8 121", "a=rtpmap:121 red/8000", "a=fmtp:121 8/8/8/8"],
    "RED of a codec nobody named": [
        "m=audio 40000 RTP/AVP 121 8", "a=rtpmap:121 red/8000", "a=fmtp:121 200/300/99999"],
    "a dynamic format without a map": ["m=audio 40000 RTP/AVP 8 96 101 127", "a=fmtp:96 0-15"],
    "a map beyond 127": ["m=audio 40000 RTP/AVP 8 101", "a=rtpmap:255 telephone-event/8000", "a=fmtp:255 0-15"],
    "a map below 0": ["m=audio 40000 RTP/AVP 8 101", "a=rtpmap:-5 opus/48000/2", "a=fmtp:-5 x"],
    "a format beyond 127": ["m=audio 40000 RTP/AVP 8 4294967295 300", "a=rtpmap:300 opus/48000/2"],
    "a format that wraps": ["m=audio 40000 RTP/AVP 8 4294967304", "a=rtpmap:4294967304 opus/48000/2"],
    "twenty media": ["m=audio 40000 RTP/AVP 8"] * 20,
    "a text medium with RED": [
        "m=audio 40000 RTP/AVP 8", "m=text 40002 RTP/AVP 98 100", "a=rtpmap:98 t140/1000", "a=rtpmap:100 red/1000",
        "a=fmtp:100 98/98/98/98/98/98/98/98"],
}  # fmt: skip


@pytest.mark.parametrize("mode", ["DONOTSUPPORTENCRYPTION", "SUPPORTENCRYPTION"])
def test_offers_that_overran_the_stack(tmp_path: Path, mode: str) -> None:
    with open_desk(tmp_path, voip__media__srtp__mode=mode, **ANY_PORT) as desk:
        caller = Caller(desk.exchange.phone)
        try:
            for name, each in OFFERS.items():
                lines = "".join(f"{line}\r\n" for line in each)
                call = caller.invite(body=HEAD + lines)
                text = caller.expect(rf"^SIP/2\.0 (180|4\d\d) [^\0]*Call-ID: {call.call_id}")
                if " 180 " in text.split("\r\n", 1)[0]:
                    desk.story.press("left", "ok")
                    caller.taken(call)
                    desk.story.in_call(within=10)
                    call.cseq += 1
                    caller.fire(caller.request("INVITE", call, body=HEAD + lines))
                    caller.expect(rf"^SIP/2\.0 (200|488) [^\0]*CSeq: {call.cseq} INVITE")
                    call.cseq += 1
                    caller.bye(call)
                desk.story.idle(within=10)
                caller.options()
                assert desk.phone.child.alive, name
        finally:
            caller.close()
