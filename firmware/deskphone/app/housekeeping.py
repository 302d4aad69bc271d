"""Housekeeping: memory that a busy moment left behind goes back to the system.

Law: no behaviour. glibc keeps freed heap for the process; on a device with little memory the system can use it.
"""

from __future__ import annotations

import asyncio
import ctypes

from deskphone.drivers.ports import Part, Post

PERIOD = 15.0  # seconds between trims, a millisecond or two each and without Python's lock


class Housekeeping(Part):
    """The part that calls malloc_trim(3) in a thread; where the C library has none it does nothing."""

    name = "housekeeping"

    def __init__(self) -> None:
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc's; other C libraries have none

    async def run(self, post: Post) -> None:
        """Trim every PERIOD seconds until cancelled."""
        while True:
            await asyncio.sleep(PERIOD)
            if self._trim is not None:
                await asyncio.to_thread(self._trim, 0)
