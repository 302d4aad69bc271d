"""The SIP thread's loop: a queue of work from outside, timers, and the wake-up of a sleeping poll.

Law: no SIP and no pjsua2 here. `post` and `stuck_for` are for any thread; everything else happens on
the thread that runs `run`. A piece of work that raises is journalled and the loop goes on; a poll that raises
ends the loop, for then the stack itself is broken.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import queue
import socket
import threading
import time
from collections.abc import Callable

LOG = logging.getLogger("deskphone.useragent")
Work = Callable[[], None]

EXPECTED = 0.004
"""Seconds an order is waited for; what comes from the network meanwhile waits in the socket."""
KEEP_ALIVE = b"\r\n\r\n"
"""What wakes the poll: RFC 5626 section 3.5.1's ping, which a SIP transport ignores."""


class Timer:
    """A call of `work` to come. `cancel` makes it never happen."""

    __slots__ = ("at", "work")

    def __init__(self, at: float, work: Work) -> None:
        self.at = at
        self.work: Work | None = work

    def cancel(self) -> None:
        """Forget it; no harm where it has happened already."""
        self.work = None


class Loop:
    """Queue, timers and poll of one thread. `idle` is the longest sleep in seconds."""

    def __init__(self, idle: float = 0.2) -> None:
        self.idle = idle
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()
        self._bell: socket.socket | None = None
        self._stirred = threading.Event()
        self._ending = False
        self._turned: float | None = None
        self._expecting = False

    # --- any thread --------------------------------------------------------------------------------

    def post(self, work: Work) -> None:
        """Do `work` on the SIP thread, soon, in order."""
        self._work.put(work)
        bell = self._bell
        if bell is None:
            self._stirred.set()
        elif not self._expecting:  # who expects an order looks for it before it sleeps
            # A full socket buffer or a closed socket means that the poll is awake anyhow, or gone.
            with contextlib.suppress(OSError):
                bell.send(KEEP_ALIVE)

    def stuck_for(self) -> float:
        """Seconds since the thread last began a round, 0 before its first: a poll sleeps `idle` seconds at the most."""
        turned = self._turned
        return 0.0 if turned is None else time.monotonic() - turned

    # --- the SIP thread ----------------------------------------------------------------------------

    def ring_at(self, host: str, port: int) -> None:
        """Wake the poll by a datagram to this address from now on."""
        self.silence()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        bell = socket.socket(family, socket.SOCK_DGRAM)
        bell.setblocking(False)
        bell.connect((host, port))
        self._bell = bell

    def silence(self) -> None:
        """Close the socket that wakes the thread; orders after it are dropped."""
        bell, self._bell = self._bell, None
        if bell is not None:
            bell.close()

    def doze(self, milliseconds: int) -> None:
        """The poll of a loop that has no stack yet: sleep until something is posted."""
        if self._stirred.wait(milliseconds / 1000):
            self._stirred.clear()

    def after(self, seconds: float, work: Work) -> Timer:
        """Do `work` on this thread in `seconds`."""
        timer = Timer(time.monotonic() + seconds, work)
        heapq.heappush(self._timers, (timer.at, next(self._count), timer))
        return timer

    def expect(self) -> None:
        """Something was told that the core answers with an order at once (an INVITE: 180): wait for it rather than
        sleep in the poll, from which a datagram would have to wake us."""
        self._expecting = True

    def clear(self) -> None:
        """Forget all timers and work: what they hold must go before the stack does."""
        self._timers.clear()
        while not self._work.empty():
            self._work.get_nowait()

    def end(self) -> None:
        """Leave `run` after the present piece of work."""
        self._ending = True

    def run(self, poll: Callable[[int], None], tidy: Work) -> None:
        """Work, poll (milliseconds) and tidy up in turn until `end`."""
        while not self._ending:
            self.turn(poll, tidy)

    def turn(self, poll: Callable[[int], None], tidy: Work) -> None:
        """One round: what was posted, what is due, then the stack's own events for as long as nothing else is."""
        self._turned = time.monotonic()
        self._do_work()
        self._do_timers()
        poll(0 if self._ending or not self._work.empty() else self._patience())
        if self._expecting:
            self._await_order()
        guarded(tidy)

    def _do_work(self) -> None:
        for _ in range(self._work.qsize()):  # work posted meanwhile waits for the next round
            guarded(self._work.get_nowait())

    def _await_order(self) -> None:
        self._expecting = False
        try:
            work = self._work.get(timeout=EXPECTED)
        except queue.Empty:
            return
        guarded(work)

    def _do_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            work, timer.work = timer.work, None
            if work is not None:
                guarded(work)

    def _patience(self) -> int:
        while self._timers and self._timers[0][2].work is None:
            heapq.heappop(self._timers)
        wait = self.idle
        if self._timers:
            wait = min(wait, max(0.0, self._timers[0][0] - time.monotonic()))
        return round(wait * 1000)


def guarded(work: Work) -> None:
    """Do it; an exception is journalled and goes no further."""
    try:
        work()
    except Exception:
        LOG.exception("the SIP thread goes on after a failed piece of work")
