"""The second step: what connects two others names both and waits for the person's Yes.

Law: owns the pages of `CONFIRM`. No key that opens one says Yes on it, so that pressing twice connects nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.core.calls import conference, transfer
from deskphone.core.calls.state import Call
from deskphone.core.screen.state import Page
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

CONFIRM: dict[str, Callable[[Turn, Call, Call], None]] = {
    "confirm_transfer": transfer.complete,
    "confirm_conference": conference.join,
}


def ask(turn: Turn, name: str) -> None:
    """Name the two calls that would be connected; nothing where there are not two."""
    found = transfer.pair(turn.phone)
    if found is not None and (name != "confirm_conference" or found[1].live):
        turn.set(pages=(*turn.phone.pages, Page(name, argument=" ".join(each.id for each in found))), notice=None)


def asked(phone: Phone) -> tuple[Call, Call] | None:
    """The two calls of the question on the screen; None where none is asked, or one of the calls has gone."""
    page = phone.pages[-1] if phone.pages else None
    if page is None or page.name not in CONFIRM:
        return None
    first, second = (phone.call(each) for each in page.argument.split())
    if first is None or second is None or not {first, second} <= set(phone.open_calls):
        return None
    return first, second


def yes(turn: Turn) -> None:
    """The person says Yes: the question goes, and its two calls are connected where both are still there."""
    found, page = asked(turn.phone), turn.phone.pages[-1]
    turn.set(pages=turn.phone.pages[:-1])
    if found is not None:
        CONFIRM[page.name](turn, *found)


def follow(turn: Turn) -> None:
    """After each event: a question about a call that has gone goes too."""
    if turn.phone.pages and turn.phone.pages[-1].name in CONFIRM and asked(turn.phone) is None:
        turn.set(pages=turn.phone.pages[:-1])
