"""In front of the web server: how many connections there may be, and how long a request may take to arrive.

Law: bytes are passed on, never looked into. aiohttp waits for the rest of a request as long as the client likes; here a
connection that brings no whole request in time is aborted, and so is one too many.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

MOST = 64  # connections
MOST_OF_ONE = 24  # of one address
SECONDS = 15.0  # from the connection, or from the last request's head or answer, to the end of the next one's head


class Door:
    """The protocol factory of a server: counts its connections, in all and by address. `knocked` is called by the
    server when a request's head is whole and when its answer is ready."""

    def __init__(self, inner: Callable[[], asyncio.Protocol]) -> None:
        self._inner = inner
        self._by_transport: dict[Any, Guest] = {}
        self._of_one: Counter[str] = Counter()

    def __call__(self) -> Guest:
        """asyncio's protocol_factory: the protocol of a new connection."""
        return Guest(self, self._inner())

    @property
    def guests(self) -> int:
        """How many connections are in."""
        return len(self._by_transport)

    def knocked(self, transport: Any) -> None:
        """A request's head is whole, or its answer ready: its connection has SECONDS until the end of the next head."""
        guest = self._by_transport.get(transport)
        if guest is not None:
            guest.wait()

    def stays(self, transport: Any) -> None:
        """This connection is one that is written to for as long as it likes, until `knocked` is called again: whoever
        serves it looks after it."""
        guest = self._by_transport.get(transport)
        if guest is not None:
            guest.stay()

    def enter(self, guest: Guest, transport: Any) -> bool:
        """Let a connection in; False where MOST are in, or MOST_OF_ONE of its address."""
        if len(self._by_transport) >= MOST or self._of_one[guest.address] >= MOST_OF_ONE:
            return False
        self._by_transport[transport] = guest
        self._of_one[guest.address] += 1
        return True

    def leave(self, guest: Guest, transport: Any) -> None:
        """Free the place of a connection that was let in."""
        if self._by_transport.pop(transport, None) is not None:
            self._of_one -= Counter([guest.address])


class Guest(asyncio.Protocol):
    """The asyncio.Protocol of one connection: everything is passed on to the server's own protocol."""

    def __init__(self, door: Door, inner: asyncio.Protocol) -> None:
        self._door, self._inner_protocol = door, inner
        self._transport: Any = None
        self._alarm: asyncio.TimerHandle | None = None
        self._inside = False
        self.address = ""

    def wait(self) -> None:
        """Give it SECONDS for the next request; then the connection is aborted."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(SECONDS, self._transport.abort)

    def stay(self) -> None:
        """Let it stay without a further request."""
        if self._alarm is not None:
            self._alarm.cancel()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """asyncio.Protocol: a connection that is one too many (`Door.enter`) is aborted at once."""
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if isinstance(peer, tuple) else ""
        self._transport = transport
        self._inside = self._door.enter(self, transport)
        if not self._inside:
            self._transport.abort()
            return
        self.wait()
        self._inner_protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """asyncio.Protocol: passed on to the protocol inside."""
        if self._inside:
            self._inner_protocol.data_received(data)

    def eof_received(self) -> bool | None:
        """asyncio.Protocol: passed on to the protocol inside."""
        return self._inner_protocol.eof_received() if self._inside else None

    def pause_writing(self) -> None:
        """asyncio.Protocol: passed on to the protocol inside."""
        self._inner_protocol.pause_writing()

    def resume_writing(self) -> None:
        """asyncio.Protocol: passed on to the protocol inside."""
        self._inner_protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """asyncio.Protocol: its place is free again."""
        if self._alarm is not None:
            self._alarm.cancel()
        if self._inside:
            self._door.leave(self, self._transport)
            self._inner_protocol.connection_lost(exc)
