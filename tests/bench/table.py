"""Rows of numbers, targets, and the table they are printed as.

Law: values in, text out. A target is printed as met or missed, never asserted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

PHONES = ("deskphone", "pjsua", "baresip")
HEAD = ("", *PHONES, "to pjsua", "to baresip", "target")


@dataclass(frozen=True, slots=True)
class Target:
    """What a row should reach: words, and the question to its values by phone."""

    words: str
    met: Callable[[dict[str, float]], bool]


def at_most(limit: float, unit: str) -> Target:
    """deskphone's value is at most this."""
    return Target(f"<= {limit:g} {unit}", lambda values: values["deskphone"] <= limit)


def above_pjsua(limit: float, unit: str) -> Target:
    """deskphone's value is no more than this above pjsua's."""
    return Target(f"<= pjsua + {limit:g} {unit}", lambda values: values["deskphone"] <= values["pjsua"] + limit)


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what, the value by phone, a target where there is one. Without `rated` no ratios are shown.

    most: a value of so much is one that did not come while it was waited for.
    """

    name: str
    values: dict[str, float] = field(default_factory=dict)
    target: Target | None = None
    digits: int = 2
    rated: bool = True
    most: float = math.inf

    def cells(self) -> list[str]:
        """The line's texts."""
        values, ratios = map(self._value, PHONES), map(self._ratio, PHONES[1:])
        return [self.name, *values, *ratios, self._verdict()]

    def _value(self, phone: str) -> str:
        if phone not in self.values:
            return "-"
        value = self.values[phone]
        return f"> {self.most:g}" if value >= self.most else f"{value:.{self.digits}f}"

    def _ratio(self, other: str) -> str:
        if not self.rated or other not in self.values or self.values[other] < 0.005:
            return "-"
        ratio = f"x {self.values['deskphone'] / self.values[other]:.2f}"
        return f"< {ratio}" if self.values[other] >= self.most else ratio

    def _verdict(self) -> str:
        if self.target is None:
            return ""
        try:
            return f"{self.target.words}: {'met' if self.target.met(self.values) else 'MISSED'}"
        except KeyError:
            return f"{self.target.words}: not measured"


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, share 0 to 1; NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def lines(rows: Sequence[Row]) -> list[str]:
    """A Markdown table that is readable as it stands."""
    cells = [list(HEAD), *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]

    def drawn(line: list[str]) -> str:
        first, *middle, last = line
        return " | ".join(
            [f"| {first:<{widths[0]}}", *(f"{text:>{width}}" for text, width in zip(middle, widths[1:-1], strict=True)),
             f"{last:<{widths[-1]}} |"]
        )  # fmt: skip

    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return [drawn(cells[0]), rule, *(drawn(line) for line in cells[1:])]
