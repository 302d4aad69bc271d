"""A whole phone for the panel's tests: the product's runtime and panel over a user agent that makes its own calls.

Law: everything but the SIP stack is the product's. `python -m tests.panel.bench_phone` serves it for a look.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
import struct
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path as FilePath

from deskphone.app.clock import Clock
from deskphone.app.runtime import Runtime
from deskphone.app.store import Store
from deskphone.config.reader import read
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.drivers.ports import Part, Port, Post
from deskphone.sim.copper import SimCopper
from deskphone.sim.panel import Panel
from deskphone.sim.terminal import Terminal
from deskphone.view.outputs import Audio, Outputs
from tests.layers import of_file

SETTINGS = b"""voip/line/0/enabled=1
voip/line/0/id=1502
voip/line/0/auth_name=1502
voip/line/0/auth_password=secret
voip/signalling/sip/use_proxy=1
voip/signalling/sip/proxy_address=127.0.0.1
"""
ANSWERED = ("9196", "9664")


class FarEnd(Part):
    """The user agent's place: registers at once, 9196 and 9664 answer, everybody else is unknown."""

    name = "user_agent"
    performs = (fx.UserAgentOrder,)

    def __init__(self) -> None:
        self.audio = Audio()
        self._post: Post = lambda event: None

    async def run(self, post: Post) -> None:
        self._post = post
        await asyncio.get_running_loop().create_future()

    def perform(self, effect: fx.Effect) -> None:
        match effect:
            case fx.Register():
                self._post(ev.Registered(effect.account.server, 300, "127.0.0.1:5060"))
            case fx.Dial() if any(number in effect.target for number in ANSWERED):
                self._post(ev.CallProgress(effect.call, 180))
                asyncio.get_running_loop().call_later(0.2, self._up, effect.call)
            case fx.Dial():
                self._post(ev.CallEnded(effect.call, 404, "Not Found"))
            case fx.Answer():
                self._up(effect.call)
            case fx.Hangup() | fx.Reject():
                self._post(ev.CallEnded(effect.call, 200, by_remote=False))
            case fx.Hold() | fx.Retrieve():
                self._post(ev.CallMedia(effect.call, False, isinstance(effect, fx.Hold), "G722/16000"))

    def _up(self, call: str) -> None:
        self._post(ev.CallMedia(call, False, False, "G722/16000"))
        self._post(ev.CallEstablished(call))

    def show(self, outputs: Outputs) -> None:
        self.audio = outputs.audio


@dataclass
class Bridge:
    """An end of a conference bridge that says back what it hears, and counts it."""

    frames: list[bytes] = field(default_factory=list)
    listener: Callable[[bytes], None] | None = None

    def feed(self, pcm: bytes) -> None:
        self.frames.append(pcm)
        del self.frames[:-500]
        if self.listener is not None:
            self.listener(pcm)

    def attach(self, listener: Callable[[bytes], None] | None) -> None:
        self.listener = listener

    def levels(self) -> tuple[float, float]:
        if not self.frames:
            return 0.0, 0.0
        samples = struct.unpack("<320h", self.frames[-1])
        level = math.sqrt(sum(sample * sample for sample in samples) / 320) / 32768
        return level, level


class BenchPhone:
    """The phone in a thread of its own. `url` is its page."""

    def __init__(self, folder: FilePath, port: int = 0, bridge: Bridge | None = None) -> None:
        self.bridge = bridge
        self.copper = SimCopper()
        self._ready = threading.Event()
        self._error: BaseException | None = None
        self._folder, self._port = folder, port
        self._thread = threading.Thread(target=self._main, name="phone", daemon=True)

    def __enter__(self) -> BenchPhone:
        self._thread.start()
        assert self._ready.wait(20), "the phone did not start"
        if self._error is not None:
            raise self._error
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self.runtime.stop)
        self._thread.join(10)

    def _main(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:
            self._error = error
            self._ready.set()

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.runtime = Runtime(Store(self._folder))
        copper = self.copper
        self.panel = Panel("127.0.0.1", self._port, self.runtime.snapshot, copper, self.bridge)
        await self.panel.open()
        self.url = self.panel.url
        clock = Clock(lambda: UTC)
        self._loop.call_soon(self._ready.set)
        await live(self.runtime, copper, [self.panel, clock])

    def post(self, event: ev.Event) -> None:
        """Let something happen to the phone."""
        self.runtime.post(event)

    def customer(self, call: str = "in-1", number: str = "0301234567", name: str = "Jane Customer") -> None:
        """A customer calls."""
        self.post(ev.CallIncoming(call, 0, ev.Party(number, name)))


async def live(runtime: Runtime, copper: SimCopper, others: list[Port]) -> None:
    """Power on and run until stopped."""
    result = read(SETTINGS, "bench.cfg")
    assert result.settings is not None, result.report()
    power_on = ev.PowerOn(of_file(result.settings), (), "0.1.0", "02:00:00:00:15:02")
    await runtime.run([*copper.parts, FarEnd(), *others], [power_on])


async def in_terminal(folder: FilePath) -> None:
    """The phone where it was started."""
    runtime, copper = Runtime(Store(folder)), SimCopper()
    terminal = Terminal(runtime.snapshot, copper, runtime.stop, url="http://127.0.0.1:8420/")
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, runtime.stop)
    await live(runtime, copper, [terminal])


def main() -> None:
    """Serve the phone until interrupted; a line `ring` on standard input lets a customer call."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--terminal", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if args.terminal:
            asyncio.run(in_terminal(FilePath(folder)))
            return
        with BenchPhone(FilePath(folder), args.port, Bridge()) as phone:
            print(phone.url, flush=True)
            for count, line in enumerate(sys.stdin):
                if line.strip() == "ring":
                    phone.customer(f"in-{count}")


if __name__ == "__main__":
    main()
