"""The first word on the display: the pictures are the phone's own type, and the bytes draw them on an SSD1306."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import draw_splash
import pytest
import splash_conf
from PIL import Image, ImageChops

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "image/package/deskphone-splash/src"


@pytest.fixture(scope="module")
def splash(tmp_path_factory: pytest.TempPathFactory) -> str:
    program = tmp_path_factory.mktemp("splash") / "splash"
    command = ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O1", "-o", str(program), str(SOURCE / "splash.c")]
    subprocess.run(command, check=True)
    return str(program)


def shown(wire: bytes, columns_before: int) -> Image.Image:
    """What the display's memory holds after I2C messages of control byte 0 (commands) and 0x40 (one page)."""
    image = Image.new("1", (128, 64))
    at = wire.index(0xB0) - 1  # the first page address, after the power-up commands
    for _ in range(8):
        control, page, low, high = wire[at : at + 4]
        assert control == 0 and (page & 0xF8) == 0xB0 and (low | (high & 15) << 4) == columns_before
        assert wire[at + 4] == 0x40
        for x, byte in enumerate(wire[at + 5 : at + 133]):
            for bit in range(8):
                image.putpixel((x, (page & 7) * 8 + bit), 255 * (byte >> bit & 1))
        at += 133
    assert wire[at:] == b"\x00\xaf", "the display is lit last"
    return image


def test_the_pictures_are_up_to_date() -> None:
    for name, text in draw_splash.files().items():
        assert (SOURCE / name).read_text() == text, "run .venv/bin/python image/scripts/draw_splash.py"


@pytest.mark.parametrize(("device", "columns_before"), [("ssd1306", 0), ("sh1106", 2)])
@pytest.mark.parametrize("name", ["starting", "off"])
def test_the_display_shows_the_word(splash: str, tmp_path: Path, name: str, device: str, columns_before: int) -> None:
    subprocess.run([splash, name, device, "file", str(tmp_path / "wire")], check=True)
    wanted = draw_splash.picture(draw_splash.WORDS[name])
    seen = shown((tmp_path / "wire").read_bytes(), columns_before)
    assert ImageChops.logical_xor(seen, wanted).getbbox() is None
    assert seen.getbbox() is not None


def test_a_display_that_is_mounted_upside_down_is_told_to_count_from_the_other_corner(
    splash: str, tmp_path: Path
) -> None:
    wires = []
    for device in ("ssd1306", "ssd1306/180"):
        subprocess.run([splash, "starting", device, "file", str(tmp_path / "wire")], check=True)
        wires.append((tmp_path / "wire").read_bytes())
    assert wires[0].replace(b"\xa1\xc8", b"\xa0\xc0", 1) == wires[1]


def test_without_a_display_it_says_so_and_goes(splash: str) -> None:
    command = [splash, "starting", "ssd1306", "spi", "/dev/no-such-bus", "8000000", "/dev/no-such-chip", "24"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 69
    assert "/dev/no-such-bus" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["starting"],
        ["starting", "ssd1306", "spi"],
        ["starting", "lcd", "file", "x"],
        ["starting", "ssd1306/90", "file", "x"],
    ],
)
def test_wrong_arguments_are_a_usage_line(splash: str, tmp_path: Path, words: list[str]) -> None:
    result = subprocess.run([splash, *words], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert result.returncode == 64 and result.stderr.startswith("usage:")


def test_its_arguments_come_from_the_board_files() -> None:
    spi, i2c = (tomllib.loads((ROOT / "board" / name).read_text()) for name in ("handset.toml", "handset-i2c.toml"))
    assert splash_conf.arguments(spi) == "ssd1306 spi /dev/spidev0.0 8000000 /dev/gpiochip0 24"
    assert splash_conf.arguments(i2c) == "ssd1306 i2c /dev/i2c-1 0x3c"
    spi["display"]["device"] = "ssd1322"
    assert splash_conf.arguments(spi) == ""


@pytest.mark.parametrize(
    ("device", "rotate", "expected"),
    [
        ("ssd1309", 0, "ssd1306 i2c"),
        ("ssd1315", 2, "ssd1306/180 i2c"),
        ("sh1106", 2, "sh1106/180 i2c"),
        ("sh1106", 1, ""),
    ],
)
def test_relatives_of_the_display_and_a_turned_one_have_a_first_word(device: str, rotate: int, expected: str) -> None:
    board = tomllib.loads((ROOT / "board/handset-i2c.toml").read_text())
    board["display"] |= {"device": device, "rotate": rotate}
    assert splash_conf.arguments(board).startswith(expected) and bool(splash_conf.arguments(board)) == bool(expected)
