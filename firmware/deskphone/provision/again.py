"""The back-off after a check that failed: how soon to ask again, and never not at all.

Law: pure arithmetic; waiting and chance are the driver's. What may pass by itself (no lease, no server, 404, 503,
silence, a certificate that is not valid yet because the clock stands at 1970) is asked for within seconds, then ever
more slowly; what somebody has to mend first (a login, a refused file) within minutes. A site does not ask as one.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.provision.problem import Outcome

CONTENT = (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.OFF)
TO_BE_MENDED = (Outcome.LOGIN, Outcome.REFUSED, Outcome.TOO_LARGE, Outcome.REDIRECTS, Outcome.PLAIN, Outcome.NOT_KEPT)
CLOCK_SET = 300.0  # seconds by which the clock has to jump to count as set


@dataclass(frozen=True, slots=True)
class Pauses:
    """An exponential back-off, in seconds: the first pause, doubled after each failure, and the longest one."""

    first: float
    longest: float

    def after(self, failures: int) -> float:
        """The pause after so many failures in a row (at least one)."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 30))


PASSING = Pauses(16.0, 900.0)
MENDED = Pauses(240.0, 3600.0)


def pause(outcome: Outcome | str, failures: int) -> tuple[float, float] | None:
    """(shortest, longest) pause in seconds after this failure, the `failures`th in a row, to draw one from; None where
    the check went well."""
    if outcome in CONTENT:
        return None
    longest = (MENDED if outcome in TO_BE_MENDED else PASSING).after(failures)
    return longest / 2, longest
