"""The stack of open pages: opening, moving, choosing, going back. What stands on them is `core.screen.pages`.

Law: owns `Phone.pages`; a page is a list to choose from, or a form with fields.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile

from deskphone.core.calls import calllog
from deskphone.core.screen import form, forms, lookup, pages
from deskphone.core.screen.item import Item
from deskphone.core.screen.state import Page
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

DEPTH = 8  # pages on top of each other at most


def open_page(turn: Turn, name: str, argument: str = "") -> None:
    """Put a list page on top, or come back to it where it is open already."""
    page = Page(name, argument=argument)
    under = tuple(takewhile(lambda each: (each.name, each.argument) != (name, argument), turn.phone.pages))
    if len(under) < DEPTH:
        turn.set(pages=(*under, page), notice=None)
        pages.opened(turn, name)


def open_form(turn: Turn, name: str, argument: str = "") -> None:
    """Put a form on top, its fields as `forms.FORMS` says."""
    if len(turn.phone.pages) < DEPTH:
        form = forms.FORMS[name]
        page = Page(name, form.first(turn.phone), argument=argument, fields=form.fields(turn.phone, argument))
        turn.set(pages=(*turn.phone.pages, page), notice=None)


def back(turn: Turn) -> None:
    """Close the page on top."""
    turn.set(pages=turn.phone.pages[:-1])


def close(turn: Turn) -> None:
    """Close every page."""
    turn.set(pages=())


def under_cursor(phone: Phone) -> Item | None:
    """The row under the cursor of the list on top; None where it has none."""
    rows = pages.items(phone, phone.pages[-1])
    return rows[pages.chosen(phone.pages[-1], rows)] if rows else None


def selectable(phone: Phone) -> bool:
    """Whether the page on top has anything to choose."""
    return bool(phone.pages) and any(item.choosable for item in pages.items(phone, phone.pages[-1]))


def move(turn: Turn, by: int) -> None:
    """Move the cursor, round and round. On a page that is only read it is the row on top, and how many rows there are
    is the view's to know."""
    page = turn.phone.pages[-1]
    if page.fields:
        places = len(page.fields) + bool(forms.under(turn.phone, page))
        form.move(turn, by, places, forms.FORMS[page.name].one_mode)
        return
    rows = pages.items(turn.phone, page)
    after = (pages.chosen(page, rows) + by) % len(rows) if selectable(turn.phone) else page.cursor + by
    turn.set(pages=(*turn.phone.pages[:-1], replace(page, cursor=after, sought="")))


def select(turn: Turn) -> None:
    """Do what the row under the cursor stands for: open its page or form, or run its action."""
    page = turn.phone.pages[-1]
    if forms.on_link(page):
        if forms.under(turn.phone, page):
            open_page(turn, forms.under(turn.phone, page), page.argument)
        return
    chosen = under_cursor(turn.phone)
    if chosen is None:
        return
    if chosen.opens:
        (open_form if chosen.opens in forms.FORMS else open_page)(turn, chosen.opens, chosen.argument)
    elif chosen.action is not None:
        chosen.action(turn)


def digit(turn: Turn, key: str) -> None:
    """1 to 9 choose the row of that number at once; in a list of names the keys of letters look one up. In a call log
    they only go to that row: who begins to type a number calls nobody by its first digit."""
    page = turn.phone.pages[-1]
    if lookup.by_name(page):
        lookup.key(turn, key)
        return
    place = "123456789".find(key)
    if 0 <= place < len(pages.items(turn.phone, page)) and selectable(turn.phone):
        turn.set(pages=(*turn.phone.pages[:-1], replace(page, cursor=place)))
        if page.name not in calllog.KINDS:
            select(turn)


def next_field(turn: Turn) -> bool:
    """To the next field of the form; False behind the last one, and from an empty one, whose owner says what is
    missing."""
    page = form.current(turn)
    if page is None or page.cursor + 1 >= len(page.fields) or not page.fields[page.cursor].text:
        return False
    move(turn, 1)
    return True


def submit(turn: Turn) -> None:
    """Hand the fields of the form to its owner; the form goes unless the owner says what is wrong.

    On the row under the fields: open the list it leads to.
    """
    page = form.current(turn)
    if page is None:
        return
    if forms.on_link(page):
        select(turn)
        return
    if forms.FORMS[page.name].submit(turn, page.argument, forms.typed(page)):
        turn.set(pages=tuple(each for each in turn.phone.pages if each is not page and each.name != page.name))
