"""A command of the CLI that is written wrongly."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Usage(Exception):
    """The text says how it is written."""


def number(words: Sequence[str], other: int, written: str) -> int:
    """The only word of a command as a number; other: where there is none. Usage, with how the command is written."""
    if not words:
        return other
    if not re.fullmatch(r"[0-9]{1,9}", words[0]):
        raise Usage(f"expected: {written}")
    return int(words[0])
