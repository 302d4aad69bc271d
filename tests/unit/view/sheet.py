"""The contact sheet: every golden picture with its name, twice its size, as docs/screens.png; the marks of the status
bar four times their size as docs/marks.png; docs/screens.md shows both.

Run as `python tests/unit/view/sheet.py`; `make golden` does so. It reads golden/ only.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from PIL import Image

from deskphone.core.screen.marks import Mark
from deskphone.view.glyphs import font
from deskphone.view.icons import SIDE, icon
from deskphone.view.words import ENGLISH

GOLDEN = Path(__file__).parent / "golden"
DOCS = Path(__file__).parents[3] / "docs"
COLUMNS, SCALE, GAP, LABEL, HEADING = 4, 2, 12, 12, 20
MARK_SCALE, MARK_COLUMN = 4, 240
WIDTH, HEIGHT = 128 * SCALE, 64 * SCALE
NUMBER = re.compile(r"_(\d+)_")
ORDER = ("Logging in", "Changing", "Restoring", "Logging out", "Configuring auto", "Configuring do")
"""How the headings of the guide follow each other; a heading that is not here comes last."""

PAGE = """# The screens
Every screen of the phone as its display shows it, 128x64 pixels, twice as large. First the screen sequences of the
guide "Using IP Phones in Genesys Contact Centers", key by key and named after its headings; then every other screen,
message and page. Each is a golden picture: a test fails when one pixel of it changes by accident
([tests/unit/view](../tests/unit/view)).

## The marks of the status bar
The phone explains them too: Status > Marks. The word beside each is what `marks` says in `GET /panel/state`.

![The marks and what they mean](marks.png)

Where a title leaves no room for all of them, those that a lamp tells too (voice mail, missed calls) and those that say
all is well go first, then the clock, and the others last.

## The pictures
![All golden pictures](screens.png)

What every key does in each situation: [keys](keys.md). The guide gone key by key: [walk](walk.md).
`make golden` writes these pages and their pictures.
"""


def rows() -> list[tuple[str, list[Path]]]:
    """The pictures in rows of the sheet, each with the heading that stands over it ("" for none).

    Each sequence of the guide begins a row of its own.
    """
    guide = sorted((GOLDEN / "guide").glob("*.png"), key=_order)
    parts = [(f"The guide: {name}", list(group)) for name, group in groupby(guide, key=_sequence)]
    parts.append(("Every screen", sorted(GOLDEN.glob("*.png"))))
    return [
        ("" if start else heading, part[start : start + COLUMNS])
        for heading, part in parts
        for start in range(0, len(part), COLUMNS)
    ]


def _sequence(path: Path) -> str:
    return NUMBER.split(path.stem)[0].replace("_", " ").capitalize()


def _order(path: Path) -> tuple[int, str, int]:
    heading = _sequence(path)
    place = next((place for place, begin in enumerate(ORDER) if heading.startswith(begin)), len(ORDER))
    return place, heading, _number(path)


def _number(path: Path) -> int:
    found = NUMBER.search(path.stem)
    return int(found[1]) if found else 0


def name(path: Path) -> str:
    """The picture's name; a step of the guide without its heading."""
    found = NUMBER.search(path.stem) if path.parent.name == "guide" else None
    return path.stem[found.start() + 1 :] if found else path.stem


def sheet() -> Image.Image:
    """All of them on dark grey, the lit pixels as the OLED's light blue."""
    lines = rows()
    height = GAP + sum((HEADING if heading else 0) + LABEL + HEIGHT + GAP for heading, _ in lines)
    whole = _blank(GAP + COLUMNS * (WIDTH + GAP), height)
    top = GAP
    for heading, paths in lines:
        if heading:
            font("9x15B").draw(whole, GAP, top, heading, 3)
            top += HEADING
        for column, path in enumerate(paths):
            _place(whole, path, GAP + column * (WIDTH + GAP), top)
        top += LABEL + HEIGHT + GAP
    return whole


def _place(whole: Image.Image, path: Path, left: int, top: int) -> None:
    font("6x10").draw(whole, left, top, name(path), 3)
    with Image.open(path) as golden:
        lit = golden.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.NEAREST).convert("1")
    whole.paste(1, (left, top + LABEL, left + WIDTH, top + LABEL + HEIGHT))
    whole.paste(2, (left, top + LABEL), lit)


def legend() -> Image.Image:
    """Every mark, what it means, and its word."""
    step, side = SIDE * MARK_SCALE + GAP, SIDE * MARK_SCALE
    columns = 2
    lines = -(-len(Mark) // columns)
    whole = _blank(columns * MARK_COLUMN, GAP + lines * step)
    for place, mark in enumerate(Mark):
        left, top = GAP + place // lines * MARK_COLUMN, GAP + place % lines * step
        whole.paste(1, (left, top, left + side, top + side))
        whole.paste(2, (left, top), icon(mark).resize((side, side), Image.Resampling.NEAREST))
        font("9x15B").draw(whole, left + side + GAP, top + 2, ENGLISH[f"legend:{mark}"], 3)
        font("6x10").draw(whole, left + side + GAP, top + 20, ENGLISH[f"mark:{mark}"], 3)
    return whole


def _blank(width: int, height: int) -> Image.Image:
    whole = Image.new("P", (width, height), 0)
    whole.putpalette([40, 44, 52, 0, 0, 0, 170, 220, 255, 200, 200, 200])
    return whole


def main() -> None:
    """Write the page and its pictures."""
    sheet().save(DOCS / "screens.png", optimize=True)
    legend().save(DOCS / "marks.png", optimize=True)
    (DOCS / "screens.md").write_text(PAGE)


if __name__ == "__main__":
    main()
