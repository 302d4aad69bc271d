"""Text entry wherever it stands: the dial screen or a field of a form.

Law: routes a key to the entry that has the caret; what the text means is the owner's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.deadlines import Deadline
from deskphone.core.moment import NEVER
from deskphone.core.screen import dial, entry, lookup
from deskphone.core.screen.state import Entry, Page
from deskphone.core.turn import Turn


def current(turn: Turn) -> Page | None:
    """The open form, if one is on top."""
    page = turn.phone.pages[-1] if turn.phone.pages else None
    return page if page is not None and page.fields else None


def key(turn: Turn, key_name: str) -> None:
    """A digit key into the field with the caret; nothing where no form is open."""
    _change(turn, lambda old: entry.press(old, key_name))


def typed(turn: Turn, text: str) -> None:
    """Characters from a keyboard into the field with the caret; nothing where no form is open."""
    _change(turn, lambda old: entry.typed(old, text))


def edit(turn: Turn, what: str) -> None:
    """Edit the field with the caret, or else the number of the dial screen. what: a key of `entry.EDITS`."""
    if turn.phone.dialling is not None and current(turn) is None:
        dial.edit(turn, what)
        return
    _change(turn, entry.EDITS[what])


def settle(turn: Turn, _: None = None) -> None:
    """The multi-tap time ran out: the letter is taken, in the number being dialled and in the form."""
    turn.set(letter_until=NEVER)
    dial.letter_taken(turn)
    lookup.over(turn)
    _change(turn, entry.settle, timer=False)


def move(turn: Turn, by: int, places: int, one_mode: bool) -> None:
    """To the next of the places: the fields, and the row under them where there is one. one_mode: the keys go on typing
    there what they typed here.
    """
    page = current(turn)
    if page is not None:
        fields = tuple(entry.settle(field) for field in page.fields)
        if one_mode and page.cursor < len(fields):
            fields = tuple(replace(field, mode=fields[page.cursor].mode) for field in fields)
        _put(turn, replace(page, fields=fields, cursor=(page.cursor + by) % places))


def _change(turn: Turn, change: Callable[[Entry], Entry], timer: bool = True) -> None:
    page = current(turn)
    if page is None or page.cursor >= len(page.fields):
        return
    edited = change(page.fields[page.cursor])
    fields = tuple(edited if index == page.cursor else field for index, field in enumerate(page.fields))
    _put(turn, replace(page, fields=fields))
    if timer and (edited.pending_key or edited.reveal):
        turn.set(letter_until=turn.after(dial.LETTER_SECONDS))


def _put(turn: Turn, page: Page) -> None:
    turn.set(pages=(*turn.phone.pages[:-1], page))


DEADLINES = (Deadline("letter", lambda phone: ((phone.letter_until, None),), settle),)
