"""The image's updater as a device's phone sees it: a word that it writes, and a file that answers.

Law: plays what `image/rootfs/usr/lib/deskphone/updater.py` says and when; tests/image/test_updater.py has that one
itself, with RAUC.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.peers.child import wait_until

ANOTHER = (
    "import sys, runpy, deskphone; deskphone.VERSION = {version!r}; sys.argv = ['deskphone', *sys.argv[4:]]; "
    "runpy.run_module('deskphone', run_name='__main__', alter_sys=True)"
)
"""Python's -c for a phone of another version; behind it the command line that would start this one's."""


class TestUpdater:
    """folder: given to the phone as --update."""

    __test__ = False

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.says("none")

    def says(self, step: str, version: str = "", percent: int = 0, detail: str = "") -> None:
        """How far it is; the last word of the phone counts as taken."""
        said = {"step": step, "version": version, "percent": percent, "detail": detail, "served": self._word()[1]}
        new = self.folder / "state.new"
        new.write_text(json.dumps(said))
        os.replace(new, self.folder / "state")

    def is_asked(self, verb: str) -> None:
        """Wait for a word of the phone."""
        wait_until(f"the phone to say {verb}", lambda: self._word()[0] == verb, 60)

    @property
    def asked(self) -> str:
        """The last word."""
        return self._word()[0]

    def _word(self) -> tuple[str, int]:
        try:
            verb, number = (self.folder / "update").read_text().split()
        except (OSError, ValueError):
            return "", 0
        return verb, int(number)
