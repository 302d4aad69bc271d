"""What the settings say of an MQTT broker.

Law: values only, so that a phone without one loads nothing of the client (`mqtt.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from deskphone.manage.feed import tells
from deskphone.manage.papers import Papers

Json = dict[str, Any]
_NAME = "deskphone/mqtt/"
NAMES = (f"{_NAME}url", f"{_NAME}user_name", f"{_NAME}topic", f"{_NAME}events", f"{_NAME}commands")
"""The settings that are obeyed; URL and password come by a way of their own."""
PORTS = {"mqtt": 1883, "mqtts": 8883}  # as registered with IANA


@dataclass(frozen=True, slots=True)
class Wish:
    """Which broker, and what for. url: "" for none. events: beginnings of the names of what is told, () for all.
    commands: whether it may order calls."""

    url: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    topic: str = "deskphone"
    events: tuple[str, ...] = ()
    commands: bool = False
    papers: Papers = Papers()

    @property
    def wanted(self) -> bool:
        """Whether there is a broker."""
        return bool(self.url)

    @property
    def trouble(self) -> str:
        """ "": nothing of it can be wrong together."""
        return ""

    @property
    def secure(self) -> bool:
        """Whether it is spoken to by TLS."""
        return urlsplit(self.url).scheme.lower() == "mqtts"

    @property
    def place(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or PORTS[parts.scheme.lower()]

    def tells(self, event: str) -> bool:
        """Whether a happening is told."""
        return tells(self.events, event)


def wish(values: dict[str, str], secrets: Json) -> Wish:
    """The wish of settings as text, by name, and of an answer to `broker`, which is empty where there is none."""
    if not secrets:
        return Wish()
    _, user, topic, events, commands = (values[name] for name in NAMES)
    word, parts = secrets["password"], urlsplit(secrets["url"])
    if not user and parts.username:  # mqtt://user:password@host, as other programs have it
        user, word = unquote(parts.username), unquote(parts.password or "")
    words = events.replace(",", " ").replace(";", " ").split()
    return Wish(
        secrets["url"], user, word, topic, tuple(words), commands == "1", Papers.of(secrets)
    )  # fmt: skip
