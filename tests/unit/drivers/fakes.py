"""Copper without copper: fakes with the interface of RPi.GPIO, alsaaudio and luma's serial link.

Law: a fake behaves, and raises, as the real thing does; it is given to a driver's constructor, never put in its place
behind its back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from deskphone.core.events import Event
from deskphone.drivers.board import MatrixWiring

Channels = int | Sequence[int]


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 5.0) -> None:
    """Wait for another thread to bring something about."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain for {what}")
        time.sleep(0.001)


@dataclass
class Posted:
    """A driver's `post`, from any thread."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        self.events.append(event)


class FakeGpio:
    """Pins, and behind them a key matrix of contacts and diodes, solved as a circuit.

    `press` and `release` close and open contacts. slow: a row comes up only after `settle` gave the wires time.
    diodes False is a matrix built without them.
    """

    BCM, BOARD, IN, OUT, LOW, HIGH, PUD_UP = 11, 10, 1, 0, 0, 1, 22

    def __init__(self, matrix: MatrixWiring | None = None, *, slow: bool = False, diodes: bool = True) -> None:
        self._matrix, self._slow, self._diodes = matrix, slow, diodes
        self._closed = frozenset[tuple[int, int]]()  # a new one for each change: the driver's thread reads it
        self._charged: dict[int, int] = {}
        self._mode = 0
        self.directions: dict[int, int] = {}
        self.pull_ups: set[int] = set()
        self.levels: dict[int, int] = {}
        self.history: list[tuple[int, int]] = []
        self.reads = 0
        self.broken: Exception | None = None
        self.failures = 0

    # --- what RPi.GPIO offers ---
    def setmode(self, mode: int) -> None:
        if self._mode not in (0, mode):
            raise ValueError("A different mode has already been set!")
        self._mode = mode

    def setwarnings(self, flag: bool) -> None:
        assert flag in (True, False)

    def setup(self, channel: Channels, direction: int, pull_up_down: int = 20, initial: int = -1) -> None:
        self._fail()
        if not self._mode:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode(GPIO.BOARD) or GPIO.setmode(GPIO.BCM)")
        for pin in _list(channel):
            if not 0 <= pin <= 27:
                raise ValueError("The channel sent is invalid on a Raspberry Pi")
            self.directions[pin] = direction
            if pull_up_down == self.PUD_UP:
                self.pull_ups.add(pin)
            if direction == self.OUT and initial >= 0:
                self.levels[pin] = initial
        self._charge()

    def output(self, channel: Channels, value: int) -> None:
        self._fail()
        for pin in _list(channel):
            if self.directions.get(pin) != self.OUT:
                raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
            self.levels[pin] = value
            self.history.append((pin, value))
        self._charge()

    def input(self, channel: int) -> int:
        self._fail()
        if channel not in self.directions:
            raise RuntimeError("You must setup() the GPIO channel first")
        self.reads += 1
        return self._charged[channel] if self._slow else self._level(channel)

    def cleanup(self, channel: Channels) -> None:
        for pin in _list(channel):
            self.directions.pop(pin, None)

    # --- what a test does ---
    def press(self, key: str) -> None:
        self._closed = self._closed | {self._where(key)}
        self._charge()

    def release(self, key: str) -> None:
        self._closed = self._closed - {self._where(key)}

    def settle(self, seconds: float) -> None:
        """Stand-in for time.sleep: the wires charge."""
        assert seconds >= 0
        for pin in self.pull_ups:
            self._charged[pin] = self._level(pin)

    # --- the circuit ---
    def _where(self, key: str) -> tuple[int, int]:
        assert self._matrix is not None
        return next(
            (row, column)
            for row, names in enumerate(self._matrix.keys)
            for column, name in enumerate(names)
            if name == key
        )

    def _charge(self) -> None:
        """A low column pulls its rows down at once; upwards they need time."""
        for pin in self.pull_ups:
            self._charged[pin] = min(self._charged.get(pin, self.HIGH), self._level(pin))

    def _level(self, pin: int) -> int:
        if self._matrix is None or pin not in self._matrix.rows or pin not in self.pull_ups:
            return self.levels.get(pin, self.LOW)
        seen_rows, seen_columns = {self._matrix.rows.index(pin)}, set[int]()
        closed, grew = self._closed, True
        while grew:
            columns = {c for r, c in closed if r in seen_rows}
            grew = columns != seen_columns
            seen_columns = columns
            if not self._diodes:  # current comes back through a second key
                seen_rows = seen_rows | {r for r, c in closed if c in columns}
        driven = [self.levels.get(self._matrix.columns[c], self.HIGH) for c in seen_columns]
        return self.LOW if self.LOW in driven else self.HIGH

    def _fail(self) -> None:
        if self.broken is not None:
            self.failures += 1
            raise self.broken


def _list(channel: Channels) -> list[int]:
    return [channel] if isinstance(channel, int) else list(channel)


class FakeAlsaError(Exception):
    """alsaaudio.ALSAAudioError: no base but Exception."""


class FakeAlsa:
    """The module alsaaudio: every write and setting is kept; `broken` is the next error of open and write."""

    PCM_PLAYBACK, PCM_CAPTURE, PCM_NORMAL, PCM_FORMAT_S16_LE = 0, 1, 0, 2

    def __init__(self) -> None:
        self.opened: list[FakePcm] = []
        self.volumes: list[tuple[str, str, int, int]] = []
        self.broken: Exception | None = None
        self.gate = threading.Semaphore(0)
        self.free = False
        self.underruns = 0
        self.controls = {"Speaker": ("Playback Volume", "Playback Mute"), "Mic": ("Capture Volume",)}
        """Name -> what alsaaudio's volumecap() and switchcap() say of it."""

    def PCM(  # noqa: N802, RUF100 - alsaaudio's name
        self, *, type: int, mode: int, device: str, channels: int, rate: int, format: int, periodsize: int, periods: int
    ) -> FakePcm:
        assert (type, mode, channels, format) == (self.PCM_PLAYBACK, self.PCM_NORMAL, 1, self.PCM_FORMAT_S16_LE)
        assert periodsize * periods < rate / 5, "a deep buffer rings on after the handset is lifted"
        if self.broken:
            raise self.broken
        self.opened.append(FakePcm(self, device, periodsize))
        return self.opened[-1]

    def Mixer(self, *, control: str, device: str) -> FakeControl:  # noqa: N802, RUF100 - alsaaudio's name
        if self.broken:
            raise self.broken
        if control not in self.controls:
            raise FakeAlsaError(f"Unable to find mixer control {control},0 [{device}]")
        return FakeControl(self, control, device)

    def mixers(self, *, device: str) -> list[str]:
        if self.broken:
            raise self.broken
        return list(self.controls)

    def play(self, periods: int) -> None:
        """Let the sound card take so many periods."""
        self.gate.release(periods)

    def play_on(self) -> None:
        """From now on the card takes all it gets."""
        self.free = True
        self.gate.release()


class FakePcm:
    """A card that takes a period only when the test lets it."""

    def __init__(self, alsa: FakeAlsa, device: str, periodsize: int) -> None:
        self._alsa, self.device, self._periodsize = alsa, device, periodsize
        self.data = bytearray()
        self.ended = ""
        self.closed = False

    def write(self, data: bytes) -> int:
        assert not self.closed, "write to a closed PCM"
        assert len(data) == 2 * self._periodsize
        assert self._alsa.free or self._alsa.gate.acquire(timeout=5)
        if self._alsa.free:
            time.sleep(0.001)
        if self._alsa.broken:
            raise self._alsa.broken
        if self._alsa.underruns:
            self._alsa.underruns -= 1
            return -32
        self.data += data
        return self._periodsize

    def drop(self) -> int:
        self.ended = "dropped"
        return 0

    def drain(self) -> int:
        self.ended = "drained"
        return 0

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeControl:
    """One control; what is set is kept with the direction, -1 for playback's switch, -2 for capture's."""

    alsa: FakeAlsa
    control: str
    device: str

    def setvolume(self, volume: int, pcmtype: int = 0) -> None:
        assert 0 <= volume <= 100
        self.alsa.volumes.append((self.device, self.control, pcmtype, volume))

    def setmute(self, mute: int) -> None:
        self.alsa.volumes.append((self.device, self.control, -1, mute))

    def setrec(self, capture: int) -> None:
        self.alsa.volumes.append((self.device, self.control, -2, capture))

    def switchcap(self) -> list[str]:
        return [each for each in self.alsa.controls[self.control] if each.endswith("Mute")]

    def volumecap(self) -> list[str]:
        return [each for each in self.alsa.controls[self.control] if each.endswith("Volume")]

    def close(self) -> None:
        """Nothing is held."""


class FakeLink:
    """luma's serial interface with an SSD1306 at its end: commands and display memory, as the datasheet has them."""

    def __init__(self) -> None:
        self.memory = bytearray(128 * 8)
        self.contrast = -1
        self.on = False
        self.frames = 0
        self.broken: Exception | None = None
        self.closed = False
        self._area = (0, 127, 0, 7)

    def command(self, *bytes_: int) -> None:
        if self.broken:
            raise self.broken
        code, arguments = bytes_[0], bytes_[1:]
        if code == 0x81:
            self.contrast = arguments[0]
        elif code in (0xAE, 0xAF):
            self.on = code == 0xAF
        elif code == 0x21:  # column address, then page address in the same write
            self._area = (arguments[0], arguments[1], arguments[3], arguments[4])

    def data(self, data: Sequence[int]) -> None:
        if self.broken:
            raise self.broken
        first, last, page, last_page = self._area
        width = last - first + 1
        assert len(data) == width * (last_page - page + 1)
        memory = bytearray(self.memory)
        for n, byte in enumerate(data):
            memory[(page + n // width) * 128 + first + n % width] = byte
        self.frames += 1  # before the picture: who sees it may count at once
        self.memory = memory

    def cleanup(self) -> None:
        self.closed = True

    def pixel(self, x: int, y: int) -> bool:
        return bool(self.memory[y // 8 * 128 + x] >> (y % 8) & 1)

    def lit(self) -> set[tuple[int, int]]:
        return {(x, y) for x in range(128) for y in range(64) if self.pixel(x, y)}
