"""Session timers (RFC 4028): who refreshes, how often, and when a silent peer is gone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from sipmessage import Request, Response

from centre.message import option_tags

_VALUE = re.compile(r"^\s*(\d{1,9})\s*(?:;.*?refresher\s*=\s*(uac|uas))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SessionInterval:
    """Seconds, and which role of the transaction refreshes."""

    seconds: int
    refresher: str

    @property
    def header(self) -> tuple[str, str]:
        """As Session-Expires."""
        return ("Session-Expires", f"{self.seconds};refresher={self.refresher}")


class IntervalTooSmall(Exception):
    """The proposed interval is under our Min-SE: answer 422."""


def proposed(message: Request | Response) -> tuple[int, str] | None:
    """(seconds, refresher or "") of a Session-Expires header."""
    found = _VALUE.match(message.headers.get("Session-Expires") or "")
    return (int(found.group(1)), (found.group(2) or "").lower()) if found else None


def agreed_as_uas(request: Request, longest: int, min_se: int) -> SessionInterval | None:
    """What a UAS answers to a request (section 9). Raises IntervalTooSmall. None = no session timer."""
    value = proposed(request)
    supports = "timer" in option_tags(request, "Supported") | option_tags(request, "Require")
    if value is None:
        return SessionInterval(longest, "uas") if longest and supports else None
    seconds, refresher = value
    if seconds < min_se:
        raise IntervalTooSmall
    if longest:
        floor = (request.headers.get("Min-SE") or "0").split(";")[0].strip()
        seconds = max(min(seconds, longest), int(floor) if floor.isdecimal() else 0)
    if not supports:
        refresher = "uas"
    return SessionInterval(seconds, refresher or "uac")


def agreed_as_uac(response: Response) -> SessionInterval | None:
    """What the UAS decided in its 2xx."""
    value = proposed(response)
    return SessionInterval(value[0], value[1] or "uac") if value else None


class SessionTimer:
    """The running timer of one leg. Refreshes at half life; expires a little before the end (section 10)."""

    def __init__(self, refresh: Callable[[], None], expire: Callable[[], None]) -> None:
        self._refresh, self._expire = refresh, expire
        self._handle: asyncio.TimerHandle | None = None
        self.interval = 0
        self.ours = False

    def start(self, seconds: int, ours: bool) -> None:
        """(Re)start; `ours` when this side refreshes."""
        self.stop()
        self.interval, self.ours = seconds, ours
        loop = asyncio.get_running_loop()
        if ours:
            self._handle = loop.call_later(seconds / 2, self._refresh)
        else:
            self._handle = loop.call_later(seconds - min(32, seconds / 3), self._expire)

    def stop(self) -> None:
        """No session timer."""
        self.interval = 0
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None
