"""HTTP to an ACS and to file servers: login by Digest or Basic, cookies, a few redirects, bounded answers.

Law: one at a time over one connection, as a session wants it. A password goes out by Basic over TLS only, and not where
somebody on the way in the clear has sent us; a redirect never leads from TLS to the clear. HttpError says what became
of it.
"""

from __future__ import annotations

import secrets
import ssl
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType

import aiohttp
from yarl import URL

from deskphone import http_challenge
from deskphone.http_challenge import Challenge
from deskphone.manage.client import Gone

SECONDS = 60.0  # for an answer
STALL = 60.0  # for some bytes of it
MOVED = (301, 302, 307, 308)  # 302 and 307 are TR-069's; web servers in front of an ACS have the others
REDIRECTS = 5
ZIPPED = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's window bits
_PIECE = 65_536
Take = Callable[[bytes], Awaitable[None]]


class HttpError(Exception):
    """No good answer. status: 0 where there was none; unreachable, cut: no connection, and one that ended early."""

    def __init__(self, text: str, status: int = 0, cut: bool = False) -> None:
        super().__init__(text)
        self.status, self.cut = status, cut


@dataclass(slots=True)
class _Login:
    """What a server asked for. count: how often its nonce was used."""

    challenge: Challenge
    cnonce: str
    count: int = 0


class Http:
    """Requests of one session, with its cookies. seconds: for one of them, in which STALL may pass without a byte."""

    def __init__(self, user: str, password: str, context: ssl.SSLContext, seconds: float = SECONDS) -> None:
        self._user, self._password = user, password
        self._logins: dict[URL, _Login] = {}
        self._spoken: set[URL] = set()  # who has answered
        self._moved: dict[str, str] = {}
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=1, ssl=context),
            cookie_jar=aiohttp.CookieJar(unsafe=True),  # an ACS may be an address
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=STALL, sock_read=STALL),
            auto_decompress=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "deskphone"},
            skip_auto_headers=("Content-Type", "Accept"),
        )

    async def __aenter__(self) -> Http:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def send(self, method: str, url: str, most: int, data: bytes = b"", **headers: str) -> bytes:
        """The body of a 2xx; HttpError for everything else. most: bytes of it; headers: with _ for -. A POST that is
        redirected stays one, and later ones go there at once (TR-069 3.4.1 and 3.4.6)."""
        body = bytearray()

        async def keep(part: bytes) -> None:
            body.extend(part)

        await self._exchange(
            method, url, most, keep, data, {name.replace("_", "-"): each for name, each in headers.items()}
        )
        return bytes(body)

    async def fetch(self, url: str, most: int, take: Take) -> None:
        """GET a file that is too large to keep: each part is taken before the next is read. HttpError, and whatever
        `take` raises."""
        await self._exchange("GET", url, most, take, b"", {})

    async def _exchange(  # noqa: PLR0917
        self, method: str, url: str, most: int, take: Take, data: bytes, heads: dict[str, str]
    ) -> None:
        here = self._moved.get(url, url)
        try:
            for _ in range(REDIRECTS + 1):
                place = URL(here)
                answer = await self._once(method, place, data, heads, URL(url).scheme == "https")
                async with answer:
                    if answer.status in MOVED:
                        here = _redirected(place, answer.headers.get("Location", ""))
                        continue
                    if answer.status >= 300:
                        raise HttpError(f"it answers {answer.status}", answer.status)
                    await _body(answer, most, take)
                self._moved[url] = here
                return
        except aiohttp.ClientPayloadError as error:
            raise HttpError("the answer ended early", cut=True) from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise HttpError(f"its certificate is not trusted: {error.certificate_error}") from error
        except Gone:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise HttpError(f"no answer: {type(error).__name__}") from error
        raise HttpError(f"expected at most {REDIRECTS} redirects", 302)

    async def _once(
        self, method: str, place: URL, data: bytes, heads: dict[str, str], safe: bool
    ) -> aiohttp.ClientResponse:
        """One request, with the login that the server asks for. safe: all of the way to this place was by TLS."""
        if place.user is not None and not safe:
            raise HttpError("expected no login in a URL in the clear")
        origin = place.origin()
        answer = await self._ask(method, place, data, heads)
        if answer.status != 401 or not self._user:
            return answer
        offered = http_challenge.read(answer.headers.getall("WWW-Authenticate", ()))
        chosen = http_challenge.best([each for each in offered if safe or each.scheme != "basic"])
        if chosen is None or (origin in self._logins and self._logins[origin].challenge == chosen):
            return answer
        answer.release()
        self._logins[origin] = _Login(chosen, secrets.token_hex(8))
        return await self._ask(method, place, data, heads)

    async def _ask(self, method: str, place: URL, data: bytes, heads: dict[str, str]) -> aiohttp.ClientResponse:
        origin = place.origin()
        if (login := self._logins.get(origin)) is not None:
            login.count += 1
            proof = http_challenge.answer(
                login.challenge, self._user, self._password, place.raw_path_qs, login.cnonce,
                method=method, body=data, count=login.count,
            )  # fmt: skip
            heads = {**heads, "Authorization": proof}
        try:
            answer = await self._client.request(method, place, data=data, headers=heads, allow_redirects=False)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if origin not in self._spoken:
                raise
            # It closed the connection behind its last answer, and did not say so: the session goes on over another.
            answer = await self._client.request(method, place, data=data, headers=heads, allow_redirects=False)
        self._spoken.add(origin)
        return answer


def _redirected(here: URL, location: str) -> str:
    there = here.join(URL(location))
    if not location or there.scheme not in ("http", "https") or (here.scheme == "https" and there.scheme != "https"):
        raise HttpError(
            "expected a redirect to https" if here.scheme == "https" else "expected a redirect to a URL", 302
        )
    return str(there)


async def _body(answer: aiohttp.ClientResponse, most: int, take: Take) -> None:
    """Each part to `take`; unpacked where the server packs though nobody asked it to. HttpError for more than `most`,
    packed or not."""
    packed = answer.headers.get("Content-Encoding", "").strip().lower()
    unzip = zlib.decompressobj(ZIPPED[packed]) if packed in ZIPPED else None
    size = came = 0
    async for part in answer.content.iter_chunked(_PIECE):
        came += len(part)
        if came > most:
            raise HttpError(f"expected at most {most} bytes", answer.status, cut=True)
        while part and not (unzip is not None and unzip.eof):
            plain = part if unzip is None else _unzipped(unzip, part, answer)
            size += len(plain)
            if size > most:
                raise HttpError(f"expected at most {most} bytes", answer.status, cut=True)
            await take(plain)
            part = b"" if unzip is None else unzip.unconsumed_tail  # noqa: PLW2901 - what did not fit yet
    if unzip is not None and came and not unzip.eof:
        raise HttpError("the answer ended early", cut=True)


def _unzipped(unzip: zlib._Decompress, part: bytes, answer: aiohttp.ClientResponse) -> bytes:
    try:
        return unzip.decompress(part, _PIECE)
    except zlib.error:
        raise HttpError("its answer is not what Content-Encoding says", answer.status) from None
