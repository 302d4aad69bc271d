"""The clock driver: local time each minute, and each second while someone watches a call.

Law: reads the clock and posts it; nothing else. Time zone is the system's until the settings or DHCP name one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import tzinfo

from deskphone.core.events import ClockTicked
from deskphone.drivers.localtime import local
from deskphone.drivers.ports import Post


def tick(zone: tzinfo | None = None) -> ClockTicked:
    """The time now."""
    unix = time.time()
    now = local(unix, zone)
    return ClockTicked(int(unix), now.year, now.month, now.day, now.weekday(), now.hour, now.minute)


class Clock:
    """busy() tells whether seconds matter now, zone() where the phone stands; `nudge` looks again at once."""

    name = "clock"

    def __init__(self, busy: Callable[[], bool], zone: Callable[[], tzinfo | None]) -> None:
        self._busy, self._zone = busy, zone
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """The answer of busy() or zone() changed."""
        self._nudged.set()

    async def run(self, post: Post) -> None:
        """Post ticks until cancelled."""
        while True:
            post(tick(self._zone()))
            now = time.time()
            wait = 1 - now % 1 if self._busy() else 60 - now % 60
            self._nudged.clear()
            try:
                await asyncio.wait_for(self._nudged.wait(), wait + 0.001)
            except TimeoutError:
                continue
