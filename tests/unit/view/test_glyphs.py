"""Our reader of bitmap fonts draws what FreeType draws, for every letter of the fonts."""

from __future__ import annotations

import gzip
from importlib import resources
from io import BytesIO

import pytest
from PIL import Image, ImageDraw, ImageFont

from deskphone.view.glyphs import font

FONTS = [("5x8", 8), ("6x10", 10), ("9x15B", 15)]
LINE = 16  # letters
BLOCKS = [*range(0x20, 0x600, LINE), *range(0x1E00, 0x2600, LINE), 0xFB00, 0xFFF0]


@pytest.mark.parametrize(("name", "size"), FONTS)
def test_every_letter_is_drawn_as_freetype_draws_it(name: str, size: int) -> None:
    packed = (resources.files("deskphone.view") / "fonts" / f"{name}.pcf.gz").read_bytes()
    reference = ImageFont.truetype(BytesIO(gzip.decompress(packed)), size, layout_engine=ImageFont.Layout.BASIC)
    for block in BLOCKS:
        text = "".join(map(chr, range(block, block + LINE)))
        ours, theirs = Image.new("1", (LINE * 12, 20)), Image.new("1", (LINE * 12, 20))
        font(name).draw(ours, 1, 1, text, 1)
        pen = ImageDraw.Draw(theirs)
        pen.fontmode = "1"
        for place, letter in enumerate(text):  # one by one: FreeType's layout drops joiners and direction marks
            pen.text((1 + place * font(name).glyph("x").advance, 1), letter, fill=1, font=reference)
        assert ours.tobytes() == theirs.tobytes(), f"{name}: a letter of {block:#x} to {block + LINE - 1:#x}"


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
