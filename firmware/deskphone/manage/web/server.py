"""The web server of the management plane: one application for HTTP and HTTPS, and what every request passes first.

Law: nobody is served under a foreign name, from a foreign page, without a session or a token, with a large body or
for longer than a request may take. What is served is `api` and `pages`.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler

from deskphone.host_names import host_is_ours
from deskphone.manage.client import AsyncPhone, Gone, Refusal
from deskphone.manage.feed import Feed
from deskphone.manage.web.administration import Administration
from deskphone.manage.web.api import Api, error, refusal
from deskphone.manage.web.configuration import Configuration
from deskphone.manage.web.connection import Connection, prepare
from deskphone.manage.web.diagnostics import Diagnostics
from deskphone.manage.web.door import Door
from deskphone.manage.web.entry import Entry, from_our_page
from deskphone.manage.web.firmware import UPLOADS, Firmware
from deskphone.manage.web.login_pages import LoginPages
from deskphone.manage.web.pages import Pages
from deskphone.manage.web.stream import PATH as STREAM
from deskphone.manage.web.stream import Stream

BODY_LIMIT = 262_144  # bytes: the largest page of settings has some 150 fields
SECONDS = 12.0  # of one request, from its head to its answer
NO_LOG = logging.getLogger("deskphone.manage.requests")
NO_LOG.disabled = True  # nobody keeps who asked what
OPEN = ("/login", "/first", "/style.css", "/live.js", "/favicon.ico")  # without a session


class Server:
    """The management plane over the network. patient: a connection for what takes long; names: further names of this
    machine; secure_at: the port of HTTPS, 0 for none; only_secure: requests by HTTP are sent there."""

    def __init__(self, phone: AsyncPhone, patient: AsyncPhone, feed: Feed, clock: Callable[[], float]) -> None:
        self.entry = Entry(phone, clock)
        self.names: tuple[str, ...] = ()
        self.secure_at, self.only_secure = 0, False
        self._bound = ""
        self._clock, self._last = clock, clock()
        self._door: Door | None = None
        self.app = app = web.Application(middlewares=[self._guard], client_max_size=BODY_LIMIT)
        app.on_response_prepare.append(prepare)
        stream = Stream(feed, self.entry.still, self._stays)
        parts = (Api(phone), stream, Configuration(phone), LoginPages(self.entry), Pages(phone))
        for each in (*parts, Administration(phone), Diagnostics(phone, patient), Firmware(phone, patient)):
            app.add_routes(each.routes())
        self._runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        self._servers: list[asyncio.Server] = []

    async def listen(self, at: tuple[str, int] | socket.socket, context: ssl.SSLContext | None) -> int:
        """Begin to listen at host and port, or at a socket that listens already; the port. OSError where that fails."""
        loop = asyncio.get_running_loop()
        if self._door is None:
            await self._runner.setup()
            inner = self._runner.server
            assert inner is not None
            self._door = Door(lambda: Connection(inner, loop=loop, access_log=NO_LOG, auto_decompress=False))
        handshake = SECONDS if context is not None else None
        if isinstance(at, socket.socket):
            server = await loop.create_server(self._door, sock=at, ssl=context, ssl_handshake_timeout=handshake)
        else:
            server = await loop.create_server(self._door, *at, ssl=context, ssl_handshake_timeout=handshake, backlog=64)
        name = server.sockets[0].getsockname()
        self._bound = name[0]
        self._servers.append(server)
        return int(name[1])

    def _knocked(self, request: web.Request) -> None:
        if self._door is not None:
            self._door.knocked(request.transport)
        self._last = self._clock()

    def _stays(self, request: web.Request) -> None:
        if self._door is not None:
            self._door.stays(request.transport)

    @property
    def listens(self) -> bool:
        """Whether it has begun to."""
        return bool(self._servers)

    def idle(self) -> float:
        """Seconds since the last request, 0 while somebody is connected or logged in."""
        if self.entry.anybody_logged_in() or (self._door is not None and self._door.guests):
            return 0.0
        return self._clock() - self._last

    async def close(self) -> None:
        """Stop to listen and close every connection."""
        for server in self._servers:
            server.close()
        await self._runner.cleanup()

    # --- what every request passes -----------------------------------------------------------------------

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._knocked(request)
        try:
            async with asyncio.timeout(SECONDS) as limit:
                refused = await self._refused(request)
                if refused is not None:
                    return refused
                if _bounds_itself(request):
                    limit.reschedule(None)
                    if request.method == "POST":
                        self._stays(request)
                return await handler(request)
        except TimeoutError:
            return error(408, "the request took too long", Connection="close")
        except Refusal as refused:
            return refusal(refused)
        except Gone:
            return error(503, "the phone does not answer")
        except (web.RequestPayloadError, HttpProcessingError):
            return error(400, "the body did not come whole", Connection="close")
        except web.HTTPRequestEntityTooLarge:
            return error(413, f"the body is larger than {BODY_LIMIT} bytes", Connection="close")
        except web.HTTPRedirection as redirection:
            return redirection
        except web.HTTPMethodNotAllowed as wrong:
            return error(405, f"not with {request.method[:16]}", Allow=", ".join(sorted(wrong.allowed_methods)))
        except web.HTTPException as wrong:
            return error(wrong.status, wrong.text or wrong.reason)
        finally:
            self._knocked(request)  # from here on the connection is kept for its next request

    async def _refused(self, request: web.Request) -> web.StreamResponse | None:
        """The answer to a request that may not go on, None for one that may; its session is in `request["session"]`."""
        host = request.headers.get("Host", "")
        if not host_is_ours(host, self._bound, self.names):
            return error(403, f"Host {host[:80]!a} is no name of this phone")
        if not request.secure and self.only_secure and self.secure_at:
            name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
            raise web.HTTPPermanentRedirect(f"https://{name}:{self.secure_at}{request.rel_url}")
        if request.method not in ("GET", "HEAD") and not from_our_page(request):
            return error(403, "this request comes from another web site")
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return error(415, "expected a body as it is, without Content-Encoding", Connection="close")
        if request.path in OPEN:
            return None
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return None if await self.entry.is_token(token.strip()) else _unauthorised(request)
        session = self.entry.session(request)
        if session is None:
            return _unauthorised(request)
        request["session"], request["sections"] = session, self.entry.sections(session)
        return None if self.entry.may(session, request) else error(403, "this page is the administrator's")


def _bounds_itself(request: web.Request) -> bool:
    """Whether its handler sees to it how long it may take: the stream of what happens, and what is large."""
    return request.path == STREAM or (request.path in UPLOADS and request.method == "POST")


def _unauthorised(request: web.Request) -> web.StreamResponse:
    """401 for a program, the log-in page for a person."""
    if request.method == "GET" and not request.path.startswith(("/api/", "/metrics")):
        raise web.HTTPSeeOther("/login")
    return error(401, "log in, or bring the owner's token", **{"WWW-Authenticate": 'Bearer realm="deskphone"'})
