"""Three talk: the local conference, as one thing to hold, to take back and to leave.

Law: which calls belong together; mixing is computed by `view` from `Call.conference`.
"""

from __future__ import annotations

from deskphone.core.calls import call
from deskphone.core.state import Call
from deskphone.core.turn import Turn


def join(turn: Turn, first: Call, second: Call) -> None:
    """Mix two calls here; who is held is taken back."""
    for each in (first, second):
        turn.set_call(each.id, conference=True, partner="")
    call.retrieve(turn, turn.phone.focus)


def split(turn: Turn) -> None:
    """Out of the conference: the focused call goes on, the others are held."""
    for each in turn.phone.calls:
        if each.conference:
            turn.set_call(each.id, conference=False)
    call.hold_others(turn, but=turn.phone.focus)


def follow(turn: Turn) -> None:
    """After each event: who is left alone is in a conference no more."""
    members = [each for each in turn.phone.open_calls if each.conference]
    if len(members) == 1:
        turn.set_call(members[0].id, conference=False)
