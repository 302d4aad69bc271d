"""What was being typed when a call took the screen: it is there again when the call is over.

Law: owns `Phone.aside`. A number comes back with the calls it was typed beside, a form when no call is left; neither is
sent by itself.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.core.moment import NEVER
from deskphone.core.screen import entry
from deskphone.core.screen.state import Aside, Dialling, Page
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

LOGIN, DEFLECT, PICK = "login", "deflect", "pick"
"""Pages that are another case: the agent's log in, where a ringing call is to go, the list that a form chooses from."""


def clear(turn: Turn, call_id: str = "") -> None:
    """A call takes the screen, that one where it is there already: what is being typed is kept, all else goes."""
    phone = turn.phone
    beside = tuple(each.id for each in phone.open_calls if each.id != call_id)
    kept = Aside(_form(phone), _number(phone.dialling), beside)
    if kept.dialling is not None and kept.dialling.under and not kept.dialling.entry.text:
        kept = Aside(kept.pages or kept.dialling.under, None, beside)
    if kept.pages or kept.dialling is not None:
        turn.set(aside=kept)
    turn.set(pages=(), dialling=None)


def _form(phone: Phone) -> tuple[Page, ...]:
    """The pages up to the form on top, or to that which the list on top chooses for; not one for a call that rings."""
    stack = phone.pages
    if stack and stack[-1].name == PICK:
        stack = stack[:-1]
    if not stack or not stack[-1].fields or stack[-1].name == DEFLECT:
        return ()
    fields = tuple(entry.settle(each) for each in stack[-1].fields)
    return (*stack[:-1], replace(stack[-1], fields=fields))


def _number(dialling: Dialling | None) -> Dialling | None:
    """The number being dialled, which waits for its key from now on; None where there is none."""
    if dialling is None or not (dialling.entry.text or dialling.under):
        return None
    return replace(dialling, entry=entry.settle(dialling.entry), hot_line="", warned=False, send_at=NEVER, back=True)


def renamed(turn: Turn, old: str, new: str) -> None:
    """A call takes another one's place: what was being typed for that is for this."""
    kept = turn.phone.aside
    if kept is not None:
        beside = tuple(new if each == old else each for each in kept.beside)
        number = kept.dialling
        if number is not None and number.call == old:
            number = replace(number, call=new)
        turn.set(aside=replace(kept, dialling=number, beside=beside))


def follow(turn: Turn) -> None:
    """After each event: with the calls gone that took the screen, and nothing else there, what was typed is back."""
    phone, kept = turn.phone, turn.phone.aside
    if kept is None or phone.pages or phone.dialling is not None:
        return
    left = [each.id for each in phone.open_calls]
    number = kept.dialling
    if left and (number is None or not set(left) <= set(kept.beside)):
        return
    if number is not None and number.call and number.call not in left:  # nobody is left to be transferred
        number = replace(number, purpose="call", call="")
    form = tuple(each for each in kept.pages if not (each.name == LOGIN and phone.agent.server is not None))
    if left and number is not None:
        turn.set(dialling=number, aside=replace(kept, dialling=None) if form else None)
    else:
        turn.set(dialling=number, pages=form, aside=None)
