"""The OLED: real luma.oled drivers over a link whose far end is an SSD1306 as its datasheet has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import luma.oled.device
import pytest
from PIL import Image

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.drivers.board import DisplayWiring
from deskphone.drivers.board_file import load_board
from deskphone.drivers.oled import SHIFTS, Device, Oled, luma_device, placed
from tests.unit.drivers.fakes import FakeLink, Posted, wait_for
from tests.unit.drivers.showing import showing

WIRING = load_board(Path(__file__).resolve().parents[3] / "board" / "handset.toml").display


class Bench:
    """An Oled with a clock by hand; each opening is a fresh link."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.links: list[FakeLink] = []
        self.posted = Posted()
        self.refuse: Exception | None = None
        self.oled = Oled(WIRING, self.open, clock=lambda: self.now, retry_s=(0.0,))

    def open(self, wiring: DisplayWiring) -> Device:
        if self.refuse:
            raise self.refuse
        self.links.append(FakeLink())
        return cast(Device, luma.oled.device.ssd1306(self.links[-1], width=wiring.width, height=wiring.height))

    @property
    def link(self) -> FakeLink:
        return self.links[-1]

    async def sees(self, pixels: set[tuple[int, int]]) -> None:
        await asyncio.to_thread(
            wait_for, lambda: bool(self.links) and self.link.lit() == pixels, f"{len(pixels)} lit pixels"
        )


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Bench]:
    task = asyncio.create_task(bench.oled.run(bench.posted))
    try:
        yield bench
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def frame(*pixels: tuple[int, int]) -> Image.Image:
    image = Image.new("1", (128, 64))
    for pixel in pixels:
        image.putpixel(pixel, 1)
    return image


async def test_every_corner_of_the_frame_reaches_the_glass() -> None:
    corners = {(0, 0), (127, 0), (0, 63), (127, 63), (64, 31)}
    async with running(Bench()) as bench:
        bench.oled.show(showing(frame=frame(*corners), bright=True))
        await bench.sees(corners)
        assert bench.link.on
        assert bench.posted.events == []


async def test_the_same_frame_again_does_not_go_over_the_bus() -> None:
    async with running(Bench()) as bench:
        bench.oled.show(showing(frame=frame((1, 1)), bright=True))
        await bench.sees({(1, 1)})
        sent = bench.link.frames
        for _ in range(20):
            bench.oled.show(showing(frame=frame((1, 1)), bright=True))
        bench.oled.show(showing(frame=frame((2, 2)), bright=True))
        await bench.sees({(2, 2)})
        assert bench.link.frames == sent + 1


async def test_the_newest_of_many_frames_wins() -> None:
    bench = Bench()
    for x in range(100):
        bench.oled.show(showing(frame=frame((x, 5)), bright=True))
    async with running(bench):
        await bench.sees({(99, 5)})
        assert bench.link.frames == 2  # luma's own clearing, and the newest


async def test_dimming_changes_the_contrast_and_sends_no_frame() -> None:
    async with running(Bench()) as bench:
        bench.oled.show(showing(frame=frame((3, 3)), bright=True))
        await bench.sees({(3, 3)})
        assert bench.link.contrast == WIRING.bright
        sent = bench.link.frames
        bench.oled.show(showing(frame=frame((3, 3)), bright=False))
        await asyncio.to_thread(wait_for, lambda: bench.link.contrast == WIRING.dim, "the dim display")
        assert bench.link.frames == sent


async def test_the_picture_moves_by_one_pixel_each_minute_and_comes_back() -> None:
    async with running(Bench()) as bench:
        places = []
        for minute in range(5):
            bench.oled.show(showing(frame=frame((10, 20)), bright=minute % 2 == 0))  # any news wakes the driver
            x, y = SHIFTS[minute % 4]
            await bench.sees({(10 + x, 20 + y)})
            places.append((x, y))
            bench.now += 60
        assert places[0] == places[4] == (0, 0) and len(set(places)) == 4
        assert all(
            abs(a[0] - b[0]) + abs(a[1] - b[1]) == 1 for a, b in zip(SHIFTS, (*SHIFTS[1:], SHIFTS[0]), strict=True)
        )


async def test_a_bus_error_is_reported_once_and_the_picture_comes_back() -> None:
    async with running(Bench()) as bench:
        bench.oled.show(showing(frame=frame((1, 1)), bright=True))
        await bench.sees({(1, 1)})
        first = bench.link
        first.broken = OSError(121, "Remote I/O error")
        bench.refuse = OSError(121, "Remote I/O error")
        bench.oled.show(showing(frame=frame((2, 2)), bright=True))
        await asyncio.to_thread(wait_for, lambda: bool(bench.posted.events), "the report")
        bench.oled.show(showing(frame=frame((3, 3)), bright=True))
        assert bench.posted.events == [DriverFailed("display", "OSError: [Errno 121] Remote I/O error")]
        bench.refuse = None
        await bench.sees({(3, 3)})
        await asyncio.to_thread(wait_for, lambda: len(bench.posted.events) == 2, "the good news")
        assert bench.posted.events[1] == DriverRecovered("display")
        assert bench.oled.alive()


async def test_a_display_that_is_not_there_at_power_on_is_found_later() -> None:
    bench = Bench()
    bench.refuse = RuntimeError("device not found")
    async with running(bench):
        bench.oled.show(showing(frame=frame((7, 7)), bright=True))
        await asyncio.to_thread(wait_for, lambda: bool(bench.posted.events), "the report")
        bench.refuse = None
        await bench.sees({(7, 7)})


async def test_a_frame_that_hangs_on_the_bus_is_seen_by_the_watchdog() -> None:
    bench = Bench()
    hang, inside = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    class Hanging(FakeLink):
        def data(self, data: object) -> None:
            loop.call_soon_threadsafe(inside.set)
            asyncio.run_coroutine_threadsafe(hang.wait(), loop).result(5)

    link = Hanging()

    def device(wiring: DisplayWiring) -> Device:
        real = luma.oled.device.ssd1306(FakeLink(), width=wiring.width, height=wiring.height)
        real._serial_interface = link
        return cast(Device, real)

    oled = Oled(WIRING, device, clock=lambda: bench.now)
    oled.show(showing(frame=frame((1, 1)), bright=True))
    task = asyncio.create_task(oled.run(Posted()))
    await asyncio.wait_for(inside.wait(), 5)
    bench.now += 6
    assert not oled.alive()
    hang.set()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert oled.alive()


async def test_the_end_leaves_a_dark_display_and_a_closed_bus() -> None:
    bench = Bench()
    async with running(bench):
        bench.oled.show(showing(frame=frame((1, 1)), bright=True))
        await bench.sees({(1, 1)})
    assert bench.link.closed and not bench.link.on and bench.link.lit() == set()


@pytest.mark.parametrize(
    ("name", "size", "mode"),
    [
        ("ssd1306", (128, 64), "1"),
        ("sh1106", (128, 64), "1"),
        ("ssd1309", (128, 64), "1"),
        ("ssd1322", (256, 64), "RGB"),
    ],
)
def test_other_displays_of_luma_take_our_frame(name: str, size: tuple[int, int], mode: str) -> None:
    class Sink:
        def command(self, *_: int) -> None: ...
        def data(self, _: object) -> None: ...
        def cleanup(self) -> None: ...

    device = getattr(luma.oled.device, name)(Sink(), width=size[0], height=size[1])
    picture = placed(frame((0, 0), (127, 63)), device.size, device.mode, (0, 0))
    assert (picture.size, picture.mode) == (size, mode)
    device.display(picture)
    left = (size[0] - 128) // 2
    assert picture.convert("1").getpixel((left, 0)) and picture.convert("1").getpixel((left + 127, 63))


def test_a_display_luma_does_not_know_is_named() -> None:
    wrong = DisplayWiring("ssd9999", 128, 64, 0, 200, 8, WIRING.bus)
    with pytest.raises(LookupError, match=r"display\.device: expected a device of luma\.oled, got 'ssd9999'"):
        luma_device(wrong)
