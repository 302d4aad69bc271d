"""One turn of the reducer: the state as it becomes, and the effects gathered on the way.

Law: lives only inside one call of `reduce`; mutable in there, invisible outside. No decisions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deskphone.core.effects import CancelTimer, Effect, Journal, SetTimer
from deskphone.core.state import Call, Phone


class IllegalEvent(Exception):
    """This state does not allow the event; the turn is thrown away and nothing has changed."""


class Turn:
    """`turn.phone` is the state so far; `do` adds an effect."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.effects: list[Effect] = []

    def set(self, **changes: Any) -> None:
        """Replace fields of the phone."""
        self.phone = replace(self.phone, **changes)

    def do(self, *effects: Effect) -> None:
        """Add effects, in order."""
        self.effects.extend(effects)

    def note(self, text: str, level: str = "info") -> None:
        """Add a journal line."""
        self.do(Journal(level, text))

    def timer(self, name: str, seconds: float, jitter: float = 0.0) -> None:
        """Start a timer; seconds 0 or less stops it."""
        self.do(SetTimer(name, seconds, jitter) if seconds > 0 else CancelTimer(name))

    def call(self, call_id: str) -> Call:
        """The call of that id; IllegalEvent where there is none."""
        call = self.phone.call(call_id)
        if call is None:
            raise IllegalEvent(f"no call {call_id}")
        return call

    def set_call(self, call_id: str, **changes: Any) -> Call:
        """Replace fields of one call; returns the new one."""
        changed = replace(self.call(call_id), **changes)
        self.set(calls=tuple(changed if call.id == call_id else call for call in self.phone.calls))
        return changed
