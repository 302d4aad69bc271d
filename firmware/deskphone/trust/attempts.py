"""Failed log-ins: how long whoever guesses a password has to wait, by web or by Telnet.

Law: pure, bounded; time is an argument. A failed attempt makes the next one wait, from one address and from all
together, longer each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MOST_ADDRESSES = 1024  # whose failed attempts are remembered
FREE = 3  # attempts without a pause
LONGEST_PAUSE, LONGEST_FOR_ALL = 300.0, 5.0  # seconds; a stranger must not keep the owner out for long
FORGET = 900.0  # seconds without an attempt, after which an address begins anew
ANYBODY = ""  # the row of all addresses together
FREE_FOR_ALL = 30  # attempts of all addresses together without a pause
MOST_KNOWN = 64  # addresses from which somebody had the right password: others' guesses cost these nothing


@dataclass(slots=True)
class _Row:
    failed: int = 0
    last: float = 0.0
    until: float = 0.0


@dataclass(slots=True)
class Attempts:
    """Failed log-ins by address, of MOST_ADDRESSES at most, and the pauses they cost. Times are monotonic seconds."""

    _rows: dict[str, _Row] = field(default_factory=dict)
    _known: dict[str, None] = field(default_factory=dict)

    def pause(self, address: str, now: float) -> float:
        """Seconds until this address may try again; 0 for now."""
        rows = (self._rows.get(address), None if address in self._known else self._rows.get(ANYBODY))
        return max(0.0, *(row.until - now for row in rows if row is not None), 0.0)

    def failed(self, address: str, now: float) -> None:
        """Count a failed log-in of an address, and of all together; from FREE on each doubles the pause."""
        for key, free, longest in ((address, FREE, LONGEST_PAUSE), (ANYBODY, FREE_FOR_ALL, LONGEST_FOR_ALL)):
            row = self._rows.get(key)
            if row is None or now - row.last > FORGET:
                if len(self._rows) >= MOST_ADDRESSES:
                    self._rows.pop(min((each for each in self._rows if each), key=lambda each: self._rows[each].last))
                row = self._rows[key] = _Row()
            row.failed, row.last = row.failed + 1, now
            if row.failed >= free:
                row.until = now + min(longest, 2.0 ** min(row.failed - free, 16))

    def succeeded(self, address: str) -> None:
        """The right password ends the pauses of its address; from now on it waits for its own failures alone."""
        self._rows.pop(address, None)
        self._known.pop(address, None)
        self._known[address] = None
        if len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
