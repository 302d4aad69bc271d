"""A far end that may be silent is not taken for dead (RFC 3264 section 5.1), one that owes its voice is."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from deskphone.core.effects import Answer, Dial, Hold, Register, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming, CallMedia, Registered
from tests.sip.useragent.conftest import Phone, account_at, address_of, settings_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = [pytest.mark.sip, pytest.mark.slow]
Make = Callable[..., Phone]


def whole_session(port: int) -> bytes:
    return sdp(port).replace(b"t=0 0\r\n", b"t=0 0\r\na=sendonly\r\n")


def nowhere_by_line(port: int) -> bytes:
    return re.sub(rb"(m=audio.*\r\n)", rb"\1c=IN IP4 0.0.0.0\r\n", sdp(port))


def comfort_noise(port: int) -> bytes:
    return sdp(port).replace(b"AVP 0 101", b"AVP 0 13 101")


SILENT: dict[str, Callable[[int], bytes]] = {
    "sends only": lambda port: sdp(port, "sendonly"),
    "inactive": lambda port: sdp(port, "inactive"),
    "sends only, by the session": whole_session,
    "nowhere to send": lambda port: sdp(port, host="0.0.0.0"),
    "nowhere to send, by the line": nowhere_by_line,
    "receives only": lambda port: sdp(port, "recvonly"),
    "comfort noise": comfort_noise,
    "silence suppression": lambda port: sdp(port, extra="a=silenceSupp:on - - - -"),
}


class Calls:
    """A phone that ends a call after a second of silence, in several calls at once, with a far end that sends none."""

    def __init__(self, make_phone: Make, peer: Peer, rtp: Rtp) -> None:
        self.phone, self.peer, self.rtp = make_phone(settings_for(media={"loss_timeout": 1})), peer, rtp
        self.phone.do(Register(account_at(peer)))
        self.phone.expect(Registered)
        peer.phone = ("127.0.0.1", self.phone.agent.address[1])
        self.may: dict[str, str] = {}

    def comes(self, what: str, body: bytes) -> Dialog:
        dialog = self.peer.invite(address_of(self.phone), (), body)
        name = self.phone.expect(CallIncoming).call
        self.phone.do(Ring(name), Answer(name))
        self.peer.ack(dialog, self.peer.response(200, "INVITE"))
        self.phone.expect(CallEstablished, call=name)
        self.phone.expect(CallMedia, call=name)
        self.may[name] = what
        return dialog

    def goes(self, what: str, body: bytes) -> None:
        self.phone.do(Dial(f"out-{what}", 0, "2001"))
        self.peer.reply(self.peer.request("INVITE"), 200, "OK", (), body)
        self.peer.request("ACK")
        self.phone.expect(CallEstablished, call=f"out-{what}")
        self.may[f"out-{what}"] = what

    def only_the_last_is_ended(self) -> None:
        """A call that owes its voice is given up, and none of those before it, which are silent for longer."""
        self.comes("owes its voice", sdp(self.rtp.port))
        ended = self.may[self.phone.expect(CallEnded, within=10.0).call]
        assert ended == "owes its voice"
        self.phone.nothing(CallEnded, 1.2)  # more than a look at the numbers


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_who_says_so_in_a_call_may_be_silent(make_phone: Make, peer: Peer, rtp: Rtp, method: str) -> None:
    calls = Calls(make_phone, peer, rtp)
    for what, body in SILENT.items():
        dialog = calls.comes(what, sdp(rtp.port))
        peer.send(method, dialog, (), body(rtp.port))
        answer = peer.response(200, method)
        if method == "INVITE":
            peer.ack(dialog, answer)
    calls.only_the_last_is_ended()


def test_who_says_so_from_the_first_may_be_silent(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    calls = Calls(make_phone, peer, rtp)
    for what, body in tuple(SILENT.items())[::2]:
        calls.comes(what, body(rtp.port))
    for what, body in tuple(SILENT.items())[1::2]:
        calls.goes(what, body(rtp.port))
    calls.only_the_last_is_ended()


def test_who_is_held_here_may_be_silent_whatever_it_answers(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    calls = Calls(make_phone, peer, rtp)
    for number, answer in enumerate(("recvonly", "inactive", "sendrecv", "")):
        calls.comes(answer, sdp(rtp.port))
        calls.phone.do(Hold(f"in-{number + 1}"))
        peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, answer))
        peer.request("ACK")
    dialog = calls.comes("asks for our offer", sdp(rtp.port))
    peer.send("INVITE", dialog)
    peer.ack(dialog, peer.response(200, "INVITE"), sdp(rtp.port, "sendonly"))
    calls.only_the_last_is_ended()
