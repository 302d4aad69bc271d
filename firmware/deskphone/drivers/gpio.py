"""The pins' interface: the part of RPi.GPIO that the drivers use.

Law: a Protocol and the lazy import, nothing else. rpi-lgpio offers the same interface over /dev/gpiochip (Pi 5,
newer kernels, virtual machines). Edge detection is not part of it: it is broken on Linux 6.6 and later.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Protocol, cast

from deskphone.drivers import devices

OPENS = (devices.PINS, devices.PIN_REGISTERS)


class Gpio(Protocol):
    """RPi.GPIO, rpi-lgpio, or a fake of the same shape."""

    BCM: int
    IN: int
    OUT: int
    LOW: int
    HIGH: int
    PUD_UP: int

    def setmode(self, mode: int) -> None: ...
    def setwarnings(self, flag: bool) -> None: ...
    def setup(
        self, channel: int | Sequence[int], direction: int, pull_up_down: int = ..., initial: int = ...
    ) -> None: ...
    def output(self, channel: int | Sequence[int], value: int) -> None: ...
    def input(self, channel: int) -> int: ...
    def cleanup(self, channel: int | Sequence[int]) -> None: ...


def real_gpio() -> Gpio:
    """RPi.GPIO of this machine. Raises ImportError or RuntimeError where there are no pins."""
    return cast(Gpio, importlib.import_module("RPi.GPIO"))
