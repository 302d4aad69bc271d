"""UDP and TCP on one port, TLS on the next: bytes in, bytes out, with the bounds that keep a hostile peer harmless.

Knows no SIP beyond the framing by Content-Length (RFC 3261 section 18.3) and keep-alives (RFC 5626 section 3.5.1).
"""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

MAX_MESSAGE = 65535
_CONTENT_LENGTH = re.compile(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,6})", re.IGNORECASE)
_PING = b"\r\n\r\n"
_PONG = b"\r\n"
_KERNEL = 500  # datagrams that wait for a stopped process, of the size of a SIP message


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a message came from or goes to."""

    host: str
    port: int
    protocol: str = "UDP"

    def __str__(self) -> str:
        return f"{self.protocol.lower()}:{self.host}:{self.port}"


class Transport:
    """One listening address, all protocols. `receive(data, peer)` gets every framed message. tls: None for none; its
    connections are the phones' to open."""

    def __init__(
        self, host: str, port: int, receive: Callable[[bytes, Peer], None], max_connections: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.host, self.port = host, port
        self._tls = tls
        self.silent = False
        self.frozen = False
        self._receive, self._max_connections = receive, max_connections
        self._udp: asyncio.DatagramTransport | None = None
        self._other: asyncio.DatagramTransport | None = None  # requests go out there, after `speak_from`
        self._waiting: list[tuple[bytes, Peer]] = []
        self._running = asyncio.Event()
        self._running.set()
        self._listeners: list[asyncio.Server] = []
        self._writers: dict[Peer, asyncio.StreamWriter] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Bind; OSError if the port is taken. With port 0 the system chooses one free for both protocols."""
        loop = asyncio.get_running_loop()
        wanted = self.port
        for attempt in range(10):
            self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=(self.host, wanted))
            self.port = self._udp.get_extra_info("sockname")[1]
            try:
                self._listeners = [await asyncio.start_server(self._serve, self.host, self.port, limit=MAX_MESSAGE)]
                if self._tls is not None:
                    secure = asyncio.start_server(
                        self._serve, self.host, self.port + 1, limit=MAX_MESSAGE, ssl=self._tls
                    )
                    self._listeners.append(await secure)
                return
            except OSError:
                self._udp.close()
                if wanted or attempt == 9:
                    raise

    async def stop(self) -> None:
        """Close everything that was opened."""
        for listener in self._listeners:
            listener.close()
        for writer in list(self._writers.values()):
            writer.close()
        for task in list(self._tasks):
            task.cancel()
        for endpoint in (self._udp, self._other):
            if endpoint is not None:
                endpoint.close()
        self._other = None
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.sleep(0)  # lets the loop close the sockets now

    def freeze(self, on: bool) -> None:
        """As a process that was stopped (SIGSTOP), and goes on: what comes waits in the kernel, connections stay up,
        nothing goes out."""
        self.frozen = on
        if on:
            self._running.clear()
            return
        self._running.set()
        waiting, self._waiting = self._waiting, []
        for data, peer in waiting:
            self.deliver(data, peer)

    def drop_connections(self) -> int:
        """Reset every TCP connection; how many there were."""
        writers = list(self._writers.values())
        for writer in writers:
            writer.transport.abort()
        return len(writers)

    async def speak_from(self, host: str) -> None:
        """UDP requests come from this address from now on, on the same port; OSError where it cannot be had."""
        self._other, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: _Datagrams(self), local_addr=(host, self.port)
        )

    def send(self, data: bytes, peer: Peer) -> None:
        """Send, opening a TCP connection if there is none. Loss is silent, as on any network."""
        if self.silent or self.frozen:
            return
        if peer.protocol == "UDP":
            out = self._udp if self._other is None or data.startswith(b"SIP/2.0 ") else self._other
            if out is not None and not out.is_closing():
                out.sendto(data, (peer.host, peer.port))
        elif (writer := self._writers.get(peer)) is not None and not writer.is_closing():
            writer.write(data)
        elif peer.protocol == "TCP":
            self._spawn(self._connect_and_send(peer, data))

    def connected(self, peer: Peer) -> bool:
        """Is there an open TCP connection to this peer."""
        return peer in self._writers

    def arrived(self, data: bytes, peer: Peer) -> None:
        """A datagram came: handled now, or when the process goes on."""
        if not self.frozen:
            self.deliver(data, peer)
        elif len(self._waiting) < _KERNEL:
            self._waiting.append((data, peer))

    def deliver(self, data: bytes, peer: Peer) -> None:
        """One message or keep-alive from the wire."""
        if not data.strip(b"\r\n\0 "):
            if data == _PING:
                self.send(_PONG, peer)
            return
        self._receive(data, peer)

    def _spawn(self, coroutine: object) -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(coroutine)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect_and_send(self, peer: Peer, data: bytes) -> None:
        try:
            async with asyncio.timeout(5):
                reader, writer = await asyncio.open_connection(peer.host, peer.port, limit=MAX_MESSAGE)
        except (OSError, TimeoutError) as error:
            log.info("no connection to %s: %s", peer, error)
            return
        writer.write(data)
        self._spawn(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host, port = writer.get_extra_info("peername")[:2]
        peer = Peer(host, port, "TCP" if writer.get_extra_info("ssl_object") is None else "TLS")
        if len(self._writers) >= self._max_connections:
            writer.close()
            return
        self._writers[peer] = writer
        try:
            while (data := await _read_message(reader)) is not None:
                await self._running.wait()
                self.deliver(data, peer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            log.debug("connection %s ended: %s", peer, error)
        except asyncio.CancelledError:
            pass  # the server stops; a task of asyncio.start_server that is cancelled is logged as an error
        finally:
            self._writers.pop(peer, None)
            writer.close()


async def _read_message(reader: asyncio.StreamReader) -> bytes | None:
    """The next message or keep-alive of a stream; None at its end. ValueError when it is over the bound."""
    head = await reader.readline()
    if not head:
        return None
    if head == b"\r\n":  # a keep-alive (CRLF CRLF), or a blank line between messages
        head = await reader.readline()
        if head == b"\r\n":
            return _PING
    while not head.endswith(b"\r\n\r\n"):
        line = await reader.readline()
        if not line or len(head) + len(line) > MAX_MESSAGE:
            raise ValueError("stream ended or grew over the bound inside a header")
        head += line
    found = _CONTENT_LENGTH.search(head)
    length = int(found.group(1)) if found else 0
    if len(head) + length > MAX_MESSAGE:
        raise ValueError(f"Content-Length {length} is over the bound")
    return head + (await reader.readexactly(length) if length else b"")


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, owner: Transport) -> None:
        self._owner = owner

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._owner.arrived(data, Peer(addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        log.debug("UDP: %s", exc)  # ICMP unreachable: the transaction's own timer decides
