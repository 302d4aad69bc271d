"""Pages that are only read: nothing is cut, and the keys go round whatever the display's width makes of the text."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from deskphone.core.screen.item import Item
from deskphone.core.screen.state import Page
from deskphone.core.state import Phone
from deskphone.view.listing import READ, ROWS, lay_out, listing
from deskphone.view.outputs import Screen
from deskphone.view.words import Words

ENGLISH = Words("ENGLISH")
TEXT = st.text("abc /:.", max_size=100)
REFUSED = "a.cfg:12: voip/line/0/id: expected a number of 1 to 32 digits, got none, kept 1502"


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_every_letter_stands_on_some_row(texts: list[tuple[str, str]]) -> None:
    rows = lay_out([Item(label, right, literal=True) for label, right in texts], ENGLISH)
    assert all(len(row.text) + bool(row.text and row.right) + len(row.right) <= READ for row in rows)
    shown = "".join(row.text + row.right for row in rows).replace(" ", "")
    assert shown == "".join(label + right for label, right in texts).replace(" ", "")


def test_a_page_that_is_read_goes_round_both_ways_and_shows_each_row() -> None:
    phone = Phone(config_errors=(REFUSED,), source="http://prov.example.com/00908f123456.cfg")

    def at(cursor: int) -> Screen:
        return listing(replace(phone, pages=(Page("provisioning_status", cursor),)), ENGLISH)

    tops = 1
    while at(tops).more[1]:
        tops += 1
    down = [at(cursor) for cursor in range(tops + 1)]
    read = [*(screen.rows[0] for screen in down), *down[-1].rows[1:]]
    assert "".join(REFUSED.split()) in "".join("".join(row.text.split()) for row in read)
    assert not down[0].more[0] and all(screen.more == (True, True) for screen in down[1:-1])
    assert at(tops + 1) == down[0] and at(-1) == down[-1] and len(down[-1].rows) == ROWS
