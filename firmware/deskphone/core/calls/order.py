"""Orders to calls that come from a program of the administrator's: the web interface, the CLI, a desktop's REST.

Law: each does what a key at the phone could do in the same state, and nothing that none could: `ORDERS` is the table.
An order that cannot be carried out leaves the phone as it was; why not is a notice on the screen, as after a key.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.core.calls import call, conference, outgoing
from deskphone.core.calls.state import Call, CallState
from deskphone.core.events import CallOrder, Party
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn


def ordered(turn: Turn, event: CallOrder) -> None:
    """Carry out an order. IllegalEvent where there is no such verb, no number to dial, or no call it could mean."""
    order = ORDERS.get(event.verb)
    if order is None:
        raise IllegalEvent(f"call order {event.verb!r}; expected one of {', '.join(ORDERS)}")
    turn.note(f"{event.verb} asked for by {event.by or 'a program'}")
    order(turn, event)


def meant(phone: Phone, event: CallOrder) -> Call | None:
    """The call of an order: the one it names, else the one that rings for an answer, else the one the keys mean."""
    if event.call:
        return phone.call(event.call)
    if event.verb == "answer":
        ringing = [each for each in phone.open_calls if each.state is CallState.INCOMING]
        focused = phone.focused
        return focused if focused in ringing else next(iter(ringing), None)
    return phone.focused


def _dial(turn: Turn, event: CallOrder) -> None:
    number = event.number.strip()
    if not number:
        raise IllegalEvent("dial without a number")
    to = Party(number=call.user_of(number) if "@" in number else number, uri=number if _is_uri(number) else "")
    outgoing.place(turn, to)


def _is_uri(number: str) -> bool:
    return "@" in number or number.startswith(("sip:", "sips:", "tel:"))


def _on_call(action: Callable[[Turn, str], None]) -> Callable[[Turn, CallOrder], None]:
    """An action on the call that is meant; IllegalEvent where there is none."""

    def act(turn: Turn, event: CallOrder) -> None:
        found = meant(turn.phone, event)
        if found is None:
            raise IllegalEvent(f"{event.verb}: no call {event.call}".rstrip())
        action(turn, found.id)

    return act


ORDERS: dict[str, Callable[[Turn, CallOrder], None]] = {
    "dial": _dial,
    "answer": _on_call(call.answer),
    "hold": _on_call(conference.hold),
    "retrieve": _on_call(call.retrieve),
    "hang_up": _on_call(call.hang_up),
}
