"""Housekeeping: memory that a busy time left behind goes back to the system when the phone is idle.

Law: no behaviour. glibc keeps freed heap for the process; on a device with little memory the system can use it.
"""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable

from deskphone.drivers.ports import Post

PERIOD = 15.0  # seconds between trims, a millisecond or two each


class Housekeeping:
    """idle() tells whether no call is up."""

    name = "housekeeping"

    def __init__(self, idle: Callable[[], bool]) -> None:
        self._idle = idle
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; other C libraries have none

    async def run(self, post: Post) -> None:
        """Trim every PERIOD seconds until cancelled."""
        while True:
            await asyncio.sleep(PERIOD)
            if self._trim is not None and self._idle():
                self._trim(0)
