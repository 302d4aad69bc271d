"""What happens at the phone, for those who listen: server-sent events and webhooks.

Law: one connection to the control socket for all of them, open while somebody listens; a listener that does not keep up
loses the oldest, and is told. Nothing here can hold the phone up.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

from deskphone.manage.client import AsyncPhone, Gone, Refusal

Json = dict[str, Any]
log = logging.getLogger("deskphone.manage")
WAIT = 7.0  # seconds that the phone may keep a question open
PAUSE = 1.0  # seconds before a phone that is gone is asked again
MOST = 128  # happenings that one listener may be behind
LOST = {"event": "lost"}
"""What a listener gets in place of happenings that are gone: it asks for the state."""


def tells(beginnings: tuple[str, ...], event: str) -> bool:
    """Whether who wants the happenings of these beginnings of their names, () for all, is told of this one: that some
    are lost is told to everybody, for they may have been any."""
    return not beginnings or event == LOST["event"] or event.startswith(beginnings)


class Listener:
    """One who listens. `next` waits."""

    def __init__(self) -> None:
        self._queue: deque[Json] = deque(maxlen=MOST)
        self._news = asyncio.Event()

    def put(self, happening: Json) -> None:
        """Hand it a happening; the oldest goes where it is MOST behind."""
        if len(self._queue) == MOST:
            self._queue.popleft()
            self._queue[0] = LOST
        self._queue.append(happening)
        self._news.set()

    @property
    def waiting(self) -> bool:
        """Whether there is one already."""
        return bool(self._queue)

    async def next(self) -> Json:
        """The next happening."""
        while not self._queue:
            self._news.clear()
            await self._news.wait()
        return self._queue.popleft()


class Feed:
    """Asks the phone while there are listeners. phone: a connection of its own, for it waits."""

    def __init__(self, phone: AsyncPhone) -> None:
        self._phone = phone
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    @contextlib.asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        """A listener, from now on to the end of the block."""
        listener = Listener()
        self._listeners.add(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._ask(), name="feed")
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._task is not None:
                self._task.cancel()
                self._task = None

    async def close(self) -> None:
        """Stop to ask."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        await self._phone.close()

    async def _ask(self) -> None:
        run, number = "", 0
        while True:
            try:
                found = await self._phone.ask("happened", run=run, number=number, wait=WAIT if run else 0)
            except (Gone, Refusal) as error:
                log.info("no happenings: %s", error)
                await asyncio.sleep(PAUSE)
                continue
            if run and found["lost"]:
                self.tell(LOST)
            run, number = found["run"], found["number"]
            for each in found["happened"]:
                self.tell(each)

    def tell(self, happening: Json) -> None:
        """Hand a happening to everybody who listens."""
        for each in self._listeners:
            each.put(happening)
