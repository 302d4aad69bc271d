"""Sessions and attempts: who is logged in at the web pages, and how often somebody may try.

Law: kept here, in memory, bounded; a browser has nothing but a drawn number in a cookie. Time is an argument, so that
tests need not wait. A failed attempt makes the next one wait, from one address and from all together, longer each time.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

MOST_SESSIONS = 32  # at a time
MOST_ADDRESSES = 1024  # whose failed attempts are remembered
FREE = 3  # attempts without a pause
LONGEST_PAUSE, LONGEST_FOR_ALL = 300.0, 5.0  # seconds; a stranger must not keep the owner out for long
FORGET = 900.0  # seconds without an attempt, after which an address begins anew
ANYBODY = ""  # the row of all addresses together
FREE_FOR_ALL = 30  # attempts of all addresses together without a pause


@dataclass(slots=True)
class Session:
    """One log-in. csrf: the token that every form of it must bring; seen: when it was used last (monotonic seconds);
    administrator: all pages are its own, else those it is given and the status."""

    user: str
    csrf: str
    seen: float
    administrator: bool = True

    def is_its_form(self, brought: str) -> bool:
        """Whether a form carries this session's token."""
        return hmac.compare_digest(brought.encode(), self.csrf.encode())


class Sessions:
    """All log-ins. A new one beyond MOST_SESSIONS ends the one that was used longest ago."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}

    def open(self, user: str, now: float, administrator: bool = True) -> str:
        """Begin a session; returns its cookie's value, 256 drawn bits."""
        if len(self._by_token) >= MOST_SESSIONS:
            self._by_token.pop(min(self._by_token, key=lambda token: self._by_token[token].seen))
        token = secrets.token_urlsafe(32)
        self._by_token[token] = Session(user, secrets.token_urlsafe(32), now, administrator)
        return token

    def find(self, token: str, now: float, lifetime: float, used: bool = True) -> Session | None:
        """The session of a cookie, used now unless a page looks by itself; None where it was idle too long."""
        session = self._by_token.get(token)
        if session is None:
            return None
        if now - session.seen > lifetime:
            del self._by_token[token]
            return None
        if used:
            session.seen = now
        return session

    def alive(self, now: float, lifetime: float) -> bool:
        """Whether any session was used within its lifetime (seconds)."""
        return any(now - session.seen <= lifetime for session in self._by_token.values())

    def close(self, token: str) -> None:
        """End the session of this cookie; an unknown one is nothing."""
        self._by_token.pop(token, None)

    def close_all(self, administrator: bool) -> None:
        """End every session of the administrator, or of the user with few rights: the password is another one."""
        for token in [token for token, each in self._by_token.items() if each.administrator is administrator]:
            del self._by_token[token]


@dataclass(slots=True)
class _Row:
    failed: int = 0
    last: float = 0.0
    until: float = 0.0


@dataclass(slots=True)
class Attempts:
    """Failed log-ins by address, of MOST_ADDRESSES at most, and the pauses they cost. Times are monotonic seconds."""

    _rows: dict[str, _Row] = field(default_factory=dict)

    def pause(self, address: str, now: float) -> float:
        """Seconds until this address may try again; 0 for now."""
        rows = (self._rows.get(address), self._rows.get(ANYBODY))
        return max(0.0, *(row.until - now for row in rows if row is not None), 0.0)

    def failed(self, address: str, now: float) -> None:
        """Count a failed log-in of an address, and of all together; from FREE on each doubles the pause."""
        for key, free, longest in ((address, FREE, LONGEST_PAUSE), (ANYBODY, FREE_FOR_ALL, LONGEST_FOR_ALL)):
            row = self._rows.get(key)
            if row is None or now - row.last > FORGET:
                if len(self._rows) >= MOST_ADDRESSES:
                    self._rows.pop(min((each for each in self._rows if each), key=lambda each: self._rows[each].last))
                row = self._rows[key] = _Row()
            row.failed, row.last = row.failed + 1, now
            if row.failed >= free:
                row.until = now + min(longest, 2.0 ** min(row.failed - free, 16))

    def succeeded(self, address: str) -> None:
        """The right password ends the pauses of its address."""
        self._rows.pop(address, None)
