"""A line of text typed on twelve keys: multi-tap letters, the modes abc ABC Abc 123, caret and delete.

Law: pure functions on `Entry`; no timers (the caller ends a pending letter by `settle`), no meaning of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.screen.state import Entry, Mode

# ITU-T E.161 letters; 1, 0, * and # carry the signs that user names, addresses and passwords need.
LETTERS: dict[str, str] = {
    "1": "1.@-_/:",
    "2": "abc2äàáâåæç",
    "3": "def3éèêë",
    "4": "ghi4",
    "5": "jkl5",
    "6": "mno6öòóôøñ",
    "7": "pqrs7ß",
    "8": "tuv8üùúû",
    "9": "wxyz9",
    "0": " 0+",
    "*": "*",
    "#": "#",
}
CYCLE = {
    Mode.LOWER: Mode.UPPER,
    Mode.UPPER: Mode.TITLE,
    Mode.TITLE: Mode.DIGITS,
    Mode.DIGITS: Mode.LOWER,
}


def settle(entry: Entry) -> Entry:
    """The cycling letter is taken, and a password letter is hidden again."""
    mode = Mode.LOWER if entry.mode is Mode.TITLE and entry.pending_key else entry.mode
    return replace(entry, pending_key="", pending_count=0, reveal=False, mode=mode)


def typed(entry: Entry, text: str) -> Entry:
    """Text from a keyboard; a cycling letter is taken first."""
    return insert(settle(entry), text)


def insert(entry: Entry, text: str) -> Entry:
    """Put text in at the caret, up to the limit; control characters are left out."""
    clean = "".join(char for char in text if char.isprintable())[: max(0, entry.limit - len(entry.text))]
    where = entry.caret
    return replace(
        entry,
        text=entry.text[:where] + clean + entry.text[where:],
        caret=where + len(clean),
        reveal=bool(clean),
    )


def press(entry: Entry, key: str) -> Entry:
    """A digit key: a digit, or the next letter of that key while it is pressed again in time."""
    if entry.mode is Mode.DIGITS:
        return insert(settle(entry), key)
    letters = LETTERS[key]
    if key == entry.pending_key:
        count = entry.pending_count + 1
        shorter = replace(entry, text=entry.text[: entry.caret - 1] + entry.text[entry.caret :], caret=entry.caret - 1)
        typed = insert(shorter, _letter(letters, count, entry.mode))
        return replace(typed, pending_key=key, pending_count=count)
    entry = settle(entry)
    typed = insert(entry, _letter(letters, 0, entry.mode))
    if typed.text == entry.text or len(letters) == 1:
        return typed
    return replace(typed, pending_key=key, pending_count=0)


def _letter(letters: str, count: int, mode: Mode) -> str:
    letter = letters[count % len(letters)]
    return letter if mode is Mode.LOWER or letter == "ß" else letter.upper()


def delete(entry: Entry) -> Entry:
    """Take away the character before the caret."""
    entry = settle(entry)
    where = max(0, entry.caret - 1)
    return replace(entry, text=entry.text[:where] + entry.text[entry.caret :], caret=where)


def plus(entry: Entry) -> Entry:
    """The 0 just typed was meant as +: its key is held down."""
    typed = entry.mode is Mode.DIGITS and entry.text[: entry.caret].endswith("0")
    return insert(delete(entry), "+") if typed else entry


def move(entry: Entry, by: int) -> Entry:
    """Move the caret by so many characters, within the text."""
    entry = settle(entry)
    return replace(entry, caret=min(len(entry.text), max(0, entry.caret + by)))


def next_mode(entry: Entry) -> Entry:
    """The A/a/1 softkey: abc, ABC, Abc, 123."""
    entry = settle(entry)
    return replace(entry, mode=CYCLE[entry.mode])


def shown(entry: Entry) -> str:
    """The text as a person may see it: a secret is stars, but for the letter just typed."""
    if not entry.secret:
        return entry.text
    stars = "*" * len(entry.text)
    if entry.reveal and entry.caret:
        return stars[: entry.caret - 1] + entry.text[entry.caret - 1] + stars[entry.caret :]
    return stars


EDITS: dict[str, Callable[[Entry], Entry]] = {
    "delete": delete,
    "mode": next_mode,
    "plus": plus,
    "left": lambda entry: move(entry, -1),
    "right": lambda entry: move(entry, 1),
}
"""What the keys beside the digits do to what is typed."""
