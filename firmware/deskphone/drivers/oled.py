"""The OLED: frames to a luma.oled device.

Law: the newest frame wins, and only a frame that differs goes over the bus. The picture moves by one pixel about each
minute against burn-in, with the frame that is sent anyway (the clock's), so that it costs nothing. A fault is reported
once and tried again with growing pauses; the phone goes on meanwhile.
"""

from __future__ import annotations

import contextlib
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, cast

from PIL import Image

from deskphone.drivers import devices
from deskphone.drivers.board import DisplayWiring, I2c
from deskphone.drivers.ports import Post
from deskphone.drivers.worker import Worker
from deskphone.view.outputs import Outputs

OPENS = (devices.SPI, devices.I2C)
SHIFT_S = 55.0  # the next new frame after so long is moved (a minute's clock, early or late); after twice as long any
SHIFTS = ((0, 0), (1, 0), (1, 1), (0, 1))
RETRY_S = (1.0, 2.0, 5.0, 10.0, 30.0)  # pauses between tries to open the device, the last one from then on


class Device(Protocol):
    """What luma.core.device.device offers of which we make use."""

    mode: str
    size: tuple[int, int]

    def display(self, image: Image.Image) -> None: ...
    def contrast(self, level: int) -> None: ...
    def cleanup(self) -> None: ...


def luma_device(wiring: DisplayWiring) -> Device:
    """Open the device named in the board file. Raises luma's errors and OSError; LookupError for an unknown name."""
    serial, devices = importlib.import_module("luma.core.interface.serial"), importlib.import_module("luma.oled.device")
    make = getattr(devices, wiring.device, None)
    if make is None:
        raise LookupError(f"display.device: expected a device of luma.oled, got {wiring.device!r}")
    bus = wiring.bus
    if isinstance(bus, I2c):
        link = serial.i2c(port=bus.port, address=bus.address)
    else:
        reset = bus.reset if bus.reset >= 0 else None
        link = serial.spi(port=bus.port, device=bus.device, bus_speed_hz=bus.speed_hz, gpio_DC=bus.dc, gpio_RST=reset)
    return cast(Device, make(link, width=wiring.width, height=wiring.height, rotate=wiring.rotate))


@dataclass(frozen=True, slots=True)
class _Picture:
    frame: Image.Image
    bright: bool


def placed(frame: Image.Image, size: tuple[int, int], mode: str, shift: tuple[int, int]) -> Image.Image:
    """The frame in the middle of a black picture of the device's size and mode, moved by `shift` pixels."""
    out = Image.new(mode, size)
    left, top = (size[0] - frame.width) // 2 + shift[0], (size[1] - frame.height) // 2 + shift[1]
    out.paste(frame.convert(mode), (left, top))
    return out


class Oled(Worker):
    """The display. open_device: luma's where none is given; clock in seconds, never going back."""

    name = "display"

    def __init__(
        self,
        wiring: DisplayWiring,
        open_device: Callable[[DisplayWiring], Device] = luma_device,
        clock: Callable[[], float] = time.monotonic,
        retry_s: tuple[float, ...] = RETRY_S,
    ) -> None:
        super().__init__(clock)
        self._wiring, self._open, self._clock, self._retry_s = wiring, open_device, clock, retry_s
        self._newest: _Picture | None = None

    def show(self, outputs: Outputs) -> None:
        """Show this picture. Returns at once; a frame that was not sent yet is forgotten."""
        if outputs.frame is None:
            return
        with self._lock:
            before, self._newest = self._newest, _Picture(outputs.frame, outputs.screen.bright)
            news = before is None or before.frame is not outputs.frame or before.bright != outputs.screen.bright
        if news:
            self._bell.ring()

    def _work(self, post: Post) -> None:
        failures = 0
        while not self._bell.stopped:
            device: Device | None = None
            try:
                with self._pulse.working():
                    device = self._open(self._wiring)
                self._serve(device, post)
                device.cleanup()
            except Exception as error:  # luma, spidev, smbus2 and RPi.GPIO share no base class
                failures = failures + 1 if self._health.failed else 0
                self._health.fails(post, error)
                self._forget(device)
                self._pause(self._retry_s[min(failures, len(self._retry_s) - 1)])

    def _serve(self, device: Device, post: Post) -> None:
        sent: tuple[bytes, tuple[int, int]] | None = None
        last: _Picture | None = None
        contrast, shift, shifted = -1, 0, self._clock()
        while not self._bell.stopped:
            with self._lock:
                picture = self._newest
            if self._clock() - shifted >= (2 * SHIFT_S if picture is last else SHIFT_S):
                shift, shifted = (shift + 1) % len(SHIFTS), self._clock()
            if picture is not None:
                wanted = self._wiring.bright if picture.bright else self._wiring.dim
                key = (picture.frame.tobytes(), SHIFTS[shift])
                with self._pulse.working():
                    if wanted != contrast:
                        device.contrast(wanted)
                    if key != sent:
                        device.display(placed(picture.frame, device.size, device.mode, key[1]))
                contrast, sent, last = wanted, key, picture
                self._health.works(post)
            self._bell.wait(shifted + 2 * SHIFT_S - self._clock())

    def _forget(self, device: Device | None) -> None:
        if device is not None:
            with contextlib.suppress(Exception):  # it failed already
                device.cleanup()

    def _pause(self, seconds: float) -> None:
        end = self._clock() + seconds
        while not self._bell.stopped and (left := end - self._clock()) > 0:
            self._bell.wait(left)
