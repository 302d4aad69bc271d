"""The display's pixels as characters: half blocks where there is room, braille dots where there is less.

Law: pure; picture in, lines of text out.
"""

from __future__ import annotations

from PIL.Image import Image

_HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
# Unicode braille: bit of each dot of a cell two wide and four high, row by row.
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800


def half_blocks(picture: Image) -> list[str]:
    """Two pixels a character, one above the other: 128x64 becomes 128 columns and 32 lines."""
    lit = _lit(picture)
    return [
        "".join(_HALVES[lit[y][x], y + 1 < picture.height and lit[y + 1][x]] for x in range(picture.width))
        for y in range(0, picture.height, 2)
    ]


def braille(picture: Image) -> list[str]:
    """Eight pixels a character, two by four: 128x64 becomes 64 columns and 16 lines."""
    lit = _lit(picture)
    return ["".join(_cell(lit, x, y) for x in range(0, picture.width, 2)) for y in range(0, picture.height, 4)]


def _lit(picture: Image) -> list[list[bool]]:
    data = picture.convert("L").tobytes()
    width = picture.width
    return [[value > 127 for value in data[y * width : (y + 1) * width]] for y in range(picture.height)]


def _cell(lit: list[list[bool]], x: int, y: int) -> str:
    bits = 0
    for down, row in enumerate(_DOTS):
        for right, bit in enumerate(row):
            if y + down < len(lit) and x + right < len(lit[0]) and lit[y + down][x + right]:
                bits |= bit
    return chr(_BRAILLE + bits)
