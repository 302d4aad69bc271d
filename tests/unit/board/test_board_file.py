"""The board file: the committed wiring is whole, and a wrong one is told what is wrong."""

from __future__ import annotations

import re
from pathlib import Path
from unittest import mock

import pytest
from luma.core.interface import serial

from deskphone.drivers.board import EEPROM, HEADER, HOOK, KEYS, LAMPS, POWER, PULLED_DOWN_AT_RESET, Board, I2c, Spi
from deskphone.drivers.board_file import SPI_CLOCKS, BoardError, load_board

BOARD = Path(__file__).resolve().parents[3] / "board"
FILES = ("handset.toml", "handset-i2c.toml")


@pytest.fixture(params=FILES)
def board(request: pytest.FixtureRequest) -> Board:
    return load_board(BOARD / request.param)


def test_no_pin_is_used_twice_and_all_are_on_the_header(board: Board) -> None:
    pins = [pin for _, pin in board.pins()]
    assert len(pins) == len(set(pins))
    assert set(pins) <= set(HEADER)


def test_every_key_and_the_hook_are_wired_exactly_once(board: Board) -> None:
    wired = [key for row in board.matrix.keys for key in row if key]
    assert sorted(wired) == sorted((*KEYS, HOOK))
    assert len(board.matrix.rows) * len(board.matrix.columns) >= len(KEYS) + 1


def test_the_pins_of_the_eeprom_and_of_the_sound_overlay_are_left_alone(board: Board) -> None:
    ours = {pin for what, pin in board.pins() if not what.startswith(("EEPROM", "sound"))}
    assert not ours & {*EEPROM, 18, 19, 20, 21}
    assert board.audio.i2s[:4] == (18, 19, 20, 21)


def test_the_spi_display_takes_its_port_and_the_i2c_display_leaves_the_serial_console_free() -> None:
    spi, i2c = (load_board(BOARD / name) for name in FILES)
    assert isinstance(spi.display.bus, Spi) and isinstance(i2c.display.bus, I2c)
    assert {10, 11, 8} <= set(spi.display.bus.pins().values())
    assert i2c.display.bus.speed_hz == 400_000
    assert not {14, 15} & {pin for _, pin in i2c.pins()}


def test_the_lamps_are_dark_from_power_on_until_the_phone_lights_them(board: Board) -> None:
    assert tuple(name for name, _ in board.lamps.pins) == LAMPS
    assert board.lamps.lit_high and {pin for _, pin in board.lamps.pins} <= PULLED_DOWN_AT_RESET


def test_no_row_has_the_strong_pull_up_of_the_i2c_pins(board: Board) -> None:
    """1.8 kilohm on the Pi itself: 1.5 mA through a diode leaves more than the 0.8 V an input takes as low."""
    assert not {2, 3} & set(board.matrix.rows)


def test_the_header_table_is_a_40_pin_header() -> None:
    assert sorted((*HEADER.values(), *POWER)) == list(range(1, 41))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rows = [4, 5,", "rows = [27, 5,", r"pin 27: expected one use of a pin, got 2: row 0, lamp message"),
        ("rows = [4, 5,", "rows = [18, 5,", r"pin 18: expected one use of a pin, got 2: row 0, sound BCLK"),
        ("rows = [4, 5,", "rows = [0, 5,", r"pin 0: expected one use .*EEPROM"),
        ("rows = [4, 5,", "rows = [40, 5,", r"matrix\.rows\[0\]: expected a BCM pin .*0 to 27, got 40"),
        ("rows = [4, 5,", 'rows = ["4", 5,', r"matrix\.rows\[0\]: expected a BCM pin .*got '4'"),
        ("rows = [4, 5,", "rows = [5,", r"matrix\.keys: expected 5 rows of 6 names, got '6x6'"),
        ('"menu"', '"menue"', r"matrix\.keys: expected 'menu' exactly once, got 0\n.*names of keys only, got 'menue'"),
        ('"menu"', '"1"', r"matrix\.keys: expected '1' exactly once, got 2"),
        ('"hook"', '""', r"expected 'hook' exactly once, got 0"),
        ("message = 27,", "", r"lamps\.pins\.message: expected a BCM pin"),
        ("message = 27,", "message = 27, disco = 1,", r"lamps\.pins\.disco: expected nothing of that name"),
        ("settle_us = 50", "settle_us = true", r"settle_us: expected a whole number from 0 to 2000, got True"),
        ('bus = "spi"', 'bus = "usb"', r"display\.bus: expected one of spi, i2c, got 'usb'"),
        ('lit = "high"', "", r"lamps\.lit: expected one of high, low$"),
        ("dc = 24", "dc = 10", r"pin 10: expected one use of a pin, got 2: display MOSI, display DC"),
        ("speed_hz = 8_000_000", "speed_hz = 10_000_000", r"spi\.speed_hz: expected one of 500000, .*got 10000000"),
        ("miso = false", "miso = true", r"pin 9: expected one use of a pin, got 2: column 5, display MISO"),
        ("miso = false", "miso = 0", r"display\.spi\.miso: expected true or false, got 0"),
        ("[audio.speaker]", "[audio.trumpet]", r"audio\.speaker: expected a table"),
        ("lowest = 30", "lowest = 95", r"audio\.handset\.volume\.highest: expected more than lowest \(95\), got 90"),
        ("format = 1", "format = 2", r"format: expected 1, the format this program reads"),
        ('name = "deskphone', "name = deskphone", r"handset\.toml: expected TOML"),
    ],
)
def test_a_wrong_board_file_is_told_file_key_and_what_was_expected(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    text = (BOARD / "handset.toml").read_text()
    assert old in text
    path = tmp_path / "handset.toml"
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(BoardError) as error:
        load_board(path)
    assert all(line.startswith("handset.toml: ") for line in str(error.value).splitlines())
    assert re.search(message, str(error.value), re.DOTALL | re.MULTILINE), str(error.value)


def test_lumas_driver_takes_each_clock_a_board_file_may_name() -> None:
    for speed in SPI_CLOCKS:
        link = serial.spi(spi=mock.Mock(), gpio=mock.Mock(), bus_speed_hz=speed, gpio_DC=24, gpio_RST=None)
        assert link._spi.max_speed_hz == speed


def test_all_mistakes_of_a_board_file_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text("format = 1\n")
    with pytest.raises(BoardError) as error:
        load_board(path)
    for table in ("matrix", "lamps", "display", "audio"):
        assert f"b.toml: {table}: expected a table" in str(error.value)


def test_an_i2c_display_at_the_default_100_khz_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.toml"
    path.write_text((BOARD / "handset-i2c.toml").read_text().replace("400_000", "100_000"))
    with pytest.raises(BoardError, match=r"display\.i2c\.speed_hz: expected a whole number from 400000"):
        load_board(path)
