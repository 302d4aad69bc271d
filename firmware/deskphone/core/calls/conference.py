"""The three-way conference mixed in this phone, as one thing to hold, to retrieve and to leave.

Law: which calls belong together; mixing is computed by `view` from `Call.conference`. A conference at a server is
`core.calls.room`'s.
"""

from __future__ import annotations

from deskphone.core.calls import call, room, transfer
from deskphone.core.calls.state import Call
from deskphone.core.state import Phone
from deskphone.core.turn import Turn


def join(turn: Turn, first: Call, second: Call) -> None:
    """Let two far ends and the person hear each other: here, or at the server that the settings name."""
    if room.wanted(turn.phone, first, second):
        room.join(turn, first, second)
        return
    for each in (first, second):
        turn.set_call(each.id, conference=True, partner="")
    call.retrieve(turn, turn.phone.focus)


def members(phone: Phone) -> tuple[Call, ...]:
    """The open calls that are mixed in this phone."""
    return tuple(each for each in phone.open_calls if each.conference)


def gathered(phone: Phone, first: Call, second: Call) -> tuple[Call, ...]:
    """All whom joining two far ends would let hear each other: who is in a conference brings the others along."""
    along = members(phone) if first.conference or second.conference else ()
    return (first, second, *(each for each in along if each not in (first, second)))


def hold(turn: Turn, call_id: str) -> None:
    """Hold the call, a conference as a whole."""
    for each in call.together(turn, turn.call(call_id)):
        call.hold(turn, each.id)


def split(turn: Turn) -> None:
    """Out of the conference: the focused call goes on, the others are held."""
    for each in turn.phone.calls:
        if each.conference:
            turn.set_call(each.id, conference=False)
    call.hold_others(turn, but=turn.phone.focus)


def hung_up(turn: Turn) -> None:
    """The person puts the device down. The two others go on with each other, as they already hear each other, unless
    `voip/drop_from_3wc_when_on_hook` ends it for all."""
    talking = [each for each in members(turn.phone) if each.live and not each.holding and not each.transfer]
    if len(talking) != 2 or turn.phone.settings.conference.drop_on_hook:
        for each in talking:
            call.hang_up(turn, each.id)
    else:
        transfer.complete(turn, *talking)


def follow(turn: Turn) -> None:
    """After each event: who is left alone is in a conference no more."""
    left = members(turn.phone)
    if len(left) == 1:
        turn.set_call(left[0].id, conference=False)
