"""A page of the menu as rows of the display: what can be chosen from, and what is only read.

Law: the only place that knows how many characters a row has. What can be chosen is one row each; what is read is
broken into as many rows as it takes, and the cursor, a number that goes round, is the row on top.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from deskphone.core.screen import pages
from deskphone.core.screen.item import Age, Item, Wait
from deskphone.core.screen.state import Page
from deskphone.core.state import Phone
from deskphone.view.outputs import Row, Screen
from deskphone.view.raster import body
from deskphone.view.words import Words
from deskphone.view.writing import plain

ROWS = 4  # rows of normal size between status bar and softkeys on 128x64
COLUMNS = 21  # characters of a row of normal size there
SMALL_COLUMNS = 25  # of a row in the small font, in which `raster` draws one that is a little too long
READ = COLUMNS - 1  # beside the scroll marks
PICTURE = 2  # columns of a mark before the text


def listing(phone: Phone, words: Words) -> Screen:
    """The page on top, its rows that fit; the chosen one inverse."""
    page = phone.pages[-1]
    items = pages.items(phone, page)
    if any(item.choosable for item in items):
        cursor, count = pages.chosen(page, items), len(items)
        start = max(0, min(cursor - 1, count - ROWS))
        rows = [  # of those that are seen: a directory has thousands
            Row(_label(item, words), _right(item, words), inverse=start + place == cursor, mark=item.mark)
            for place, item in enumerate(items[start : start + ROWS])
        ]
    else:
        laid = lay_out(items, words)
        start, count = page.cursor % max(1, len(laid) - ROWS + 1), len(laid)
        rows = laid[start : start + ROWS]
    return Screen(
        f"page_{page.name}",
        _title(page, words),
        tuple(rows) or (Row(words("empty"), centred=True),),
        more=(start > 0, start + ROWS < count),
    )


def _title(page: Page, words: Words) -> str:
    """The page's name; while somebody looks a name up, the keys so far behind a short one."""
    if page.sought:
        return f"{words('title:directory')} {page.sought}"
    return words.first(f"title:{page.name}", page.name)


def lay_out(items: Sequence[Item], words: Words) -> list[Row]:
    """Rows to read to their end: an address or a sentence is never cut. A value goes beside its label where there is
    room, else below it.
    """
    rows = []
    for item in items:
        label, right = _label(item, words), _right(item, words)
        width = READ - (PICTURE if item.mark else 0)
        if len(label) + bool(right) + len(right) > width:
            parts = _broken(label, width)
            rows += [Row(part, mark=item.mark if place == 0 else None) for place, part in enumerate(parts)]
            rows += [Row("", part) for part in _broken(right, READ)]
        elif label or right:
            rows.append(Row(label, right, mark=item.mark))
    return rows


def _broken(text: str, width: int) -> list[str]:
    """A text in pieces of at most `width` characters, broken at blanks and not at hyphens, which belong to a host name;
    a word that is longer is broken at `width`."""
    return textwrap.wrap(text, width, break_on_hyphens=False)


def _label(item: Item, words: Words) -> str:
    if item.instead and not body().draws(plain(item.label)):
        return item.instead
    return item.label if item.literal else words.first(f"row:{item.label}", item.label)


def _right(item: Item, words: Words) -> str:
    """The value of a row as a person reads it, "" for none."""
    if item.instead == item.right and _label(item, words) == item.right:
        return ""
    if isinstance(item.right, Age):
        return words.age(item.right.seconds)
    if isinstance(item.right, Wait):
        return words("in_seconds").replace("#", str(item.right.whole))
    return words(item.right) if item.word else item.right
