"""The phone's address changes while it is registered and talks: another VLAN, a new lease."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from deskphone.core.effects import Dial, Hold, MoveTo, Register
from deskphone.core.events import CallEstablished, CallMedia, Registered
from deskphone.core.voice_path import VoicePath
from deskphone.sip.options import UserAgentOptions
from deskphone.view.outputs import Audio
from deskphone.wire.message import Headers, Request
from tests.netns.lab import inside, needs_namespaces, run
from tests.sip.useragent.conftest import Phone, account_at, settings_for, wait_for
from tests.sip.useragent.peer import Peer, Rtp, StreamPeer, audio_of, direction_of, sdp

pytestmark = pytest.mark.netns
SERVER, OLD, NEW = "10.78.0.1", "10.78.0.5", "10.78.0.6"


def seeing_where_from(peer: Peer) -> None:
    """A registrar that grants, and says where a request came from, as every server does (RFC 3261 section 18.2.1)."""

    def grant(request: Request) -> None:
        host, port = peer.phone
        via = re.sub(r";rport\b", f";rport={port};received={host}", request.headers.get("via"))
        fields = tuple((name, via if name == "via" else value) for name, value in request.headers.fields)
        seen = replace(request, headers=Headers(fields))
        contact, asked = request.headers.get("contact"), request.headers.get("expires") or "0"
        peer.reply(seen, 200, "OK", (("Contact", contact), ("Expires", "0" if asked == "0" else "300")))

    peer.automatic["REGISTER"] = grant


@dataclass
class Desk:
    """A phone at a server over a cable."""

    phone: Phone
    peer: Peer
    rtp: Rtp
    space: str

    @property
    def contact(self) -> tuple[tuple[str, str], ...]:
        """The far end's, by the transport in use."""
        return (("Contact", f"<sip:peer@{SERVER}:{self.peer.port};transport={self.peer.protocol.lower()}>"),)

    def move(self, address: str) -> None:
        """The lease ends, another one begins."""
        run("ip", "-n", self.space, "addr", "flush", "dev", "eth0")
        if isinstance(self.peer, StreamPeer):
            self.peer.hang_up()  # to have it accept another connection; nothing of this reaches the phone
        run("ip", "-n", self.space, "addr", "add", f"{address}/24", "dev", "eth0")
        run("ip", "-n", self.space, "route", "add", "default", "via", SERVER)
        self.phone.do(MoveTo(address))


@pytest.fixture
def open_desk() -> Iterator[Callable[..., Desk]]:
    """Make one; transport udp or tcp."""
    needs_namespaces()
    server, phone = f"dp{os.getpid()}ms", f"dp{os.getpid()}mp"
    desks: list[Desk] = []

    def make(transport: str = "udp") -> Desk:
        for space in (server, phone):
            run("ip", "netns", "add", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", server, "link", "add", "s0", "type", "veth", "peer", "name", "eth0", "netns", phone)
        for space, name, address in ((server, "s0", SERVER), (phone, "eth0", OLD)):
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", name)
            run("ip", "-n", space, "link", "set", name, "up")
        run("ip", "-n", phone, "route", "add", "default", "via", SERVER)
        peer = inside(server, lambda: StreamPeer(SERVER) if transport == "tcp" else Peer(SERVER))
        rtp = inside(server, lambda: Rtp(SERVER))
        seeing_where_from(peer)
        settings = settings_for(sip={"transport": transport.upper()})
        options = UserAgentOptions(sip_port=0, media_port=22_000)
        made = inside(phone, lambda: Phone(options, settings))
        desk = Desk(made, peer, rtp, phone)
        desks.append(desk)
        made.do(MoveTo(OLD), Register(account_at(peer, transport=transport)))
        made.expect(Registered)
        return desk

    yield make
    for desk in desks:
        desk.phone.stop()
        desk.peer.close()
        desk.rtp.close()
    for space in (server, phone):
        run("ip", "netns", "del", space)


def talking(desk: Desk) -> Any:
    """An established call; its INVITE."""
    desk.phone.do(Dial("out-1", 0, "2001"))
    invite = desk.peer.request("INVITE")
    desk.peer.reply(invite, 180, "Ringing")
    desk.peer.reply(invite, 200, "OK", desk.contact, sdp(desk.rtp.port, host=SERVER))
    desk.peer.request("ACK")
    desk.phone.expect(CallEstablished)
    desk.phone.expect(CallMedia)
    desk.phone.sound(Audio(VoicePath.HANDSET, calls=("out-1",)))
    return invite


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_another_address_is_registered_at_once_and_the_call_goes_on_from_it(
    open_desk: Callable[..., Desk], transport: str
) -> None:
    desk = open_desk(transport)
    invite = talking(desk)
    assert audio_of(invite)[0] == OLD
    desk.peer.seen.clear()
    desk.move(NEW)
    desk.phone.expect(Registered, fresh=True)  # so that subscriptions are opened anew
    contacts = [each.headers.get("contact") for each in desk.peer.seen if getattr(each, "method", "") == "REGISTER"]
    assert NEW in contacts[-1]
    assert OLD not in contacts[-1]
    again = desk.peer.request("INVITE")
    assert again.call_id == invite.call_id
    assert NEW in again.headers.get("contact")
    assert audio_of(again)[0] == NEW
    assert direction_of(again) == "sendrecv"
    count = len(desk.rtp.packets)
    desk.peer.reply(again, 200, "OK", desk.contact, sdp(desk.rtp.port, host=SERVER))
    desk.peer.request("ACK")
    assert not desk.phone.expect(CallMedia).local_hold
    wait_for(lambda: len(desk.rtp.packets) > count, "voice from the new address")


def test_a_held_call_stays_held_at_the_new_address(open_desk: Callable[..., Desk]) -> None:
    desk = open_desk()
    talking(desk)
    desk.phone.do(Hold("out-1"))
    offer = desk.peer.request("INVITE")
    desk.peer.reply(offer, 200, "OK", desk.contact, sdp(desk.rtp.port, "recvonly", host=SERVER))
    assert desk.phone.expect(CallMedia).local_hold
    desk.peer.request("ACK")
    desk.move(NEW)
    again = desk.peer.request("INVITE")
    assert (audio_of(again)[0], direction_of(again)) == (NEW, "sendonly")
    desk.peer.reply(again, 200, "OK", desk.contact, sdp(desk.rtp.port, "recvonly", host=SERVER))
    assert desk.phone.expect(CallMedia).local_hold


def test_the_same_address_again_is_no_news(open_desk: Callable[..., Desk]) -> None:
    """A cable that was pulled and put back: the core registers what is not, and nobody is asked twice."""
    desk = open_desk()
    desk.peer.seen.clear()
    desk.phone.do(MoveTo(OLD))
    desk.peer.nothing("REGISTER", 0.3)
    assert not desk.peer.seen
