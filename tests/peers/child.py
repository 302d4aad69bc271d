"""Programs the tests start: free ports on loopback, a log, and an end for each.

Law: only what was started here is ended here, by its own process group; nothing outlives its test.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from tests.patience import patient

T = TypeVar("T")
LOOPBACK = "127.0.0.1"


def free_port(host: str = LOOPBACK) -> int:
    """A port that nobody has now, neither of UDP nor of TCP, and the next one neither (baresip takes it for TLS).

    Below the range the kernel deals out, so that no client socket takes it meanwhile.
    """
    for port in random.sample(range(11_000, 31_000, 2), 500):
        with contextlib.ExitStack() as probes:
            try:
                for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                    for each in (port, port + 1):
                        probes.enter_context(socket.socket(socket.AF_INET, kind)).bind((host, each))
            except OSError:
                continue
            return port
    raise AssertionError(f"no free port on {host}")


def wait_until(what: str, found: Callable[[], T], within: float = 10.0) -> T:
    """Wait until `found` gives something true, and give it; AssertionError says what was waited for."""
    within = patient(within)
    until = time.monotonic() + within
    while not (value := found()):
        if time.monotonic() > until:
            raise AssertionError(f"waited {within} s for {what}")
        time.sleep(0.02)
    return value


class Child:
    """A running program in a process group of its own. `log`: the file of what it prints."""

    def __init__(self, command: Sequence[str], log: Path, stdin: int = subprocess.DEVNULL) -> None:
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, stdin=stdin, stdout=out, stderr=out, cwd=log.parent, start_new_session=True
            )

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def said(self) -> str:
        """What it printed so far."""
        return self.log.read_text("utf-8", errors="replace")

    def says(self, words: str, within: float = 10.0) -> None:
        """Wait until it has printed these words."""

        def found() -> bool:
            assert self.alive or words in self.said(), f"{self.process.args!r} ended:\n{self.said()[-4000:]}"
            return words in self.said()

        wait_until(f"{words!r} of {self.log.name}", found, within)

    def finish(self, within: float = 30.0) -> int:
        """Wait for its own end; its exit code."""
        return self.process.wait(within)

    def stop(self, patience: float = 5.0) -> None:
        """SIGTERM to it, SIGKILL to what is left of its group."""
        if self.alive:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(patience)
