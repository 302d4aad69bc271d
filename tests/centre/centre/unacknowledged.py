"""A 2xx to an INVITE that waits for its ACK: repeated at T1, 2*T1, ... T2 also over TCP (RFC 3261 section 13.3.1.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from centre.servertransaction import ServerTransaction
from centre.settings import Timers


class Unacknowledged:
    """One such 2xx; `wait()` for its ACK."""

    def __init__(self, transaction: ServerTransaction, timers: Timers, lost: Callable[[], None]) -> None:
        loop = asyncio.get_running_loop()
        self._body: asyncio.Future[bytes | None] = loop.create_future()
        self.repeats = 0
        self._transaction, self._timers, self._lost = transaction, timers, lost
        self._interval = timers.t1
        self._deadline = loop.time() + timers.give_up
        self._handle: asyncio.TimerHandle | None = None

    async def wait(self) -> bytes | None:
        """The body of the ACK; None when it had none, never came, or the leg ended first."""
        return await asyncio.shield(self._body)

    def start(self) -> None:
        """After the first transmission."""
        self._handle = asyncio.get_running_loop().call_later(self._interval, self._repeat)

    def acknowledge(self, body: bytes) -> None:
        """The ACK came."""
        self._stop_timer()
        if not self._body.done():
            self._body.set_result(body or None)

    def stop(self) -> None:
        """The leg ended."""
        self._stop_timer()
        if not self._body.done():
            self._body.set_result(None)

    def _repeat(self) -> None:
        if asyncio.get_running_loop().time() >= self._deadline:
            self.stop()
            self._lost()
            return
        self.repeats += 1
        self._transaction.retransmit_last()
        self._interval = min(2 * self._interval, self._timers.t2)
        self.start()

    def _stop_timer(self) -> None:
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
