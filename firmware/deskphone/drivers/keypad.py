"""Keys and hook as events: the matrix is looked at 100 times a second.

Law: two equal scans are the truth; each change of it is reported once, however long a key stays down. What a key
means is decided elsewhere. Losing the pins is fatal: a phone without keys is no phone.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from deskphone.core.events import Event, HookMoved, KeyDown, KeyUp
from deskphone.drivers.board import HOOK, KEYS, MatrixWiring
from deskphone.drivers.gpio import Gpio, real_gpio
from deskphone.drivers.matrix import Matrix
from deskphone.drivers.ports import Part, Post
from deskphone.drivers.worker import Bell, Pulse, run_worker

PERIOD_S = 0.01
_ORDER = {name: number for number, name in enumerate((HOOK, *KEYS))}


class Debouncer:
    """Turns scans into changes."""

    def __init__(self) -> None:
        self._last: frozenset[str] = frozenset()
        self._told: frozenset[str] = frozenset()

    def take(self, closed: frozenset[str]) -> tuple[Event, ...]:
        """One scan; the events of what two scans in a row agree on. Releases come before presses."""
        agreed, self._last = closed == self._last, closed
        if not agreed or closed == self._told:
            return ()
        up, down = self._told - closed, closed - self._told
        self._told = closed
        released = (HookMoved(False) if name == HOOK else KeyUp(name) for name in sorted(up, key=_ORDER.__getitem__))
        pressed = (HookMoved(True) if name == HOOK else KeyDown(name) for name in sorted(down, key=_ORDER.__getitem__))
        return (*released, *pressed)


class Keypad(Part):
    """The keys and the hook. gpio: RPi.GPIO where none is given."""

    name = "keypad"

    def __init__(
        self,
        wiring: MatrixWiring,
        gpio: Gpio | None = None,
        period_s: float = PERIOD_S,
        settle: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wiring, self._gpio, self._period_s, self._settle = wiring, gpio, period_s, settle
        self._pulse = Pulse()

    def alive(self) -> bool:
        """Whether the pins answer."""
        return self._pulse.alive()

    async def run(self, post: Post) -> None:
        bell = Bell()
        await run_worker(self.name, bell, lambda: self._work(bell, post))

    def _work(self, bell: Bell, post: Post) -> None:
        matrix = Matrix(self._wiring, self._gpio or real_gpio(), self._settle)
        debouncer = Debouncer()
        matrix.open()
        try:
            while not bell.stopped:
                with self._pulse.working():
                    closed = matrix.closed()
                for event in debouncer.take(closed):
                    post(event)
                bell.wait(self._period_s)
        finally:
            matrix.close()
