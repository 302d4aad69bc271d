"""sippy's controller as a child of the tests: started, told what to do, ended.

Law: its own process, because sippy has one event loop; what it is told and tells are lines.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.peers.child import LOOPBACK, free_port, wait_until

PROGRAM = Path(__file__).with_name("controller.py")


class Controller:
    """`port`: where phones register. `said`: its lines so far."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._log = folder / "controller.log"
        self._out = self._log.open("wb")
        command = [sys.executable, "-u", str(PROGRAM), LOOPBACK, str(self.port)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._out, stderr=self._out, cwd=folder, start_new_session=True,
            env={"SIPLOG_LOGFILE_FILE": str(folder / "sip.log"), "SIPLOG_BEND": "file", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        self.tells("ready")

    def order(self, words: str) -> None:
        """One line to it."""
        assert self._process.stdin is not None
        self._process.stdin.write(words.encode() + b"\n")
        self._process.stdin.flush()

    def said(self) -> str:
        """What it told so far."""
        return self._log.read_text("utf-8", "replace")

    def tells(self, words: str, within: float = 10.0) -> None:
        """Wait until it has told this."""

        def found() -> bool:
            assert self._process.poll() is None, f"the controller ended:\n{self.said()}"
            return words in self.said()

        wait_until(f"{words!r} of the controller", found, within)

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._out.close()
