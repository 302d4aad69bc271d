"""When an event came and the number drawn for it: time and chance are inputs like any other.

Law: values. Durations and deadlines use `mono`, which no one can set; what a person reads of dates uses `unix`, which
steps when a Pi without a clock meets its time server.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

NEVER = inf
"""The deadline of what is not waited for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """mono: seconds of the monotonic clock. unix: seconds since 1970, UTC. chance: drawn evenly from [0, 1)."""

    mono: float = 0.0
    unix: float = 0.0
    chance: float = 0.5

    def after(self, seconds: float, jitter: float = 0.0) -> float:
        """The deadline that many seconds from here, NEVER for none or less; jitter 0.25 spreads it by up to 25 %
        either way."""
        if seconds <= 0:
            return NEVER
        return self.mono + seconds * (1 + jitter * (2 * self.chance - 1))
