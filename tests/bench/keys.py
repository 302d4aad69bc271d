"""From a key to a new frame: at the running phone through its panel, and inside the process without the panel.

Law: every press measured here changes the picture; one that does not counts as lost.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import select
import socket
import tempfile
import time
from pathlib import Path

from PIL.Image import Image

from deskphone.app.runtime import Runtime
from deskphone.app.store import Store
from deskphone.config.settings import Settings
from deskphone.core.effects import Effect, UserAgentOrder
from deskphone.core.events import KeyDown, KeyUp, PowerOn
from deskphone.drivers.ports import Part, Post
from deskphone.view.outputs import Outputs
from tests.layers import of_file

ROUND = ("menu", "down", "down", "down", "up", "up", "cancel", "5", "7", "cancel")
"""Keys that each change the screen: through a menu, out of it, digits on the hook, and back."""
PATIENCE = 2.0
APART = 0.01  # seconds between two presses


class Panel:
    """Two connections to a panel: orders, and the stream of changes."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._orders = socket.create_connection(address)
        self._orders.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._events = socket.create_connection(address)
        self._host = f"{address[0]}:{address[1]}"
        self._events.sendall(f"GET /panel/events HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())
        self._read: bytes = b""
        self.screen(time.monotonic() + PATIENCE)

    def close(self) -> None:
        """Leave."""
        self._orders.close()
        self._events.close()

    def press(self, key: str) -> float | None:
        """Milliseconds from the POST to the screen event, None where no new picture came."""
        self._settle()
        body = json.dumps({"key": key}).encode()
        head = f"POST /panel/key HTTP/1.1\r\nHost: {self._host}\r\nContent-Type: application/json\r\n"
        request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        began = time.perf_counter_ns()
        self._orders.sendall(request)
        at = self.screen(time.monotonic() + PATIENCE)
        self._orders.recv(65536)  # the answer
        return None if at is None else (at - began) / 1e6

    def screen(self, until: float) -> int | None:
        """When the next screen event arrived (perf_counter_ns), None by `until`."""
        while b"event: screen" not in self._read:
            ready, _, _ = select.select([self._events], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return None
            self._read += self._events.recv(262144)
        at = time.perf_counter_ns()
        self._read = b""
        return at

    def _settle(self) -> None:
        """Take what still comes of the last press."""
        while select.select([self._events], [], [], APART)[0]:
            self._events.recv(262144)
        self._read = b""


def through_panel(address: tuple[str, int], presses: int) -> tuple[list[float], int]:
    """Milliseconds of so many presses at the running phone, and how many changed nothing."""
    panel = Panel(address)
    try:
        times = [panel.press(key) for key in itertools.islice(itertools.cycle(ROUND), presses)]
    finally:
        panel.close()
    known = [each for each in times if each is not None]
    return known, len(times) - len(known)


class _Glass(Part):
    """Every driver in one: all it does is to note when a frame came."""

    name = "glass"
    performs = (UserAgentOrder,)

    def __init__(self) -> None:
        self.shown = asyncio.Event()
        self.at = 0
        self._frame: Image | None = None

    async def run(self, post: Post) -> None:
        """Do nothing until cancelled."""
        await asyncio.Event().wait()

    def show(self, outputs: Outputs) -> None:
        """A frame, where it is another one."""
        if outputs.frame is not self._frame:
            self._frame = outputs.frame
            self.at = time.perf_counter_ns()
            self.shown.set()

    def perform(self, effect: Effect) -> None:
        """Nothing to do for a user agent."""


def inside(presses: int) -> tuple[list[float], int]:
    """Milliseconds from the event to the frame in a Runtime of this process, and how many changed nothing."""
    with tempfile.TemporaryDirectory(prefix="deskphone-bench-") as folder:
        return asyncio.run(_inside(Path(folder), presses))


async def _inside(folder: Path, presses: int) -> tuple[list[float], int]:
    glass, runtime = _Glass(), Runtime(Store(folder))
    power_on = PowerOn(of_file(Settings()), (), "bench", "00:00:00:00:00:00")
    life = asyncio.create_task(runtime.run([glass], [power_on]))
    await asyncio.wait_for(glass.shown.wait(), PATIENCE)
    times, lost = [], 0
    for key in itertools.islice(itertools.cycle(ROUND), presses):
        await asyncio.sleep(APART)
        glass.shown.clear()
        began = time.perf_counter_ns()
        runtime.post(KeyDown(key))
        try:
            await asyncio.wait_for(glass.shown.wait(), PATIENCE)
            times.append((glass.at - began) / 1e6)
        except TimeoutError:
            lost += 1
        runtime.post(KeyUp(key))
    runtime.stop()
    await life
    return times, lost
