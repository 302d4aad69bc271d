"""Datagrams as dear as a stranger can write them: every header and body that is made of many pieces, or is looked at
again and again. None costs more of the thread that carries the calls than its length allows, and few more than a line.
"""

from __future__ import annotations

import pytest

from tests.peers.desk import Desk
from tests.sip.robust.caller import KEY, SDP, Call, Caller
from tests.sip.robust.test_wordy import WITHIN, processor, said

pytestmark = [pytest.mark.sip, pytest.mark.slow]
AT_ONCE = 10
SECONDS = 0.6
"""Of processor for AT_ONCE of them; 0.1 is usual."""
MOST_GROWTH = 16_000_000
LONGEST = 14_000
LIMIT = 16_300
"""Bytes: what is longer is refused unread."""


def rep(unit: str, size: int = LONGEST) -> str:
    """As often as it has room."""
    return unit * (size // len(unit))


HEADERS = {
    "vias": rep("Via: SIP/2.0/UDP a;branch=z9hG4bK1\r\n"),
    "record-routes": rep("Record-Route: <sip:a;lr>\r\n"),
    "record-routes in one": "Record-Route: " + rep("<sip:a>,")[:-1] + "\r\n",
    "record routes tel": "Record-Route: " + rep("<tel:1>,")[:-1] + "\r\n",
    "routes": "Route: " + rep("<sip:a>,")[:-1] + "\r\n",
    "contacts": "Contact: " + rep("<sip:a>,")[:-1] + "\r\n",
    "contacts2": rep("m:<sip:a>\r\n"),
    "supported": "Supported: " + rep("a,")[:-1] + "\r\n",
    "require": "Require: " + rep("a,")[:-1] + "\r\n",
    "accepts": rep("Accept: a/b\r\n"),
    "params": "Contact: <sip:a" + rep(";a=b") + ">\r\n",
    "hparams": "Contact: <sip:a?" + rep("a=b&") + ">\r\n",
    "auth": rep('Authorization: Digest realm="a"\r\n'),
    "proxyauth": rep("Proxy-Authorization: Digest " + "a=b," * 20 + "\r\n"),
    "folds": "Subject: " + rep("a\r\n ") + "\r\n",
    "colons": rep("x:\r\n"),
    "nocolon": rep("x\r\n"),
    "quotes": 'P-Asserted-Identity: "' + rep('\\"') + '" <sip:a@b>\r\n',
    "unclosed": "P-Asserted-Identity: " + rep('"a') + "\r\n",
    "pai": "P-Asserted-Identity: " + rep("<sip:a@b>,") + "\r\n",
    "callinfo": "Call-Info: " + rep("<a:b>;answer-after=0,") + "\r\n",
    "alertinfo": rep("Alert-Info: <a:b>\r\n"),
    "diversion": "Diversion: " + rep("<sip:a@b>;reason=unknown,") + "\r\n",
    "history": "History-Info: " + rep("<sip:a@b>;index=1.1,") + "\r\n",
    "event": "Event: x;" + rep("a=b;") + "\r\n",
    "lt": "Contact: " + rep("<") + "\r\n",
    "spaces": "Contact: " + rep(" ") + "x\r\n",
    "from": "From: " + rep('<<"') + "\r\n",
    "warning": "Warning: " + rep('399 a "b",') + "\r\n",
    "utf8": "Subject: " + rep("\xff\xfe") + "\r\n",
    "percent": "Contact: <sip:" + rep("%41") + "@a>\r\n",
    "badpercent": "Contact: <sip:" + rep("%") + "@a>\r\n",
    "replaces": rep("Replaces: a;to-tag=b;from-tag=c\r\n"),
    "digits CSeq": "CSeq: " + "9" * LONGEST + " INVITE\r\n",
    "identity": "Identity: " + rep("a") + "\r\n",
}
BODIES = {
    "xml bomb": ("application/x-as-feature-event+xml", "<a>" * 4000),
    "xml attrs": ("application/x-as-feature-event+xml", "<a " + " ".join(f"b{n}='c'" for n in range(1500)) + "/>"),
    "summary": ("application/simple-message-summary", rep("Voice-Message: 1/1 (1/1)\r\n")),
    "sipfrag": ("message/sipfrag", rep("SIP/2.0 200 OK\r\n")),
    "fmtp": ("application/sdp", SDP + "a=fmtp:101 " + rep("0-15,") + "\r\n"),
    "cline": ("application/sdp", SDP + rep("c=IN IP4 127.0.0.1\r\n")),
    "tlines": ("application/sdp", SDP + rep("t=0 0\r\n")),
    "unknown": ("application/sdp", SDP + rep("z=\r\n")),
    "mline": ("application/sdp", SDP + rep("m=\r\n")),
    "crypto": ("application/sdp", SDP + rep(KEY)),
    "crypto2": ("application/sdp", SDP + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + rep("A=") + "\r\n"),
    "candidates": ("application/sdp", SDP + rep("a=candidate:1 1 UDP 1 127.0.0.1 1 typ host\r\n")),
    "rtpmap": ("application/sdp", SDP + rep("a=rtpmap:8 PCMA/8000\r\n")),
    "rtpmap spaces": ("application/sdp", SDP + "a=rtpmap:8 " + rep(" ") + "x\r\n" + "a=RECVONLY\r\n"),
    "cr": ("application/sdp", SDP + rep("\r")),
    "boundary": ("multipart/mixed;boundary=" + "a" * 5000, "--" + rep("a", 9000)),
    "boundary2": ("multipart/mixed;boundary=b", rep("--b\r\n\r\n")),
    "deep": ("multipart/mixed;boundary=b", f"--b\r\nContent-Type: {WITHIN}\r\n\r\n" + rep("--c\r\n\r\n") + "--b--"),
}


@pytest.mark.parametrize("method", ["INVITE", "NOTIFY"])
def test_no_datagram_of_a_stranger_is_dear(desk: Desk, stranger: Caller, method: str) -> None:
    process, memory, lines = desk.phone.process, desk.phone.memory(), len(said(desk))
    assert process is not None
    kinds = [(name, extra, "") for name, extra in HEADERS.items()]
    kinds += [(name, f"Content-Type: {kind}\r\n", body) for name, (kind, body) in BODIES.items()]
    dearest = 0.0
    for name, extra, body in kinds:
        before = processor(process.pid)
        for number in range(AT_ONCE):
            call = Call(f"dear-{name.replace(' ', '-')}-{number}", f"w{number}")
            raw = stranger.request(method, call, extra).decode()
            raw = raw.replace("Content-Length: 0\r\n\r\n", f"Content-Length: {len(body)}\r\n\r\n{body}")
            stranger.fire(raw.encode("latin-1", "replace")[:LIMIT])
        stranger.options(10)
        took = processor(process.pid) - before
        dearest = max(dearest, took)
        assert took < SECONDS, name
    written = said(desk)[lines:]
    print(f"the dearest: {dearest / AT_ONCE * 1000:.0f} ms each, {len(written)} lines, "
          f"{(desk.phone.memory() - memory) / 1e6:.1f} MB more")  # fmt: skip
    assert len(written) < len(kinds) / 2, "\n".join(written)
    assert desk.phone.memory() - memory < MOST_GROWTH
    assert desk.phone.troubles() == []
