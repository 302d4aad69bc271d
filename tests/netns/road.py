"""A bad road between two network namespaces: a cable of two TAP devices whose frames come late, or not at all.

Law: carries frames, changes none. (`tc netem` would do it where the kernel has it; not every machine's has.)
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import select
import struct
import threading
import time
from collections import deque

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
FRAME = 65_536


def tap(name: str) -> int:
    """A TAP device of this name in the namespace of now; the file that is its other side."""
    handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return handle


class Road:
    """delay: seconds each way. loss: 0 to 1, each way, by lot; the same lots each time."""

    def __init__(self, one: int, other: int) -> None:
        self.delay, self.loss = 0.0, 0.0
        self._ends = (one, other)
        self._lots = random.Random(1)
        self._under_way: deque[tuple[float, int, bytes]] = deque()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Both devices go."""
        self._over.set()
        self._thread.join()
        for end in self._ends:
            os.close(end)

    def _carry(self) -> None:
        one, other = self._ends
        to = {one: other, other: one}
        while not self._over.is_set():
            due = self._under_way[0][0] - time.monotonic() if self._under_way else 0.05
            for end in select.select(self._ends, [], [], min(0.05, max(0.0, due)))[0]:
                frame = self._read(end)
                if frame and self._lots.random() >= self.loss:
                    self._under_way.append((time.monotonic() + self.delay, to[end], frame))
            while self._under_way and self._under_way[0][0] <= time.monotonic():
                _, end, frame = self._under_way.popleft()
                self._write(end, frame)

    @staticmethod
    def _read(end: int) -> bytes:
        try:
            return os.read(end, FRAME)
        except OSError:  # the device is down, or there is nothing after all
            return b""

    @staticmethod
    def _write(end: int, frame: bytes) -> None:
        with contextlib.suppress(OSError):  # down: lost, as on any cable
            os.write(end, frame)
