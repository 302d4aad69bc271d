"""`/api/v1/events`: what happens at the phone as server-sent events (the HTML standard, section 9.2).

Law: bounded in number; a listener that reads nothing, or whose session or token has ended, is cut off. Who lags behind
gets the event `lost` and asks for the state.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from deskphone.manage.client import Gone
from deskphone.manage.feed import Feed
from deskphone.manage.web.api import error

PATH = "/api/v1/events"
MOST = 8  # listeners
PING = 5.0  # seconds between two looks at who listens
PATIENCE = 10.0  # seconds for a listener to take what is sent


class Stream:
    """The route. still: whether the caller of a request may still be told; stays: called for one that stays."""

    def __init__(
        self, feed: Feed, still: Callable[[web.Request], Awaitable[bool]], stays: Callable[[web.Request], None]
    ) -> None:
        self._feed, self._still, self._stays = feed, still, stays
        self._streams = 0

    def routes(self) -> list[web.RouteDef]:
        """The row for aiohttp's router."""
        return [web.get(PATH, self._events)]

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._streams >= MOST:
            return error(503, f"{MOST} listen already", **{"Retry-After": "60"})
        self._streams += 1
        try:
            return await self._serve(request)
        finally:
            self._streams -= 1

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        async with self._feed.listen() as listener:
            await response.prepare(request)
            self._stays(request)
            await _send(response, "retry: 2000\n\n")
            while await self._may_stay(request):
                try:
                    async with asyncio.timeout(PING):
                        each = await listener.next()
                    text = f"id: {each.get('number', '')}\nevent: {each['event']}\ndata: {json.dumps(each)}\n\n"
                except TimeoutError:
                    text = ": nothing new\n\n"
                try:
                    await _send(response, text)
                except (TimeoutError, ConnectionError):
                    break
        return response

    async def _may_stay(self, request: web.Request) -> bool:
        """Whether the caller is told more; a phone that is gone ends the answer in order, for it has begun."""
        try:
            return await self._still(request)
        except Gone:
            return False


async def _send(response: web.StreamResponse, text: str) -> None:
    async with asyncio.timeout(PATIENCE):
        await response.write(text.encode())
