"""The image's packet capture: a word in the service's run directory asks, files of its own answer.

Law: writes and reads small files, has no right over packets; usr/lib/deskphone/capture.py takes the word as a user of
its own and nothing on trust. Where there is no such unit (a laptop) nothing can be asked.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

FILE = "capture"  # the word, in the service's run directory
FOLDER = Path("/run/deskphone-capture")  # of the unit
STATE, PACKETS = "state", "capture.pcap"
LONGEST = 600  # seconds of one capture
LIMIT = 4_096  # bytes of the state
START = 15.0  # seconds the unit may take to begin
LATE = 30.0  # seconds after its end; a unit that was killed says nothing


class Capture:
    """word: the file that asks; folder: where the unit answers, which a machine without the unit does not have."""

    def __init__(self, word: Path, folder: Path = FOLDER) -> None:
        self._word, self.folder = word, folder
        self._number, self._asked_at = 0, -START

    def ask(self, seconds: int, address: str) -> None:
        """Capture what passes at an address of ours. ValueError: why it is not possible now; OSError."""
        if not self.folder.is_dir():
            raise ValueError("this machine has no packet capture")
        if self.state()["step"] == "running" or time.monotonic() - self._asked_at < START:
            raise ValueError("a capture runs already")
        self._number, self._asked_at = time.time_ns(), time.monotonic()
        new = self._word.with_name(self._word.name + ".new")
        new.write_text(f"capture {self._number} {seconds} {address}\n")
        new.chmod(0o644)
        os.replace(new, self._word)

    def state(self) -> dict[str, Any]:
        """step: none, running, done, failed; with what the unit says besides: until, packets, bytes, detail."""
        try:
            with (self.folder / STATE).open("rb") as file:
                found = json.loads(file.read(LIMIT))
        except (OSError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or found.get("step") not in ("running", "done", "failed"):
            found = {"step": "none"}
        if found["step"] == "running" and not _lasts(found.get("until")):
            found = {"step": "failed", "detail": "it was ended"}
        if found.get("number") == self._number or found["step"] == "failed":
            self._asked_at = -START
        return {key: found[key] for key in ("step", "until", "packets", "bytes", "detail") if key in found}

    @property
    def file(self) -> Path | None:
        """What was captured last, None for nothing."""
        path = self.folder / PACKETS
        return path if path.is_file() else None


def _lasts(until: object) -> bool:
    """Whether a capture that ends then (unix seconds) may be under way; the clock may have been set meanwhile."""
    return isinstance(until, int) and -LATE <= until - time.time() <= LONGEST + LATE
