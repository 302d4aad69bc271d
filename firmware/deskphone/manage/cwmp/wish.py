"""What the settings say of an ACS: where it is, the logins both ways, certificates, and where it may knock.

Law: values only, so that a phone without an ACS loads nothing of the client.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

from deskphone.manage.papers import Papers

Json = dict[str, Any]
_NAME = "management/tr069/"
NAMES = (
    f"{_NAME}enabled", f"{_NAME}acs_url", f"{_NAME}user_name", f"{_NAME}inform/enabled", f"{_NAME}inform/interval",
    f"{_NAME}connection_request/user_name", "deskphone/tr069/connection_request/port",
)  # fmt: skip
"""The settings that are obeyed; their secrets come by a way of their own."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where one may knock, and who. port: 0 for nowhere."""

    port: int = 0
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def open(self) -> bool:
        """Whether there is such a place: never without a user and a password."""
        return bool(self.port and self.user and self.password)

    @property
    def path(self) -> str:
        """A path that nobody guesses, the same as long as the login is."""
        return "/" + hashlib.sha256(f"{self.user}\0{self.password}\0path".encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the settings say. url: "" for no ACS; interval: of periodic informs, 0 for none."""

    url: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    interval: float = 0.0
    door: Door = Door()
    papers: Papers = Papers()

    def same_server(self, other: Wish) -> bool:
        """Whether it is the same ACS, reached as the same phone."""
        return replace(self, interval=other.interval, door=other.door) == other


def wish(values: dict[str, str], secrets: Json) -> Wish:
    """The wish of settings as text, by name, and of an answer to `acs`, which is empty where TR-069 is off."""
    enabled, _, user, periodic, interval, request_user, port = (values[name] for name in NAMES)
    if enabled != "1" or not secrets:
        return Wish()
    return Wish(
        secrets["url"], user, secrets["password"], float(interval) if periodic == "1" else 0.0,
        Door(int(port), request_user, secrets["request_password"]),
        Papers.of(secrets),
    )  # fmt: skip
