"""Names from right to left, with accents beside their letters, with what nobody sees, and too long ones."""

from __future__ import annotations

import pytest

from deskphone.view.outputs import Row, Screen, Size
from deskphone.view.raster import body, raster
from deskphone.view.render import render
from deskphone.view.writing import plain, visual
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench

SHALOM, COHEN = "\u05e9\u05dc\u05d5\u05dd", "\u05db\u05d4\u05df"


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Anna Müller", "Anna Müller"),
        (f"{SHALOM} {COHEN}", f"{COHEN[::-1]} {SHALOM[::-1]}"),
        (f"Cohen {SHALOM}", f"Cohen {SHALOM[::-1]}"),
        (f"{SHALOM} Cohen 12", f"Cohen 12 {SHALOM[::-1]}"),
        (f"{COHEN} (2) 03-123", f"03-123 (2) {COHEN[::-1]}"),
        (f"{COHEN} ({SHALOM})", f"({SHALOM[::-1]}) {COHEN[::-1]}"),
        (f"12 {COHEN} 34", f"34 {COHEN[::-1]} 12"),
        (f"Cohen, {SHALOM} 12", f"Cohen, 12 {SHALOM[::-1]}"),
        (f"{SHALOM}..", f"..{SHALOM[::-1]}"),
    ],
)
def test_letters_stand_from_left_to_right_as_they_are_read(written: str, seen: str) -> None:
    assert visual(plain(written)) == seen


@pytest.mark.parametrize(
    ("written", "drawn"),
    [("e\u0301tienne", "étienne"), ("a\tb\r\nc", "a b  c"), ("\u202eabc\u200f", "abc"), ("x\u0489", "x"), ("", "")],
)
def test_what_the_fonts_have_no_place_for_is_not_drawn(written: str, drawn: str) -> None:
    assert plain(written) == drawn


def called_by(name: str) -> CoreBench:
    bench = CoreBench()
    phone = Story(bench)
    phone.power_on()
    phone.registered()
    phone.customer("0301234567", name).call()
    return bench


def test_a_long_name_is_read_to_its_end_in_two_rows_before_and_in_the_call() -> None:
    bench = called_by("Maximiliane Mustermann-Schneider")
    rows = render(bench.phone).screen.rows
    assert [row.text for row in rows] == ["Maximiliane", "Mustermann-Schneider", "0301234567"]
    bench.press("soft1")
    bench.pass_time(1)
    Story(bench).customer("0409876", "Otto Second").call()
    bench.press("soft1")
    bench.pass_time(1)
    bench.press("soft1")  # back to her
    bench.pass_time(1)
    screen = render(bench.phone).screen
    assert [row.text for row in screen.rows] == ["Maximiliane", "Mustermann-Schneider", "0301234567", "Otto Second"]
    assert all(row.size is Size.NORMAL for row in screen.rows)
    assert raster(screen).crop((0, 43, 60, 54)).getbbox(), "the fourth row has room"


@pytest.mark.parametrize("name", ["   ", "\u200b", "\u0301"])
def test_a_name_of_nothing_is_none(name: str) -> None:
    assert render(called_by(name).phone).screen.rows[0].text == "0301234567"


@pytest.mark.parametrize(("letter", "plainer"), [("ễ", "ê"), ("ị", "i"), ("ộ", "o"), ("ẞ", "ß")])
def test_a_letter_with_too_many_accents_for_the_small_font_has_fewer(letter: str, plainer: str) -> None:
    assert body().glyph(letter) == body().glyph(plainer)
    assert body().glyph(letter) != body().glyph("\ufffe")


def test_who_is_connected_is_told_apart_by_the_number_where_two_long_names_begin_alike() -> None:
    bench = called_by("Customer Service North Berlin A")
    phone = Story(bench)
    bench.press("soft1")
    bench.pass_time(1)
    phone.customer("0409876", "Customer Service North Berlin B").call()
    bench.press("soft1")
    bench.pass_time(1)
    bench.press("transfer")
    screen = phone.shows("Transfer?", "0301234567", "0409876")
    assert "You leave the call" in screen.text


def test_a_text_that_is_cut_is_cut_in_small_letters() -> None:
    cut = raster(Screen("x", "x", (Row("Customer Service North", "Hold 0:07"),)))
    assert cut.tobytes() == raster(Screen("x", "x", (Row("Customer Servi..", "Hold 0:07"),))).tobytes()
