"""TFTP: one file by UDP, block by block (RFC 1350), with larger blocks where the server has them (RFC 2348).

Law: as web.py. Our own because the library on the package index (tftpy) speaks no IPv6 and takes packets of any
sender. Here only the server's address counts, and after its first packet only its port.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field

from deskphone.provision import tftp_packet as packets
from deskphone.provision.address import Address
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import Sink

TRIES = 5  # waits for a packet, our last one sent again after each
WITH_OPTIONS = 1  # of these with options while the server has said nothing
WAIT = 1.5  # seconds until the last packet is sent again
WAITING = 64  # packets kept at most
NO_FILE, NO_ACCESS, UNKNOWN_TRANSFER = 1, 2, 5  # error codes of RFC 1350
Peer = tuple[str, int]


@dataclass(slots=True)
class _Socket(asyncio.DatagramProtocol):
    """Packets as they come; what cannot wait is lost, as in any UDP."""

    queue: asyncio.Queue[tuple[bytes, Peer]] = field(default_factory=lambda: asyncio.Queue(WAITING))
    error: OSError | None = None

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not self.queue.full():
            self.queue.put_nowait((data, (addr[0], addr[1])))

    def error_received(self, exc: Exception) -> None:
        self.error = exc if isinstance(exc, OSError) else None


async def fetch(place: Address, sink: Sink, wait: float = WAIT) -> None:
    """RRQ into the sink; Problem as in web.py. wait: seconds until a packet is repeated."""
    try:
        async with asyncio.timeout(sink.seconds):
            found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_DGRAM)
            for number, (family, _, _, _, peer) in enumerate(found, 1):
                try:
                    await _transfer(place, sink, family, (str(peer[0]), int(peer[1])), wait)
                    return
                except (Problem, OSError) as error:
                    away = isinstance(error, OSError) or error.outcome is Outcome.UNREACHABLE
                    if number == len(found) or not away or sink.taken:
                        raise
    except TimeoutError:
        raise sink.slow() from None
    except OSError as error:
        raise Problem(Outcome.UNREACHABLE, sink.url, "an answer", error.strerror or str(error)) from None
    except ValueError as error:
        raise Problem(Outcome.SERVER_ERROR, sink.url, "an answer in TFTP", str(error)) from None


async def _transfer(place: Address, sink: Sink, family: int, peer: Peer, wait: float) -> None:
    loop = asyncio.get_running_loop()
    for options in (True, False):
        any_address = "::" if family == socket.AF_INET6 else "0.0.0.0"
        transport, protocol = await loop.create_datagram_endpoint(_Socket, local_addr=(any_address, 0))
        transfer = _Transfer(transport, protocol, peer, sink, wait)
        try:
            if await transfer.run(place.path, options):
                return
        finally:
            transport.close()
    raise Problem(Outcome.SERVER_ERROR, sink.url, "a file", "a refusal of options that were not asked for")


class _Transfer:
    """One transfer. `last` is our last packet, for when the answer gets lost."""

    def __init__(
        self, transport: asyncio.DatagramTransport, protocol: _Socket, peer: Peer, sink: Sink, wait: float
    ) -> None:
        self._transport, self._protocol, self._peer, self._sink, self._wait = transport, protocol, peer, sink, wait
        self._known = False  # the server's port
        self._last = self._plain = b""
        self._block, self._block_size, self._size = 1, packets.BLOCK, -1

    async def run(self, path: str, options: bool) -> bool:
        """Fetch; False where the server refuses what may be our options, by whatever error: RFC 2347 has 8, servers
        that know of no options send any, and some agree to what was not asked for."""
        self._plain = packets.request(path, False)
        self._send(packets.request(path, options))
        while True:
            try:
                packet = await self._next()
            except ValueError as error:
                self._refuse(0, "no packet of TFTP")
                if options and not self._sink.taken:
                    return False
                raise ValueError(str(error)) from None
            match packet:
                case packets.Refused() if options and not self._sink.taken:
                    return False
                case packets.Refused():
                    raise self._problem(packet)
                case packets.Accepted():
                    if self._block == 1 and not self._sink.taken:
                        self._agree(packet)
                case packets.Data():
                    if self._take(packet):
                        return True

    def _agree(self, packet: packets.Accepted) -> None:
        self._block_size, self._size = packet.block_size, packet.size
        try:
            self._sink.announce(max(packet.size, 0))
        except Problem:
            self._refuse(8, "too large")
            raise
        self._send(packets.acknowledge(0))

    def _take(self, packet: packets.Data) -> bool:
        """The next block, or one that came twice; True when it was the last."""
        if packet.block == (self._block - 1) & 0xFFFF:
            self._send(packets.acknowledge(packet.block))  # our acknowledgement got lost
            return False
        if packet.block == 1 and self._block & 0xFFFF == 0:
            self._block += 1  # a server that goes on from 65535 to 1
        if packet.block != self._block & 0xFFFF:
            return False
        if len(packet.data) > self._block_size:
            raise ValueError(f"a block of {len(packet.data)} bytes where {self._block_size} were agreed")
        try:
            self._sink.take(packet.data)
        except Problem:
            self._refuse(3, "too much")
            raise
        self._send(packets.acknowledge(packet.block))
        self._block += 1
        ended = len(packet.data) < self._block_size
        if ended and self._sink.taken < self._size:
            raise self._sink.cut_off(self._size)
        return ended

    async def _next(self) -> packets.Packet:
        """The server's next packet; our last one again while there is none. A server that says nothing to a request
        with options is asked without them; one that told the size need not send the empty block behind it."""
        for number in range(TRIES):
            try:
                async with asyncio.timeout(self._wait):
                    while True:
                        data, sender = await self._protocol.queue.get()
                        if self._from_server(sender):
                            return packets.read(data)
            except TimeoutError:
                if self._protocol.error is not None:
                    raise self._protocol.error from None
                if self._sink.taken and self._sink.taken == self._size:
                    return packets.Data(self._block & 0xFFFF, b"")
                self._send(self._last if self._known or number < WITH_OPTIONS else self._plain)
        if self._sink.taken:
            raise self._sink.slow()
        raise Problem(Outcome.UNREACHABLE, self._sink.url, "an answer", "silence")

    def _from_server(self, sender: Peer) -> bool:
        """The first packet brings the port of the transfer; later ones of another port are told off (RFC 1350)."""
        if sender[0] != self._peer[0]:
            return False
        if not self._known:
            self._known, self._peer = True, sender
        if sender != self._peer:
            self._transport.sendto(packets.error(UNKNOWN_TRANSFER, "unknown transfer"), sender)
            return False
        return True

    def _send(self, packet: bytes) -> None:
        self._last = packet
        self._transport.sendto(packet, self._peer)

    def _refuse(self, code: int, text: str) -> None:
        self._transport.sendto(packets.error(code, text), self._peer)

    def _problem(self, refused: packets.Refused) -> Problem:
        got = f"error {refused.code} {refused.text}"
        if refused.code == NO_FILE and not self._sink.taken:
            return Problem(Outcome.NOT_FOUND, self._sink.url, "a file", got)
        if refused.code == NO_ACCESS and not self._sink.taken:
            return Problem(Outcome.LOGIN, self._sink.url, "a file that anybody may read", got)
        outcome = Outcome.INCOMPLETE if self._sink.taken else Outcome.SERVER_ERROR
        return Problem(outcome, self._sink.url, "the file", got)
