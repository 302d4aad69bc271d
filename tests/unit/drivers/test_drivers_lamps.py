"""Lamps on their pins, with a clock by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.drivers.board import LampWiring
from deskphone.drivers.board_file import load_board
from deskphone.drivers.lamps import TICK_S, GpioLamps, lit
from deskphone.view.outputs import Lamp, Lamps
from tests.unit.drivers.fakes import FakeGpio, Posted
from tests.unit.drivers.showing import showing

WIRING = load_board(Path(__file__).resolve().parents[3] / "board" / "handset.toml").lamps
PINS = dict(WIRING.pins)


async def until(condition: object, what: str) -> None:
    assert callable(condition)
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"waited in vain for {what}")


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def on_per_second(pattern: Lamp) -> list[bool]:
    return [lit(pattern, tick) for tick in range(8)]


def test_slow_is_one_hertz_and_fast_four_both_half_on_and_lit_first() -> None:
    assert on_per_second(Lamp.SLOW) == [True] * 4 + [False] * 4
    assert on_per_second(Lamp.FAST) == [True, False] * 4
    assert on_per_second(Lamp.ON) == [True] * 8
    assert on_per_second(Lamp.OFF) == [False] * 8
    assert TICK_S * 8 == 1.0


async def test_a_lamp_burns_as_told_and_the_others_stay_dark() -> None:
    gpio = FakeGpio()
    lamps = GpioLamps(WIRING, gpio)
    task = asyncio.create_task(lamps.run(Posted()))
    lamps.show(showing(lamps=Lamps(mute=Lamp.ON)))
    await until(lambda: gpio.levels.get(PINS["mute"]) == 1, "the mute lamp")
    assert sum(gpio.levels[pin] for pin in PINS.values()) == 1
    lamps.show(showing(lamps=Lamps(speaker=Lamp.ON)))
    await until(lambda: gpio.levels[PINS["speaker"]] == 1, "the speaker lamp")
    assert gpio.levels[PINS["mute"]] == 0
    await end(task)
    assert gpio.directions == {}


async def test_all_blinking_lamps_blink_together() -> None:
    gpio, now = FakeGpio(), [100.0]
    lamps = GpioLamps(WIRING, gpio, clock=lambda: now[0])
    task = asyncio.create_task(lamps.run(Posted()))
    lamps.show(showing(lamps=Lamps(ring=Lamp.FAST, message=Lamp.SLOW, headset=Lamp.SLOW)))
    await until(lambda: gpio.levels.get(PINS["ring"]) == 1, "the first half period")
    assert gpio.levels[PINS["message"]] == gpio.levels[PINS["headset"]] == 1
    now[0] += TICK_S * 1.01
    await until(lambda: gpio.levels[PINS["ring"]] == 0, "fast to go dark")
    assert gpio.levels[PINS["message"]] == 1
    now[0] += TICK_S * 3
    await until(lambda: gpio.levels[PINS["message"]] == 0, "slow to go dark")
    assert gpio.levels[PINS["headset"]] == 0
    await end(task)


async def test_steady_lamps_write_each_pin_once() -> None:
    gpio, rounds = FakeGpio(), list[float]()

    def clock() -> float:
        rounds.append(0.0)
        return 0.0

    lamps = GpioLamps(WIRING, gpio, clock=clock)
    lamps.show(showing(lamps=Lamps(ring=Lamp.ON)))
    task = asyncio.create_task(lamps.run(Posted()))
    await until(lambda: len(gpio.history) == 5, "the first setting")
    lamps.show(showing(lamps=Lamps(ring=Lamp.ON)))
    before = len(rounds)
    lamps._changed.set()
    await until(lambda: len(rounds) > before, "another look at the lamps")
    assert len(gpio.history) == 5
    lamps.show(showing(lamps=Lamps(ring=Lamp.ON, mute=Lamp.ON)))
    await until(lambda: len(gpio.history) > 5, "another lamp")
    assert gpio.history[5:] == [(PINS["mute"], 1)]
    await end(task)


async def test_lamps_wired_against_the_supply_are_lit_by_a_low_level() -> None:
    gpio = FakeGpio()
    lamps = GpioLamps(LampWiring(WIRING.pins, lit_high=False), gpio)
    lamps.show(showing(lamps=replace(Lamps(), ring=Lamp.ON)))
    task = asyncio.create_task(lamps.run(Posted()))
    await until(lambda: gpio.levels.get(PINS["ring"]) == 0, "the ring lamp")
    assert all(gpio.levels[pin] == 1 for name, pin in PINS.items() if name != "ring")
    await end(task)


async def test_broken_lamps_are_reported_once_and_come_back_by_themselves() -> None:
    gpio, posted = FakeGpio(), Posted()
    gpio.broken = OSError(5, "Input/output error")
    lamps = GpioLamps(WIRING, gpio, retry_s=0.002)
    lamps.show(showing(lamps=Lamps(ring=Lamp.ON)))
    task = asyncio.create_task(lamps.run(posted))
    await until(lambda: gpio.failures > 3, "some tries")
    assert posted.events == [DriverFailed("lamps", "OSError: [Errno 5] Input/output error")]
    gpio.broken = None
    await until(lambda: gpio.levels.get(PINS["ring"]) == 1, "the lamp to burn after all")
    assert posted.events[1:] == [DriverRecovered("lamps")]
    await end(task)
