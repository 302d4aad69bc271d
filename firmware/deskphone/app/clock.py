"""The clock driver: local time for the screen, each minute; and the moment that events are stamped with.

Law: reads the clock and posts it; nothing else. Time zone is the system's until the settings or DHCP name one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import tzinfo

from deskphone.core.events import ClockTicked
from deskphone.core.moment import Moment
from deskphone.drivers.localtime import local
from deskphone.drivers.ports import Part, Post


def moment() -> Moment:
    """This moment: monotonic and unix time in seconds, and a number drawn from [0, 1)."""
    return Moment(time.monotonic(), time.time(), random.random())


def tick(zone: tzinfo | None = None) -> ClockTicked:
    """The date and the time of day in a zone, None for the system's."""
    unix = time.time()
    now = local(unix, zone)
    return ClockTicked(now.year, now.month, now.day, now.weekday(), now.hour, now.minute)


class Clock(Part):
    """zone() tells where the phone stands; `nudge` looks again at once."""

    name = "clock"

    def __init__(self, zone: Callable[[], tzinfo | None]) -> None:
        self._zone = zone
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """Post the time at once: the answer of zone() changed."""
        self._nudged.set()

    async def run(self, post: Post) -> None:
        """Post ticks until cancelled."""
        while True:
            post(tick(self._zone()))
            now = time.time()
            wait = 60 - now % 60
            self._nudged.clear()
            try:
                await asyncio.wait_for(self._nudged.wait(), wait + 0.001)
            except TimeoutError:
                continue
