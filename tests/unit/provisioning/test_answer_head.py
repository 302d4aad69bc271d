"""Heads of HTTP answers as servers, scripts and boxes between write them: the file counts, not what is beside it."""

from __future__ import annotations

import asyncio
import gzip
import ssl

import pytest

from deskphone.provision import web
from deskphone.provision.address import address
from deskphone.provision.answer_head import LIMIT, mended
from deskphone.provision.options import Options
from deskphone.provision.problem import Outcome, Problem
from deskphone.provision.sink import Sink

BODY = b"voip/line/0/id=4101\n"
CHUNKS = b"14\r\n" + BODY + b"\r\n0\r\n\r\n"
PACKED = gzip.compress(BODY)
OK = b"HTTP/1.1 200 OK"
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"


def answer(*lines: bytes, body: bytes = BODY) -> bytes:
    return b"\r\n".join((*lines, b"", b"")) + body


async def fetched(*pieces: bytes) -> bytes:
    """What comes of an answer in these pieces, each a packet of its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    data = bytearray()
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        place = address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a.cfg")
        sink = Sink(place.url, data.extend, 1_000_000, 5.0)
        await web.fetch(place, sink, Options("test", ssl.create_default_context()))
    return bytes(data)


@pytest.mark.parametrize("raw", [
    answer(OK, LENGTH, LENGTH),
    answer(OK, LENGTH + b", %d" % len(BODY)),
    answer(OK, b"Content-Length: +%d" % len(BODY)),
    answer(OK, b"Content-Length:"),
    answer(OK, b"Content-Length: -1"),
    answer(OK, LENGTH, CHUNKED, body=CHUNKS),
    answer(OK, b"Transfer-Encoding: identity", LENGTH),
    answer(OK, b"Transfer-Encoding: gzip, chunked", body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(PACKED), PACKED)),
    answer(OK, LENGTH, b"X-Powered-By : script"),
    answer(OK, LENGTH, b"PHP Warning"),
    answer(OK, LENGTH, b": nothing"),
    answer(OK, LENGTH, b"X-(y): z"),
    answer(OK, LENGTH, b"X: a\0b"),
    answer(OK, LENGTH, b"X: a\rb"),
    answer(OK, LENGTH, "X-Fü: ü".encode("latin-1")),
    answer(OK, LENGTH, b"X: " + b"a" * 9_000),
    answer(OK, LENGTH, *[b"X: a"] * 500),
    answer(b"HTTP/1.1 200", LENGTH),
    answer(b"HTTP/1.2 200 OK", LENGTH),
    answer(b"HTTP/1 200 OK", LENGTH),
    answer(b"http/1.1 200 ok", LENGTH),
    answer(b"ICY 200 OK"),
    answer(b"HTTP/1.0 200 OK"),
    answer(OK, LENGTH).replace(b"\r\n", b"\n"),
    b"\r\n" + answer(OK, LENGTH),
    answer(b"HTTP/1.1 100 Continue", body=b"") + answer(OK, LENGTH, LENGTH),
    answer(b"HTTP/1.1 103 Early Hints", b"Link : </x>", body=b"") + answer(OK, LENGTH, LENGTH),
])  # fmt: skip
async def test_the_file_is_taken(raw: bytes) -> None:
    assert await fetched(raw) == BODY
    assert await fetched(raw[:9], raw[9:40], raw[40:]) == BODY


@pytest.mark.parametrize(("raw", "expected"), [
    (answer(OK, LENGTH, b"Content-Length: 5"), Outcome.SERVER_ERROR),
    (answer(OK, b"Content-Length: 500"), Outcome.INCOMPLETE),
    (answer(OK, b"Content-Length: 5"), Outcome.SERVER_ERROR),
    (answer(OK, CHUNKED, body=CHUNKS[:-5]), Outcome.INCOMPLETE),
    (answer(b"SSH-2.0-x", LENGTH), Outcome.SERVER_ERROR),
    (BODY, Outcome.SERVER_ERROR),
    (OK + b"\r\nX: y", Outcome.UNREACHABLE),
    (OK + b"\r\n" + b"X: y\r\n" * (LIMIT // 6), Outcome.SERVER_ERROR),
    (b"", Outcome.UNREACHABLE),
], ids=["lengths", "cut", "too long", "no last chunk", "no HTTP", "no head", "half", "no end", "nothing"])  # fmt: skip
async def test_what_could_be_half_a_file_is_none_and_is_told_in_one_line(raw: bytes, expected: Outcome) -> None:
    with pytest.raises(Problem) as raised:
        await fetched(raw)
    assert raised.value.outcome is expected
    assert "ClientResponse" not in str(raised.value) and "message=" not in str(raised.value)


def test_only_what_is_read_here_is_passed_on() -> None:
    head = b"HTTP/1.1 401 x\r\nServer: y\r\nWWW-Authenticate: Digest a=b,\r\n c=d\r\nSet-Cookie: a=b\r\nUpgrade: h2c"
    assert mended(head) == (b"HTTP/1.1 401 x\r\nwww-authenticate: Digest a=b, c=d\r\nset-cookie: a=b\r\n\r\n")
