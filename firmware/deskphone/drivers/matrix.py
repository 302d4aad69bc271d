"""The key matrix as levels: which contacts are closed at this moment.

Law: reads, never judges; `keypad` debounces. Between scans all columns are low, so that six reads tell that nothing
is pressed. A diode in each contact (anode at the row) keeps three keys from showing a fourth, and lets a column be
driven high beside a low one.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from deskphone.drivers.board import MatrixWiring
from deskphone.drivers.gpio import Gpio


class Matrix:
    """settle: how a column's change is waited for, in seconds (long wires charge through the pull-ups)."""

    def __init__(self, wiring: MatrixWiring, gpio: Gpio, settle: Callable[[float], None] = time.sleep) -> None:
        self._wiring, self._gpio, self._settle = wiring, gpio, settle

    def open(self) -> None:
        """Claim the pins: rows are inputs with pull-ups, columns low outputs."""
        gpio = self._gpio
        gpio.setwarnings(False)
        gpio.setmode(gpio.BCM)
        gpio.setup(self._wiring.rows, gpio.IN, pull_up_down=gpio.PUD_UP)
        gpio.setup(self._wiring.columns, gpio.OUT, initial=gpio.LOW)

    def close(self) -> None:
        """Release our pins, and only ours."""
        self._gpio.cleanup((*self._wiring.rows, *self._wiring.columns))

    def closed(self) -> frozenset[str]:
        """One scan: the names of the closed contacts, keys and `hook`."""
        gpio, columns = self._gpio, self._wiring.columns
        rows = self._low_rows(range(len(self._wiring.rows)))
        if not rows:
            return frozenset()
        names: set[str] = set()
        gpio.output(columns, gpio.HIGH)
        for number, pin in enumerate(columns):
            gpio.output(pin, gpio.LOW)
            self._settle(self._wiring.settle_us / 1e6)
            names.update(self._wiring.keys[row][number] for row in self._low_rows(rows))
            gpio.output(pin, gpio.HIGH)
        gpio.output(columns, gpio.LOW)
        return frozenset(names - {""})

    def _low_rows(self, among: range | list[int]) -> list[int]:
        gpio, pins = self._gpio, self._wiring.rows
        return [row for row in among if gpio.input(pins[row]) == gpio.LOW]
