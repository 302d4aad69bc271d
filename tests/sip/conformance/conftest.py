"""The real phone process, and a far end that says exactly what a test tells it, right or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from deskphone.wire.message import Request
from tests.sip.useragent.conftest import granting
from tests.sip.useragent.peer import Dialog, Fields, Peer, Rtp, learn, sdp
from tests.stories.bench import Story
from tests.stories.bench_sip import SipBench


class Wire:
    """A phone whose only server is a raw peer. `phone` has the words of the stories."""

    def __init__(self, phone: Story, peer: Peer, rtp: Rtp) -> None:
        self.phone = phone
        self.peer = peer
        self.rtp = rtp

    def power_on(self, **settings: str) -> None:
        """Switch the phone on, registered at the peer."""
        self.phone.power_on(voip__signalling__sip__proxy_port=str(self.peer.port), **settings)
        self.phone.registered()

    @property
    def target(self) -> str:
        """Where the phone wants to be called: the Contact of its REGISTER."""
        register = next(each for each in self.peer.seen if isinstance(each, Request) and each.method == "REGISTER")
        return register.headers.get("contact").partition("<")[2].partition(">")[0]

    def ring(self, fields: Fields = ()) -> Dialog:
        """A call that rings; its early dialog."""
        dialog = self.peer.invite(self.target, fields, sdp(self.rtp.port))
        learn(dialog, self.peer.response(180))
        self.phone.shows("Incoming call")
        return dialog

    def talk(self) -> Dialog:
        """A call that was answered."""
        dialog = self.ring()
        self.phone.press("soft1")
        self.peer.ack(dialog, self.peer.response(200, "INVITE"))
        self.phone.in_call()
        return dialog

    def is_held(self) -> None:
        """The phone holds the call, which we grant."""
        self.peer.reply(self.peer.request("INVITE"), 200, "OK", (), sdp(self.rtp.port, "recvonly"))
        self.peer.request("ACK")
        self.phone.shows("On hold")

    def answers(self, code: int, method: str, dialog: Dialog, *fields: tuple[str, str], **how: Any) -> None:
        """A request in a dialog gets this answer."""
        self.peer.send(method, dialog, fields, **how)
        self.peer.response(code, method)

    def watched(self, package: str) -> Dialog:
        """The subscription of the phone to this package, granted; our side of its dialog."""
        subscribe = self.asked(package)
        self.grant(subscribe)
        return inside(subscribe)

    def asked(self, package: str) -> Request:
        """The next SUBSCRIBE for this package; others are granted."""
        while True:
            subscribe = self.peer.request("SUBSCRIBE")
            if subscribe.event.value == package:
                return subscribe
            self.grant(subscribe)

    def grant(self, subscribe: Request) -> None:
        """200 for as long as it likes."""
        self.peer.reply(subscribe, 200, "OK", (("Expires", subscribe.headers.get("expires") or "3600"),))

    def tell(self, dialog: Dialog, package: str, body: bytes, kind: str, **how: Any) -> None:
        """A NOTIFY in a subscription, and its 200."""
        fields = (("Event", package), ("Subscription-State", "active;expires=3000"))
        self.peer.send("NOTIFY", dialog, fields, body, kind=kind, **how)
        self.peer.response(200, "NOTIFY")


def inside(subscribe: Request) -> Dialog:
    """Our side of the dialog that this SUBSCRIBE opens (or is in)."""
    to = subscribe.headers.get("to")
    target = subscribe.headers.get("contact").partition("<")[2].partition(">")[0]
    mine = to if "tag=" in to else f"{to};tag=peer"
    return Dialog(subscribe.call_id, mine, subscribe.headers.get("from"), target, 50)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A phone that is off, and its peer; it must live to the end and see no illegal event."""
    peer, rtp = Peer(), Rtp()
    granting(peer)
    try:
        with SipBench() as bench:
            yield Wire(Story(bench), peer, rtp)
            assert bench.process is not None and bench.process.poll() is None, bench.journal()
            assert bench.illegal() == 0, bench.journal()
            assert "Traceback" not in bench.journal(), bench.journal()
    finally:
        peer.close()
        rtp.close()
