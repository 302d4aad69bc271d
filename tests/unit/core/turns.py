"""One event at a phone at a moment: what the unit tests of the core say instead of `reduce`."""

from __future__ import annotations

from dataclasses import replace

from deskphone.core import events
from deskphone.core.effects import Effect
from deskphone.core.moment import Moment
from deskphone.core.reduce import next_deadline, reduce
from deskphone.core.state import Phone

NOW = Moment(100_000.0, 1_800_000_000.0)


def turn(phone: Phone, event: events.Event, seconds: float = 0.0) -> tuple[Phone, tuple[Effect, ...]]:
    """The event, that many seconds after the one before."""
    now = phone.now if phone.now.mono else NOW
    return reduce(phone, event, replace(now, mono=now.mono + seconds, unix=now.unix + seconds))


def wait(phone: Phone, seconds: float) -> tuple[Phone, tuple[Effect, ...]]:
    """Let time pass, deadline by deadline."""
    end, done = phone.now.mono + seconds, ()
    while (when := next_deadline(phone)) <= end:
        phone, effects = turn(phone, events.Elapsed(), when - phone.now.mono)
        done = (*done, *effects)
    return replace(phone, now=replace(phone.now, mono=end, unix=phone.now.unix + end - phone.now.mono)), done
