"""Where the bytes of a download go, with the limits of that download.

Law: counts and refuses; nothing past a limit is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deskphone.provision.problem import Outcome, Problem

CONFIGURATION_SIZE = 1_000_000  # bytes; as config.lines takes them
CONFIGURATION_SECONDS = 30.0  # for one file of a configuration
STALL = 10.0  # seconds of silence


@dataclass(slots=True)
class Sink:
    """write takes each piece. size: bytes at most. seconds: for the whole file, whatever the protocol."""

    url: str
    write: Callable[[bytes], object]
    size: int = CONFIGURATION_SIZE
    seconds: float = CONFIGURATION_SECONDS
    stall: float = STALL
    taken: int = 0
    began: float = field(default_factory=time.monotonic)

    def announce(self, size: int) -> None:
        """The server says how large the file is; Problem where that is too much."""
        if size > self.size:
            raise Problem(Outcome.TOO_LARGE, self.url, f"at most {self.size} bytes", f"a file of {size}")

    def take(self, data: bytes) -> None:
        """The next piece; Problem where it is too much or too late."""
        self.taken += len(data)
        if self.taken > self.size:
            raise Problem(Outcome.TOO_LARGE, self.url, f"at most {self.size} bytes", "more")
        if time.monotonic() - self.began > self.seconds:
            raise self.slow()
        self.write(data)

    def slow(self) -> Problem:
        """The Problem of a file that takes too long."""
        got = f"{self.taken} bytes of it"
        return Problem(Outcome.TIMED_OUT, self.url, f"the file within {self.seconds:g} s", got)

    def cut_off(self, size: int) -> Problem:
        """The Problem of a file that ended before its announced size."""
        return Problem(Outcome.INCOMPLETE, self.url, f"{size} bytes", f"{self.taken}, then the end")
