"""One who reports to another host while the settings wish it: the shape that webhooks, status report and MQTT share.

Law: one task a wish; another wish ends it and begins anew. A bug in one costs that one a minute, not its place.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from typing import ClassVar, Generic, Protocol, TypeVar

log = logging.getLogger("deskphone.manage")
AGAIN = 60.0  # seconds after a bug
GOODBYE = 3.0  # seconds for a last word


class Wish(Protocol):
    """What the settings say of it; equal wishes are the same."""

    @property
    def wanted(self) -> bool:
        """Whether there is somebody to report to."""

    @property
    def trouble(self) -> str:
        """Why nothing is reported although it is configured, "" for nothing wrong."""


W = TypeVar("W", bound=Wish)


class Reporter(ABC, Generic[W]):
    """Reports by the wish it was given last. nothing: the wish before the first."""

    name: ClassVar[str]

    def __init__(self, nothing: W) -> None:
        self._wish = nothing
        self._task: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether there is somebody to report to."""
        return self._wish.wanted

    async def obey(self, now: W) -> None:
        """From now on by this wish; what was under way for the one before is given up."""
        if now == self._wish:
            return
        if now.trouble:
            log.error("%s: %s: nothing is sent", self.name, now.trouble)
        self._wish = now
        await self.close()
        if now.wanted:
            self._task = asyncio.create_task(self._life(now), name=self.name)

    async def close(self) -> None:
        """Report no more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=GOODBYE)

    @property
    def over(self) -> bool:
        """Whether the task that asks was closed: Python 3.11's wait_for may forget it as an answer comes."""
        return self._task is not asyncio.current_task()

    async def _life(self, wish: W) -> None:
        while not self.over:
            try:
                await self._run(wish)
            except Exception:
                log.exception("%s: begins anew in %.0f s", self.name, AGAIN)
            await asyncio.sleep(AGAIN)

    @abstractmethod
    async def _run(self, wish: W) -> None:
        """Report until cancelled."""
