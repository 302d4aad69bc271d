"""The bitmap fonts of the package as pictures of single letters.

Law: reads X11's "portable compiled format" (PCF) and nothing else; pure. FreeType reads it too, but brings 4 MB into
a process that draws 128x64 pixels; what is not there as a glyph is drawn as the font's first one, as FreeType does,
but for the scripts of the Far East, which are of `WIDE`.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from struct import unpack_from
from unicodedata import normalize

from PIL import Image

METRICS, BITMAPS, ENCODINGS, ACCELERATORS = 4, 8, 32, 256
"""Types of PCF tables (libXfont, pcf.h); the last one holds the accelerators of the BDF font."""
COMPRESSED_METRICS = 0x100  # a byte each, offset by 0x80
MOST_SIGNIFICANT = 0b1100  # bytes and bits with the most significant first, as every font here has them
NOTHING = 0xFFFF  # number of a code point without a glyph

WIDE = "f10"
FAR_EAST = (range(0x2E80, 0xFB00), range(0xFF00, 0xFFF0))  # code points that every font has of WIDE

DOTS: dict[str, dict[str, tuple[int, int, str]]] = {
    "5x8": {".": (1, 5, "## ##"), ":": (1, 2, "## ## .. ## ##"), ";": (1, 2, "## ## .. ## ## #.")},
    "6x10": {".": (2, 6, "## ##"), ":": (2, 3, "## ## .. ## ##"), ";": (2, 3, "## ## .. ## ## #.")},
    "9x15B": {
        ".": (3, 10, "## ##"),
        ":": (3, 6, "## ## .. .. ## ##"),
        ";": (3, 6, "## ## .. .. ## ## #. #."),
    },
}
"""Our own drawing of what X11's fonts draw as a diamond or a cross, which on a small glass is read as `+`: place from
the left and the top, and the rows of pixels."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """One letter. picture: its pixels, None for a blank. left, top: where they begin, in pixels from the pen and from
    the line's top. advance: pixels to the next pen position."""

    picture: Image.Image | None
    left: int
    top: int
    advance: int


class Font:
    """One font of the package in its one size; each letter is unpacked when first drawn, and kept. ValueError for a
    PCF file of another layout."""

    def __init__(self, name: str) -> None:
        self._dots = DOTS.get(name, {})
        data = gzip.decompress((resources.files("deskphone.view") / "fonts" / f"{name}.pcf.gz").read_bytes())
        tables = {}
        for number in range(unpack_from("<I", data, 4)[0]):
            kind, layout, size, at = unpack_from("<IIII", data, 8 + 16 * number)
            tables[kind] = layout, data[at : at + size]
        layout, self._metrics = tables[METRICS]
        if data[:4] != b"\x01fcp" or not layout & COMPRESSED_METRICS or tables[BITMAPS][0] & 0b1100 != MOST_SIGNIFICANT:
            raise ValueError(f"{name}.pcf.gz: expected a PCF font with compressed metrics, most significant bits first")
        self._pad = 1 << (tables[BITMAPS][0] & 3)
        self._bitmaps = tables[BITMAPS][1]
        self._ascent: int = unpack_from(">i", tables[ACCELERATORS][1], 12)[0]
        self._encodings = tables[ENCODINGS][1]
        self._glyphs: dict[str, Glyph] = {}

    def glyph(self, letter: str) -> Glyph:
        """The glyph of one character; where the font has none, that of the same with fewer accents or that of the wide
        font, else its first."""
        found = self._glyphs.get(letter)
        if found is None:
            number = self._number(ord(self.drawn_for(letter)))
            found = self._instead(letter) if number == 0 else None
            found = self._unpack(number) if found is None else found
            if letter in self._dots:
                found = _drawn(*self._dots[letter], found.advance)
            self._glyphs[letter] = found
        return found

    def draws(self, text: str) -> bool:
        """Whether it has every letter of a text, be it with fewer accents."""
        return all(self._number(ord(self.drawn_for(each))) or self._instead(each) is not None for each in text)

    def _instead(self, letter: str) -> Glyph | None:
        """What is drawn for a letter that the font has not: the wide font's, on the same line of writing; None where
        that has none."""
        code = ord(letter)
        if not any(code in each for each in FAR_EAST):
            return None
        wide = font(WIDE)
        number = wide._number(code)
        if not number:
            return None
        glyph = wide._unpack(number)
        return replace(glyph, top=max(0, glyph.top + self._ascent - wide._ascent))

    def drawn_for(self, letter: str) -> str:
        """What is drawn for a letter: itself, or the same with fewer accents where the font has only that."""
        return next((each for each in _plainer(letter) if self._number(ord(each))), letter)

    def width(self, text: str) -> int:
        """The width of a text in pixels."""
        return sum(self.glyph(letter).advance for letter in text)

    def draw(self, image: Image.Image, left: int, top: int, text: str, ink: int) -> None:
        """Draw a text with its top left corner at pixel (left, top). ink: 1 lights pixels, 0 clears them."""
        for letter in text:
            glyph = self.glyph(letter)
            if glyph.picture is not None:
                image.paste(ink, (left + glyph.left, top + glyph.top), glyph.picture)
            left += glyph.advance

    def _number(self, code: int) -> int:
        """The glyph number of a Unicode code point, 0 (the default glyph) without one. The table is a rectangle of high
        by low byte, with holes."""
        low, last_low, high, last_high = unpack_from(">4H", self._encodings, 4)
        row, column = (code >> 8) - high, (code & 0xFF) - low
        if not (0 <= row <= last_high - high and 0 <= column <= last_low - low):
            return 0
        number: int = unpack_from(">H", self._encodings, 14 + 2 * (row * (last_low - low + 1) + column))[0]
        return 0 if number == NOTHING else number

    def _unpack(self, number: int) -> Glyph:
        left, right, advance, above, below = (byte - 0x80 for byte in self._metrics[6 + 5 * number : 11 + 5 * number])
        width, height = right - left, above + below
        if width <= 0 or height <= 0:
            return Glyph(None, left, self._ascent - above, advance)
        count = unpack_from(">I", self._bitmaps, 4)[0]
        begin = 8 + 4 * count + 16 + unpack_from(">I", self._bitmaps, 8 + 4 * number)[0]
        row = -(-width // (8 * self._pad)) * self._pad
        picture = Image.frombytes("1", (row * 8, height), self._bitmaps[begin : begin + row * height])
        return Glyph(picture.crop((0, 0, width, height)), left, self._ascent - above, advance)


def _plainer(letter: str) -> Iterator[str]:
    """The letter, then it with an accent less each time, then the small one."""
    parts = normalize("NFD", letter)
    for count in range(len(parts), 0, -1):
        fewer = normalize("NFC", parts[:count])
        if len(fewer) == 1:
            yield fewer
    if len(letter.lower()) == 1:
        yield letter.lower()


def _drawn(left: int, top: int, rows: str, advance: int) -> Glyph:
    """A glyph of DOTS: rows of `#` and `.`, separated by blanks."""
    lines = rows.split()
    picture = Image.new("1", (len(lines[0]), len(lines)))
    for y, line in enumerate(lines):
        for x, pixel in enumerate(line):
            picture.putpixel((x, y), pixel == "#")
    return Glyph(picture, left, top, advance)


@lru_cache(maxsize=5)
def font(name: str) -> Font:
    """A font by the name of its file in `fonts/` without `.pcf.gz`; FileNotFoundError where there is none."""
    return Font(name)
