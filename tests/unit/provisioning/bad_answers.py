"""What a bad web server does instead of giving a file."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.unit.provisioning.check_bench import GOOD, Handler


async def endless(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(request.path)


async def ten_megabytes(request: web.Request) -> web.StreamResponse:
    return web.Response(body=bytes(10_000_000))


async def login_page(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<!doctype html><title>Sign in</title>", content_type="text/html")


async def cut_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_length = 1_000
    await response.prepare(request)
    await response.write(GOOD)
    assert request.transport is not None
    request.transport.close()
    return response


def dripping(seconds: float) -> Handler:
    """A byte every so often, for ever."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b";")
            await asyncio.sleep(seconds)

    return answer
