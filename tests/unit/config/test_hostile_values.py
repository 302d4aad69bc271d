"""No value takes time, however long it is and whatever it is made of: a file may come from anybody's server, and while
one is read no key is heard."""

from __future__ import annotations

import re
import time

import pytest

from deskphone.config.reader import read
from deskphone.config.registry import Slot, slots_of
from deskphone.config.settings import Settings

PIECES = (
    "0",
    "1",
    "x",
    " |",
    "| ",
    "( ",
    "x;",
    "\u201c",
    "\u00e9",
    " ",
    '"',
    "a=",
    "\\",
    ".",
    "1.",
    "-",
    "a:",
    "<",
    "[1-",
    "=a;",
)
LONG, SHORT = 12_000, 60  # characters: enough for what grows with their square, and for what doubles with each
SECONDS = 1.0  # for a kind's values of one piece; the worst were 18 for one value, and hours


def kinds() -> list[Slot]:
    """A setting of each kind there is, and each whose text has a form of its own."""
    found: dict[object, Slot] = {}
    for slot in slots_of(Settings).values():
        kind = slot.option.kind
        found.setdefault((type(kind), getattr(kind, "shape", None), getattr(kind, "listed", False)), slot)
    return list(found.values())


@pytest.mark.parametrize("slot", kinds(), ids=lambda slot: re.sub(r"\W", "-", slot.name))
def test_no_value_takes_time(slot: Slot) -> None:
    for piece in PIECES:
        before = time.process_time()
        for size in (SHORT, LONG):
            text = (piece * size)[:size]
            read(f"{slot.name}={text}!\n{slot.name}=1{text}x\n".encode())
        assert time.process_time() - before < SECONDS, piece
