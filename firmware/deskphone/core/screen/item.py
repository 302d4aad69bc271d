"""One row of a list page; one form.

Law: data and references to functions; shared by the modules that fill pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from deskphone.core.screen.marks import Mark
from deskphone.core.screen.state import Entry
from deskphone.core.state import Phone
from deskphone.core.turn import Turn


@dataclass(frozen=True, slots=True)
class Age:
    """How long ago, in seconds; the view says it in words."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Wait:
    """How long still, in seconds; the view says it in words."""

    seconds: float

    @property
    def whole(self) -> int:
        """Whole seconds, counted up: 0 only when it is over. A moment on the second counts as reached."""
        return max(0, ceil(self.seconds - 1e-6))


@dataclass(frozen=True, slots=True)
class Item:
    """label: a word of `view.words`, or the text itself where literal. right: a value beside it, itself a word
    where `word`. action: what choosing it does; opens: the page or form it leads to, with its argument. mark: the
    mark of the status bar that the row explains. instead: shown where no font can draw the label.
    A row with neither is only read, and may be as long as it likes: the view breaks it.
    """

    label: str
    right: str | Age | Wait = ""
    action: Callable[[Turn], None] | None = None
    literal: bool = False
    word: bool = False
    opens: str = ""
    argument: str = ""
    mark: Mark | None = None
    instead: str = ""

    @property
    def choosable(self) -> bool:
        """Whether choosing it does anything."""
        return bool(self.opens) or self.action is not None


@dataclass(frozen=True, slots=True)
class Form:
    """labels: words for each field. submit returns True when the form may close. opens: a list page that a row
    under the fields leads to. one_mode: what the keys type is kept from field to field. first: where it begins.
    """

    labels: tuple[str, ...]
    fields: Callable[[Phone, str], tuple[Entry, ...]]
    submit: Callable[[Turn, str, tuple[str, ...]], bool]
    opens: str = ""
    one_mode: bool = False
    first: Callable[[Phone], int] = lambda phone: 0
