"""How often something may happen: so many at once, so many a second (a token bucket).

Law: pure; the time is an argument.
"""

from __future__ import annotations


class Rate:
    """per_second and at_once as of the bucket; full at the beginning."""

    def __init__(self, per_second: float, at_once: float) -> None:
        self._per_second, self._at_once = per_second, at_once
        self._left, self._since = at_once, 0.0

    def admits(self, now: float) -> bool:
        """Whether one more may happen now; it then counts. now: seconds that only go forward."""
        self._left = min(self._at_once, self._left + max(0.0, now - self._since) * self._per_second)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
