"""Reading the display: pixels to the words a person reads, by the letters of the phone's own bitmap fonts.

Law: looks at the picture only. A line counts when every lit pixel of it belongs to a letter that is where the letter
must be; what cannot be read is an error, never a guess.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

from PIL import Image, ImageChops

from deskphone.core.screen.marks import Mark
from deskphone.view.glyphs import Font, font
from deskphone.view.icons import SIDE, icon
from deskphone.view.words.english import ENGLISH
from tests.stories.bench import Seen

LETTERS = (*map(chr, (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x5D0, 0x5EB))), *"█░")
ICONS = {icon(mark).tobytes(): mark for mark in Mark}
PICTURE = (2, 2, 2 + SIDE, 2 + SIDE)  # where a row has one, of its own pixels
BAR = 8  # the rule under the status bar
SOFTKEYS = 55  # their first row of pixels
GAP = 2  # blank cells that part two words of one row; more are the room before what stands at the right


class Unreadable(ValueError):
    """Pixels that are no text; the message shows them."""


@dataclass(frozen=True)
class Face:
    """A fixed-width font by what its cells look like."""

    name: str
    width: int
    height: int
    cells: dict[bytes, str]


@lru_cache
def face(name: str) -> Face:
    """The font of the package with this file name."""
    what: Font = font(name)
    width = what.width("M")
    height = {"5x8": 8, "6x10": 10, "9x15B": 15}[name]
    unknown = _cell(what, "\ufffe", width, height)
    cells: dict[bytes, str] = {}
    for letter in LETTERS:
        drawn = _cell(what, letter, width, height)
        if letter == " " or drawn != unknown:
            cells.setdefault(drawn, letter)
    return Face(name, width, height, cells)


def _cell(what: Font, letter: str, width: int, height: int) -> bytes:
    image = Image.new("1", (width, height))
    what.draw(image, 0, 0, letter, 1)
    return image.tobytes()


def read(picture: Image.Image) -> Seen:
    """The words on a 128x64 picture: title, rows (what stands at the right after two blanks), softkeys."""
    straight = unshifted(picture)
    left, _, marks = _bar(straight)
    return Seen(left, rows(straight), softkeys(straight), marks)


def clock_and_marks(picture: Image.Image) -> tuple[str, ...]:
    """What stands at the right of the status bar: the marks by their words, then the clock."""
    _, right, marks = _bar(unshifted(picture))
    return (*marks, *right.split())


def unshifted(picture: Image.Image) -> Image.Image:
    """The picture without the pixel shift against burn-in (right and down, a pixel at most)."""
    for down in (0, 1):
        for right in (0, 1):
            rule = picture.crop((right, BAR + down, picture.width, BAR + down + 1))
            if not ImageChops.invert(rule.convert("L")).getbbox():
                return ImageChops.offset(picture.convert("L"), -right, -down).convert("1")
    raise Unreadable(f"no rule under a status bar\n{drawing(picture)}")


def _bar(picture: Image.Image) -> tuple[str, str, tuple[str, ...]]:
    """The status bar: its title, the words at its right, and its marks in words with the numbers beside them."""
    bar, what, marks = picture.copy(), face("5x8"), []
    for x in range(picture.width - SIDE):
        mark = ICONS.get(bar.crop((x, 0, x + SIDE, SIDE)).tobytes())
        if mark is not None and (x == 0 or not _lit(bar, x - 1, 0, x, SIDE)):
            count = _count(bar, x + SIDE, what)
            bar.paste(0, (x, 0, x + SIDE + len(count) * what.width, SIDE))
            marks.append(ENGLISH[f"mark:{mark}"] + count)
    band = Image.new("1", (picture.width, 8))
    band.paste(bar.crop((0, 0, bar.width, 7)), (0, 1))  # drawn one row too high: the font's first is blank
    return (*_two_sides(band, what, 0, picture.width), tuple(marks))


def _count(bar: Image.Image, x: int, what: Face) -> str:
    """The digits that follow a mark without a gap."""
    text = ""
    while True:
        cell = Image.new("1", (what.width, what.height))
        cell.paste(bar.crop((x, 0, x + what.width, what.height - 1)), (0, 1))
        letter = what.cells.get(cell.tobytes(), "")
        if not letter.isdecimal():
            return text
        text, x = text + letter, x + what.width


def rows(picture: Image.Image) -> tuple[str, ...]:
    """The lines between status bar and softkeys, from the top."""
    found, y, bottom = [], BAR + 1, SOFTKEYS
    body = _without_scroll_marks(picture)
    while y < bottom - 8:
        line = _line_at(body, y)
        if line is None:
            if _blank(body, y, y + 1):
                y += 1
                continue
            raise Unreadable(f"row of pixels {y}\n{drawing(picture)}")
        text, height = line
        found.append(text)
        y += height
    return tuple(found)


def _line_at(picture: Image.Image, y: int) -> tuple[str, int] | None:
    """The line whose cell begins at this row of pixels, and how high it is; None where no letter fits."""
    for name, height in (("6x10", 11), ("6x10", 16), ("9x15B", 16), ("5x8", 11)):
        for inverse in (False, True):
            text = _try_line(picture, face(name), y, height, inverse)
            if text is not None:
                return text, height
    return None


def _try_line(picture: Image.Image, what: Face, y: int, height: int, inverse: bool) -> str | None:
    width = picture.width
    band = picture.crop((0, y, width, min(y + height, SOFTKEYS)))
    if band.height < what.height:
        return None
    if inverse:
        if not _lit(band, 0, 0, 1, band.height):
            return None
        band = ImageChops.invert(band.convert("L")).convert("1")
        end = _right_edge(band)  # the scroll marks' room is left free; a picture that is moved right has lost a column
        if end in (width - 3, width - 1):
            band.paste(0, (end, 0, width, band.height))
    if band.crop(PICTURE).tobytes() in ICONS:
        band.paste(0, PICTURE)
    caret = _caret(band)
    if caret is not None:
        if band.getpixel((caret, band.height - 1)):
            return None  # the row is a higher one
        band.paste(0, (caret, 0, caret + 1, band.height))
    if caret is not None and _blank(band, 0, band.height):
        return ""
    found = _reading(band, what)
    return _beside(band, what) if found is None and what.name == "5x8" else found


def _reading(band: Image.Image, what: Face) -> str | None:
    """A line in one font."""
    if not _blank(band, what.height, band.height):
        return None
    readings, edges = [], (band.width - 1, band.width - 4)  # beside the scroll marks a row ends earlier
    for phase, edge in product(_phases(band, what), edges):
        with suppress(Unreadable):
            readings.append(_two_sides(band.crop((0, 0, band.width, what.height)), what, phase, edge))
    whole = [left for left, right in readings if not right]
    parted = [f"{left}  {right}" for left, right in readings if left and right]
    return next(iter(whole + parted), None)


def _beside(band: Image.Image, what: Face) -> str | None:
    """A text in small letters with one in those of a row at its right."""
    lit = [_lit(band, x, 0, x + 1, band.height) for x in range(band.width)]
    for at in range(GAP + 1, band.width):
        if lit[at] and not any(lit[at - GAP - 1 : at]):
            left, right = band.copy(), band.copy()
            left.paste(0, (at, 0, band.width, band.height))
            right.paste(0, (0, 0, at, band.height))
            words = (_reading(left, what), _reading(right, face("6x10")))
            if words[0] and words[1]:
                return f"{words[0]}  {words[1]}"
    return None


def _phases(band: Image.Image, what: Face) -> list[int]:
    """Where the first cell may begin: one pixel from the left, or anywhere for a line in the middle."""
    box = band.getbbox()
    if box is None:
        return []
    return sorted(range(max(0, box[0] - what.width + 1), box[0] + 1), key=lambda x: (x - 1) % what.width != 0)


def _two_sides(band: Image.Image, what: Face, left: int, right: int) -> tuple[str, str]:
    """Text that begins at `left`, and text in the cells counted from `right` where the first ones fit no more."""
    first, at = [], left
    while at + what.width <= band.width:
        letter = what.cells.get(band.crop((at, 0, at + what.width, what.height)).tobytes())
        if letter is None:
            break
        first.append(letter)
        at += what.width
    rest = band.copy()
    rest.paste(0, (0, 0, at, band.height))
    box = rest.getbbox()
    if left and _lit(band, 0, 0, left, band.height):
        raise Unreadable("pixels before the first cell")
    text = "".join(first)
    if box is None:
        return _split(text.rstrip())
    count = -(-(right - box[0]) // what.width)
    start, second = right - count * what.width, []
    if start < at - what.width * 2:
        raise Unreadable("two texts in one place")
    for number in range(count):
        cell = band.crop((start + number * what.width, 0, start + (number + 1) * what.width, what.height))
        letter = what.cells.get(cell.tobytes())
        if letter is None:
            raise Unreadable(f"no letter at {start + number * what.width}")
        second.append(letter)
    rest.paste(0, (start, 0, right, band.height))
    if rest.getbbox():
        raise Unreadable("pixels behind the last cell")
    return text.rstrip(), "".join(second).strip()


def _split(text: str) -> tuple[str, str]:
    """Both sides may fall into the same grid of cells: then only the room between them parts them."""
    left, gap, right = text.partition(" " * (GAP + 1))
    return (left.rstrip(), right.strip()) if gap else (text, "")


def softkeys(picture: Image.Image) -> tuple[str, str, str, str]:
    """The labels by key: each is dark on a lit box. A wide one pushes its neighbours aside, but order and keys stay.

    The last row of a box has no letters, and a picture that is moved down has lost it.
    """
    band = picture.crop((0, SOFTKEYS, picture.width, picture.height))
    what, edge, found = face("5x8"), 0, []
    while edge < band.width:
        end = edge
        while end < band.width and _lit(band, end, 0, end + 1, 1):
            end += 1
        if end > edge:
            box = ImageChops.invert(band.crop((edge, 0, end, what.height)).convert("L")).convert("1")
            found.append(((edge + end) / 2, _label(box, what)))
        edge = end + 1
    quarter = band.width / 4
    keys = min(
        combinations(range(4), len(found)),
        key=lambda places: sum(
            abs(middle - (place + 0.5) * quarter) + place * 4 for place, (middle, _) in zip(places, found, strict=True)
        ),
    )
    labels = {place: text for place, (_, text) in zip(keys, found, strict=True)}
    return labels.get(0, ""), labels.get(1, ""), labels.get(2, ""), labels.get(3, "")


def _label(box: Image.Image, what: Face) -> str:
    for left in range(what.width * 2):
        cells = range(left, box.width - what.width + 1, what.width)
        text = [what.cells.get(box.crop((x, 0, x + what.width, what.height)).tobytes()) for x in cells]
        rest = box.copy()
        rest.paste(0, (left, 0, left + len(text) * what.width, what.height))
        if text and None not in text and not rest.getbbox():
            return "".join(letter or "" for letter in text).strip()
    raise Unreadable(f"a softkey's label\n{drawing(box)}")


def _without_scroll_marks(picture: Image.Image) -> Image.Image:
    """The two triangles at the right edge, as view/raster.py draws them, are no text.

    A picture that is moved right has lost the last column of them.
    """
    out, width = picture.copy(), picture.width
    for top in (BAR + 3, SOFTKEYS - 6):
        left, stem, right = (
            sum(bool(picture.getpixel((x, y))) for y in range(top, top + 4)) for x in range(width - 3, width)
        )
        if left == 1 and stem == 4 and right <= 1:
            out.paste(0, (width - 3, top, width, top + 4))
    return out


def _caret(band: Image.Image) -> int | None:
    """Where the entry cursor is: one column as high as the row, where no letter is so high."""
    tall = [x for x in range(band.width) if _lit_all(band, x, band.height - 1)]
    return next((x for x in tall if x - 1 not in tall and x + 1 not in tall), None)


def _lit_all(band: Image.Image, x: int, height: int) -> bool:
    return all(band.getpixel((x, y)) for y in range(height))


def _lit(image: Image.Image, left: int, top: int, right: int, bottom: int) -> bool:
    return image.crop((left, top, right, bottom)).getbbox() is not None


def _blank(image: Image.Image, top: int, bottom: int) -> bool:
    return not _lit(image, 0, top, image.width, bottom)


def _right_edge(band: Image.Image) -> int:
    """First column of the lit block at the right."""
    x = band.width
    while x > 0 and _lit_all(band, x - 1, band.height):
        x -= 1
    return x


def drawing(picture: Image.Image) -> str:
    """The picture as text, for a failed test."""
    return "\n".join(
        "".join("#" if picture.getpixel((x, y)) else "." for x in range(picture.width)) for y in range(picture.height)
    )
