"""What servers of the field do with HTTP: challenges side by side, stale nonces, codings, redirects, the MAC's case."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote

import pytest
from aiohttp import web
from multidict import CIMultiDict

from deskphone.provision.address import address
from deskphone.provision.options import Options
from deskphone.provision.problem import Outcome
from deskphone.provision.sink import Sink
from deskphone.provision.web import fetch
from tests.unit.provisioning.check_bench import GOOD, NAME, Bench
from tests.unit.provisioning.conftest import Serve
from tests.unit.provisioning.test_web import FILE, digest_server, get, login, outcome

BASIC, DIGEST = 'Basic realm="phones"', 'Digest realm="phones", nonce="n0nce", qop="auth", algorithm={}'
UPPER = NAME.replace("00908f3bbcba", "00908F3BBCBA")


@pytest.mark.parametrize(
    "challenges",
    [(BASIC, DIGEST), (DIGEST, BASIC), ("Negotiate", DIGEST), ('Bearer realm="x"', BASIC, DIGEST),
     (f"{BASIC}, {DIGEST}",)],
)  # fmt: skip
@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
async def test_a_usable_challenge_is_found_among_others(
    serve: Serve, challenges: tuple[str, ...], algorithm: str
) -> None:
    judge = digest_server(algorithm)

    async def answer(request: web.Request) -> web.StreamResponse:
        assert not request.headers.get("Authorization", "").startswith("Basic"), "the password in clear"
        judged: web.StreamResponse = await judge(request)  # type: ignore[operator]
        if judged.status == 200:
            return judged
        return web.Response(
            status=401, headers=CIMultiDict(("WWW-Authenticate", each.format(algorithm)) for each in challenges)
        )

    async with serve(answer) as url:
        assert await get(url + "/a.cfg?x=1&y=%20", login=login(url)) == FILE


async def test_a_nonce_that_is_too_old_is_replaced_and_not_for_ever(serve: Serve) -> None:
    judge, asked = digest_server(), list[str]()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization", ""))
        if len(asked) == 2 or request.path == "/never":
            fresh = 'Digest realm="phones", nonce="n0nce", qop="auth", algorithm=SHA-256, stale=true'
            return web.Response(status=401, headers={"WWW-Authenticate": fresh})
        judged: web.StreamResponse = await judge(request)  # type: ignore[operator]
        return judged

    async with serve(answer) as url:
        assert await get(url + "/a.cfg", login=login(url)) == FILE
        assert len(asked) == 3
        asked.clear()
        assert (await outcome(url + "/never", login=login(url)))[0] is Outcome.LOGIN
        assert len(asked) == 3


async def test_a_digest_that_is_refused_sends_no_password_in_clear(serve: Serve) -> None:
    asked = list[str]()

    async def answer(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Authorization", ""))
        headers = CIMultiDict((("WWW-Authenticate", DIGEST.format("MD5")), ("WWW-Authenticate", BASIC)))
        return web.Response(status=401, headers=headers)

    async with serve(answer) as url:
        assert (await outcome(url + "/a.cfg", login=login(url)))[0] is Outcome.LOGIN
    assert [each.partition(" ")[0] for each in asked] == ["", "Digest"]


@pytest.mark.parametrize("word", [
    "identity", "none", "8bit", "UTF-8", "utf-8, identity", "", "windows-1252", "text/plain", "chunked", "\u00fc",
])  # fmt: skip
async def test_a_coding_that_codes_nothing_does_no_harm(word: str) -> None:
    async with raw(b"Content-Encoding: " + word.encode(), FILE) as url:
        assert await get(url + "/a.cfg") == FILE


@pytest.mark.parametrize("word", ["gzip", "x-gzip", "GZIP", "deflate"])
async def test_a_compressed_file_is_taken(word: str) -> None:
    body = zlib.compress(FILE) if word == "deflate" else gzip.compress(FILE)
    async with raw(b"Content-Encoding: " + word.encode(), body) as url:
        assert await get(url + "/a.cfg") == FILE


@pytest.mark.parametrize(
    ("word", "body"),
    [("gzip", gzip.compress(FILE[:5]) + gzip.compress(FILE[5:])), ("gzip", gzip.compress(FILE) + bytes(20)),
     ("deflate", zlib.compress(FILE)[2:-4]), ("deflate", zlib.compress(FILE) + b"more")],
    ids=["two members", "filled up", "without zlib's head", "rest"],
)  # fmt: skip
async def test_what_compresses_in_its_own_way_is_taken_too(word: str, body: bytes) -> None:
    async with raw(b"Content-Encoding: " + word.encode(), body) as url:
        assert await get(url + "/a.cfg") == FILE


@pytest.mark.parametrize(
    "more", [gzip.compress(b"") * 5_000, gzip.compress(FILE[:5]) + bytes(100_000)], ids=["empty members", "zeros"]
)
async def test_what_fills_no_file_has_an_end_all_the_same(more: bytes) -> None:
    async with raw(b"Content-Encoding: gzip", more) as url:
        assert (await outcome(url + "/a.cfg"))[0] is Outcome.TOO_LARGE


async def test_the_head_of_a_compressed_file_may_come_alone(serve: Serve) -> None:
    file = b"".join(b"%d=%d\n" % (each**3, each**9) for each in range(25))
    body = zlib.compress(file)

    async def answer(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Encoding": "deflate"})
        await stream.prepare(request)
        for piece in (body[:9], body[9:]):
            await stream.write(piece)
            await asyncio.sleep(0.1)  # so that the other end reads them one by one
        return stream

    async with serve(answer) as url:
        assert await get(url + "/a.cfg") == file


@pytest.mark.parametrize(
    ("status", "ranged", "whole"),
    [(203, "", True), (206, f"bytes 0-{len(FILE) - 1}/{len(FILE)}", True), (206, "bytes 0-5/6", True),
     (206, "", False), (206, f"bytes 0-9/{len(FILE)}", False), (206, "bytes 5-9/10", False)],
)  # fmt: skip
async def test_a_part_of_the_file_is_none_and_all_of_it_by_another_name_is(
    serve: Serve, status: int, ranged: str, whole: bool
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=FILE, headers={"Content-Range": ranged} if ranged else {})

    async with serve(answer) as url:
        if whole:
            assert await get(url + "/a.cfg") == FILE
        else:
            assert (await outcome(url + "/a.cfg"))[0] is Outcome.SERVER_ERROR


@pytest.mark.parametrize("first", [302, 401])
async def test_a_server_that_wants_its_cookie_back_gets_it(serve: Serve, first: int) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.cookies.get("session") == "7":
            return web.Response(body=FILE)
        reply = web.Response(status=first, headers={"Location": request.path, "WWW-Authenticate": BASIC})
        reply.set_cookie("session", "7")
        return reply

    async with serve(answer) as url:
        assert await get(url + "/a.cfg", login=login(url)) == FILE


@pytest.mark.parametrize("tag", [b'"a\x7fb"', b'"\x01"', b'"\xff"', b'"' + b"x" * 300 + b'"'])
async def test_an_etag_that_no_request_may_have_spoils_no_later_visit(tag: bytes) -> None:
    asked = list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: %b\r\n\r\n" % (len(FILE), tag) + FILE)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        place = address(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a.cfg")
        options = Options("deskphone", ssl.create_default_context())
        kept, _ = await fetch(place, Sink(place.url, bytearray().extend), options)
        for each in (kept, tag.decode("utf-8", "surrogateescape")):  # the second: as an earlier release has kept it
            body = bytearray()
            await fetch(place, Sink(place.url, body.extend), options, each)
            assert body == FILE
    assert kept == "" and all(b"If-None-Match" not in each for each in asked)


async def test_a_redirect_to_what_is_obeyed_and_not_printed_is_told_without_it() -> None:
    async with raw(b"Location: /\x1b[31m.cfg", b"", b"302 Found") as url:
        _, told = await outcome(url + "/a.cfg")
    assert told.isprintable() and "[31m" in told, ascii(told)


@pytest.mark.parametrize("letters", ["\u00e4".encode(), b"\xe4"])
async def test_a_redirect_with_letters_that_no_url_has_is_followed(letters: bytes) -> None:
    asked = list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1])
        moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /g" + letters + b".cfg\r\n\r\n"
        whole = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(FILE) + FILE
        writer.write(whole if len(asked) > 1 else moved)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        assert await get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/a.cfg") == FILE
    assert asked == [b"/a.cfg", b"/g" + quote(letters).encode() + b".cfg"]


async def test_a_redirect_to_nowhere_is_named(serve: Serve) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302)

    async with serve(answer) as url:
        found, told = await outcome(url + "/a.cfg")
    assert found is Outcome.REDIRECTS and "without" in told


@pytest.mark.parametrize(
    ("word", "body", "expected"),
    [("gzip", gzip.compress(bytes(50_000_000)), Outcome.TOO_LARGE),
     ("gzip", gzip.compress(FILE)[:-4], Outcome.INCOMPLETE), ("gzip", b"<html>", Outcome.SERVER_ERROR),
     ("br", FILE, Outcome.SERVER_ERROR), ("gzip, gzip", FILE, Outcome.SERVER_ERROR)],
    ids=["bomb", "cut off", "no gzip", "brotli", "twice"],
)  # fmt: skip
async def test_what_cannot_be_unpacked_is_named(word: str, body: bytes, expected: Outcome) -> None:
    async with raw(b"Content-Encoding: " + word.encode(), body) as url:
        assert (await outcome(url + "/a.cfg"))[0] is expected


@pytest.mark.parametrize("line", [b"Transfer-Encoding: identity", b"TRANSFER-ENCODING: Identity"])
async def test_a_transfer_coding_that_is_none_does_no_harm(line: bytes) -> None:
    async with raw(line, FILE) as url:
        assert await get(url + "/a.cfg") == FILE


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 500])
async def test_the_other_case_of_the_mac_is_asked_whatever_the_no(serve: Serve, bench: Bench, status: int) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(body=GOOD) if request.path == f"/{UPPER}" else web.Response(status=status)

    async with serve(answer) as url:
        assert await bench.check(url + "/") == "updated"
    assert bench.settings.line[0].id == "1502"


@pytest.mark.parametrize(
    ("first", "second", "told"), [(403, 404, "login"), (404, 500, "server_error"), (404, 404, "not_found")]
)
async def test_of_two_noes_the_telling_one_is_told(
    serve: Serve, bench: Bench, first: int, second: int, told: str
) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=first if request.path == f"/{NAME}" else second)

    async with serve(answer) as url:
        assert await bench.check(url + "/") == told


async def test_an_include_is_relative_to_where_the_file_was_found(serve: Serve, bench: Bench) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == f"/{NAME}":
            raise web.HTTPFound("/phones/one.cfg")
        if request.path == "/phones/one.cfg":
            return web.Response(body=b"include common.cfg\n")
        return web.Response(body=GOOD) if request.path == "/phones/common.cfg" else web.Response(status=404)

    async with serve(answer) as url:
        assert await bench.check(url + "/") == "updated"
        assert bench.settings.line[0].id == "1502"
        assert await bench.check(url + "/") == "unchanged"


@asynccontextmanager
async def raw(line: bytes, body: bytes, status: bytes = b"200 OK") -> AsyncIterator[str]:
    """A server that answers with this header line, written by hand, and closes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + status + b"\r\n" + line + b"\r\nConnection: close\r\n\r\n" + body)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
