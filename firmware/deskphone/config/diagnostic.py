"""What a reader says about a configuration: one line each, `file:line: key: message`.

Only the shape of the messages lives here.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where in which text; lines count from 1."""

    source: str
    line: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error or a warning. `message` of a bad value reads `expected ..., got ...`."""

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
    """At most 200 printable characters."""
    return "".join(char if char.isprintable() else " " for char in text[:200]).strip() or "nothing"
