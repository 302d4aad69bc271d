"""Authentication: the log-in of a person, the bearer token of a program (RFC 6750), and, against forged requests
(CSRF), whose page a request comes from.

Law: a password is checked in a thread, one at a time, against the hash the phone keeps; no password, nobody. Nothing
here knows what a page shows.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from deskphone.host_names import origin_is
from deskphone.manage.client import AsyncPhone, Refusal
from deskphone.manage.web.sections import SECTIONS, Section, pages_of
from deskphone.manage.web.sessions import Session, Sessions
from deskphone.trust import password
from deskphone.trust.attempts import Attempts

log = logging.getLogger("deskphone.manage")
COOKIE = "session"
SECURE_COOKIE = f"__Host-{COOKIE}"
"""The session's over TLS. A browser takes this name from nobody but this very host over TLS (RFC 6265bis 4.1.3.2), so
that whoever answers in its name in the clear cannot put his own in its place."""
LIVE = "/status/now"
LIVE_CAPTURE = "/diagnostics/capture"
LOOKING = (LIVE, LIVE_CAPTURE, "/api/v1/events")  # paths that a page asks by itself
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Refused:
    """A log-in that failed. pause: seconds until the next attempt is looked at."""

    why: str
    pause: float = 0.0


class Entry:
    """Sessions, failed attempts and the phone's hashes. clock: monotonic seconds."""

    def __init__(self, phone: AsyncPhone, clock: Clock) -> None:
        self._phone, self._clock = phone, clock
        self._sessions, self._attempts = Sessions(), Attempts()
        self._one_at_a_time = asyncio.Lock()
        self._known = ("", "")
        self.pages: frozenset[str] = frozenset()  # slugs of settings' pages that the user with few rights may open
        self.lifetime = 600.0  # seconds a session may be idle: system/web_session_timeout

    async def log_in(self, address: str, user: str, word: str) -> str | Refused:
        """Check a person's password; the cookie's value of a new session, or why there is none. client.Gone."""

        async with self._one_at_a_time:
            pause = self._attempts.pause(address, self._clock())
            if pause > 0:
                return Refused("too many attempts", pause)
            kept = await self._hashes()
            administrator = user == kept["user"]
            hashed = kept["password"] if administrator else kept["few"]["password"]
            good = await asyncio.to_thread(password.matches, word, hashed)
            if good and user in (kept["user"], kept["few"]["user"]):
                self._attempts.succeeded(address)
                return self._sessions.open(user, self._clock(), administrator)
            self._attempts.failed(address, self._clock())
        log.warning("a log-in from %s failed", address)
        return Refused("wrong user or password")

    async def ask_for_code(self, address: str) -> str | Refused:
        """Have the phone show the code for the first password; "" where it does. Each time counts like a log-in that
        failed, in a row of its own: a stranger is not to have the display, and who stands at it has his guesses."""
        row = f"code {address}"
        async with self._one_at_a_time:
            pause = self._attempts.pause(row, self._clock())
            if pause > 0:
                return Refused("too many attempts", pause)
            self._attempts.failed(row, self._clock())
            try:
                await self._phone.ask("first_code")
            except Refusal as refused:
                return Refused(str(refused))
        return ""

    async def set_first(self, address: str, code: str, word: str) -> str | Refused:
        """Set the first password with the code of the display; the cookie of a session, or why not. client.Gone."""
        if why := password.refused(word):
            return Refused(why)
        async with self._one_at_a_time:
            pause = self._attempts.pause(address, self._clock())
            if pause > 0:
                return Refused("too many attempts", pause)
            hashed = await asyncio.to_thread(password.hashed, word)
            try:
                await self._phone.ask("first_password", code=code, hash=hashed)
            except Refusal as refused:
                self._attempts.failed(address, self._clock())
                log.warning("a first password from %s is refused: %s", address, refused)
                return Refused(str(refused))
            self._attempts.succeeded(address)
            user = (await self._hashes())["user"]
            return self._sessions.open(user, self._clock())

    def sections(self, session: Session) -> tuple[Section, ...]:
        """The pages of settings that a session may open, in the order of the table."""
        return tuple(each for each in SECTIONS if session.administrator or each.slug in self.pages)

    def may(self, session: Session, request: web.Request) -> bool:
        """Whether a session may have what it asks: all pages, or those the user with few rights is given."""
        if session.administrator or request.path in ("/", "/logout", "/status", LIVE, "/form.js"):
            return True
        slug = request.path.removeprefix("/settings/")
        return slug in self.pages and request.path == f"/settings/{slug}"

    async def is_token(self, text: str) -> bool:
        """Whether it is the owner's bearer token. Nobody guesses 256 drawn bits: attempts are not counted."""
        return password.token_matches(text, (await self._hashes())["token"])

    async def still(self, request: web.Request) -> bool:
        """Whether the caller of a request that was let in would be let in now; it does not keep a session open."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self.is_token(token.strip())
        return self.session(request) is not None

    def session(self, request: web.Request) -> Session | None:
        """The log-in of a request's cookie; what looks by itself does not keep it open."""
        used = request.path not in LOOKING
        return self._sessions.find(_cookie(request), self._clock(), self.lifetime, used)

    def log_out(self, request: web.Request) -> None:
        """End the session of a request's cookie; without one nothing happens."""
        self._sessions.close(_cookie(request))

    def anybody_logged_in(self) -> bool:
        """Whether any session is still within its lifetime."""
        return self._sessions.alive(self._clock(), self.lifetime)

    async def anybody(self) -> bool:
        """Whether there is a password that could be right."""
        return bool((await self._hashes())["password"])

    async def _hashes(self) -> dict[str, Any]:
        """As the phone keeps them; another password ends every log-in of the old one."""
        kept = await self._phone.ask("credentials")
        found = kept["password"], kept["few"]["password"]
        for place, administrator in enumerate((True, False)):
            if found[place] != self._known[place]:
                self._sessions.close_all(administrator)
        self._known, self.pages = found, pages_of(kept["few"]["pages"])
        return kept

    async def refresh(self) -> None:
        """Ask the phone for its hashes: another password ends every session. client.Gone where it does not answer."""
        await self._hashes()


def from_our_page(request: web.Request) -> bool:
    """Whether a request comes from a page of ours, or from a program that is no browser, by Origin (RFC 6454) or
    Sec-Fetch-Site."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin_is(origin, request.headers.get("Host", ""), (request.scheme,))
    return request.headers.get("Sec-Fetch-Site", "none") in ("none", "same-origin")


def _cookie(request: web.Request) -> str:
    return request.cookies.get(SECURE_COOKIE if request.secure else COOKIE, "")


def set_cookie(response: web.StreamResponse, value: str, secure: bool) -> None:
    """The session's cookie: for no script, for no other site, over TLS only where there is TLS."""
    how: dict[str, Any] = {"httponly": True, "samesite": "Strict", "path": "/", "secure": secure}
    name = SECURE_COOKIE if secure else COOKIE
    response.set_cookie(name, value, **how) if value else response.del_cookie(name, **how)
