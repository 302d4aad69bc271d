"""A driver's own thread: for parts whose calls block (a bus, a sound card, a settling time).

Law: plumbing only. The thread ends when the task is cancelled, and an exception in it ends the task.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deskphone.drivers.health import Health
from deskphone.drivers.ports import Part, Post

STUCK = 5.0
"""Seconds a piece of work may take; the watchdog of the unit is fed twice in ten (firmware/systemd)."""
END = 2.0
"""Seconds a thread has to end when its task is cancelled."""


class Pulse:
    """Tells how long the present piece of work of a thread has taken. clock: seconds, never going back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began: float | None = None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Around a call that may block for ever; waiting for news is no such call."""
        self._began = self._clock()
        try:
            yield
        finally:
            self._began = None

    def stuck_for(self) -> float:
        """Seconds since the present piece of work began, 0 between two (any thread)."""
        began = self._began
        return 0.0 if began is None else self._clock() - began

    def alive(self) -> bool:
        """Whether that is less than STUCK seconds (any thread)."""
        return self.stuck_for() < STUCK


class Bell:
    """Wakes a worker: `ring` for news, `stop` for good."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether the worker is to end."""
        return self._stopped

    def ring(self) -> None:
        """Wake the worker; while it works the ring is kept for its next `wait` (any thread)."""
        self._event.set()

    def stop(self) -> None:
        """Wake the worker for good: every `wait` returns at once (any thread)."""
        self._stopped = True
        self._event.set()

    def wait(self, seconds: float | None) -> None:
        """Return at the next ring, at `stop`, or after `seconds`."""
        self._event.wait(seconds)
        if not self._stopped:
            self._event.clear()


async def run_worker(name: str, bell: Bell, work: Callable[[], None], end: float = END) -> None:
    """Run `work` in a thread until it returns (it must when `bell.stopped`, within `end` seconds) or the task ends."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if ended.done():
            return
        if error is None:
            ended.set_result(None)
        else:
            ended.set_exception(error)

    def body() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as raised:  # handed to the task, which ends the process
            error = raised
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            loop.call_soon_threadsafe(finish, error)

    thread = threading.Thread(target=body, name=name, daemon=True)
    thread.start()
    try:
        await ended
    finally:
        bell.stop()
        await asyncio.to_thread(thread.join, end)


class Worker(Part):
    """An optional part with a thread of its own. clock: seconds, never going back.

    _bell: news for the thread, and its end; _lock: around what is wanted; _pulse: around each call that may block;
    _health: whether it works, told once when that changes.
    """

    name: str

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._bell, self._pulse, self._lock = Bell(), Pulse(clock), threading.Lock()
        self._health = Health(self.name)

    def alive(self) -> bool:
        """Whether the present call comes to its end in time (`Pulse`)."""
        return self._pulse.alive()

    async def run(self, post: Post) -> None:
        """Work in the thread until cancelled."""
        await run_worker(self.name, self._bell, lambda: self._work(post))

    def _work(self, post: Post) -> None:
        """In the thread, until the bell says stop."""
        raise NotImplementedError
