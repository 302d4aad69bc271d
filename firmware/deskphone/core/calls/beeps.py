"""A call that beeps in place of ringing (`voip/beep_to_ringing_device`): so many beeps of a length, a pause of the same
length between them, then silence until the call is taken.

Law: owns `Call.beeps` and `Call.beep_at`; what is heard of it, and where, is `view`'s.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.calls.state import Call, CallState
from deskphone.core.deadlines import Deadline
from deskphone.core.moment import NEVER
from deskphone.core.turn import Turn


def beeping(of: Call) -> bool:
    """Whether it beeps at this moment: the first stretch is a beep, the second a pause, and so on."""
    return of.beeps % 2 == 1 and of.beep_at != NEVER


def begun(turn: Turn, ringing: Call) -> Call:
    """A call that begins to ring, with its first beep where the phone beeps."""
    settings = turn.phone.settings.auto_answer
    if not settings.beep_to_ringer:
        return ringing
    return replace(ringing, beeps=1, beep_at=turn.after(settings.beep_length / 10))


def _next(turn: Turn, call_id: str) -> None:
    settings, now = turn.phone.settings.auto_answer, turn.call(call_id)
    over = now.state is not CallState.INCOMING or now.beeps >= 2 * settings.beeps - 1
    turn.set_call(call_id, beeps=now.beeps + 1, beep_at=NEVER if over else turn.after(settings.beep_length / 10))


DEADLINES = (Deadline("beep of a call", lambda phone: ((each.beep_at, each.id) for each in phone.calls), _next),)
