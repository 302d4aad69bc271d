"""The panel's HTTP and WebSocket as bytes: what a browser never sends, and what a stop leaves behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from yarl import URL

from deskphone.sim.panel import http, websocket
from deskphone.sim.panel.server import RINGS
from tests.unit.sim_panel.conftest import Desk

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
STATE = b"GET /panel/state HTTP/1.1\r\nHost: localhost\r\n\r\n"
HANDSHAKE = (
    b"GET /panel/audio HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@asynccontextmanager
async def raw(desk: Desk) -> AsyncIterator[Stream]:
    url = URL(desk.panel.url)
    async with asyncio.timeout(5):
        reader, writer = await asyncio.open_connection(url.host, url.port)
        yield reader, writer
        writer.close()


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """The next answer that has a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers.get("content-length", "0")))


async def ask(desk: Desk, request: bytes) -> tuple[int, dict[str, str], bytes]:
    async with raw(desk) as (reader, writer):
        writer.write(request)
        return await answer(reader)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),  # a TLS ClientHello
        (b"GET /\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nHost : x\r\n\r\n", 400),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"POST /panel/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /panel/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
        (b"POST /panel/key HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + bytes(b"x" * http.HEAD_LIMIT), 431),
        (b"GET /panel/screen.png?" + b"&".join([b"a=1"] * 9) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    ],
)
async def test_what_is_no_request_is_refused_with_a_sentence_and_the_connection_ends(
    desk: Desk, request_: bytes, status: int
) -> None:
    async with raw(desk) as (reader, writer):
        writer.write(request_)
        said, headers, body = await answer(reader)
        assert (said, headers["connection"]) == (status, "close")
        assert json.loads(body)["error"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert await reader.read() == b""
    assert desk.posted == []


async def test_requests_on_one_connection_are_answered_in_order(desk: Desk) -> None:
    async with raw(desk) as (reader, writer):
        writer.write(STATE + STATE.replace(b"state", b"none") + STATE)
        assert [(await answer(reader))[0] for _ in range(3)] == [200, 404, 200]


async def test_a_request_may_come_byte_by_byte(desk: Desk) -> None:
    async with raw(desk) as (reader, writer):
        for byte in STATE:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await answer(reader))[0] == 200


@pytest.mark.parametrize("path", ["/", "/panel/state", "/page/panel.js", "/panel/events", "/panel/none"])
async def test_a_head_has_no_body_and_the_connection_goes_on(desk: Desk, path: str) -> None:
    async with desk.http.head(path) as head, desk.http.get("/panel/state") as after:
        assert head.status == (404 if path.endswith("none") else 200)
        assert await head.read() == b""
        assert after.status == 200


async def test_a_tool_that_asks_first_whether_it_may_send_its_body(desk: Desk) -> None:
    async with desk.http.post("/panel/text", data=b'{"text": "a"}', expect100=True) as said:
        assert said.status == 200
    assert len(desk.posted) == 1


async def test_a_long_body_without_a_length_is_refused_too(desk: Desk) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield bytes(1000)

    async with desk.http.post("/panel/text", data=pieces()) as said:
        assert (said.status, await said.json()) == (413, {"error": "the body is larger than 4096 bytes"})


async def test_a_body_that_is_cut_off_presses_nothing(desk: Desk) -> None:
    async with raw(desk) as (reader, writer):
        writer.write(b'POST /panel/key HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\n{"key": "5"')
        writer.write_eof()
        assert (await answer(reader))[0] == 400
    assert desk.posted == []


async def test_a_bug_is_an_answer_and_a_line_in_the_journal(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.outputs = None  # type: ignore[assignment]
    async with desk.http.get("/panel/state") as said:
        assert said.status == 500
    assert "GET /panel/state" in caplog.text


async def test_a_connection_too_many_is_closed_and_its_place_is_free_again(desk: Desk) -> None:
    async with raw(desk) as (reader, writer), aiohttp.ClientSession(desk.panel.url) as other:
        writer.write(STATE)
        assert (await answer(reader))[0] == 200  # so it is counted
        url = URL(desk.panel.url)
        more = [await asyncio.open_connection(url.host, url.port) for _ in range(http.MOST_CONNECTIONS)]
        assert await more[-1][0].read() == b""
        more[0][1].close()
        await more[0][1].wait_closed()
        status = 0
        while status != 200:  # until the server saw it go
            try:
                async with other.get("/panel/state") as said:
                    status = said.status
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.01)
        for _, each in more:
            each.close()


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"Upgrade: websocket\r\n", b"", 400),
        (b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n", b"", 400),
        (b"Version: 13", b"Version: 8", 426),
    ],
)
async def test_what_asks_for_no_websocket_gets_none(desk: Desk, old: bytes, new: bytes, status: int) -> None:
    said, _, body = await ask(desk, HANDSHAKE.replace(old, new))
    assert said == status
    assert "no WebSocket" in json.loads(body)["error"]
    assert desk.bridge.listeners == []


@pytest.mark.parametrize(
    "frame",
    [
        b"\x82\x02ab",  # not masked
        b"\xf2\x80AAAA",  # reserved bits
        b"\x80\x80AAAA",  # a continuation of nothing
        b"\x89\xfe\x00\x7eAAAA" + bytes(126),  # a ping too long
        b"\x82\xff\x7f" + bytes(7) + b"AAAA" + bytes(3000),  # 2**63 bytes announced
    ],
    ids=["unmasked", "reserved", "continuation", "ping", "endless"],
)
async def test_what_is_no_frame_ends_the_voice_and_frees_it(
    desk: Desk, frame: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "PATIENCE", 0.05)  # this client never answers a close
    async with raw(desk) as (reader, writer):
        writer.write(HANDSHAKE + frame)  # the frame comes right behind the handshake
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        while await reader.read(100):
            pass
    assert desk.bridge.heard == []
    assert desk.bridge.listeners[-1] is None


async def test_a_browser_that_fell_silent_is_pinged_and_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "SILENCE", 0.02)
    monkeypatch.setattr(websocket, "PATIENCE", 0.02)
    async with raw(desk) as (reader, writer):
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\x89\x00"
        while await reader.read(100):
            pass
    assert desk.bridge.listeners[-1] is None


async def test_a_browser_that_takes_nothing_keeps_the_voice_from_nobody(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "PATIENCE", 0.05)
    async with raw(desk) as (reader, writer):
        writer.write(HANDSHAKE)
        await reader.readuntil(b"\r\n\r\n")
        asleep = desk.bridge.listener
        assert asleep is not None
        for _ in range(200):  # more than all buffers on the way hold
            asleep(bytes(websocket.PIECE))
            await asyncio.sleep(0)
        async with desk.http.ws_connect("/panel/audio") as browser:
            await browser.send_bytes(bytes(640))
            while not desk.bridge.heard:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_a_tool_that_reads_no_answer_does_not_keep_its_place(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "IDLE", 0.05)
    assert desk.panel._server is not None
    async with raw(desk) as (_, writer):
        name = next(RINGS.glob("*.wav")).name
        writer.write(f"GET /panel/sound/ring/{name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 300)
        while not desk.panel._server._tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        while desk.panel._server._tasks:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_ping_of_the_browser_is_answered(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio", autoping=False) as browser:
        await browser.ping(b"there?")
        message = await browser.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.PONG, b"there?")


async def test_a_stop_ends_streams_voice_and_resting_connections(desk: Desk) -> None:
    async with (
        desk.http.get("/panel/state") as resting,
        desk.http.get("/panel/events") as events,
        desk.http.ws_connect("/panel/audio") as browser,
        raw(desk) as (reader, _),
    ):
        await resting.read()
        stopping = asyncio.create_task(desk.panel.close())
        assert (await browser.receive(timeout=5)).data == aiohttp.WSCloseCode.GOING_AWAY
        await events.content.read()  # to its end, or aiohttp raises
        assert await reader.read() == b""
        await stopping
    assert not desk.panel._server
