"""The five lamps: patterns to levels, all blinking from one clock.

Law: a lamp is a pin; which lamp burns is decided by `view`. A fault is reported and tried again: a phone without
lamps is still a phone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from deskphone.drivers.board import LampWiring
from deskphone.drivers.gpio import Gpio, real_gpio
from deskphone.drivers.health import Health
from deskphone.drivers.ports import Part, Post
from deskphone.view.outputs import Lamp, Lamps, Outputs

TICK_S = 0.125  # half a period of `fast` (4 Hz); `slow` (1 Hz) is four of them on, four off
RETRY_S = 5.0  # between tries to claim the pins


def lit(pattern: Lamp, tick: int) -> bool:
    """Whether a lamp of this pattern burns in this tick; every pattern begins lit."""
    match pattern:
        case Lamp.ON:
            return True
        case Lamp.SLOW:
            return tick % 8 < 4
        case Lamp.FAST:
            return tick % 2 == 0
        case _:
            return False


class GpioLamps(Part):
    """The lamps on their pins. gpio: RPi.GPIO where none is given."""

    name = "lamps"

    def __init__(
        self,
        wiring: LampWiring,
        gpio: Gpio | None = None,
        clock: Callable[[], float] = time.monotonic,
        retry_s: float = RETRY_S,
    ) -> None:
        self._wiring, self._gpio, self._clock, self._retry_s = wiring, gpio, clock, retry_s
        self._lamps = Lamps()
        self._since = clock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()

    def show(self, outputs: Outputs) -> None:
        """Take these patterns from now on; blinking starts lit."""
        if outputs.lamps == self._lamps:
            return
        self._lamps, self._since = outputs.lamps, self._clock()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._changed.set)

    async def run(self, post: Post) -> None:
        self._loop = asyncio.get_running_loop()
        health = Health(self.name)
        while True:
            try:
                gpio = self._open()
                health.works(post)
                await self._serve(gpio)
            except Exception as error:  # RPi.GPIO, rpi-lgpio and lgpio share no base class
                health.fails(post, error)
                await asyncio.sleep(self._retry_s)

    def _open(self) -> Gpio:
        gpio = self._gpio or real_gpio()
        gpio.setwarnings(False)
        gpio.setmode(gpio.BCM)
        for _, pin in self._wiring.pins:
            gpio.setup(pin, gpio.OUT, initial=self._level(gpio, False))
        return gpio

    def _level(self, gpio: Gpio, on: bool) -> int:
        return gpio.HIGH if on == self._wiring.lit_high else gpio.LOW

    async def _serve(self, gpio: Gpio) -> None:
        levels: dict[int, int] = {}
        try:
            while True:
                self._changed.clear()
                elapsed = self._clock() - self._since
                tick = int(elapsed / TICK_S)
                patterns = {name: Lamp(getattr(self._lamps, name)) for name, _ in self._wiring.pins}
                for name, pin in self._wiring.pins:
                    level = self._level(gpio, lit(patterns[name], tick))
                    if levels.get(pin) != level:
                        gpio.output(pin, level)
                        levels[pin] = level
                blinking = {Lamp.SLOW, Lamp.FAST} & set(patterns.values())
                wait = (tick + 1) * TICK_S - elapsed if blinking else None
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), wait)
        finally:
            with contextlib.suppress(Exception):  # the pins may be gone
                gpio.cleanup([pin for _, pin in self._wiring.pins])
