"""A phone that listens at a control socket, and the commands that manage it, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.stories.phone_process import PhoneProcess

PASSWORD = "correct horse"


class Plane:
    """One phone with its socket in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "control"
        self.phone = PhoneProcess(folder)

    def start(self, *arguments: str) -> None:
        """Start the phone and wait until it is there."""
        self.phone.start("--control", str(self.socket), *arguments)

    def cli(self, *words: str, given: str = "", user: int | None = None) -> subprocess.CompletedProcess[str]:
        """`deskphone cli` with these words; given: standard input."""
        command = [sys.executable, "-m", "deskphone", "cli", "--control", str(self.socket), *words]
        return subprocess.run(
            command, input=given, capture_output=True, text=True, timeout=60, check=False, user=user, cwd="/"
        )

    def end(self) -> None:
        """End the phone."""
        self.phone.end()
