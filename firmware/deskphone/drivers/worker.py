"""A driver's own thread: for parts whose calls block (a bus, a sound card, a settling time).

Law: plumbing only. The thread ends when the task is cancelled, and an exception in it ends the task.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable


class Bell:
    """Wakes a worker: `ring` for news, `stop` for good."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._stopped = False

    @property
    def stopped(self) -> bool:
        return self._stopped

    def ring(self) -> None:
        self._event.set()

    def stop(self) -> None:
        self._stopped = True
        self._event.set()

    def wait(self, seconds: float | None) -> None:
        """Return at the next ring, at `stop`, or after `seconds`."""
        self._event.wait(seconds)
        if not self._stopped:
            self._event.clear()


async def run_worker(name: str, bell: Bell, work: Callable[[], None]) -> None:
    """Run `work` in a thread until it returns (it must when `bell.stopped`) or the task is cancelled."""
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
        await asyncio.to_thread(thread.join, 2.0)
