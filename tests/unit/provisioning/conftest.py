"""Servers and certificates for the tests of provisioning."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.unit.provisioning.authority import Authority
from tests.unit.provisioning.check_bench import Bench, Handler

Serve = Callable[..., AbstractAsyncContextManager[str]]


@pytest.fixture(scope="session")
def owner(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The owner's own authority."""
    return Authority(tmp_path_factory.mktemp("owner"), "owner")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority nobody asked for."""
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture
def serve() -> Serve:
    """`async with serve(handler) as url`: an HTTP server on loopback, HTTPS with `tls`."""

    @asynccontextmanager
    async def running(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", handler)
        server = TestServer(application, scheme="https" if tls else "http", host="127.0.0.1")
        await server.start_server(ssl=tls)
        try:
            yield str(server.make_url("")).rstrip("/")
        finally:
            await server.close()

    return running


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A phone with the settings it left the factory with."""
    return Bench(tmp_path)
