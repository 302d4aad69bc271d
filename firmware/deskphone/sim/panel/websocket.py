"""A WebSocket (RFC 6455) on a connection that asked for one: wsproto judges the bytes, this moves them.

Law: binary messages in and out, both bounded; a silent other side is pinged and then given up.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

import h11
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    Ping,
    RejectConnection,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

SILENCE = 10.0
"""Seconds until a silent other side is pinged."""
PATIENCE = 5.0
"""Seconds it then has to say anything, or to answer a close; and to take what is sent."""
PIECE = 65_536  # bytes read at once


class HandshakeRefused(Exception):
    """The request does not ask for a WebSocket as it should: `status` is the answer, the text says why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


async def drained(writer: asyncio.StreamWriter, seconds: float) -> None:
    """Wait until what was written is on its way. ConnectionError where the other side takes nothing for so long; the
    connection is cut then, for a farewell would wait, too.
    """
    try:
        async with asyncio.timeout(seconds):
            await writer.drain()
    except TimeoutError:
        writer.transport.abort()
        raise ConnectionResetError("the other side reads nothing") from None


class WebSocket:
    """The server's end. One task receives; any task sends."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: h11.Request, waiting: bytes
    ) -> None:
        """waiting: bytes that came behind the request. HandshakeRefused where it is no handshake."""
        self._reader, self._writer = reader, writer
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._events: deque[Event] = deque()
        self._waiting = waiting
        try:
            self._protocol.initiate_upgrade_connection(request.headers.raw_items(), request.target)
        except RemoteProtocolError as error:
            hint = error.event_hint
            status = hint.status_code if isinstance(hint, RejectConnection) else 400
            raise HandshakeRefused(status, f"no WebSocket: {error}") from None
        for _ in self._protocol.events():
            pass  # the request itself

    async def accept(self, headers: list[tuple[bytes, bytes]]) -> None:
        """Answer the handshake with 101 and these header fields (RFC 6455 section 4.2.2)."""
        await self._send(AcceptConnection(extra_headers=headers))
        self._take(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._protocol.state is not ConnectionState.OPEN

    async def receive(self, most: int) -> bytes | None:
        """The next message; None for one that is text or longer than `most` bytes. ConnectionError at the end."""
        message = bytearray()
        while True:
            event = await self._next()
            if isinstance(event, Ping):
                await self._send(event.response())
            elif isinstance(event, CloseConnection):
                if self._protocol.state is ConnectionState.REMOTE_CLOSING:
                    await self._send(event.response())
                elif not self.closed:  # wsproto's own finding: bytes that are no frame
                    await self._send(event)
                raise ConnectionResetError("closed")
            elif isinstance(event, Message):
                if not isinstance(event, BytesMessage):
                    return None
                message += event.data
                if len(message) > most:
                    return None
                if event.message_finished:
                    return bytes(message)

    async def _next(self) -> Event:
        asked = False
        while not self._events:
            try:
                async with asyncio.timeout(PATIENCE if asked or self.closed else SILENCE):
                    data = await self._reader.read(PIECE)
            except TimeoutError:
                if asked or self.closed:
                    raise ConnectionResetError("silence") from None
                asked = True
                await self._send(Ping())
                continue
            if not data:
                raise ConnectionResetError("gone")
            self._take(data)
        return self._events.popleft()

    def _take(self, data: bytes) -> None:
        try:
            self._protocol.receive_data(data)
            self._events.extend(self._protocol.events())
        except RemoteProtocolError as error:
            raise ConnectionResetError(f"no WebSocket: {error}") from None

    async def send(self, message: bytes) -> None:
        """Send a binary message; ConnectionError where the other side is gone."""
        await self._send(BytesMessage(data=message))

    async def close(self, code: int, reason: str) -> None:
        """Send a close frame with a code of RFC 6455 section 7.4 and its reason; who receives sees the end (`receive`,
        `drain`). It waits for nobody."""
        if not self.closed:
            self._writer.write(self._protocol.send(CloseConnection(code=code, reason=reason)))

    async def drain(self) -> None:
        """Read on until the other side has closed, so that our last words reach it; it has PATIENCE seconds."""
        with suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while self._protocol.state is not ConnectionState.CLOSED:
                    self._events.clear()
                    if not (data := await self._reader.read(PIECE)):
                        break
                    self._take(data)

    async def _send(self, event: Event) -> None:
        try:
            self._writer.write(self._protocol.send(event))
        except LocalProtocolError as error:
            raise ConnectionResetError(f"closed already: {error}") from None
        await drained(self._writer, PATIENCE)
