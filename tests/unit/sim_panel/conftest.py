"""A panel on a free port of loopback over a phone that stands still; what it posts is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from PIL import Image

from deskphone.core.events import Event
from deskphone.core.state import Phone
from deskphone.sim.copper import SimCopper
from deskphone.sim.panel import Panel
from deskphone.view.outputs import Outputs
from deskphone.view.raster import raster
from deskphone.view.render import render


@dataclass
class Bridge:
    """A bridge end that keeps what it is fed."""

    heard: list[bytes] = field(default_factory=list)
    listeners: list[Callable[[bytes], None] | None] = field(default_factory=list)

    def feed(self, pcm: bytes) -> None:
        self.heard.append(pcm)

    def attach(self, listener: Callable[[bytes], None] | None) -> None:
        self.listeners.append(listener)

    @property
    def listener(self) -> Callable[[bytes], None] | None:
        return self.listeners[-1] if self.listeners else None

    def levels(self) -> tuple[float, float]:
        return 0.25, 7.0  # the second is over full scale: to be cut to 1


class Desk:
    """The phone of a test: its state is set by hand."""

    def __init__(self) -> None:
        self.phone = Phone(powered=True)
        self.outputs = render(self.phone)
        self.posted: list[Event] = []
        self.bridge = Bridge()
        self.copper = SimCopper()
        self.panel = Panel("127.0.0.1", 0, self.snapshot, self.copper, self.bridge)
        self.http: aiohttp.ClientSession

    def snapshot(self) -> tuple[Phone, Outputs, Image.Image]:
        return self.phone, self.outputs, raster(self.outputs.screen)

    def becomes(self, **changes: Any) -> None:
        """The phone changes, as the runtime tells it."""
        self.phone = replace(self.phone, **changes)
        self.outputs = render(self.phone)
        self.panel.changed()

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        async with self.http.post(path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    it = Desk()
    await it.panel.open()
    running = asyncio.create_task(it.panel.run(it.posted.append))
    await asyncio.sleep(0)
    async with aiohttp.ClientSession(it.panel.url) as it.http:
        yield it
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
