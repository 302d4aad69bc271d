"""The connection request (TR-069 3.2.2): an ACS knocks by HTTP, proves who it is by Digest, and a session begins.

Law: `Doorman` is pure, time an argument; `Listener` reads one small request a connection and answers it. Nothing of a
request is obeyed but that somebody knocked.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import socket
from collections import OrderedDict, deque
from collections.abc import Callable

import h11

from deskphone.manage.cwmp.wish import Door

log = logging.getLogger("deskphone.manage")
REALM = "deskphone"
NONCE_LIFE = 60.0  # seconds
MOST_NONCES = 256
TAKEN, REFUSED, WINDOW = 10, 30, 60.0  # knocks that are taken, and bad ones looked at, in so many seconds
GUESTS = 8  # connections at once
HEAD, PATIENCE = 8192, 5.0  # bytes of a request, seconds for it
_PAIR = re.compile(r'\b(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Doorman:
    """Who is let in. A nonce counts once."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._nonces: OrderedDict[str, float] = OrderedDict()
        self._taken: deque[float] = deque(maxlen=TAKEN)
        self._refused: deque[float] = deque(maxlen=REFUSED)

    def answer(self, method: str, target: str, authorization: str, now: float) -> tuple[int, str]:
        """Status, and the challenge of a 401. 200: somebody knocked who may."""
        if method != "GET":
            return 405, ""
        target = _path(target)
        if target != self._door.path:
            return 404, ""
        if _full(self._refused, now) or _full(self._taken, now):
            return 503, ""
        if not authorization:
            return 401, self._challenge(now)
        if not self._good(target, authorization, now):
            self._refused.append(now)
            return 401, self._challenge(now)
        self._taken.append(now)
        return 200, ""

    def _challenge(self, now: float) -> str:
        nonce = secrets.token_hex(16)
        self._nonces[nonce] = now
        while len(self._nonces) > MOST_NONCES:
            self._nonces.popitem(last=False)
        return f'Digest realm="{REALM}", qop="auth", nonce="{nonce}", algorithm=MD5'

    def _good(self, target: str, authorization: str, now: float) -> bool:
        """RFC 2617 section 3.2.2, with qop=auth or none."""
        scheme, _, rest = authorization.partition(" ")
        given = {found[1].lower(): found[2] if found[2] is not None else found[3] for found in _PAIR.finditer(rest)}
        made = self._nonces.pop(given.get("nonce", ""), None)
        if scheme.lower() != "digest" or made is None or now - made > NONCE_LIFE:
            return False
        if _path(given.get("uri", "")) != target:
            return False
        if given.get("realm") != REALM or given.get("qop", "auth") != "auth":
            return False
        first = _md5(f"{self._door.user}:{REALM}:{self._door.password}")
        second = _md5(f"GET:{given['uri']}")
        middle = f"{given.get('nc')}:{given.get('cnonce')}:auth:" if "qop" in given else ""
        wanted = _md5(f"{first}:{given['nonce']}:{middle}{second}")
        said = hmac.compare_digest(given.get("response", "").lower().encode(), wanted.encode())
        return said and hmac.compare_digest(given.get("username", "").encode(), self._door.user.encode())


def _path(target: str) -> str:
    """The path of a target that may be whole, as one to a proxy is (RFC 9112 section 3.2.2)."""
    return re.sub(r"\Ahttps?://[^/?#]*", "", target, flags=re.IGNORECASE)


def _full(times: deque[float], now: float) -> bool:
    return len(times) == times.maxlen and now - times[0] < WINDOW


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


class Listener:
    """Listens while the door is open. knocked: somebody knocked who may."""

    def __init__(self, knocked: Callable[[], None], clock: Callable[[], float]) -> None:
        self._knocked, self._clock = knocked, clock
        self._door = Door()
        self._doorman = Doorman(self._door)
        self._server: asyncio.Server | None = None
        self._guests = 0
        self.port = 0

    async def obey(self, door: Door) -> None:
        """From now on at this door. A port that is taken is said once, and nothing listens."""
        if door == self._door:
            return
        self.close()
        self._door, self._doorman = door, Doorman(door)
        if not door.open:
            return
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        try:
            listening = socket.create_server(("", door.port), family=family, dualstack_ipv6=both)
        except OSError as error:
            log.error("TR-069: connection requests cannot be taken at port %d: %s", door.port, error.strerror)
            return
        self._server = await asyncio.start_server(self._greet, sock=listening, limit=HEAD)
        self.port = door.port

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.port = 0

    def url(self, address: str) -> str:
        """Where an ACS knocks; "" for nowhere."""
        if not self.port or not address:
            return ""
        return f"http://{f'[{address}]' if ':' in address else address}:{self.port}{self._door.path}"

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._guests >= GUESTS:
            writer.transport.abort()
            return
        self._guests += 1
        try:
            async with asyncio.timeout(PATIENCE):
                await self._serve(reader, writer)
        except (TimeoutError, OSError, h11.ProtocolError):
            pass
        finally:
            self._guests -= 1
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request. h11.ProtocolError, TimeoutError, OSError."""
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD)
        while (event := connection.next_event()) is h11.NEED_DATA:
            connection.receive_data(await reader.read(HEAD))
        if not isinstance(event, h11.Request):
            return
        heads = {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in event.headers}
        status, challenge = self._doorman.answer(
            event.method.decode("ascii", "replace"), event.target.decode("latin-1"),
            heads.get("authorization", ""), self._clock(),
        )  # fmt: skip
        more = [("WWW-Authenticate", challenge)] if challenge else [("Retry-After", "60")] if status == 503 else []
        answer = h11.Response(status_code=status, headers=[("Content-Length", "0"), ("Connection", "close"), *more])
        writer.write(connection.send(answer) or b"")
        await writer.drain()
        if status == 200:
            log.info("TR-069: the ACS asks for a session")
            self._knocked()
