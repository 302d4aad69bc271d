"""Two calls made one: attended transfer, local three-way conference, and back.

Law: which calls belong together; mixing is computed by `view` from `Call.conference`.
"""

from __future__ import annotations

from deskphone.core.calls import call
from deskphone.core.effects import Retrieve, Transfer
from deskphone.core.events import TransferProgress
from deskphone.core.screen.state import Notice
from deskphone.core.state import Call
from deskphone.core.turn import Turn


def partner_of(turn: Turn, call_id: str) -> Call | None:
    """The other call of a consultation; else the only other call that is up."""
    here = turn.call(call_id)
    if here.partner and turn.phone.call(here.partner) is not None:
        return turn.phone.call(here.partner)
    others = [each for each in turn.phone.calls if each.live and each.id != call_id]
    return others[-1] if others else None


def complete_transfer(turn: Turn, call_id: str) -> None:
    """Connect the two far ends (REFER with Replaces, RFC 5589 section 7) and step out."""
    other = partner_of(turn, call_id)
    if other is None:
        return
    first, second = (other, turn.call(call_id)) if turn.call(call_id).partner else (turn.call(call_id), other)
    turn.do(Transfer(first.id, consultation=second.id))
    call.show_notice(turn, Notice("transferring", second.remote.name or second.remote.number))


def progress(turn: Turn, event: TransferProgress) -> None:
    """The far end reports how the transfer goes; success ends our part, failure gives the call back."""
    moved = turn.call(event.call)
    if not event.final:
        return
    if 200 <= event.code < 300:
        call.show_notice(turn, Notice("transferred", ""))
        call.hang_up(turn, moved.id)
        return
    call.show_notice(turn, Notice("transfer_failed", f"{event.code} {event.reason}"))
    if moved.holding:
        call.retrieve(turn, moved.id)


def drop_consultation(turn: Turn, call_id: str) -> None:
    """End the consultation and go back to the first call."""
    first = partner_of(turn, call_id)
    call.hang_up(turn, call_id)
    if first is not None:
        call.retrieve(turn, first.id)


def join(turn: Turn) -> None:
    """Three talk: the focused call and its partner are mixed here."""
    here = turn.phone.focused
    other = partner_of(turn, here.id) if here is not None else None
    if here is None or other is None:
        return
    for each in (here, other):
        turn.set_call(each.id, conference=True, partner="")
    if other.holding:
        turn.set_call(other.id, hold_wanted=False)
        turn.do(Retrieve(other.id))
    if here.holding:
        turn.set_call(here.id, hold_wanted=False)
        turn.do(Retrieve(here.id))


def split(turn: Turn) -> None:
    """Out of the conference: the focused call goes on, the others are held."""
    for each in turn.phone.calls:
        if each.conference:
            turn.set_call(each.id, conference=False)
    call.hold_others(turn, but=turn.phone.focus)
