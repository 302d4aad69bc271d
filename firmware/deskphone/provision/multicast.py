"""SIP plug and play: SUBSCRIBE to 224.0.1.75, a NOTIFY with a URL back, as the 420HD family's manual has it.

Law: one question, one URL or none. Off by default: any host on the LAN can answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import struct
from dataclasses import dataclass, field
from typing import cast

from deskphone.wire import body_types
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request, parse_request
from deskphone.wire.provisioning_url import Device

GROUP = ("224.0.1.75", 5060)
EVERY, TRIES = 1.0, 5  # seconds, questions
LIMIT = 8_192  # bytes of an answer


@dataclass(slots=True)
class Question:
    """The SUBSCRIBE of one attempt. address: own host:port. vendor: "" for none, as the family's manual prints it."""

    device: Device
    version: str
    address: str
    vendor: str = ""
    agent: str = ""
    call_id: str = field(default_factory=lambda: secrets.token_hex(8))
    tag: str = field(default_factory=lambda: secrets.token_hex(4))

    def text(self, number: int) -> bytes:
        """The request; `number` is its CSeq."""
        event = f'ua-profile;profile-type="application";model="{self.device.model}";version="{self.version}"'
        vendor = f';vendor="{self.vendor}"' if self.vendor else ""  # RFC 6080 section 5.3 has it
        lines = (
            f"SUBSCRIBE sip:{GROUP[0]}:{GROUP[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.address};branch=z9hG4bK{self.call_id}{number}",
            f"From: <sip:{self.device.mac}@{self.address}>;tag={self.tag}",
            f"To: <sip:{GROUP[0]}:{GROUP[1]}>",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number} SUBSCRIBE",
            f"Contact: <sip:{self.device.mac}@{self.address}>",
            f"Event: {event}{vendor}",
            "Accept: application/url",
            "Max-Forwards: 1",
            "Expires: 0",
            *((f"User-Agent: {self.agent}",) if self.agent else ()),
            "Content-Length: 0",
        )
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def url_of(raw: bytes, question: Question) -> tuple[str, bytes]:
    """The URL in a NOTIFY that answers this question, and our 200 to it; ("", b"") for anything else."""
    try:
        request = parse_request(raw[:LIMIT])
        if request.method != "NOTIFY" or request.call_id != question.call_id:
            return "", b""
        found = body_types.documents(request.content_type, request.body)
    except WireError:
        return "", b""
    urls = [each.url for each in found if isinstance(each, body_types.ProfileUrl)]
    return (urls[0] if urls else ""), _ok(request)


def _ok(request: Request) -> bytes:
    names = {"via": "Via", "from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
    lines = [f"{name}: {value}" for key, name in names.items() for value in request.headers.every(key)]
    return ("\r\n".join(["SIP/2.0 200 OK", *lines, "Content-Length: 0"]) + "\r\n\r\n").encode()


class _Ear(asyncio.DatagramProtocol):
    def __init__(self, question: Question) -> None:
        self.question = question
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # its class does not say so in Python 3.11

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        url, answer = url_of(data, self.question)
        if answer and self._transport is not None:
            self._transport.sendto(answer, addr)
        if url and not self.url.done():
            self.url.set_result(url)


async def ask(question: Question, group: tuple[str, int] = GROUP, every: float = EVERY) -> str:
    """Ask the LAN for a URL; "" where nobody answers. Puts the own address into the question. OSError where there is
    no network."""
    loop = asyncio.get_running_loop()
    ear = _Ear(question)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:  # which address leads there; sends nothing
        probe.connect(group)
        address = probe.getsockname()[0]
    transport, _ = await loop.create_datagram_endpoint(lambda: ear, local_addr=(address, 0))
    try:
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 1))
        ear.question.address = f"{address}:{transport.get_extra_info('sockname')[1]}"
        for number in range(1, TRIES + 1):
            transport.sendto(ear.question.text(number), group)
            with contextlib.suppress(TimeoutError):
                return await asyncio.wait_for(asyncio.shield(ear.url), every)
        return ""
    finally:
        ear.url.cancel()
        transport.close()
