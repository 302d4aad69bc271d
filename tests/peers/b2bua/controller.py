"""A third-party controller on sippy: a registrar without passwords, a B2BUA for calls made here, and RFC 3725's flows.

Law: run as a program of its own; every user agent, dialog and body is sippy's. Orders come line by line on standard
input, what happens goes out as lines. usage: controller.py HOST PORT

    one A B       flow I: A is called without an offer, B with A's, A gets B's answer in the ACK
    three A B     flow III: A is called with a dead stream, B without an offer, A is offered B's
    refer A B     A is called and referred to B within that call
"""

from __future__ import annotations

import sys
import threading
from typing import Any

from sippy.CCEvents import CCEventConnect, CCEventDisconnect, CCEventFail, CCEventPreConnect, CCEventTry, CCEventUpdate
from sippy.Core.EventDispatcher import ED2
from sippy.MsgBody import MsgBody
from sippy.SipAddress import SipAddress
from sippy.SipConf import SipConf
from sippy.SipExpires import SipExpires
from sippy.SipHeader import SipHeader
from sippy.SipLogger import SipLogger
from sippy.SipTransactionManager import SipTransactionManager
from sippy.SipURL import SipURL
from sippy.UA import UA

DEAD = """v=0
o=controller 1 1 IN IP4 {host}
s=-
c=IN IP4 0.0.0.0
t=0 0
m=audio 9 RTP/AVP 8
a=rtpmap:8 PCMA/8000
a=inactive
"""


def tell(*words: object) -> None:
    """One line to who started us."""
    print(*words, flush=True)


class Pair:
    """Two user agents joined: what one is told by its far end the other is told, until a flow says otherwise."""

    def __init__(self, controller: Controller, first: UA | None = None) -> None:
        self.controller = controller
        self.first = first or controller.agent(self.heard)
        self.second: UA | None = None
        self.flow = "b2bua"
        self.numbers = ("", "")

    def heard(self, event: Any, agent: UA) -> None:
        """An event of one side's dialog."""
        tell("event", event.name, "first" if agent is self.first else "second")
        if self.flow == "b2bua" and self.second is None and isinstance(event, CCEventTry):
            self.second = self.controller.agent(self.heard, event.getData()[2])
            self.second.recvEvent(event)
            return
        if self.flow == "three" and agent is self.first and isinstance(event, CCEventConnect) and self.second is None:
            self.call_second(None)
            return
        if self.flow == "three" and agent is self.second and isinstance(event, CCEventPreConnect):
            self.first.recvEvent(CCEventUpdate(event.getData()[2]))
            return
        if self.flow == "one" and agent is self.first and isinstance(event, CCEventPreConnect) and self.second is None:
            self.call_second(event.getData()[2])
            return
        if self.flow == "refer":
            if isinstance(event, CCEventConnect):
                target = SipURL(username=self.numbers[1], host=self.controller.host, port=self.controller.port)
                self.first.recvEvent(CCEventDisconnect(SipAddress(url=target, hadbrace=True)))
            return
        other = self.second if agent is self.first else self.first
        if other is not None:
            other.recvEvent(event)
        elif isinstance(event, CCEventFail | CCEventDisconnect):
            tell("ended", event.name)

    def begin(self, flow: str, first: str, second: str) -> None:
        """Call the first number as this flow has it."""
        self.flow, self.numbers = flow, (first, second)
        body = MsgBody(DEAD.format(host=self.controller.host).replace("\n", "\r\n")) if flow == "three" else None
        if flow == "refer":
            body = MsgBody(DEAD.format(host=self.controller.host).replace("\n", "\r\n"))
        self.first = self.controller.agent(self.heard, first)
        self.first.recvEvent(CCEventTry((None, "desktop", first, body, None, "Desktop")))

    def call_second(self, body: Any) -> None:
        """Call the customer with this offer, None for none."""
        first, second = self.numbers
        self.second = self.controller.agent(self.heard, second)
        self.second.recvEvent(CCEventTry((None, first, second, body, None, "Agent")))


class Controller:
    """The server both phones register at."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.contacts: dict[str, tuple[str, int]] = {}
        SipConf.my_uaname = "sippy"
        self.config: dict[str, Any] = {
            "_sip_address": host, "_sip_port": port, "_sip_logger": SipLogger("controller"), "nh_addr": (host, port),
        }  # fmt: skip
        self.config["_sip_tm"] = SipTransactionManager(self.config, self.request)

    def agent(self, heard: Any, number: str = "") -> UA:
        """A user agent towards the contact of a number."""
        return UA(self.config, heard, nh_address=self.contacts.get(number, (self.host, 9)))

    def request(self, request: Any, transaction: Any) -> Any:
        """A request outside a dialog."""
        method = request.getMethod()
        if request.getHFBody("to").getTag() is not None:
            return request.genResponse(481, "Call Leg/Transaction Does Not Exist"), None, None
        if method == "REGISTER":
            return self.register(request), None, None
        if method == "INVITE":
            pair = Pair(self)
            pair.first = UA(self.config, pair.heard)
            return pair.first.recvRequest(request, transaction)
        return request.genResponse(200, "OK"), None, None

    def register(self, request: Any) -> Any:
        """200 with the binding."""
        contact = request.getHFBody("contact")
        url, number = contact.getUrl(), request.getHFBody("to").getUrl().username
        self.contacts[number] = url.getAddr()
        answer = request.genResponse(200, "OK")
        answer.appendHeader(request.getHF("contact").getCopy())
        answer.appendHeader(SipHeader(name="expires", body=SipExpires(number=300)))
        tell("registered", number)
        return answer

    def order(self, line: str) -> None:
        """One line of standard input."""
        flow, first, second = line.split()
        Pair(self).begin(flow, first, second)


def main() -> None:
    """Serve until standard input ends."""
    controller = Controller(sys.argv[1], int(sys.argv[2]))

    def listen() -> None:
        for line in sys.stdin:
            ED2.callFromThread(controller.order, line)
        ED2.callFromThread(ED2.breakLoop)

    threading.Thread(target=listen, daemon=True).start()
    tell("ready")
    ED2.loop()


if __name__ == "__main__":
    main()
