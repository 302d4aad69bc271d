"""Named timers: SetTimer and CancelTimer made real on the loop's clock.

Law: one timer a name; jitter is drawn here, because the core knows no chance.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from deskphone.core.effects import CancelTimer, SetTimer
from deskphone.core.events import TimerFired


class Timers:
    """Runs on the loop's thread only."""

    def __init__(self, post: Callable[[TimerFired], None]) -> None:
        self._post = post
        self._running: dict[str, asyncio.TimerHandle] = {}

    def set(self, effect: SetTimer) -> None:
        """(Re)start a timer."""
        self.cancel(CancelTimer(effect.name))
        spread = random.uniform(1 - effect.jitter, 1 + effect.jitter)
        loop = asyncio.get_running_loop()
        self._running[effect.name] = loop.call_later(effect.seconds * spread, self._fire, effect.name)

    def cancel(self, effect: CancelTimer) -> None:
        """Stop a timer, if it runs."""
        handle = self._running.pop(effect.name, None)
        if handle is not None:
            handle.cancel()

    def _fire(self, name: str) -> None:
        self._running.pop(name, None)
        self._post(TimerFired(name))

    def stop(self) -> None:
        """Stop them all."""
        for handle in self._running.values():
            handle.cancel()
        self._running.clear()
