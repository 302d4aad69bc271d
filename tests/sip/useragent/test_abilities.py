"""What the phone says it can: the same in every message, whoever in it writes that, and no more than it does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.effects import Answer, Dial, Hold, Register, Ring
from deskphone.core.events import CallEstablished, CallIncoming, Registered
from deskphone.wire.message import Headers
from tests.sip.useragent.conftest import Phone, account_at, address_of, settings_for
from tests.sip.useragent.peer import Dialog, Message, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]
METHODS = {"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "NOTIFY", "REFER", "PRACK", "UPDATE", "INFO"}
EXTENSIONS = {"100rel", "answermode", "from-change", "norefersub", "replaces", "timer"}
EVENTS = {"talk", "hold", "conference", "refer", "check-sync"}
BODIES = {"application/sdp", "multipart/mixed"}


def listed(headers: Headers, name: str) -> set[str]:
    """The values of a list."""
    return {value.strip() for line in headers.every(name) for value in line.split(",")}


def lists(message: Message) -> dict[str, set[str]]:
    """Every list of abilities that a message has."""
    names = ("allow", "accept", "supported", "allow-events")
    return {name: listed(message.headers, name) for name in names if message.headers.every(name)}


def asked(phone: Phone, peer: Peer, name: str = "outside") -> dict[str, set[str]]:
    """What a server that asks by OPTIONS outside of a call is told."""
    target = address_of(phone)
    peer.send("OPTIONS", Dialog(name, "<sip:a@b>;tag=o", f"<{target}>", target, 1))
    return lists(peer.response(200, "OPTIONS"))


def test_every_message_says_the_same_of_what_the_phone_can(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    whole = {"allow": METHODS, "accept": BODIES, "supported": EXTENSIONS, "allow-events": EVENTS}
    assert asked(phone, peer) == whole
    said: list[Message] = [next(iter(peer.seen))]
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    name = phone.expect(CallIncoming).call
    phone.do(Ring(name))
    said.append(peer.response(180))
    phone.do(Answer(name))
    said.append(peer.response(200, "INVITE"))
    peer.ack(dialog, said[-1])  # type: ignore[arg-type]
    phone.expect(CallEstablished, call=name)
    peer.send("OPTIONS", dialog)
    assert lists(peer.response(200, "OPTIONS")) == whole
    peer.send("UPDATE", dialog)
    said.append(peer.response(200, "UPDATE"))
    phone.do(Hold(name))
    said.append(peer.request("INVITE"))
    phone.do(Dial("out-1", 0, "2001"))
    said.append(peer.request("INVITE"))
    for message in said:
        found = lists(message)
        assert found["allow"] == METHODS
        assert found == {each: whole[each] for each in found}


def test_what_is_switched_off_is_not_said(make_phone: Make, peer: Peer) -> None:
    phone = make_phone(settings_for(sip={"prack": False, "session_timer": 0}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    peer.phone = ("127.0.0.1", phone.agent.address[1])
    assert asked(phone, peer)["supported"] == EXTENSIONS - {"100rel", "timer"}
    phone.do(Dial("out-1", 0, "2001"))
    assert lists(peer.request("INVITE"))["supported"] == EXTENSIONS - {"100rel", "timer"}
