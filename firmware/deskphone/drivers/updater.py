"""The image's updater: a word in the service's run directory asks, a file of its own answers.

Law: writes and reads files, has no right over slots and restarts; usr/lib/deskphone/updater.py reads the word as root
and takes nothing on trust. Without the updater's file (a laptop) this part is silent, and nothing is asked of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from deskphone.core.effects import Effect, InstallUpdate, MarkGood, RestartDevice, UpdateOrder
from deskphone.core.events import UpdateTold
from deskphone.drivers.ports import Part, Post

log = logging.getLogger("deskphone")
FILE = "update"  # the word, in the service's run directory
TOLD = Path("/run/deskphone-update/state")  # of the updater
LIMIT = 4_096  # bytes of it
LOOK_S = 0.5
REPEAT_S = 15.0  # seconds after which a word that was not taken is said again


class Updater(Part):
    """word: the file that asks; told: the one that answers. dead: names of ports that do not move, when asked."""

    name = "updater"
    performs: ClassVar[tuple[type[Effect], ...]] = (UpdateOrder,)

    def __init__(self, word: Path, told: Path = TOLD, dead: Callable[[], frozenset[str]] = frozenset) -> None:
        self._word, self._told, self._dead = word, told, dead
        self._asked, self._number, self._asked_at = "", time.time_ns(), 0.0
        self._good = False  # to be said as soon as every port moves
        self._seen: UpdateTold | None = None

    def perform(self, effect: Effect) -> None:
        """InstallUpdate, MarkGood, RestartDevice: say so. Returns at once; what comes of it is told."""
        match effect:
            case InstallUpdate():
                self._ask("install")
            case MarkGood():
                self._good = True
            case RestartDevice():
                log.warning("the device restarts: %s", effect.why)
                self._ask("restart")
            case _:
                super().perform(effect)

    async def run(self, post: Post) -> None:
        """Tell what the updater says until cancelled."""
        while True:
            self._look(post)
            await asyncio.sleep(LOOK_S)

    def _look(self, post: Post) -> None:
        if self._good and not (dead := self._dead()):
            self._good = False
            self._ask("good")
        elif self._good:
            log.warning("this start is not good yet: %s does not move", ", ".join(sorted(dead)))
        said, served = _read(self._told)
        answers = self._asked == "install" and served == self._number  # the same failure again is news
        if said is not None and (answers or said != self._seen):
            self._seen = said
            post(said)
        if self._asked and served == self._number:
            self._asked = ""
        elif self._asked and time.monotonic() - self._asked_at > REPEAT_S:
            self._ask(self._asked)

    def _ask(self, verb: str) -> None:
        """Each word has a number, so that the same one again is news to who watches the file."""
        self._asked, self._number, self._asked_at = verb, self._number + 1, time.monotonic()
        new = self._word.with_name(self._word.name + ".new")
        try:
            new.write_text(f"{verb} {self._number}\n", "ascii")
            os.replace(new, self._word)
        except OSError as error:
            log.error("the updater cannot be asked to %s: %s", verb, error)


def _read(path: Path) -> tuple[UpdateTold | None, int]:
    """What the updater says, and the number of the word it served last; None and 0 where it says nothing."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        with path.open("rb") as file:
            said = json.loads(file.read(LIMIT))
        percent = max(0, min(100, int(said["percent"])))
        told = UpdateTold(str(said["step"])[:20], str(said["version"])[:40], percent, str(said["detail"])[:200])
        return told, int(said["served"])
    return None, 0
