"""Uploads of firmware at the network: forms that are none, and what becomes of a connection that brought one."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from deskphone.manage.feed import Feed
from deskphone.manage.web import door
from deskphone.manage.web.server import Server

ANNOUNCEMENT = b'--x\r\nContent-Disposition: form-data; name="announcement"; filename="a"\r\n\r\nabc\r\n'
BUNDLE = b'--x\r\nContent-Disposition: form-data; name="bundle"; filename="b"\r\n\r\n'
END = b"--x--\r\n"
ODD = b'--x\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"z" * 100 + b"\r\n"
HASTE = 0.5  # seconds


class Owner:
    """A phone that takes every firmware, and whose owner has no password yet but a token."""

    def __init__(self, patience: pytest.MonkeyPatch) -> None:
        self._asked = defaultdict[str, asyncio.Event](asyncio.Event)
        self._patience = patience

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        """As AsyncPhone. The door has little patience from the end of a firmware on."""
        self._asked[request].set()
        if request == "firmware_begin":
            return {"number": 1, "version": "8.0.0", "size": 10_000_000}
        if request == "firmware_end":
            self._patience.setattr(door, "SECONDS", HASTE)
        return {}

    async def happens(self, request: str) -> None:
        """Until it has been asked this."""
        await self._asked[request].wait()


@pytest.fixture
def owner(monkeypatch: pytest.MonkeyPatch) -> Owner:
    return Owner(monkeypatch)


@asynccontextmanager
async def served(owner: Owner) -> AsyncIterator[int]:
    """The web server of this phone, for whoever comes with a token; its port."""
    server = Server(owner, owner, Feed(owner), lambda: 0.0)  # type: ignore[arg-type]

    async def is_token(token: str) -> bool:
        return token == "T"

    server.entry.is_token = is_token  # type: ignore[method-assign]
    port = await server.listen(("127.0.0.1", 0), None)
    try:
        yield port
    finally:
        await server.close()


async def sent(port: int, body: bytes, length: int = 0) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that sends an upload. length: that its head says, 0 for the body's."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        f"POST /api/v1/firmware HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer T\r\n"
        f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {length or len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer


@pytest.mark.parametrize(
    "body", [ODD + ANNOUNCEMENT + END, ANNOUNCEMENT + ODD + END, b"--y\r\n\r\n", b"--x\r\n:\r\n\r\n"]
)
async def test_a_form_that_is_none_is_said_to_be_none(
    owner: Owner, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(owner) as port, asyncio.timeout(30):
        reader, writer = await sent(port, body)
        assert (await reader.readline()).split()[1] in (b"400", b"422")
        writer.close()
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_an_upload_that_breaks_off_is_given_up_and_fills_no_journal(
    owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    async with served(owner) as port, asyncio.timeout(30):
        _, writer = await sent(port, ANNOUNCEMENT + BUNDLE + bytes(200_000), length=9_000_000)
        await owner.happens("firmware_piece")
        writer.transport.abort()
        await owner.happens("firmware_drop")
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_connection_that_brought_a_firmware_is_not_kept_for_ever(owner: Owner) -> None:
    async with served(owner) as port, asyncio.timeout(30):
        reader, writer = await sent(port, ANNOUNCEMENT + BUNDLE + b"bundle\r\n" + END)
        assert b" 202 " in await reader.readline()
        await reader.read()  # to its end, which is ours
        writer.close()
