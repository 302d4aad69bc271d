"""The arguments of deskphone-splash from the board file: `splash_conf.py board/handset.toml`, an EnvironmentFile.

Standard library only: Buildroot's own Python runs it. A display it does not know gives an empty line; the unit then
says so and the phone starts without a first word.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

# luma.oled's device -> the splash's. SSD1309 and SSD1315 (on boards sold as SSD1306, too) are driven as the SSD1306.
KNOWN = {"ssd1306": "ssd1306", "ssd1309": "ssd1306", "ssd1315": "ssd1306", "sh1106": "sh1106"}
TURNS = {0: "", 2: "/180"}  # quarter turns; on its side no word fits
CHIP = "/dev/gpiochip0"


def arguments(board: dict[str, Any]) -> str:
    """What follows the picture's name, such as "ssd1306 spi /dev/spidev0.0 8000000 /dev/gpiochip0 24"."""
    display = board["display"]
    turn = TURNS.get(display.get("rotate", 0))
    if display["device"] not in KNOWN or (display["width"], display["height"]) != (128, 64) or turn is None:
        return ""
    device = KNOWN[display["device"]] + turn
    if display["bus"] == "i2c":
        return f"{device} i2c /dev/i2c-{display['i2c']['port']} {display['i2c']['address']:#04x}"
    spi = display["spi"]
    return f"{device} spi /dev/spidev{spi['port']}.{spi['device']} {spi['speed_hz']} {CHIP} {spi['dc']}"


if __name__ == "__main__":
    print(f'SPLASH="{arguments(tomllib.loads(Path(sys.argv[1]).read_text()))}"')
