"""The world of a Provisioner: settings, lease, calendar and interface in the test's hand; checks are counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from deskphone.config.layers import Layers
from deskphone.config.settings import Settings
from deskphone.core.events import Event, Provisioned
from deskphone.drivers.ports import Post
from deskphone.net.lease import Lease
from deskphone.provision.check import Means
from deskphone.provision.provisioner import Pace, Provisioner

QUICK = Pace(look=0.001, lease=5.0, between=0.0, again=0.0001)
LEASE = "address 10.1.1.20\nnetmask 255.255.255.0\ngateway 10.1.1.1\ndns 10.1.1.2 10.1.1.3\noption_160 {}\n"
URL = b"http://prov.example.com/"


@dataclass
class World:
    """Settings, clock and lease of a phone; `looks` gathers the leases of the checks, `macs` the MAC addresses."""

    folder: Path
    settings: Settings = Settings()
    kept: bool = False
    at: datetime = datetime(2025, 11, 24, 10, 24, tzinfo=UTC)
    readings: int = 0  # how often the driver looked at the clock
    rounds: int = 0  # at the network
    pauses: int = 0  # and how often it found nothing to do
    resting: bool = False  # in a pause that is longer than one between two looks
    looks: list[Lease | None] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    macs: list[str] = field(default_factory=list)
    fails: bool = False
    outcomes: list[str] = field(default_factory=list)  # of the checks to come; none is told where there is none left
    mac: str = "00:90:8f:3b:bc:ba"
    interface: Callable[[str], str] | None = None

    @property
    def lease(self) -> Path:
        return self.folder / "lease"

    def bound(self, url: bytes = URL, mac: str = "") -> None:
        new = self.folder / "lease.new"
        new.write_text(LEASE.format(url.hex()) + (f"mac {mac}\n" if mac else ""))
        new.replace(self.lease)

    async def check(self, means: Means, lease: Lease | None, post: Post) -> None:
        self.looks.append(lease)
        self.macs.append((lease.mac if lease is not None else "") or means.mac)
        if self.fails:
            raise RuntimeError("https://desk:geheim@host/ broke")
        if self.outcomes:
            post(Provisioned("http://prov.example.com/", 0, self.outcomes.pop(0)))

    def chance(self, low: float, high: float) -> float:
        self.waits.append(high)
        return 0.0

    def read(self, zone: tzinfo | None) -> datetime:
        self.readings += 1
        return self.at

    async def later(self, **passed: float) -> None:
        """The clock goes on, once the driver has planned with the time and the settings as they were.

        The driver awaits nothing between reading the clock and the end of its plan.
        """
        before = self.readings
        await self.until(lambda: self.readings > before, "the next plan")
        self.at += timedelta(**passed)

    def set(self, **provisioning: object) -> None:
        changed = replace(self.settings.provisioning, **provisioning)  # type: ignore[arg-type]
        self.settings = replace(self.settings, provisioning=changed)

    @asynccontextmanager
    async def running(
        self, *, static: str = "", at_start: bool = True, pace: Pace = QUICK
    ) -> AsyncIterator[Provisioner]:
        means = Means(
            mac=self.mac, version="0.1.0", data=self.folder, settings=lambda: self.settings,
            layers=Layers, keep=lambda layers, written: None, kept=lambda: self.kept, unix=lambda: 0, static=static,
        )  # fmt: skip
        driver = Watched(
            self, means, self.lease, self.folder / "host-name", at_start=at_start, pace=pace, chance=self.chance,
            now=self.read, check=self.check, interface=self.interface,
        )  # fmt: skip
        task = asyncio.create_task(driver.run(self.events.append))
        try:
            yield driver
            assert not task.done(), task.exception()
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, test: Callable[[], bool], what: str) -> None:
        for _ in range(5_000):
            if test():
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"waited in vain for {what}")

    async def looked(self, times: int) -> None:
        await self.until(lambda: len(self.looks) >= times, f"check {times} of {len(self.looks)}")
        await self.quiet()
        assert len(self.looks) == times

    async def quiet(self) -> None:
        """The driver has looked at network, clock and settings as they are now, and goes on waiting."""
        rounds = self.rounds
        await self.until(lambda: self.rounds > rounds + 1, "a look at the network")
        pauses = self.pauses
        await self.until(lambda: self.resting or self.pauses > pauses + 1, "a look at the rest")


class Watched(Provisioner):
    """A Provisioner that tells its world how often it looks."""

    def __init__(self, world: World, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._world = world

    def _see_lease(self) -> None:
        super()._see_lease()
        self._world.rounds += 1

    async def _pause(self, seconds: float, until: asyncio.Event | None = None) -> None:
        self._world.pauses += 1
        self._world.resting = seconds > self._pace.look
        try:
            await super()._pause(seconds, until)
        finally:
            self._world.resting = False
