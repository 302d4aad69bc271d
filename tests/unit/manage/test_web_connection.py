"""A connection of the web server: whatever aiohttp asks of its protocol still works where we come between."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from deskphone.manage.web.connection import Connection

BUFFER = 1024


@pytest.mark.timeout(20)
async def test_a_body_that_ends_where_reading_was_paused_comes_to_its_end() -> None:
    """Its last byte is the one that makes aiohttp pause: what follows is the end alone, and no byte comes after it."""
    size = 2 * BUFFER + 1  # aiohttp pauses beyond twice its buffer

    async def taken(request: web.BaseRequest) -> web.StreamResponse:
        while request.content.total_bytes < size:  # noqa: ASYNC110
            await asyncio.sleep(0)
        return web.Response(text=str(len(await request.content.read())))

    loop = asyncio.get_running_loop()
    inner = web.Server(taken)
    serving = await loop.create_server(lambda: Connection(inner, loop=loop, read_bufsize=BUFFER), "127.0.0.1", 0)
    try:
        host, port = serving.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"POST / HTTP/1.1\r\nHost: phone\r\nContent-Length: %d\r\n\r\n" % size + bytes(size))
        async with asyncio.timeout(5):
            assert (await reader.readline()).split()[1] == b"200"
            while (await reader.readline()).strip():
                pass
            assert await reader.readexactly(len(str(size))) == str(size).encode()
        writer.close()
    finally:
        serving.close()
        await inner.shutdown()
