"""One turn of the reducer: the state as it becomes, and the effects gathered on the way.

Law: lives only inside one call of `reduce`; mutable in there, invisible outside. No decisions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import repeat
from operator import attrgetter
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from deskphone.core.calls.state import Call
from deskphone.core.effects import Effect, Journal
from deskphone.core.moment import Moment
from deskphone.core.state import Phone

P = ParamSpec("P")
R = TypeVar("R")
A = TypeVar("A")
B = TypeVar("B")


_NAMES = tuple(Phone.__dataclass_fields__)
_values = attrgetter(*_NAMES)
_SLOTS = tuple(Phone.__dict__[name] for name in _NAMES)
_put = type(_SLOTS[0]).__set__


class IllegalEvent(Exception):
    """This state does not allow the event; nothing of the turn is applied."""


class fields(Generic[P]):
    """`@fields(Call)`: a function of one or two subjects (a turn; whose) takes the fields of a Call as keywords beside
    them, and mypy knows their names and types."""

    def __init__(self, of: Callable[P, object]) -> None: ...

    @overload
    def __call__(self, function: Callable[[A], R]) -> Callable[Concatenate[A, P], R]: ...
    @overload
    def __call__(self, function: Callable[[A, B], R]) -> Callable[Concatenate[A, B, P], R]: ...
    def __call__(self, function: Callable[..., R]) -> Callable[..., R]:
        """The function itself: all of this is for the reader and for mypy."""
        return function


class Turn:
    """`turn.phone` is the state so far; `do` adds an effect."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.effects: list[Effect] = []

    @property
    def now(self) -> Moment:
        """When the event of this turn came."""
        return self.phone.now

    def after(self, seconds: float, jitter: float = 0.0) -> float:
        """A deadline for a field of the state; see `Moment.after`."""
        return self.phone.now.after(seconds, jitter)

    @fields(Phone)
    def set(self, **changes: Any) -> None:
        """Replace fields of the phone: as `dataclasses.replace`, which takes six times as long for so many."""
        phone = object.__new__(Phone)
        deque(map(_put, _SLOTS, repeat(phone), _values(self.phone)), maxlen=0)
        for name, value in changes.items():
            object.__setattr__(phone, name, value)
        self.phone = phone

    def do(self, *effects: Effect) -> None:
        """Add effects; the ports get them in this order, after the turn."""
        self.effects.extend(effects)

    def note(self, text: str, level: str = "info") -> None:
        """Add a line for the journal. level: debug, info, warning or error."""
        self.do(Journal(level, text))

    def call(self, call_id: str) -> Call:
        """The call of that id; IllegalEvent where there is none."""
        call = self.phone.call(call_id)
        if call is None:
            raise IllegalEvent(f"no call {call_id}")
        return call

    @fields(Call)
    def set_call(self, call_id: str, **changes: Any) -> Call:
        """Replace fields of one call; returns the new one."""
        changed = replace(self.call(call_id), **changes)
        self.set(calls=tuple(changed if call.id == call_id else call for call in self.phone.calls))
        return changed
