"""Names in other scripts: drawn where a font has them, joined where they are joined, else the number is shown."""

from __future__ import annotations

import pytest

from deskphone.core.screen.item import Item
from deskphone.view.glyphs import font
from deskphone.view.listing import lay_out
from deskphone.view.outputs import Row, Screen, Size
from deskphone.view.raster import raster
from deskphone.view.render import render
from deskphone.view.words import Words
from deskphone.view.writing import plain, visual
from tests.stories.agent import REASONS, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.test_menus import add_contact

FONTS = ("5x8", "6x10", "9x15B")
EAST = ("王小明", "陈美玲", "繁體電話", "山田太郎", "テスト", "김철수", "고객센터", "ＡＢＣ")
NOBODY = "\ufffe"  # no character: the fonts' first glyph, a box
MUHAMMAD = "\u0645\u062d\u0645\u062f"
HINDI = "\u0930\u093e\u092e"


def in_service() -> tuple[CoreBench, Story]:
    bench = CoreBench()
    phone = Story(bench)
    phone.power_on()
    phone.registered()
    return bench, phone


@pytest.mark.parametrize("name", FONTS)
@pytest.mark.parametrize("text", EAST)
def test_a_name_of_the_far_east_is_no_boxes(name: str, text: str) -> None:
    drawn = font(name)
    assert drawn.draws(text)
    for letter in plain(text):
        glyph = drawn.glyph(letter)
        assert glyph != drawn.glyph(NOBODY)
        assert glyph.picture is not None and glyph.picture.getbbox() is not None
    assert drawn.width(text) == 10 * len(text)


@pytest.mark.parametrize("size", [Size.NORMAL, Size.LARGE])
def test_it_stands_within_its_row(size: Size) -> None:
    """Between the status bar and the softkeys nothing of the row is cut, and nothing reaches the next one."""
    picture = raster(Screen("x", "x", (Row("龍體鷹鬱", size=size), Row("")))).crop((0, 9, 128, 40))
    box = picture.getbbox()
    assert box is not None
    high = {Size.NORMAL: 11, Size.LARGE: 16}[size]
    assert box[1] > 0 and box[3] <= 1 + high and box[3] - box[1] >= 9


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        (MUHAMMAD, "\ufeaa\ufee4\ufea4\ufee3"),
        ("\u0623\u062d\u0645\u062f", "\ufeaa\ufee4\ufea3\ufe83"),
        ("\u0633\u0644\u0627\u0645", "\ufee1\ufefc\ufeb3"),
        ("\u0644\u0627", "\ufefb"),
        ("\u067e\u0698\u06af", "\ufb92\ufb8b\ufb58"),
        ("\u0628 \u0628", "\ufe8f \ufe8f"),
        ("\u0628\u0640\u0628", "\ufe90\u0640\ufe91"),
        ("\u0645\u064f\u062d", "\ufea2\ufee3"),
        (f"{MUHAMMAD} 12", "12 \ufeaa\ufee4\ufea4\ufee3"),
    ],
)
def test_arabic_letters_are_joined(written: str, seen: str) -> None:
    assert visual(plain(written)) == seen


def shown_to_who_is_called_by(name: str, number: str = "0301234567") -> list[str]:
    bench, phone = in_service()
    phone.customer(number, name).call()
    return [row.text for row in render(bench.phone).screen.rows]


def test_an_arabic_name_is_drawn_large_and_its_number_below() -> None:
    rows = shown_to_who_is_called_by(MUHAMMAD)
    assert rows == [MUHAMMAD, "0301234567"]
    assert font("9x15B").draws(MUHAMMAD)


def test_a_long_one_stays_in_the_font_that_has_it() -> None:
    name = " ".join([MUHAMMAD] * 4)
    bench, phone = in_service()
    phone.customer("0301234567", name).call()
    screen = render(bench.phone).screen
    assert [row.size for row in screen.rows] == [Size.LARGE, Size.NORMAL]
    assert name.startswith(screen.rows[0].text.rstrip("."))


@pytest.mark.parametrize("name", [HINDI, f"{HINDI} Kumar", "\U00020000", "\u1200\u1201"])
def test_a_name_that_no_font_has_is_its_number(name: str) -> None:
    assert shown_to_who_is_called_by(name) == ["0301234567"]


def test_the_directory_knows_such_a_caller() -> None:
    bench, phone = in_service()
    add_contact(phone, "Ram", "2001")
    phone.press("menu", "menu")
    phone.customer("2001", HINDI).call()
    assert render(bench.phone).screen.rows[0].text == "Ram"


def test_without_a_number_it_is_drawn_as_well_as_it_can_be() -> None:
    assert HINDI[0] in shown_to_who_is_called_by(f"{HINDI} Kumar", "")[0]


@pytest.mark.parametrize("name", ["Ann \U0001f600 Lee", "\u260e\ufe0f Ann Lee", "\U0001f1e9\U0001f1ea Ann Lee"])
def test_little_pictures_are_left_out_and_the_name_stays(name: str) -> None:
    assert shown_to_who_is_called_by(name)[0] == "Ann Lee"


def test_the_other_call_is_a_small_row_with_a_number_where_the_name_has_no_small_letters() -> None:
    bench, phone = in_service()
    for number, name in (("0301234567", MUHAMMAD), ("0409876", "Otto Second")):
        phone.customer(number, name).call()
        bench.press("soft1")
        bench.pass_time(1)
    rows = [row.text for row in render(bench.phone).screen.rows]
    assert rows[0] == "Otto Second" and "0301234567" in rows


def test_the_call_log_shows_the_number_of_such_a_caller() -> None:
    bench, phone = in_service()
    for name in (HINDI, "王小明"):
        customer = phone.customer("0301234567", name)
        customer.call()
        customer.hang_up()
        bench.pass_time(1)
    bench.press("menu", "1", "1")
    assert [row.text for row in render(bench.phone).screen.rows] == ["王小明", "0301234567"]


def test_a_contact_with_such_a_name_is_its_number() -> None:
    rows = lay_out((Item(HINDI, "2001", literal=True, instead="2001"),), Words("ENGLISH"))
    assert [(row.text, row.right) for row in rows] == [("2001", "")]


def test_a_long_name_without_blanks_is_read_in_two_rows() -> None:
    name = "株式会社日本電信電話東日本営業部"
    rows = shown_to_who_is_called_by(name)
    assert "".join(rows[:2]) == name and rows[2] == "0301234567"
    assert all(font("6x10").width(row) <= 128 for row in rows)


@pytest.mark.parametrize(("name", "seen"), [(HINDI, "500"), ("午休", "午休"), (MUHAMMAD, "500"), ("\u2615 Tea", "Tea")])
def test_a_reason_that_no_font_has_is_its_code(name: str, seen: str) -> None:
    bench = CoreBench()
    phone = Story(bench)
    power_on(phone, **(REASONS | {"voip__services__ACD__unavailable_reason__0__name": name}))
    log_in(phone)
    phone.large("Not Ready")
    bench.press("soft1")
    bench.pass_time(1)
    bench.press("soft1")
    assert render(bench.phone).screen.rows[0].text.strip() in (seen, name)
    assert font("6x10").draws(plain(render(bench.phone).screen.rows[0].text))
    bench.press("ok")
    bench.pass_time(1)
    assert plain(render(bench.phone).screen.rows[1].text).strip() == seen
    bench.press("menu", "up", "up", "ok")


def test_a_sentence_that_is_cut_says_so() -> None:
    bench = CoreBench()
    phone = Story(bench)
    long = "Mittagspause mit der gesamten Abteilung Nord"
    power_on(phone, **(REASONS | {"voip__services__ACD__unavailable_reason__0__name": long}))
    log_in(phone)
    phone.large("Not Ready")
    bench.press("soft1")
    bench.pass_time(1)
    bench.press("soft1", "ok")
    bench.pass_time(1)
    rows = [row.text for row in render(bench.phone).screen.rows]
    assert rows[1:] == ["Mittagspause mit der", "gesamten Abteilung.."]
