"""How far an update is: the part of the state that `update.py` fills.

Law: data; no decisions.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deskphone.core.moment import NEVER


class UpdateStep(StrEnum):
    """How far it is; the words of the screen are `update:<value>` in view/words/. ASKED: the phone is idle and has
    asked for it. INSTALLED: the next restart tries it. TRIAL: this start is that try. GOOD: it was kept. ROLLED_BACK:
    it was not, and the one before runs again."""

    NONE = "none"
    ASKED = "asked"
    INSTALLING = "installing"
    INSTALLED = "installed"
    FAILED = "failed"
    RESTARTING = "restarting"
    TRIAL = "trial"
    GOOD = "good"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Update:
    """there: the device has an updater. version: the one that `step` is about. percent: of INSTALLING. detail: why it
    FAILED, or what a TRIAL lacks to be good. wanted: a version that waits for an idle phone, "" for none. rolled_back:
    the version that is not tried again.
    look_at, give_up_at: deadlines of the next look whether the trial is well, and of its patience.
    """

    there: bool = False
    step: UpdateStep = UpdateStep.NONE
    version: str = ""
    percent: int = 0
    detail: str = ""
    wanted: str = ""
    rolled_back: str = ""
    look_at: float = NEVER
    give_up_at: float = NEVER
