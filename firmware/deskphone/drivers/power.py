"""The power supply: whether the Pi's own detector says that the voltage is too low.

Law: reads one file of the kernel (drivers/hwmon/raspberrypi-hwmon.c: in0_lcrit_alarm, 1 where the GPU's firmware saw
less than 4.63 V) and tells the change as a part that failed and works again. No such file, no such part.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.drivers.ports import Part, Post

LOOK_S = 2.5  # the kernel's driver asks the firmware as often
CHIP = "rpi_volt"
HWMON = Path("/sys/class/hwmon")


def alarm(hwmon: Path = HWMON) -> Path | None:
    """The kernel's file, None on a machine without the detector."""
    for folder in sorted(hwmon.glob("hwmon*")):
        try:
            if (folder / "name").read_text().strip() == CHIP:
                return folder / "in0_lcrit_alarm"
        except OSError:
            continue
    return None


class PowerSupply(Part):
    """Tells of under-voltage. find: gives the kernel's file, once. look_s: seconds between two looks."""

    name = "power supply"

    def __init__(self, find: Callable[[], Path | None] = alarm, look_s: float = LOOK_S) -> None:
        self._find, self._look_s = find, look_s

    async def run(self, post: Post) -> None:
        """Read the kernel's file every look_s seconds until cancelled; DriverFailed, DriverRecovered on a change."""
        file, low = self._find(), False
        while True:
            now = file is not None and _reads_one(file)
            if now is not low:
                low = now
                post(DriverFailed(self.name, "under-voltage: below 4.63 V") if now else DriverRecovered(self.name))
            await asyncio.sleep(self._look_s)


def _reads_one(file: Path) -> bool:
    try:
        return file.read_text().strip() == "1"
    except OSError:  # it goes with the driver
        return False
