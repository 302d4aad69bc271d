"""Event check-sync and its cousins: a server asks the phone to fetch its configuration, or to reboot.

Law: the Event value to one frozen wish. Whether the sender may ask, and when it is done, is for the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deskphone.wire.fields import Valued

PACKAGES: Final = ("check-sync", "resync", "reboot")


@dataclass(frozen=True, slots=True)
class Sync:
    """reboot: True or False as asked for; None where the header does not say (the configuration decides)."""

    reboot: bool | None = None


def read(event: Valued) -> Sync | None:
    """The wish of an Event header (as `Request.event` gives it), None where it is another package.

    `check-sync;reboot=true|false` rules; Cisco and Linksys say it by the package: `resync` fetches, `reboot` reboots.
    """
    if event.value not in PACKAGES:
        return None
    if event.value != "check-sync":
        return Sync(event.value == "reboot")
    return Sync({"true": True, "false": False}.get(event.params.get("reboot").strip().lower()))
