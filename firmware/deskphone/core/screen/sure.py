"""The question before what cannot be undone: to restart, to delete a contact, to delete the call log.

Law: No is the first row, under the cursor, where a second press of OK finds it.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.core.calls import call, calllog
from deskphone.core.effects import Restart
from deskphone.core.screen import directory
from deskphone.core.screen.item import Item
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn


def _asked(yes: Callable[[Turn, str], None]) -> Callable[[Phone, str], tuple[Item, ...]]:
    """The page of a question. yes: what is done then, with the page's argument."""

    def rows(phone: Phone, argument: str) -> tuple[Item, ...]:
        return (Item("no", action=_back(1)), Item("yes", action=lambda turn: yes(turn, argument)))

    return rows


def _back(pages: int) -> Callable[[Turn], None]:
    return lambda turn: turn.set(pages=turn.phone.pages[:-pages])


def _restart(turn: Turn, argument: str) -> None:
    """Not in a call, which would end by it."""
    if turn.phone.open_calls:
        call.show_notice(turn, Notice("call_under_way"))
    else:
        turn.do(Restart(False, "menu"))


def _delete_all(turn: Turn, argument: str) -> None:
    calllog.clear(turn)
    _back(2)(turn)


def _delete_contact(turn: Turn, argument: str) -> None:
    """argument: name and number, a line each."""
    directory.remove(turn, *argument.split("\n", 1))
    _back(2)(turn)


LISTS = {
    "restart": _asked(_restart),
    "delete_all": _asked(_delete_all),
    "delete_contact": _asked(_delete_contact),
}
