"""Sessions: who is logged in at the web pages.

Law: kept here, in memory, bounded; a browser has nothing but a drawn number in a cookie. Time is an argument, so that
tests need not wait.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

MOST_SESSIONS = 32  # at a time


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
