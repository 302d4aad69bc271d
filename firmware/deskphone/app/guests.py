"""Guests of the command line by Telnet: each is a process of its own, so that the phone counts their wrong passwords.

Law: counts and tells; who is let in is the guest's process to find out (`manage/cli/remote.py`), which has no memory.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Any

from deskphone.app.clock import moment
from deskphone.trust.attempts import Attempts

Json = dict[str, Any]
UNKNOWN = "an unknown address"
log = logging.getLogger("deskphone")


class Guests:
    """Rows of the control socket's table. clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = lambda: moment().mono) -> None:
        self._attempts, self._clock = Attempts(), clock
        self.table: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "guest_pause": self._pause,
            "guest_tried": self._tried,
        }

    async def _pause(self, request: Json) -> Json:
        """Seconds until a guest of this address may try a password."""
        return {"pause": self._attempts.pause(_address(request), self._clock())}

    async def _tried(self, request: Json) -> Json:
        """A guest tried a password; good: it was the right one."""
        address = _address(request)
        if request.get("good") is True:
            self._attempts.succeeded(address)
            log.warning("a log-in by Telnet from %s", address)
        else:
            self._attempts.failed(address, self._clock())
            log.warning("a log-in by Telnet from %s failed", address)
        return {}


def _address(request: Json) -> str:
    try:
        return str(ip_address(str(request.get("address"))))
    except ValueError:
        return UNKNOWN
