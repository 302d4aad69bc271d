"""A value that must never be printed by accident: passwords and keys.

Law: it may be compared, copied and tested for emptiness; the text itself comes out by `reveal()` only. No other type
lives here, and nothing here may print or pickle the text.
"""

from __future__ import annotations

import re
from typing import NoReturn

MASK = "***"
_HIDDEN = re.compile(r"\*{3,}|[\u2022\u25cf\u00b7]{3,}")


def hidden(text: str) -> bool:
    """Whether the text stands for a secret that was not shown: MASK, or the asterisks or dots of a web page."""
    return bool(_HIDDEN.fullmatch(text))


class Secret:
    """Immutable text whose `repr`, `str` and format are MASK. Setting an attribute raises AttributeError, pickling it
    TypeError."""

    __slots__ = ("_text",)
    _text: str

    def __init__(self, text: str = "") -> None:
        object.__setattr__(self, "_text", text)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a Secret does not change")

    def reveal(self) -> str:
        """The text in clear. Call it where the bytes leave for the wire or the store, nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(MASK, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: its text would lie in the open")
