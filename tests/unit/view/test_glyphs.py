"""Our reader of bitmap fonts draws what FreeType draws, for every letter of the fonts but the dots, which are ours."""

from __future__ import annotations

import gzip
from importlib import resources
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from deskphone.view.glyphs import DOTS, font

FONTS = [("5x8", 8), ("6x10", 10), ("9x15B", 15)]
LINE = 16  # letters
BLOCKS = [*range(0x20, 0x600, LINE), *range(0x1E00, 0x2600, LINE), 0xFB00, 0xFFF0]


def stands_in(name: str, letter: str) -> bool:
    """Whether another letter is drawn, with fewer accents, which FreeType would not do."""
    return font(name).drawn_for(letter) != letter


@pytest.mark.parametrize(("name", "size"), FONTS)
def test_every_letter_is_drawn_as_freetype_draws_it(name: str, size: int) -> None:
    packed = (resources.files("deskphone.view") / "fonts" / f"{name}.pcf.gz").read_bytes()
    reference = ImageFont.truetype(BytesIO(gzip.decompress(packed)), size, layout_engine=ImageFont.Layout.BASIC)
    for block in BLOCKS:
        letters = [chr(code) for code in range(block, block + LINE)]
        text = "".join("x" if each in DOTS[name] or stands_in(name, each) else each for each in letters)
        ours, theirs = Image.new("1", (LINE * 12, 20)), Image.new("1", (LINE * 12, 20))
        font(name).draw(ours, 1, 1, text, 1)
        pen = ImageDraw.Draw(theirs)
        pen.fontmode = "1"
        for place, letter in enumerate(text):  # one by one: FreeType's layout drops joiners and direction marks
            pen.text((1 + place * font(name).glyph("x").advance, 1), letter, fill=1, font=reference)
        assert ours.tobytes() == theirs.tobytes(), f"{name}: a letter of {block:#x} to {block + LINE - 1:#x}"


@pytest.mark.parametrize(("name", "size"), FONTS)
@pytest.mark.parametrize(("letter", "dots"), [(".", 1), (":", 2), (";", 1)])
def test_a_dot_is_a_square_block_and_no_cross(name: str, size: int, letter: str, dots: int) -> None:
    """Two by two pixels, as high over the line of writing in every letter; a colon has a second one above it."""
    picture = Image.new("1", (size, 20))
    font(name).draw(picture, 0, 0, letter, 1)
    pixels = {(x, y) for x in range(size) for y in range(20) if picture.getpixel((x, y))}
    squares = [(x, y) for x, y in pixels if {(x + 1, y), (x, y + 1), (x + 1, y + 1)} <= pixels]
    assert len(squares) == (2 if letter == ";" else dots)
    plain = {(x + right, y + down) for x, y in squares for right in (0, 1) for down in (0, 1)}
    assert (pixels == plain) == (letter != ";"), "more than squares"
    assert font(name).glyph(letter).advance == font(name).glyph("x").advance


@pytest.mark.parametrize(("name", "size"), FONTS)
def test_a_full_stop_stands_on_the_line_of_writing(name: str, size: int) -> None:
    lines = []
    for letter in ".:;x":
        picture = Image.new("1", (size, 20))
        font(name).draw(picture, 0, 0, letter, 1)
        lines.append((picture.getbbox() or (0, 0, 0, 0))[3])
    assert lines[0] == lines[1] == lines[3] < lines[2]


@pytest.mark.parametrize(("name", "size"), FONTS)
def test_a_character_the_font_has_not_is_drawn_as_a_box(name: str, size: int) -> None:
    missing = font(name).glyph("\U0001f4de")
    assert missing.advance == font(name).glyph("x").advance
    assert missing.picture is not None
    assert missing.picture.getbbox() is not None


def test_what_leaves_the_picture_is_cut() -> None:
    picture = Image.new("1", (10, 8))
    font("6x10").draw(picture, -3, -2, "Wide text", 1)
    assert picture.getbbox() is not None
