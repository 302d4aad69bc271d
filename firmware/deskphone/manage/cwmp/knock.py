"""The connection request (TR-069 3.2.2): an ACS knocks by HTTP, proves who it is by Digest, and a session begins.

Law: `Doorman` is pure, time an argument; `Listener` reads one small request a connection and answers it. Nothing of a
request is obeyed but that somebody knocked. Strangers, however many requests or guesses they send, keep the ACS out
neither by what is remembered of them nor by the places they take.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
import socket
from collections import Counter, deque
from collections.abc import Callable

import h11

from deskphone.manage.cwmp.wish import Door
from deskphone.trust.attempts import Attempts

log = logging.getLogger("deskphone.manage")
REALM = "deskphone"
NONCE_LIFE = 60.0  # seconds
TAKEN, WINDOW = 10, 60.0  # knocks that are taken in so many seconds
GUESTS = 8  # connections at once
HEAD, PATIENCE = 8192, 5.0  # bytes of a request, seconds for it
_PAIR = re.compile(r'\b(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


class Doorman:
    """Who is let in. A nonce is one by its seal, so that nobody's questions fill a memory, and lets in once."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._seal = secrets.token_bytes(32)
        self._used: deque[str] = deque(maxlen=TAKEN)  # no more can be used up while one of them lives
        self._taken: deque[float] = deque(maxlen=TAKEN)
        self._attempts = Attempts()

    def answer(self, method: str, target: str, authorization: str, now: float, address: str = "") -> tuple[int, str]:
        """Status, and what a 401 has as challenge, a 503 as Retry-After. 200: somebody knocked who may. address: of
        who asks."""
        if method != "GET":
            return 405, ""
        target = _path(target)
        if target != self._door.path:
            return 404, ""
        if _full(self._taken, now):
            return 503, f"{WINDOW:.0f}"
        if not authorization:
            return 401, self._challenge(now)
        given = _fields(authorization)
        if not self._is_ours(given.get("nonce", ""), now):
            # RFC 7616 section 3.3: a client that kept a nonce may try the next one without doubt of its password.
            return 401, self._challenge(now) + (", stale=true" if "nonce" in given else "")
        if (pause := self._attempts.pause(address, now)) > 0:  # a guess is one only with a nonce of ours
            return 503, f"{pause + 1:.0f}"
        if not self._good(target, given):
            self._attempts.failed(address, now)
            return 401, self._challenge(now)
        self._attempts.succeeded(address)
        self._used.append(given["nonce"])
        self._taken.append(now)
        return 200, ""

    def _challenge(self, now: float) -> str:
        made = f"{int(now * 1000):012x}{secrets.token_hex(8)}"
        return f'Digest realm="{REALM}", qop="auth", nonce="{made}{self._sealed(made)}", algorithm=MD5'

    def _sealed(self, made: str) -> str:
        return hmac.digest(self._seal, made.encode(), "sha256").hex()[:32]

    def _is_ours(self, nonce: str, now: float) -> bool:
        """Whether it is a nonce of this door's that still lives and was not used."""
        made, seal = nonce[:28], nonce[28:]
        if not hmac.compare_digest(seal.encode(), self._sealed(made).encode()):
            return False
        return now - int(made[:12], 16) / 1000 <= NONCE_LIFE and nonce not in self._used

    def _good(self, target: str, given: dict[str, str]) -> bool:
        """RFC 2617 section 3.2.2, with qop=auth or none."""
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


def _fields(authorization: str) -> dict[str, str]:
    """The parameters of a Digest, by name in small letters; {} for another scheme."""
    scheme, _, rest = authorization.partition(" ")
    pairs = _PAIR.finditer(rest) if scheme.lower() == "digest" else ()
    return {found[1].lower(): found[2] if found[2] is not None else found[3] for found in pairs}


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
        self._guests: dict[asyncio.StreamWriter, str] = {}  # the oldest first
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
        address = str((writer.get_extra_info("peername") or ("",))[0])
        self._make_room()
        self._guests[writer] = address
        try:
            async with asyncio.timeout(PATIENCE):
                await self._serve(reader, writer, address)
        except (TimeoutError, OSError, h11.ProtocolError):
            pass
        finally:
            self._guests.pop(writer, None)
            writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()

    def _make_room(self) -> None:
        """Where all places are taken, who has most of them gives up the one it has longest."""
        if len(self._guests) < GUESTS:
            return
        of_one = Counter(self._guests.values())
        given_up = max(self._guests, key=lambda each: of_one[self._guests[each]])  # the oldest of equals
        self._guests.pop(given_up)
        given_up.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        """One request. h11.ProtocolError, TimeoutError, OSError."""
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD)
        while (event := connection.next_event()) is h11.NEED_DATA:
            connection.receive_data(await reader.read(HEAD))
        if not isinstance(event, h11.Request):
            return
        heads = {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in event.headers}
        status, more = self._doorman.answer(
            event.method.decode("ascii", "replace"), event.target.decode("latin-1"),
            heads.get("authorization", ""), self._clock(), address,
        )  # fmt: skip
        headers = [("Content-Length", "0"), ("Connection", "close")]
        headers += [({401: "WWW-Authenticate", 503: "Retry-After"}[status], more)] if more else []
        answer = h11.Response(status_code=status, headers=headers)
        writer.write(connection.send(answer) or b"")
        await writer.drain()
        if status == 200:
            log.info("TR-069: the ACS asks for a session")
            self._knocked()
