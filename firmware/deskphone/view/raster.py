"""Screen to pixels: one bit each, the display's size, the same bytes for the same screen on any machine.

Law: draws what the Screen says and decides nothing. Displays other than 128x64 get more or fewer rows, the same fonts.
"""

from __future__ import annotations

from PIL import Image

from deskphone.view.glyphs import Font, font
from deskphone.view.icons import SIDE, icon
from deskphone.view.outputs import Row, Screen, Shown, Size
from deskphone.view.writing import plain, visual

BAR = 9  # pixel rows of the status bar, its rule included
KEYS = 10  # pixel rows of the softkeys
MARK_STEP = SIDE + 1  # a picture of the status bar and the gap behind it
BEFORE_CLOCK = 2  # pixels between the last picture and the words
HEIGHT = {Size.NORMAL: 11, Size.LARGE: 16}  # pixel rows of a row of text


def small() -> Font:
    """5x8: status bar and softkeys."""
    return font("5x8")


def body() -> Font:
    """6x10: rows."""
    return font("6x10")


def large() -> Font:
    """9x15 bold: the agent state, names and numbers."""
    return font("9x15B")


def width_of(what: Font, text: str) -> int:
    """The width of a text in pixels."""
    return what.width(text)


def box(image: Image.Image, edges: tuple[int, int, int, int], ink: int = 1) -> None:
    """Fill a rectangle: left, top, right and bottom pixel, all of which belong to it. One pixel thin it is a line."""
    image.paste(ink, (edges[0], edges[1], edges[2] + 1, edges[3] + 1))


def fit(what: Font, text: str, width: int) -> str:
    """The text, cut and ended with `..` where it is wider than `width` pixels; "" where not even that fits."""
    if width_of(what, text) <= width:
        return text
    while text and width_of(what, text + "..") > width:
        text = text[:-1]
    return text + ".." if text else ""


def raster(screen: Screen, size: tuple[int, int] = (128, 64)) -> Image.Image:
    """The screen as a mode "1" image of `size` (width, height) pixels; white is a lit pixel."""
    image = Image.new("1", size, 0)
    _status_bar(image, screen, size[0])
    _rows(image, screen, size)
    _softkeys(image, screen.softkeys, size)
    return image


def _status_bar(image: Image.Image, screen: Screen, width: int) -> None:
    """Title left, marks and clock right. What there is no room for: first what is as it should be, then the clock, then
    the other marks; a title is cut only where it would leave no room for a single mark."""
    title = fit(small(), plain(screen.title), width - MARK_STEP * 2)
    marks, clock = _room_for(screen, width - width_of(small(), title) - 4)
    words = " ".join([*(each.text for each in marks if each.mark is None), *clock])
    right = width - width_of(small(), words)
    small().draw(image, 0, -1, visual(title), 1)
    small().draw(image, right, -1, words, 1)
    right -= BEFORE_CLOCK if words else 0
    for each in reversed(marks):
        if each.mark is not None:
            right -= _width(each)
            image.paste(1, (right, 0), icon(each.mark))
            small().draw(image, right + SIDE, -1, each.count, 1)
    box(image, (0, BAR - 1, width - 1, BAR - 1))


def _room_for(screen: Screen, room: int) -> tuple[list[Shown], list[str]]:
    """The marks that fit into `room` pixels, and a list of the clock or of nothing."""
    marks, clock = list(screen.marks), [screen.clock] if screen.clock else []
    while marks and sum(map(_width, marks)) + sum(width_of(small(), each) + BEFORE_CLOCK for each in clock) > room:
        calm = [each for each in marks if each.calm]
        if calm or not clock:
            marks.remove((calm or marks)[-1])
        else:
            clock.clear()
    return marks, clock if not clock or width_of(small(), screen.clock) <= room else []


def _width(mark: Shown) -> int:
    """Pixels of a mark with its number, and of the gap behind it."""
    if mark.mark is None:
        return width_of(small(), mark.text + " ")
    return MARK_STEP + (width_of(small(), mark.count) + 1 if mark.count else 0)


def _rows(image: Image.Image, screen: Screen, size: tuple[int, int]) -> None:
    room = size[1] - BAR - KEYS
    total = sum(HEIGHT[row.size] for row in screen.rows)
    top = BAR + 1 + (max(0, room - total) // 2 if screen.middle else 0)
    scroll = 3 if any(screen.more) else 0
    for row in screen.rows:
        height = HEIGHT[row.size]
        if top + height > size[1] - KEYS + 1:
            break
        _row(image, row, top, size[0] - scroll)
        top += height
    _scroll_marks(image, screen.more, size)


def _row(image: Image.Image, row: Row, top: int, width: int) -> None:
    """One row. A text too wide for its font is drawn in the next smaller one, and cut where that is too wide, too."""
    words, height = row.text if row.caret >= 0 else plain(row.text), HEIGHT[row.size]
    roomy = width_of(large(), words) <= width or not body().draws(words)
    what = large() if row.size is Size.LARGE and roomy else body()
    before, beside = SIDE + 4 if row.mark is not None else 0, body()
    whole = width_of(small(), words) + width_of(beside, plain(row.right)) + before + 5 <= width
    if row.right and what is body() and not whole:  # what is chosen from is read to its end, where small letters help
        beside = small()
    right = fit(beside, plain(row.right), max(width * 2 // 3, width - width_of(what, words) - 6)) if row.right else ""
    room = width - (width_of(beside, right) + 4 if right else 0) - 1 - before
    if what is body() and row.caret < 0 and room < width_of(what, words):
        what = small()
    text = fit(what, words, room)
    if row.inverse:
        box(image, (0, top, width - 1, top + height - 1))
    ink = 0 if row.inverse else 1
    left = (width - width_of(what, text)) // 2 if row.centred else 1 + before
    if row.mark is not None:
        image.paste(ink, (2, top + 2), icon(row.mark))
    what.draw(image, left, top, text if row.caret >= 0 else visual(text), ink)
    if right:
        beside.draw(image, width - width_of(beside, right) - 1, top, visual(right), ink)
    if row.caret >= 0:
        place = left + width_of(what, text[: row.caret])
        box(image, (place, top, place, top + height - 2), ink)


def _scroll_marks(image: Image.Image, more: tuple[bool, bool], size: tuple[int, int]) -> None:
    above, below = more
    edge, bottom = size[0] - 2, size[1] - KEYS - 2
    if above:
        box(image, (edge - 1, BAR + 3, edge + 1, BAR + 3))
        box(image, (edge, BAR + 2, edge, BAR + 5))
    if below:
        box(image, (edge - 1, bottom - 1, edge + 1, bottom - 1))
        box(image, (edge, bottom - 3, edge, bottom))


def _softkeys(image: Image.Image, labels: tuple[str, str, str, str], size: tuple[int, int]) -> None:
    top = size[1] - KEYS + 1
    for label, left, right in slots(labels, size[0]):
        box(image, (left, top, right - 1, size[1] - 1))
        text = fit(small(), label, right - left)
        small().draw(image, left + (right - left - width_of(small(), text) + 1) // 2, top, text, 0)


def slots(labels: tuple[str, str, str, str], width: int) -> list[tuple[str, int, int]]:
    """Where each label goes: above its key, and into an empty neighbour's room where it is wide.

    Two neighbours that are both wide shift apart; nothing overlaps. Returns (label, left, right) in pixels.
    """
    quarter = width // 4
    need = [width_of(small(), label) + 3 if label else 0 for label in labels]
    placed: list[tuple[str, int, int]] = []
    edge = 0
    for place, label in enumerate(labels):
        if not label:
            continue
        wide = max(need[place], quarter - 1)
        left = max(edge, place * quarter + (quarter - wide) // 2 if wide > quarter else place * quarter)
        after = [index for index in range(place + 1, 4) if labels[index]]
        limit = width - sum(min(need[index], quarter) + 1 for index in after)
        left = max(edge, min(left, limit - wide)) if limit - wide > edge else edge
        right = min(left + wide, limit)
        if after and after[0] == place + 1 and right > (place + 1) * quarter and wide <= quarter:
            right = max(left + need[place], (place + 1) * quarter - 1)
        placed.append((label, left, right))
        edge = right + 1
    return placed
