"""Requests that were honest once, for `flood.py`: which there are, who sends them, and what is spoilt in them.

Law: pure; a seed draws the same requests on every machine. Nothing here can end a call or the phone when it is
taken at its word: what would (dial, hang up, restart, defaults, log out) never has both the right name and its form.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.manage import oddities as odd
from tests.manage.oddities import FORM, JSON, PARTS, PLAIN, part

RING = b"/api/v1/settings/deskphone/volume/ring"
DEEP = 0.01  # of the requests, with the right name: they reach the phone, which takes 50 a second of one connection
TORN = 0.05  # of them, in which bytes are changed wherever they are
END = b"GET /favicon.ico HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
"""Behind the last request of a connection, so that one which wants more than it brought is answered."""


@dataclass(frozen=True)
class Names:
    """By what a request is let in: the owner's token, the cookie of a log-in and the token of its forms."""

    token: bytes = b"x"
    cookie: bytes = b"x"
    csrf: bytes = b"x"


@dataclass(frozen=True)
class Request:
    """A request in its parts. calm: its head is one, whatever its body is."""

    method: bytes
    path: bytes
    kind: bytes = FORM
    body: bytes = b""
    headers: tuple[bytes, ...] = ()
    chunks: bytes | None = None
    calm: bool = True

    def written(self) -> bytes:
        """As it is sent."""
        head = b"%b %b HTTP/1.1\r\nHost: localhost\r\n" % (self.method, self.path)
        head += b"".join(b"%b\r\n" % each for each in self.headers)
        if self.chunks is not None:
            return head + b"Content-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n%b" % (self.kind, self.chunks)
        return head + b"Content-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (self.kind, len(self.body), self.body)


@dataclass(slots=True)
class Spoilt:
    """A request as it is sent. calm: it is one; framed: its end is where its head says."""

    whole: bytes
    calm: bool
    framed: bool = True


def honest(csrf: bytes) -> tuple[Request, ...]:
    """What is safe under the right name."""
    file = part(b"csrf", csrf) + part(b"file", b"deskphone/volume/ring=50\n", b'; filename="a.cfg"') + b"--x--\r\n"
    bundle = part(b"announcement", b"nonsense") + part(b"bundle", b"nonsense") + b"--x--\r\n"
    return (
        *(Request(b"GET", path) for path in (b"/login", b"/first", b"/status", b"/status/now", b"/settings/voice",
          b"/diagnostics", b"/configuration", b"/firmware", b"/administration", b"/420HD.cfg", b"/metrics", b"/")),
        *(Request(b"GET", b"/api/v1/" + path) for path in (b"state", b"status", b"settings", b"calls", b"capture",
          b"trace?most=5&after=0", b"log?lines=5", b"openapi.json", b"capture/packets", b"firmware", b"events")),
        Request(b"POST", b"/login", FORM, b"user=admin&password=nonsense"),
        Request(b"POST", b"/first", FORM, b"code=1234&password=a&again=a"),
        Request(b"POST", b"/settings/voice", PARTS, part(b"csrf", csrf) + b"--x--\r\n"),
        Request(b"POST", b"/settings/tones", FORM, b"csrf=%b&voip/regional_settings/selected_country=Germany" % csrf),
        Request(b"POST", b"/configuration", PARTS, file),
        Request(b"POST", b"/diagnostics", FORM, b"csrf=%b&seconds=abc" % csrf),
        Request(b"POST", b"/api/v1/firmware", PARTS, bundle),
        Request(b"GET", RING), Request(b"PUT", RING, JSON, b'{"value": "5"}'), Request(b"DELETE", RING),
        Request(b"PUT", b"/api/v1/configuration", PLAIN, b"deskphone/volume/ring=55\n[a]\nb=c\n"),
        Request(b"POST", b"/api/v1/calls/none/hold", JSON), Request(b"DELETE", b"/api/v1/calls/none"),
        Request(b"POST", b"/api/v1/capture", JSON, b'{"seconds": 1}'),
    )  # fmt: skip


NOBODYS = (
    Request(b"POST", b"/api/v1/calls", JSON, b'{"number": "1"}'),
    Request(b"POST", b"/administration", FORM, b"csrf=x&order=restart+now&sure=1"),
    Request(b"POST", b"/logout", FORM, b"csrf=x"), Request(b"GET", b"/style.css"), Request(b"GET", b"/live.js"),
    Request(b"GET", b"/favicon.ico"), Request(b"GET", b"/api/v1/nothing"), Request(b"GET", b"/.git/config"),
)  # fmt: skip
"""What is sent by strangers only."""


class Draw:
    """Draws spoilt requests."""

    def __init__(self, seed: int, names: Names) -> None:
        self._chance, self._names = random.Random(seed), names
        self._safe, others = honest(names.csrf), honest(b"x") + NOBODYS
        doors = tuple(each for each in others if each.path in DOORS)
        self._others = doors + tuple(each for each in others if each not in doors) * 6
        self._ways: tuple[Callable[[Request], Request], ...] = (
            self._method, *[self._path] * 2, *[self._header] * 3, self._loud, self._kind, self._charset,
            *[self._body] * 5, self._chunked, *[self._broken_body] * 2, *[self._same] * 2,
        )  # fmt: skip

    def one(self) -> Spoilt:
        """The next request."""
        draw = self._chance
        request = self._named()
        for _ in range(draw.choice((1, 1, 1, 1, 2))):
            request = draw.choice(self._ways)(request)
        if draw.random() < TORN:
            return Spoilt(self._torn(request.written()), calm=False, framed=False)
        return Spoilt(request.written(), request.calm)

    def _named(self) -> Request:
        """An honest request with a name, right for few: nobody, a wrong token, a session whose form is not its own."""
        draw, names = self._chance, self._names
        if draw.random() < DEEP:
            right = draw.choice((b"Authorization: Bearer " + names.token, b"Cookie: session=" + names.cookie))
            return _headed(draw.choice(self._safe), right)
        request = draw.choice(self._others)
        match draw.randrange(160):
            case 0:
                return _headed(request, b"Authorization: Bearer " + bytes(draw.choices(b"abcdefXYZ_-09", k=43)))
            case number if number < 64 and request.method == b"POST" and request.path not in OUTWARD:
                return _headed(request, b"Cookie: session=" + names.cookie)
            case number if number < 96:
                return _headed(request, b"Cookie: session=" + bytes(draw.choices(b"abcdefXYZ_-09", k=43)))
        return request

    # --- in parts: the request ends where it says -----------------------------------------------------------

    def _same(self, request: Request) -> Request:
        return request

    def _method(self, request: Request) -> Request:
        return replace(request, method=self._chance.choice(odd.METHODS))

    def _path(self, request: Request) -> Request:
        at, more = self._chance.randrange(len(request.path) + 1), self._chance.choice(odd.PATHS)
        return replace(request, path=request.path[:at] + more + request.path[at:])

    def _header(self, request: Request) -> Request:
        return _headed(request, self._chance.choice(odd.HEADERS))

    def _loud(self, request: Request) -> Request:
        draw = self._chance
        match draw.randrange(4):
            case 0:
                return replace(request, calm=False, method=draw.choice(odd.NO_METHODS))
            case 1:
                return replace(request, calm=False, path=request.path + draw.choice(odd.NO_PATHS))
        return replace(_headed(request, draw.choice(odd.LOUD)), calm=False)

    def _kind(self, request: Request) -> Request:
        return replace(request, kind=self._chance.choice(odd.KINDS))

    def _charset(self, request: Request) -> Request:
        return replace(request, kind=request.kind + b"; charset=" + self._chance.choice(odd.CHARSETS))

    def _body(self, request: Request) -> Request:
        draw, base = self._chance, request.kind.partition(b";")[0]
        if base == JSON:
            return replace(request, body=draw.choice(odd.JSONS))
        if base == b"multipart/form-data":
            fields = b"".join(draw.choices(odd.FIELDS, k=draw.choice((1, 2, 5, 30))))
            return replace(request, body=draw.choice((fields, fields + request.body, request.body + fields)))
        if base == FORM:
            return replace(request, body=request.body + draw.choice((b"&", b"")) + draw.choice(odd.FORMS))
        return replace(request, body=draw.choice((*odd.JSONS, *odd.FORMS)))

    def _broken_body(self, request: Request) -> Request:
        return replace(request, body=self._torn(request.body or b"a=b"))

    def _chunked(self, request: Request) -> Request:
        draw, chunks, wrong = self._chance, [], self._chance.random() < 0.2
        step = max(draw.choice((1, 7, 4096)), len(request.body) >> 8)
        for at in range(0, len(request.body), step):
            piece = request.body[at : at + step]
            size = (draw.choice(odd.CHUNKS) if wrong else b"%b") % (b"%x" % len(piece))
            chunks += [size, b"\r\n", piece, b"\r\n"]
        return replace(request, calm=request.calm and not wrong, chunks=b"".join(chunks) + draw.choice(odd.TRAILERS))

    # --- in bytes: nobody knows where it ends ------------------------------------------------------------------

    def _torn(self, whole: bytes) -> bytes:
        """Bytes of which a few are not as they were."""
        draw, changed = self._chance, bytearray(whole)
        for _ in range(draw.choice((1, 1, 2, 5, 20))):
            at = draw.randrange(len(changed))
            match draw.randrange(5):
                case 0:
                    changed[at] = draw.randrange(256)
                case 1:
                    del changed[at : at + draw.choice((1, 2, 30))]
                case 2:
                    changed[at:at] = draw.choice(odd.PIECES)
                case 3:
                    changed[at:at] = changed[at : at + 40] * draw.choice((1, 3, 200))
                case 4:
                    changed[at:at] = draw.randbytes(draw.choice((1, 8, 64)))
            if not changed:
                break
        return bytes(changed)


DOORS = (b"/login", b"/first")
"""Open to everybody, and each asks the phone: seldom, or nothing else would have its turn."""
OUTWARD = (b"/api/v1/calls", b"/api/v1/capture", *DOORS)
"""Posts that need no token of a form: they are not sent with a session unless they are safe."""


def _headed(request: Request, header: bytes) -> Request:
    return replace(request, headers=(*request.headers, header))
