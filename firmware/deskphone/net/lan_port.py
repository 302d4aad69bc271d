"""What root's side says of the LAN port (firmware/lan): what of the settings came to nothing there.

Law: reads a small file beside the lease and bounds it; each trouble is told once, and once that it is over.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.drivers.ports import Part, Post

FILE = "lan"
LOOK = 2.0  # seconds
LIMIT = 4096  # bytes
TROUBLE = re.compile(r"trouble (VLAN [1-9][0-9]{0,3}|fixed IP|802\.1X): ([ -~]{1,120})")


def troubles(text: str) -> dict[str, str]:
    """What does not work, by the name a person knows, and why; lines of another kind are left out."""
    return dict(found.groups() for line in text.splitlines() if (found := TROUBLE.fullmatch(line)))  # type: ignore[misc]


class LanPort(Part):
    """The watch. lease: the file beside which the other lies; pace: seconds between two looks."""

    name = "lan"

    def __init__(self, lease: Path, pace: float = LOOK) -> None:
        self._path, self._pace = lease.with_name(FILE), pace
        self._told: dict[str, str] = {}

    async def run(self, post: Post) -> None:
        """Look until cancelled."""
        while True:
            self.look(post)
            await asyncio.sleep(self._pace)

    def look(self, post: Post) -> None:
        """Tell what is new."""
        try:
            with self._path.open("rb") as file:
                now = troubles(file.read(LIMIT).decode("ascii", "replace"))
        except OSError:
            now = {}
        for name in self._told.keys() - now.keys():
            post(DriverRecovered(name))
        for name, why in now.items():
            if self._told.get(name) != why:
                post(DriverFailed(name, why))
        self._told = now
