"""Webhooks: what happens at the phone, posted to the URL the owner names.

Law: a host that is not on the owner's list is never called, nor an address that is nobody's else's (`receiver`), a
redirect never followed. One order at a time, in order,
signed as Standard Webhooks say (standardwebhooks.com: id, time and body under HMAC-SHA256), tried again for some ten
minutes; what piles up meanwhile is bounded. Nothing here can hold the phone up: it is another process.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

import aiohttp

from deskphone.manage.feed import Feed, tells
from deskphone.manage.papers import trusted
from deskphone.manage.report.receiver import Elsewhere, odd_address
from deskphone.manage.report.reporter import Reporter

Json = dict[str, Any]
log = logging.getLogger("deskphone.manage")
PAUSES = (1.0, 5.0, 25.0, 120.0, 480.0)  # seconds before the second, third ... try
SECRET = "whsec_"  # begins a secret in Base64
PLACES = ("deskphone/hooks/url", "deskphone/hooks/events")
LIMITS = ("system/action_url/hosts", "system/action_url/send_timeout", "system/action_url/check_certificate")
NAMES = (*PLACES, *LIMITS)
"""The settings that are obeyed; their secret comes by a way of its own, for no answer shows one."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Where to post, and how. url: "" for nowhere. secret: "" for unsigned. events: beginnings of the names of what is
    told, () for everything. hosts: that may be called. timeout: seconds for an answer."""

    url: str = ""
    secret: str = field(default="", repr=False)
    events: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    timeout: float = 10.0
    verify: bool = True

    @property
    def allowed(self) -> bool:
        """Whether the list of hosts has that of the URL."""
        return bool(self.url) and (urlsplit(self.url).hostname or "").casefold() in self.hosts

    @property
    def wanted(self) -> bool:
        """Whether there is somebody to call."""
        return bool(self.url) and not self.trouble

    @property
    def trouble(self) -> str:
        """Why nothing is posted although there is a URL, "" for nothing wrong."""
        if not self.url:
            return ""
        if not self.allowed:
            return "the host of deskphone/hooks/url is not in system/action_url/hosts"
        if odd_address(urlsplit(self.url).hostname or ""):
            return "deskphone/hooks/url: expected an IPv4 address as four numbers"
        try:
            key(self.secret)
        except ValueError:
            return "deskphone/hooks/secret: expected Base64 after whsec_"
        return ""

    def wants(self, event: str) -> bool:
        """Whether a happening is told."""
        return tells(self.events, event)


def wish(values: dict[str, str]) -> Wish:
    """The wish of settings as text, by name, the secret among them."""
    url, events, hosts, timeout, verify = (values[name] for name in NAMES)
    return Wish(
        url, values["deskphone/hooks/secret"], tuple(_words(events)), tuple(word.casefold() for word in _words(hosts)),
        float(timeout) or 10.0, verify == "1",
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return text.replace(",", " ").replace(";", " ").split()


def key(secret: str) -> bytes:
    """The key of a secret, b"" for none. ValueError for whsec_ with anything but Base64 behind it: a key that is not
    the receiver's, or one that everybody has, signs nothing."""
    if not secret.startswith(SECRET):
        return secret.encode()
    text = secret.removeprefix(SECRET).rstrip("=")
    if not text:
        raise ValueError(f"{SECRET}: expected a key behind it")
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def signed(secret: str, number: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of Standard Webhooks; without a secret the first two."""
    headers = {"webhook-id": number, "webhook-timestamp": str(at)}
    if secret:
        digest = hmac.new(key(secret), f"{number}.{at}.".encode() + body, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
    return headers


class Hooks(Reporter[Wish]):
    """Posts what happens. who: what the phone says of itself in each; pauses: between tries."""

    name: ClassVar[str] = "webhooks"

    def __init__(self, feed: Feed, who: Callable[[], Json], pauses: Sequence[float] = PAUSES) -> None:
        super().__init__(Wish())
        self._feed, self._who, self._pauses = feed, who, pauses
        self.sent = self.lost = 0

    async def _run(self, wish: Wish) -> None:
        limit = aiohttp.ClientTimeout(total=wish.timeout)
        checked = await trusted(wish.url) if wish.verify else False
        connector = aiohttp.TCPConnector(limit=1, ssl=checked, resolver=Elsewhere())
        alone = aiohttp.ClientSession(timeout=limit, connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        async with alone as client, self._feed.listen() as listener:
            while True:
                each = await listener.next()
                if wish.wants(each["event"]):
                    await self._deliver(client, wish, each)

    async def _deliver(self, client: aiohttp.ClientSession, wished: Wish, happening: Json) -> None:
        """Post until it is taken, refused for good, or given up."""
        number = f"msg_{secrets.token_hex(12)}"
        body = json.dumps({"type": happening["event"], "data": {**happening, "phone": self._who()}}).encode()
        why = ""
        for pause in (*self._pauses, None):
            try:
                head = {"Content-Type": "application/json", **signed(wished.secret, number, int(time.time()), body)}
                async with client.post(wished.url, data=body, headers=head, allow_redirects=False) as answer:
                    why = f"{answer.status}"
                    if 200 <= answer.status < 300:
                        self.sent += 1
                        return
                    if answer.status < 500 and answer.status not in (408, 429):
                        break
            except ValueError as error:  # no URL for aiohttp, or no login
                why = type(error).__name__
                break
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                why = type(error).__name__
            if pause is not None:
                await asyncio.sleep(pause)
        self.lost += 1
        log.warning("webhooks: %s is not told: %s", happening["event"], why)
