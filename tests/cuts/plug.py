"""The plug of one device: when it was pulled, and what the start after it showed.

Law: keeps the log; who pulls, and what is looked at, is the test's (`tests/hil`, `tests/boot`).
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path


class Plug:
    """seed: of the moments. file: where the log is kept after each cut. start: seconds that a start takes, as the
    caller has seen it last; moments are drawn as multiples of it."""

    def __init__(self, seed: int, file: Path) -> None:
        self.random = random.Random(seed)
        self.log: list[dict[str, object]] = []
        self.start = 0.0
        self._seed, self._file = seed, file
        self._seen = 0  # how many of the cuts were followed by a start that was looked at

    @property
    def all_seen(self) -> bool:
        """Whether a start after each cut was looked at."""
        return self._seen == len(self.log)

    def wait(self, longest: float, least: float = 0.1) -> str:
        """Wait for a random moment between `least` seconds and `longest` starts; when it was."""
        moment = self.random.uniform(least, longest * self.start)
        time.sleep(moment)
        return f"{moment:.1f} s"

    def pulled(self, where: str, **found: object) -> dict[str, object]:
        """Write down a cut; its entry."""
        self.log.append({"cut": len(self.log) + 1, "where": where, **found})
        self.keep()
        return self.log[-1]

    def looked(self) -> None:
        """The device started after all cuts so far, and was as it should be."""
        for entry in self.log[self._seen :]:
            entry["found"] = "registered, settings whole"
        self._seen = len(self.log)

    def keep(self) -> None:
        """Leave the log in its file, as JSON."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        told = {"cuts": len(self.log), "seed": self._seed, "a start, seconds": round(self.start, 1), "log": self.log}
        self._file.write_text(json.dumps(told, indent=1) + "\n")
