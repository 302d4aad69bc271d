"""Messages that are longer than the phone reads: refused as such, and whoever sent them is served as ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.effects import Register
from deskphone.core.events import Registered
from tests.sip.useragent.conftest import Phone, account_at, granting, settings_for
from tests.sip.useragent.peer import Peer, StreamPeer

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def request(name: str, *fields: str, body: bytes = b"", protocol: str = "UDP", told: bool = True) -> bytes:
    """An OPTIONS of a server that asks whether the phone is there. told: it says how long its body is."""
    lines = [
        "OPTIONS sip:1502@127.0.0.1 SIP/2.0", f"Via: SIP/2.0/{protocol} 127.0.0.1;branch=z9hG4bK{name};rport",
        "From: <sip:a@b>;tag=o", "To: <sip:c@d>", f"Call-ID: {name}", "CSeq: 1 OPTIONS", *fields,
        *((f"Content-Length: {len(body)}",) if told else ()),
    ]  # fmt: skip
    return "".join(line + "\r\n" for line in lines).encode() + b"\r\n" + body


def fields_of(size: int) -> tuple[str, ...]:
    """So many bytes of header fields."""
    return tuple(f"X-{number}: {'y' * 150}" for number in range(size // 160))


LONG = {
    "many fields": request("long", *fields_of(17_000)),
    "more fields than are read": request("long", *("Odd: y",) * 200),
    "one field": request("long", "Odd: " + "y" * 15_000),
    "all that a datagram holds": request("long", *fields_of(64_000)),
    "a body": request("long", "Content-Type: text/plain", body=b"x" * 30_000),
    "a body of no told length": request("long", "Content-Type: text/plain", body=b"x" * 30_000, told=False),
}


@pytest.mark.parametrize("long", LONG.values(), ids=LONG.keys())
def test_what_is_too_long_in_a_datagram_is_said_to_be(phone: Phone, peer: Peer, long: bytes) -> None:
    peer.raw(long)
    assert peer.response(513, "OPTIONS").reason == "Message Too Large"
    peer.raw(request("after"))
    assert peer.response(200, "OPTIONS").call_id == "after"


@pytest.mark.parametrize("size", [17_000, 70_000, 300_000])
def test_a_server_on_a_connection_is_told_and_is_there_again(make_phone: Make, size: int) -> None:
    """Where a long header ends nobody knows: the connection goes, and the phone makes another."""
    server = StreamPeer()
    granting(server)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(server, transport="tcp")))
    phone.expect(Registered)
    server.raw(request("long", *fields_of(size), protocol="TCP"))
    assert server.response(513, "OPTIONS").reason == "Message Too Large"
    assert phone.expect(Registered, within=10).fresh
    server.raw(request("after", protocol="TCP"))
    assert server.response(200, "OPTIONS").call_id == "after"
    phone.stop()
    server.close()
