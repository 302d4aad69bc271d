"""What root's side says of the LAN port (firmware/lan): VLAN and 802.1X in force, what of the settings came to nothing.

Law: reads a small file of root's and bounds it; each trouble is told once, and once that it is over; what is in
force is told when it changes.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from deskphone.core.events import DriverFailed, DriverRecovered, LanPortTold
from deskphone.drivers.ports import Part, Post

FILE = Path("/run/deskphone-network/lan")
LOOK = 2.0  # seconds
LIMIT = 4096  # bytes
TROUBLE = re.compile(r"trouble (VLAN [1-9][0-9]{0,3}|fixed IP|802\.1X): ([ -~]{1,120})")
VLAN = re.compile(r"vlan ([1-9][0-9]{0,3}) ([0-7])")
AUTHORIZED = "802.1X authorized"


def in_force(text: str) -> LanPortTold:
    """The voice VLAN and 802.1X of these lines."""
    lines = text.splitlines()
    tag = next((found for line in lines if (found := VLAN.fullmatch(line))), None)
    number, priority = (int(tag[1]), int(tag[2])) if tag else (0, 0)
    return LanPortTold(number, priority, AUTHORIZED in lines)


def troubles(text: str) -> dict[str, str]:
    """What does not work, by the name a person knows, and why; lines of another kind are left out."""
    return dict(found.groups() for line in text.splitlines() if (found := TROUBLE.fullmatch(line)))  # type: ignore[misc]


class LanPort(Part):
    """The watch. pace: seconds between two looks."""

    name = "lan"

    def __init__(self, path: Path, pace: float = LOOK) -> None:
        self._path, self._pace = path, pace
        self._told: dict[str, str] = {}
        self._shown = LanPortTold()

    async def run(self, post: Post) -> None:
        """Look until cancelled."""
        while True:
            self.look(post)
            await asyncio.sleep(self._pace)

    def look(self, post: Post) -> None:
        """Tell what is new."""
        try:
            with self._path.open("rb") as file:
                text = file.read(LIMIT).decode("ascii", "replace")
        except OSError:
            text = ""
        now, shown = troubles(text), in_force(text)
        if shown != self._shown:
            self._shown = shown
            post(shown)
        for name in self._told.keys() - now.keys():
            post(DriverRecovered(name))
        for name, why in now.items():
            if self._told.get(name) != why:
                post(DriverFailed(name, why))
        self._told = now
