"""HTTP/1.1 for the panel: h11 judges the bytes (RFC 9112), this moves them between a socket and a handler.

Law: one connection, one request at a time, everything bounded: head, body, time, connections. It knows no page. h11 and
wsproto are sans-I/O and small; a server with a framework took 10 MB of a phone that has 50.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

import h11

from deskphone.sim.panel.websocket import HandshakeRefused, WebSocket, drained

log = logging.getLogger("deskphone.panel")

HEAD_LIMIT = 16_384
"""Bytes of a request's line and headers."""
BODY_LIMIT = 4096
"""Bytes of a request's body: a key, a hook or a line of text."""
MOST_CONNECTIONS = 64  # at a time; one more is closed at once
IDLE = 75.0
"""Seconds a connection may be without a request, a request may take to come, and its answer to be taken."""
LINGER = 1.0
"""Seconds in which the other side may read our last words (RFC 9112 section 9.6), and handlers end at a stop."""
PIECE = 65_536  # bytes read at once


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. path is decoded; a header's name is in small letters, two of one name are joined by a comma."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """A whole response. kind is the Content-Type."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class Bad(Exception):
    """What is no request we can take: `status` is the answer, the text its sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


Handler = Callable[[Request, "Connection"], Awaitable[Response | None]]
"""Gives the answer, or None where it gave it itself (`Connection.begin`, `Connection.upgrade`)."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a server serves: `handle` answers, `refuse` answers where a request cannot be taken at all, and
    `headers` are on every answer (of the request, None where there is none)."""

    handle: Handler
    refuse: Callable[[int, str], Response]
    headers: Callable[[Request | None], Mapping[str, str]]


class Connection:
    """One connection of a browser or a tool."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, site: Site) -> None:
        self._reader, self._writer, self._site = reader, writer, site
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_LIMIT)
        self._request: Request | None = None
        self._raw: h11.Request | None = None
        self.ending = False  # no request is taken any more

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        return self._request is None

    async def serve(self) -> None:
        """Answer one request after the other until either side ends the connection; nothing is raised for that."""
        try:
            while await self._exchange() and not self.ending:
                self._http.start_next_cycle()
        except (ConnectionError, TimeoutError):
            pass  # the other side went away, or never came to the point
        finally:
            with suppress(OSError, RuntimeError):
                self._writer.close()

    async def _exchange(self) -> bool:
        """One request and its answer; False where it was the last."""
        try:
            async with asyncio.timeout(IDLE):
                request = await self._receive()
        except h11.RemoteProtocolError as error:
            return await self._last(self._site.refuse(error.error_status_hint, f"not HTTP: {error}"))
        except Bad as error:
            return await self._last(self._site.refuse(error.status, str(error)))
        if request is None:
            return False
        self._request = request
        try:
            answer = await self._answer(request)
            if answer is not None:
                await self._respond(answer)
        except (ConnectionError, TimeoutError):
            raise
        except Exception:
            log.exception("%s %s", request.method, request.path[:80])
            return await self._last(self._site.refuse(500, "a bug of the phone; its journal has more"))
        finally:
            self._request = None
        return self._http.states == {h11.CLIENT: h11.DONE, h11.SERVER: h11.DONE}

    async def _answer(self, request: Request) -> Response | None:
        try:
            return await self._site.handle(request, self)
        except Bad as error:
            return self._site.refuse(error.status, str(error))

    # --- a request -----------------------------------------------------------------------------------

    async def _receive(self) -> Request | None:
        """The next request; None where there is none any more. h11.RemoteProtocolError or Bad for anything else."""
        self._raw = None
        head = await self._next_event()
        if not isinstance(head, h11.Request):
            return None
        self._raw = head
        headers: dict[str, str] = {}
        for raw_name, raw_value in head.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        path, _, query = head.target.decode("latin-1").partition("?")
        if not path.startswith("/"):
            raise Bad(400, f"expected a path that begins with /, got {path[:80]!r}")
        try:
            asked = dict(parse_qsl(query, max_num_fields=8))
        except ValueError:
            raise Bad(400, "more than 8 fields in the query") from None
        body = await self._body(headers)
        return Request(head.method.decode("latin-1"), unquote(path), asked, headers, body)

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        announced = headers.get("content-length", "0")  # digits: h11 looked
        body = bytearray()
        while int(announced) <= BODY_LIMIT and len(body) <= BODY_LIMIT:
            event = await self._next_event()
            if isinstance(event, h11.Data):
                body += event.data
            else:  # EndOfMessage: h11 raises where the body is cut off
                return bytes(body)
        raise Bad(413, f"the body is larger than {BODY_LIMIT} bytes")

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                await self._send(h11.InformationalResponse(status_code=100, headers=[]))
            self._http.receive_data(await self._reader.read(PIECE))
        return event

    # --- an answer -----------------------------------------------------------------------------------

    async def _respond(self, answer: Response) -> None:
        length = {"Content-Length": str(len(answer.body))}
        parts: list[h11.Event] = [self._head(answer, length)]
        if answer.body and not self._head_only:
            parts.append(h11.Data(data=answer.body))
        await self._send(*parts, h11.EndOfMessage())

    async def _last(self, answer: Response) -> bool:
        """Say why, and end: what else comes is not read as a request."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self._respond(Response(answer.status, answer.body, answer.kind, {"Connection": "close"}))
            with suppress(TimeoutError):
                self._writer.write_eof()
                async with asyncio.timeout(LINGER):
                    while await self._reader.read(PIECE):
                        pass
        return False

    async def begin(self, kind: str, headers: Mapping[str, str]) -> bool:
        """Begin an answer without a length, whose pieces `write` sends; False where only its head was asked for."""
        await self._send(self._head(Response(kind=kind, headers=headers), {}))
        if self._head_only:
            await self._send(h11.EndOfMessage())
        return not self._head_only

    async def write(self, piece: bytes) -> None:
        """A piece of that answer; ConnectionError where nobody is there to read it."""
        if self._reader.at_eof():
            raise ConnectionResetError("the other side went away")
        await self._send(h11.Data(data=piece))

    async def end(self) -> None:
        """End that answer; ConnectionError where nobody is there to read it."""
        await self._send(h11.EndOfMessage())

    async def upgrade(self) -> WebSocket:
        """Make this connection a WebSocket, for good. Bad where it was not asked for as RFC 6455 wants it."""
        assert self._raw is not None
        headers = self._site.headers(self._request)
        waiting, _ = self._http.trailing_data
        try:
            socket = WebSocket(self._reader, self._writer, self._raw, waiting)
            await socket.accept([(name.encode(), value.encode("latin-1")) for name, value in headers.items()])
        except HandshakeRefused as error:
            raise Bad(error.status, str(error)) from None
        return socket

    @property
    def _head_only(self) -> bool:
        return self._raw is not None and self._raw.method == b"HEAD"

    def _head(self, answer: Response, more: Mapping[str, str]) -> h11.Response:
        now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())  # no locale is ever set
        kind = {"Date": now, "Content-Type": answer.kind}
        every = {**kind, **self._site.headers(self._request), **answer.headers, **more}
        reason = HTTPStatus(answer.status).phrase
        lines = [(name.encode(), value.encode("latin-1")) for name, value in every.items()]
        return h11.Response(status_code=answer.status, headers=lines, reason=reason)

    async def _send(self, *parts: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(part) or b"" for part in parts))
        await drained(self._writer, IDLE)


class Server:
    """The listening socket and the connections made to it."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._tasks: dict[asyncio.Task[None], Connection] = {}
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> tuple[str, int]:
        """Listen there (port 0: a free one); the address it became. OSError where that is not possible."""
        self._server = await asyncio.start_server(self._connected, host, port, limit=PIECE)
        name = self._server.sockets[0].getsockname()
        return str(name[0]), int(name[1])

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= MOST_CONNECTIONS:
            writer.close()
            return
        connection = Connection(reader, writer, self._site)
        task = asyncio.create_task(connection.serve(), name="panel connection")
        self._tasks[task] = connection
        task.add_done_callback(self._tasks.pop)

    async def close(self) -> None:
        """Stop to listen; who is being answered has LINGER seconds."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task, connection in tuple(self._tasks.items()):
            connection.ending = True
            if connection.idle:
                task.cancel()
        if tasks := tuple(self._tasks):
            await asyncio.wait(tasks, timeout=LINGER)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
