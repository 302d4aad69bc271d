"""A phone without SIP that listens at a control socket, and who asks there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from deskphone.app.control import Control
from deskphone.app.runtime import Runtime
from deskphone.app.store import Store
from deskphone.config.reader import read
from deskphone.core import effects as fx
from deskphone.core.events import PowerOn
from deskphone.drivers.ports import Part, Post
from tests.layers import of_file


class Desk(Part):
    """A port that takes every order and does nothing."""

    name = "desk"
    performs = (fx.UserAgentOrder, fx.ProvisioningOrder)

    def __init__(self) -> None:
        self.orders: list[fx.Effect] = []

    async def run(self, post: Post) -> None:
        await asyncio.Event().wait()

    def perform(self, effect: fx.Effect) -> None:
        self.orders.append(effect)


class Guest:
    """Someone at the socket."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def __aenter__(self) -> Guest:
        self.reader, self.writer = await asyncio.open_unix_connection(str(self.path), limit=2**24)
        return self

    async def __aexit__(self, *error: object) -> None:
        self.writer.close()

    async def say(self, line: bytes) -> dict[str, Any]:
        self.writer.write(line)
        answer: dict[str, Any] = json.loads(await asyncio.wait_for(self.reader.readline(), 10))
        return answer

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        return await self.say(json.dumps({"request": request, **fields}).encode() + b"\n")


class Bench:
    """A phone without SIP that listens at a control socket."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.path = Desk(), folder / "control"
        self.runtime = Runtime(Store(folder / "data"))
        self.control = Control(self.path, self.runtime)

    def guest(self) -> Guest:
        return Guest(self.path)


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    bench.control.open()
    settings = read(b"voip/line/0/auth_password=topsecret\nprovisioning/configuration/url=https://u:pw@h/x\n").settings
    assert settings is not None
    life = asyncio.create_task(bench.runtime.run([bench.desk, bench.control], [PowerOn(of_file(settings))]))
    async with bench.guest() as guest:
        async with asyncio.timeout(10):
            while not (await guest.ask("state"))["ok"]:
                pass
    yield bench
    bench.runtime.stop()
    await life
    assert not bench.path.exists(), "the socket's file goes with the phone"
