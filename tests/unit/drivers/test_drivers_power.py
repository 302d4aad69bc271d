"""Too little voltage is said on the display, once, and taken back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from deskphone.core.events import DriverFailed, DriverRecovered, Event
from deskphone.drivers.power import PowerSupply, alarm
from tests.unit.drivers.fakes import Posted, wait_for


def chip(hwmon: Path, number: int, name: str) -> Path:
    folder = hwmon / f"hwmon{number}"
    folder.mkdir(parents=True)
    (folder / "name").write_text(name + "\n")
    (folder / "in0_lcrit_alarm").write_text("0\n")
    return folder / "in0_lcrit_alarm"


def test_the_detector_is_found_among_other_chips(tmp_path: Path) -> None:
    chip(tmp_path, 0, "cpu_thermal")
    assert alarm(tmp_path) is None
    found = chip(tmp_path, 1, "rpi_volt")
    (tmp_path / "hwmon2").mkdir()
    assert alarm(tmp_path) == found


async def test_a_voltage_that_drops_and_comes_back_is_told_once_each(tmp_path: Path) -> None:
    file, posted = chip(tmp_path, 0, "rpi_volt"), Posted()
    task = asyncio.create_task(PowerSupply(lambda: alarm(tmp_path), 0.002).run(posted))

    async def after(text: str, *told: Event) -> None:
        file.write_text(text)
        await asyncio.to_thread(wait_for, lambda: posted.events == list(told), f"{told}")

    low, well = DriverFailed("power supply", "under-voltage: below 4.63 V"), DriverRecovered("power supply")
    await after("1\n", low)
    await after("0\n", low, well)
    await after("1\n", low, well, low)
    file.unlink()
    await asyncio.to_thread(wait_for, lambda: posted.events == [low, well, low, well], "a driver that goes")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
