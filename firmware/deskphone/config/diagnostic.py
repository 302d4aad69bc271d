"""What a reader says about a configuration: one line each, `file:line: key: message`, as a compiler does.

Law: values and their text only; which message is due is the reader's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from deskphone.config import url_secrets

_LOGIN = re.compile(r"://[^/\s]*@")  # as far as a password with an unescaped ? or #


def without_login(text: str) -> str:
    """A text for people: `***` in place of what may be secret in each URL in it."""
    return url_secrets.in_text(_LOGIN.sub(url_secrets.MASKED_USER, text))


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a source (file name or URL); lines count from 1."""

    source: str
    line: int

    def __str__(self) -> str:
        return f"{without_login(self.source)}:{self.line}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning about one line. key: the name as the file writes it, or `file`, `include`. The message of a
    bad value reads `expected ..., got ...`."""

    place: Place
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.message}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A name neither the schema nor the 420HD has, kept with its value. suggestion: the name probably meant, or "".

    The value may be a misspelt password, so `repr` leaves it out.
    """

    place: Place
    name: str
    value: str = field(repr=False)
    suggestion: str = ""

    def __str__(self) -> str:
        hint = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        return f"{self.place}: {self.name}: unknown name, kept without effect{hint}"


def one_line(text: str) -> str:
    """The first 200 characters, unprintable ones as blanks; "nothing" where none is left."""
    return "".join(char if char.isprintable() else " " for char in text[:200]).strip() or "nothing"
