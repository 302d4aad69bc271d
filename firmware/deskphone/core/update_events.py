"""Events of updates: what provisioning found, and how far the device's updater is.

Law: as in events.py, which hands them on.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.event import Event


@dataclass(frozen=True, slots=True)
class FirmwareOffered(Event):
    """Provisioning named another firmware. outcome: a word of `view.words` behind `firmware:`; "verified" where it was
    fetched, its signature is good and it is kept, "none" where nothing is offered any more."""

    version: str
    outcome: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class UpdateTold(Event):
    """The device's updater says how far it is; its first word says that there is one. step: an `UpdateStep`. version:
    the one it is about. percent: of the installing. detail: why it failed."""

    step: str
    version: str = ""
    percent: int = 0
    detail: str = ""
