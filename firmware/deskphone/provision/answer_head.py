"""The head of an HTTP answer as aiohttp's strict parser takes it: what of it nobody reads here costs no file.

Law: bytes in, bytes out, and a connection that puts them through. Only the fields that are read here are passed on; of
the length what can mean one thing (RFC 9112 section 6.3): one number said twice, or none beside chunks. Two lengths
that differ stay, and are refused.
"""

from __future__ import annotations

import functools
import re
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler

LIMIT: Final = 65_536  # bytes of a head
LINE: Final = 8_190  # bytes of a line, as aiohttp takes them
FIELDS: Final = frozenset((
    b"content-length", b"transfer-encoding", b"content-encoding", b"content-range", b"location", b"etag",
    b"www-authenticate", b"set-cookie",
))  # fmt: skip
MOST: Final = 64  # fields
_STATUS: Final = re.compile(
    rb"(?:HTTP/(\d)(?:\.(\d))?|ICY)[ \t]+(\d{3})(?:[ \t]([^\x00-\x08\x0a-\x1f\x7f]*))?", re.IGNORECASE
)
_END: Final = re.compile(rb"\r?\n\r?\n")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")
_UNFIT: Final = re.compile(rb"[\x00\r]")  # a line with one of these is dropped
_CODED: Final = (b"gzip", b"x-gzip", b"deflate")


def mended(head: bytes) -> bytes:
    """A head without its last empty line, as bytes of a plain one with it; the same where it is no head of HTTP."""
    lines = _FOLD.sub(b" ", head.lstrip(b"\r\n")).replace(b"\r\n", b"\n").split(b"\n")
    status = _STATUS.fullmatch(lines[0])
    if status is None:
        return head + b"\r\n\r\n"
    good = [line for line in lines[1:] if len(line) <= LINE and not _UNFIT.search(line)]
    fields = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in good)]
    old = status[1] is None or (status[1], status[2]) == (b"1", b"0")
    said = b"HTTP/1.%d %s %s" % (not old, status[3], status[4] or b"")
    kept = [(name, value) for name, value in _lengths(fields) if name in FIELDS][:MOST]
    return b"\r\n".join((said, *(b"%s: %s" % field for field in kept))) + b"\r\n\r\n"


def _lengths(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields with what says how long the body is in front, each once."""
    rest = [field for field in fields if field[0] not in (b"content-length", b"transfer-encoding")]
    codings = [word.strip().lower() for name, value in fields if name == b"transfer-encoding"
               for word in value.split(b",")]  # fmt: skip
    packed = next((word for word in codings if word in _CODED), b"")
    if packed and not any(name == b"content-encoding" for name, _ in rest):
        rest.append((b"content-encoding", packed))
    if b"chunked" in codings:
        return [(b"transfer-encoding", b"chunked"), *rest]
    numbers = {int(word) for name, value in fields if name == b"content-length" for word in value.split(b",")
               if re.fullmatch(rb"\s*\d{1,15}\s*", word)}  # fmt: skip
    return [*((b"content-length", b"%d" % number) for number in sorted(numbers)), *rest]


class _Answer(ResponseHandler):
    """aiohttp's protocol of one connection that carries one answer."""

    _kept: bytes | None = b""

    def data_received(self, data: bytes) -> None:
        """asyncio.Protocol: the head is kept until it is whole; answers of 1xx before it are passed by."""
        if self._kept is None:
            super().data_received(data)
            return
        self._kept += data
        while self._kept is not None and (end := _END.search(self._kept, _leading(self._kept))) is not None:
            head, rest = self._kept[: end.start()], self._kept[end.end() :]
            interim = re.match(rb"\s*HTTP/1\.\d 1(?!01)\d\d\b", head) is not None
            self._kept = rest if interim else None
            if not interim:
                super().data_received(mended(head) + rest)
        if self._kept is not None and len(self._kept) > LIMIT:
            self._let_go()

    def connection_lost(self, exc: BaseException | None) -> None:
        """asyncio.Protocol: what is no whole head is passed on as it is."""
        self._let_go()
        super().connection_lost(exc)

    def _let_go(self) -> None:
        kept, self._kept = self._kept, None
        if kept:
            super().data_received(kept)


def _leading(data: bytes) -> int:
    """Where an answer begins behind empty lines."""
    return len(data) - len(data.lstrip(b"\r\n"))


def mending(connector: aiohttp.TCPConnector) -> aiohttp.TCPConnector:
    """The connector, whose connections carry one answer each (force_close), with heads mended."""
    kind: type[ResponseHandler] = _Answer
    connector._factory = functools.partial(kind, loop=connector._loop)  # aiohttp has no other way to say it
    return connector
