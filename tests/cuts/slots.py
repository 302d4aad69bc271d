"""A card with two slots after the plug was pulled: which slot the firmware starts, and what lies in each.

Law: only the card is looked at, as it lies; the firmware is its model (`tests/boot/firmware.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.boot.firmware import Model, start

BUNDLE = "/data/deskphone/firmware/bundle.img"
MAKE_FOLDER = "install -d -m 700 -o deskphone -g deskphone /data/deskphone/firmware"
"""As the phone does; one of root's would take no download."""
STATE = "/run/deskphone-update/state"
AT_REST = f"grep -qv step....trial {STATE}"
"""Something can be installed. Cut off where it was being called good, a version may start by itself and be on trial."""
RESTARTS = re.compile(r"reboot: Restarting system(?: with command '(.*)')?")
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """starts: the slot that the firmware starts, and the version in it. slots: the version that lies whole in each; ""
    where none does. kernel: what is loaded."""

    starts: tuple[str, str]
    slots: Mapping[str, str]
    kernel: bytes

    def told(self) -> dict[str, object]:
        """For the log."""
        return {"starts": " ".join(self.starts), "slots": dict(self.slots)}


def look(
    card: Path, model: str | Model, at: Mapping[str, int], roots: Mapping[str, Path], tryboot: bool = False
) -> Found:
    """The card by itself. at: byte at which each slot begins. roots: the root file system of each version. tryboot: the
    restart before had the flag set. Raises FirmwareError where nothing starts."""
    started = start(card, model, tryboot)
    slots = {slot: version_at(card, place, roots) for slot, place in at.items()}
    (slot,) = re.findall(r"rauc\.slot=([AB])", started.command_line)
    return Found((slot, slots[slot]), slots, started.kernel)


def version_at(card: Path, place: int, roots: Mapping[str, Path]) -> str:
    """Which of these root file systems lies whole at a byte of the card; "" for none of them."""
    return next((version for version, root in roots.items() if _lies(card, place, root)), "")


def _lies(card: Path, place: int, root: Path) -> bool:
    with card.open("rb") as there, root.open("rb") as wanted:
        there.seek(place)
        while chunk := wanted.read(CHUNK):
            if there.read(len(chunk)) != chunk:
                return False
    return True


def argument(console: str) -> str | None:
    """The argument of the restart that a kernel said it makes; None where it made none."""
    match = RESTARTS.search(console)
    return None if match is None else match[1] or ""


def is_trial(said: str) -> bool:
    """Whether a restart with this argument has the firmware's flag set, for the next start alone."""
    return said.split() == ["0", "tryboot"]
