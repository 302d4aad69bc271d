"""What the display was really sent: the golden pictures pixel for pixel, read back from the bytes on the bus."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops

from deskphone.drivers.oled import SHIFTS, placed
from deskphone.view.writing import visual
from tests.hil.rig.copper import I2C
from tests.hil.rig.reading import Unreadable, read, unshifted
from tests.hil.rig.uml import ROOT
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.bench_hil import HilBench
from tests.unit.view.pictures import FAILED, GOLDEN, picture
from tests.unit.view.walks import WALKS

pytestmark = [pytest.mark.hil]
WHEN = "2025-11-24 10:24:00"  # the clock of the golden pictures
ON_THE_RIG = ("idle", "incoming", "logged_out", "logging_in_password", "not_ready", "ready", "menu", "wrong_password")


@pytest.fixture
def phone() -> Iterator[Story]:
    """A phone on the rig whose clock says what the golden pictures say."""
    with HilBench(date=WHEN) as bench:
        yield Story(bench)


def shows(picture: Image.Image, agreed: Image.Image) -> bool:
    try:
        straight = unshifted(picture)
    except Unreadable:  # still dark
        return False
    return ImageChops.difference(straight.convert("L"), agreed.convert("L")).getbbox() is None


@pytest.mark.parametrize("name", ON_THE_RIG)
def test_the_display_shows_the_golden_picture(name: str, phone: Story) -> None:
    WALKS[name](phone)
    phone.bench.place.set_clock()
    with Image.open(GOLDEN / f"{name}.png") as golden:
        agreed = golden.convert("1")
    copper = phone.bench.place.copper
    try:
        copper.wait(lambda: shows(copper.picture(), agreed), f"the picture {name}")
    except AssertionError:
        FAILED.mkdir(parents=True, exist_ok=True)
        copper.picture().save(FAILED / f"hil-{name}.png")
        raise


def test_the_phone_with_its_display_on_i2c_shows_the_same() -> None:
    """board/handset-i2c.toml: another bus, and other pins for the keys."""
    with HilBench(date=WHEN, board=ROOT / "board" / "handset-i2c.toml") as bench:
        phone = Story(bench)
        WALKS["menu"](phone)
        bench.place.set_clock()
        with Image.open(GOLDEN / "menu.png") as golden:
            agreed = golden.convert("1")
        bench.place.copper.wait(lambda: shows(bench.place.copper.picture(), agreed), "the menu")
        assert {each.what for each in bench.place.copper.happened if each.bytes_sent} == {I2C}


def test_an_idle_phone_sends_nothing_to_its_display(phone: Story) -> None:
    """Between two minutes: the clock and the shift against burn-in come once a minute."""
    WALKS["idle"](phone)
    phone.shows("1502", "24 Nov")
    phone.bench.place.set_clock()
    copper = phone.bench.place.copper
    phone.pass_time(1)  # the last frame of the way here
    before = copper.display.data_bytes
    phone.pass_time(20)
    assert copper.display.data_bytes == before


@pytest.mark.parametrize("name", sorted(WALKS))
def test_the_rig_reads_every_screen(name: str) -> None:
    bench = CoreBench()
    WALKS[name](Story(bench))
    drawing = picture(bench)
    shown, seen = bench.screen(), read(drawing)
    moved = SHIFTS[1 + len(name) % (len(SHIFTS) - 1)]  # against burn-in
    assert read(placed(drawing, drawing.size, "1", moved)) == seen
    assert seen.softkeys == shown.softkeys
    assert fits(plain(seen.title), plain(shown.title))
    rows, drawn = [visual(row) for row in shown.rows], seen.rows  # read from the left, whichever way a name is written
    rows, drawn = ([plain(row) for row in each if row.strip()] for each in (rows, drawn))
    if re.search(
        r"[3-9]/[3-9]$", shown.title
    ):  # of many calls the title tells how many, and the glass holds three rows
        rows = rows[: max(3, len(drawn))]
    assert [fits(got, wanted) for got, wanted in zip(drawn, rows, strict=True)]


def plain(text: str) -> str:
    return " ".join(text.split())


def fits(got: str, wanted: str) -> bool:
    """Equal, or cut with two dots where the display is too narrow."""
    assert got == wanted or (".." in got and wanted.startswith(got.partition("..")[0])), (got, wanted)
    return True
