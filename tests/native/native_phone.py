"""The phone under test: pjsua2 and the extension on one thread, driven in turn with the far end; no sleeps."""

from __future__ import annotations

import functools
import gc
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import PASSWORD, REALM, USER, Message, Peer

PATIENCE_S = 20.0
SDP = b"""v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio 40000 RTP/AVP 8
a=rtpmap:8 PCMA/8000
""".replace(b"\n", b"\r\n")


@functools.cache
def the_endpoint() -> pj.Endpoint:
    """One for all tests: pjsua2 aborts when a second one is made while anything still refers to the first."""
    return pj.Endpoint()


class Call(pj.Call):  # type: ignore[misc]
    """A call that remembers nothing; the tests look at the wire."""


class Account(pj.Account):  # type: ignore[misc]
    """An account that rings for every call and tells the far end the events it takes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, Call] = {}
        self.invites: list[str] = []

    def onIncomingCall(self, prm: Any) -> None:
        call = Call(self, prm.callId)
        self.invites.append(prm.rdata.wholeMsg)
        self.calls[call.getInfo().callIdString] = call
        answer(call, 180)


def answer(call: Call, code: int) -> None:
    """Answer a call with `code` and Allow-Events."""
    prm = pj.CallOpParam()
    prm.statusCode = code
    header = pj.SipHeader()
    header.hName, header.hValue = "Allow-Events", "talk,hold"
    prm.txOption.headers.append(header)
    call.answer(prm)


class Phone:
    """An endpoint with one account whose outbound proxy is the far end. card_rate: hertz of a sound card, 0 for that
    of the bridge."""

    def __init__(self, peer: Peer, card_rate: int = 0) -> None:
        self.peer = peer
        self.seen: list[tuple[bytes, str, int, str]] = []
        self.decide: Callable[[bytes], Any] = lambda _message: None
        self.endpoint = the_endpoint()
        self.endpoint.libCreate()
        config = pj.EpConfig()
        config.uaConfig.threadCnt = 0
        config.uaConfig.mainThreadOnly = True
        config.uaConfig.userAgent = "deskphone-test"
        config.logConfig.level = config.logConfig.consoleLevel = 0
        config.medConfig.sndClockRate = card_rate
        config.medConfig.sndUseSwClock = False  # as the phone has it
        self.endpoint.libInit(config)
        self.running = True
        self.says: pj.ToneGenerator | None = None

    def hook(self, message: bytes, address: str, port: int, transport: str) -> Any:
        """The request hook: notes what it sees, answers what the test decides."""
        self.seen.append((message, address, port, transport))
        return self.decide(message)

    def start(self, via_rewrite: bool = False, srtp: int = pj.PJMEDIA_SRTP_DISABLED, timers: bool = True) -> None:
        """Start the extension and pjsua, and add the account."""
        sipext.start(self.hook)
        transport = pj.TransportConfig()
        transport.boundAddress, transport.port = "127.0.0.1", 0
        identity = self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
        self.endpoint.audDevManager().setNullDev()
        self.endpoint.libStart()
        self.port = int(self.endpoint.transportGetInfo(identity).localName.rsplit(":", 1)[1])
        config = pj.AccountConfig()
        config.idUri = f"<sip:{USER}@sips-a.example.com>"
        config.sipConfig.proxies.append(f"sip:127.0.0.1:{self.peer.port};lr")
        config.sipConfig.authCreds.append(pj.AuthCredInfo("digest", REALM, USER, 0, PASSWORD))
        config.natConfig.viaRewriteUse = int(via_rewrite)
        config.natConfig.contactRewriteUse = 0
        config.mediaConfig.srtpUse, config.mediaConfig.srtpSecureSignaling = srtp, 0
        if not timers:
            config.callConfig.timerUse = pj.PJSUA_SIP_TIMER_INACTIVE
        if via_rewrite:
            config.regConfig.registrarUri = "sip:sips-a.example.com"
        self.account = Account()
        self.account.create(config)

    def listen(self) -> int:
        """Open a TCP listener too; its port."""
        transport = pj.TransportConfig()
        transport.boundAddress, transport.port = "127.0.0.1", 0
        identity = self.endpoint.transportCreate(pj.PJSIP_TRANSPORT_TCP, transport)
        return int(self.endpoint.transportGetInfo(identity).localName.rsplit(":", 1)[1])

    def until(self, ready: Callable[[], Any]) -> Any:
        """Run the phone until `ready` returns something true, and return it."""
        limit = time.monotonic() + PATIENCE_S
        while True:
            found = ready()
            if found:
                return found
            assert time.monotonic() < limit, f"waited {PATIENCE_S} s; the far end has {self.peer.received}"
            self.endpoint.libHandleEvents(5)

    def take(self, method: str, code: int = 0) -> Message:
        """Run the phone until the far end has this request or response."""
        return self.until(lambda: self.peer.take(method, code))  # type: ignore[no-any-return]

    def end(self) -> None:
        """Everything down in the right order; harmless when done."""
        if not self.running:
            return
        self.running = False
        if self.endpoint.libGetState() != pj.PJSUA_STATE_NULL:
            sipext.stop(timeout_ms=0)
            self.says = None  # what it holds goes with the library
            if hasattr(self, "account"):
                self.account.calls.clear()
                self.account.shutdown()
            gc.collect()
            self.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)


def ring(
    peer: Peer, phone: Phone, body: bytes = SDP, kind: str = "application/sdp", contact: str = "",
    *, more: Sequence[tuple[str, str]] = (),
) -> tuple[Message, Call]:  # fmt: skip
    """Call the phone; the 180 and the phone's call."""
    headers = [
        *more,
        ("From", "<sip:2001@sips-a.example.com>;tag=caller"),
        ("To", "<sip:1502@sips-a.example.com>"),
        ("Call-ID", "a-call"),
        ("CSeq", "1 INVITE"),
        ("P-Asserted-Identity", '"Jane" <sip:2001@sips-a.example.com>'),
        ("Call-Info", "<sip:sips-a.example.com>;answer-after=0"),
        ("Content-Type", kind),
    ]
    peer.request("INVITE", phone.port, headers, body, contact)
    ringing = phone.take("INVITE", 180)
    return ringing, phone.account.calls["a-call"]


def refused_in_another_thread(work: Callable[[], Any]) -> str:
    """The words of the extension's error where a thread that pjsip does not know does this."""
    with ThreadPoolExecutor(1) as threads, pytest.raises(sipext.Error) as refused:
        threads.submit(work).result()
    return str(refused.value)


class Watched:
    """A subscription and the events it brought."""

    def __init__(self, phone: Phone, event: str = "as-feature-event", **arguments: Any) -> None:
        self.events: list[sipext.Event] = []
        self.phone = phone
        self.handle = sipext.subscribe(phone.account.getId(), event, self.events.append, **arguments)

    def kinds(self) -> list[str]:
        """The kinds of its events so far."""
        return [event.kind for event in self.events]

    def wait(self, kind: str, count: int = 1) -> sipext.Event:
        """Run the phone until there are `count` events of `kind`; the last of them."""
        self.phone.until(lambda: self.kinds().count(kind) >= count)
        return [event for event in self.events if event.kind == kind][count - 1]

    def establish(self) -> Message:
        """Answer its first SUBSCRIBE with 200 and an active NOTIFY; that SUBSCRIBE."""
        subscribe = self.phone.take("SUBSCRIBE")
        self.phone.peer.accept(subscribe)
        self.phone.peer.notify(subscribe, "active;expires=600")
        self.wait("NOTIFY")
        self.wait("ANSWER")
        self.phone.take("NOTIFY", 200)
        return subscribe
