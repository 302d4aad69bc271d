"""Deadlines: what of the state is due when. They are fields of the nouns, so that what goes takes its own along.

Law: a `Deadline` is a row: where such deadlines stand, and what is done about one. Nothing is started, stopped or named
elsewhere (the model is aioquic's get_timer and handle_timer): `next_deadline` tells the runtime when to wake the phone
with `Elapsed`, and `elapsed` runs what is due by then, the oldest first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn

MOST = 1000  # deadlines run at one moment; more is a row that does not put its own forward


@dataclass(frozen=True, slots=True)
class Deadline:
    """at: the moments (monotonic seconds, NEVER for none), each with its subject. run: takes one subject, and must
    leave that deadline later or gone; None where the screen says something else from then on and the state does not
    change (the phone is drawn after each event, and `at` yields what comes after now).
    """

    name: str
    at: Callable[[Phone], Iterable[tuple[float, Any]]]
    run: Callable[[Turn, Any], object] | None


def next_deadline(phone: Phone, table: Iterable[Deadline]) -> float:
    """The earliest deadline in monotonic seconds, NEVER where nothing is waited for."""
    return min((when for row in table for when, _ in row.at(phone)), default=NEVER)


def elapsed(turn: Turn, table: tuple[Deadline, ...]) -> None:
    """Run what is due by the turn's moment, the oldest first. IllegalEvent where a row leaves its deadline as it was,
    or more than MOST are due at one moment."""
    rows = tuple((row.name, row.at, row.run) for row in table if row.run is not None)
    for _ in range(MOST):
        due = min(
            ((when, place, subject) for place, (_, at, _) in enumerate(rows) for when, subject in at(turn.phone)),
            key=lambda found: found[:2],
            default=(NEVER, 0, None),
        )
        if due[0] > turn.now.mono:
            return
        name, at, run = rows[due[1]]
        run(turn, due[2])
        if (due[0], due[2]) in at(turn.phone):
            raise IllegalEvent(f"deadline {name} of {due[2]} stays after it was run")
    raise IllegalEvent(f"more than {MOST} deadlines at one moment")
