"""`python -m tests.hil measure` (make hil-bench): how soon a key is seen, and what the display costs, on the rig.

Law: everything is read off one clock, the guest's: the contact closes, the last byte of the next frame is on the bus.
Numbers are printed, never asserted; the machine they are taken on is shared and slow.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from functools import partial

from tests.hil.rig.copper import CONTACT, SPI, Copper, Happening
from tests.hil.rig.strategy import ENVIRONMENT, ROOT
from tests.stories.bench import Story
from tests.stories.bench_hil import HilBench

KEYS = "1234567890"
PRESSES = 60
BUS = "spi_hz=8000000"  # as board/handset.toml has it: a frame takes its millisecond
IDLE_S = 130.0
FRAMES = """
import time
from pathlib import Path
from PIL import Image
from deskphone.drivers.board_file import load_board
from deskphone.drivers.oled import luma_device
device = luma_device(load_board(Path("/etc/deskphone/handset.toml")).display)
pictures = [Image.new("1", (128, 64), ink) for ink in (0, 1)]
began, count = time.monotonic(), 0
while time.monotonic() - began < 3:
    device.display(pictures[count % 2])
    count += 1
print(count / (time.monotonic() - began))
"""


def frames(happened: list[Happening]) -> list[Happening]:
    """The records that end a frame: the last data of 1024 bytes."""
    return [each for each in happened if each.what == SPI and each.value and each.bytes_sent >= 1024]


def shown_after(copper: Copper, begin: int, pressed: int) -> list[int]:
    """When the frames after a contact were over, nanoseconds."""
    return [each.at for each in frames(copper.happened[begin:]) if each.at > pressed]


def key_to_display(phone: Story) -> list[float]:
    """Milliseconds from each key's contact to the end of the next frame."""
    copper, found = phone.bench.place.copper, []
    for number in range(PRESSES):
        key = KEYS[number % len(KEYS)]
        begin = len(copper.happened)
        phone.press(key)
        pressed = next(each.at for each in copper.happened[begin:] if each.what == CONTACT and each.value)
        later = partial(shown_after, copper, begin, pressed)
        copper.wait(lambda later=later: bool(later()), f"a frame after {key}")
        found.append((later()[0] - pressed) / 1e6)
        if number % 10 == 9:
            phone.press("cancel")
            time.sleep(0.3)
    return found


def main() -> int:
    """Print the table."""
    with HilBench(module=BUS) as bench:
        phone = Story(bench)
        phone.power_on()
        phone.registered(within=60)
        phone.shows("Directory", within=30)
        took = key_to_display(phone)
        phone.press("cancel")
        phone.shows("Directory")
        time.sleep(1)
        copper = bench.place.copper
        begin, began = len(copper.happened), time.monotonic()
        time.sleep(IDLE_S)
        sent = [each for each in copper.happened[begin:] if each.what == SPI]
        minutes = (time.monotonic() - began) / 60
        bench.place.stop_phone()
        environment = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
        (bench.folder / "frames.py").write_text(FRAMES)
        rate = bench.place.shell.check(f"env {environment} {ROOT}/.venv/bin/python /hil/frames.py", 60)
    cut = statistics.quantiles(took, n=20)
    print(f"load of the machine             {os.getloadavg()[0]:.1f}")
    print(f"key to the end of the frame     p50 {statistics.median(took):.1f} ms, p95 {cut[-1]:.1f} ms, {PRESSES} keys")
    print(f"frames a second, driver alone   {float(rate):.0f}")
    print(f"bytes an idle minute            {sum(each.bytes_sent for each in sent) / minutes:.0f}")
    print(f"frames an idle minute           {len(frames(sent)) / minutes:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
