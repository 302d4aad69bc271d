"""Journal lines that a far end can cause at will: one a kind and minute, with the number of those left out, and no more
than MOST a minute whatever they say: who has his own words in a line makes as many kinds as he likes.

Law: a logging filter; it changes no line but to add the number. A flood of junk must not roll the journal over.
"""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable

MINUTE = 60.0
KINDS = 64  # kinds that are remembered
MOST = 30  # lines a minute of all kinds together
VARIABLE = re.compile(r"0x[0-9a-fA-F]+|\d+|'[^']*'|\"[^\"]*\"")


class OncePerMinute(logging.Filter):
    """A kind is what a line says without numbers and quoted text; for a line of our own, its format. now: seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._kinds: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many were left out
        self._since, self._written, self._left_out = now() - MINUTE, 0, 0  # of all kinds

    def forget(self) -> None:
        """Forget what was counted; the next line is written."""
        self._kinds.clear()
        self._written = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line goes to the journal."""
        if record.exc_info:
            return True
        text = record.msg if record.msg != "%s" else record.getMessage()
        kind = f"{record.levelno} {VARIABLE.sub('#', str(text))}"
        now = self._now()
        since, left_out = self._kinds.pop(kind, (now - MINUTE, 0))
        if now - since < MINUTE:
            self._kinds[kind] = (since, left_out + 1)
            return False
        if not self._has_room(now):
            return False
        self._kinds[kind] = (now, 0)
        if len(self._kinds) > KINDS:
            self._kinds.popitem(last=False)
        more = [f"{left_out} more like it"] if left_out else []
        more += [f"{self._left_out} others left out"] if self._left_out else []
        self._left_out = 0
        if more:
            record.msg, record.args = f"{record.getMessage()} ({', '.join(more)} since the last)", ()
        return True

    def _has_room(self, now: float) -> bool:
        """Whether one more line has a place in this minute; counted."""
        if now - self._since >= MINUTE:
            self._since, self._written = now, 0
        if self._written >= MOST:
            self._left_out += 1
            return False
        self._written += 1
        return True
