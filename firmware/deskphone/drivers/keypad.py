"""Keys and hook as events: the matrix is looked at 100 times a second.

Law: a contact has changed when so many scans in a row say so: two for a key, more for the cradle's switch, whose bounce
would hang up the call just answered. Each change is reported once, however long a key stays down. What a key means is
decided elsewhere. Losing the pins is fatal: a phone without keys is no phone.
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

PERIOD_S = 0.01  # from scan to scan
KEY_SCANS = 2  # 20 ms
LIFTED_SCANS = 4  # 40 ms: a micro-switch bounces for 5 to 20 ms
PUT_DOWN_SCANS = 20  # 200 ms: a handset that jumps in its cradle, or is only touched, does not hang up
_ORDER = {name: number for number, name in enumerate((HOOK, *KEYS))}


class Debouncer:
    """Turns scans into events of contacts that have changed for good."""

    def __init__(self) -> None:
        self._told: frozenset[str] = frozenset()
        self._differs: dict[str, int] = {}  # contact -> scans in a row that say otherwise than was told

    def take(self, closed: frozenset[str]) -> tuple[Event, ...]:
        """One scan; the events of what has lasted long enough. Releases come before presses."""
        self._differs = {name: self._differs.get(name, 0) + 1 for name in closed ^ self._told}
        changed = {name for name, scans in self._differs.items() if scans >= _guard(name, name in closed)}
        if not changed:
            return ()
        up, down = changed & self._told, changed - self._told
        self._told = self._told ^ changed
        for name in changed:
            del self._differs[name]
        released = (HookMoved(False) if name == HOOK else KeyUp(name) for name in sorted(up, key=_ORDER.__getitem__))
        pressed = (HookMoved(True) if name == HOOK else KeyDown(name) for name in sorted(down, key=_ORDER.__getitem__))
        return (*released, *pressed)


def _guard(contact: str, closing: bool) -> int:
    """Scans that a change must last. The hook's contact is closed while the handset is lifted."""
    if contact != HOOK:
        return KEY_SCANS
    return LIFTED_SCANS if closing else PUT_DOWN_SCANS


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
        """Whether the scan of the matrix comes to its end (`Pulse`)."""
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
