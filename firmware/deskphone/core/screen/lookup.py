"""Looking a name up in a long list: the keys of its letters lead to it, each pressed once (2 for a, b and c).

Law: owns `Page.sought`. A name begins with what was typed, else one of its words does; the list itself is `pages`'.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from deskphone.core.screen import pages
from deskphone.core.screen.directory import letters
from deskphone.core.screen.entry import LETTERS
from deskphone.core.screen.state import Page
from deskphone.core.turn import Turn

BY_NAME = ("directory", "pick")  # lists of names
SECONDS = 2.0  # after which the next key begins another name
NOT_FOUND = "?"
KEY_OF = {letter: key for key, letters in LETTERS.items() for letter in letters}


def by_name(page: Page) -> bool:
    """Whether the page is a list in which names are looked up."""
    return page.name in BY_NAME


def key(turn: Turn, digit: str) -> None:
    """The next letter's key: the cursor goes to the first name that fits; where none does the title says so, and the
    cursor stays."""
    page = turn.phone.pages[-1]
    sought = digit if page.sought.endswith(NOT_FOUND) else page.sought + digit
    names = [_keys(each.label) if each.literal else NOT_FOUND for each in pages.items(turn.phone, page)]
    begins = (place for place, name in enumerate(names) if name.startswith(sought))
    within = (place for place, name in enumerate(names) if f"{KEY_OF[' ']}{sought}" in name)
    found = next(begins, next(within, None))
    page = replace(page, sought=sought + NOT_FOUND) if found is None else replace(page, sought=sought, cursor=found)
    turn.set(pages=(*turn.phone.pages[:-1], page), letter_until=turn.after(SECONDS))


def typed(turn: Turn, text: str) -> None:
    """Characters from a keyboard, by the keys they are on; others are left out."""
    for each in _keys(text).replace(NOT_FOUND, ""):
        key(turn, each)


def over(turn: Turn) -> None:
    """What was typed so far is no beginning of a name any more."""
    page = turn.phone.pages[-1] if turn.phone.pages else None
    if page is not None and page.sought:
        turn.set(pages=(*turn.phone.pages[:-1], replace(page, sought="")))


@lru_cache(maxsize=4096)  # the company's are thousands, and all are asked at each key
def _keys(name: str) -> str:
    """The keys of a name's letters; NOT_FOUND for one that no key has."""
    return "".join(KEY_OF.get(char, NOT_FOUND) for char in letters(name))
