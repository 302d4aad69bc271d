"""Journal lines that a far end can cause at will: one a kind and minute, with the number of those left out.

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
VARIABLE = re.compile(r"0x[0-9a-fA-F]+|\d+|'[^']*'|\"[^\"]*\"")


class OncePerMinute(logging.Filter):
    """A kind is what a line says without numbers and quoted text; for a line of our own, its format. now: seconds."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now = now
        self._kinds: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, how many were left out

    def forget(self) -> None:
        """Forget what was counted; the next line is written."""
        self._kinds.clear()

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
        self._kinds[kind] = (now, 0)
        if len(self._kinds) > KINDS:
            self._kinds.popitem(last=False)
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} more like it since the last)", ()
        return True
