"""NOTIFY with Event check-sync, resync or reboot: a server asks the phone to fetch its configuration, or to reboot.

Law: the Event value to one frozen request. Whether the sender may ask, and when it is done, is for the core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deskphone.wire.fields import Valued

PACKAGES: Final = ("check-sync", "resync", "reboot")


_SAID: Final = dict.fromkeys(("true", "1", "yes", "on"), True) | dict.fromkeys(("false", "0", "no", "off"), False)


@dataclass(frozen=True, slots=True)
class Sync:
    """One request. reboot: as the header asks; None where it does not say, and the settings decide."""

    reboot: bool | None = None


def read(event: Valued) -> Sync | None:
    """The request of an Event header (as `Request.event` gives it), None where it is another package.

    `check-sync;reboot=true|false` decides; Cisco and Linksys say it by the package: `resync` fetches, `reboot` reboots.
    """
    if event.value not in PACKAGES:
        return None
    if event.value != "check-sync":
        return Sync(event.value == "reboot")
    return Sync(_SAID.get(event.params.get("reboot").strip().lower()))
