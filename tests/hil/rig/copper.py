"""The copper from the far side: presses contacts, watches lamps, collects what the display was sent.

A labgrid driver: it works on a stream of records (`/dev/copper` of the guest, or a jig on a serial line: board/jig).
Law: knows the wiring from the board file; sees levels and bytes only, never the program.
"""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from deskphone.drivers.board import HOOK, LAMPS, Board
from tests.hil.rig.oled import Ssd1306
from tests.patience import patient

RECORD = struct.Struct("<BBBBIQ")
CONTACT, LEVEL, READ, I2C, SPI = KINDS = b"CLRIS"
SCANS = 3  # two that agree, and one to be told; besides the one under way
PICTURES = 200  # the last ones are kept
SETTLED_S = 0.7  # a lamp without a change for so long does not blink: `slow` changes every 0.5 s
SLOW_S = 0.3  # a change sooner than that after the last one is `fast`


@dataclass(frozen=True)
class Happening:
    """One record. at: nanoseconds of the guest's clock. bytes_sent: on a bus."""

    what: int
    a: int
    b: int
    value: int
    at: int
    bytes_sent: int


@dataclass
class _Lamp:
    level: bool = False
    at: int = 0  # guest's clock
    pause: int = 1 << 62  # between the last two changes
    seen: float = field(default_factory=time.monotonic)


class Copper:
    """Keys, hook, lamps and display of one phone."""

    def __init__(self, board: Board, line: socket.socket) -> None:
        keys = board.matrix.keys
        self.contacts = {
            name: (board.matrix.rows[row], board.matrix.columns[column])
            for row, names in enumerate(keys)
            for column, name in enumerate(names)
            if name
        }
        self._closed: set[tuple[int, int]] = set()
        self._reads_a_scan = 1 + len(board.matrix.columns)  # of a row in which a contact is closed; else one
        self._lamp_lines = {line: name for name, line in board.lamps.pins}
        self._lit_high = board.lamps.lit_high
        self._line, self._lock = line, threading.Condition()
        self._lamps = {name: _Lamp() for name in LAMPS}
        self.display = Ssd1306()
        self.happened: list[Happening] = []
        self.trouble: Exception | None = None
        self._picture = self.display.picture()
        self._shown: deque[Image.Image] = deque(maxlen=PICTURES)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        for pin in self._lamp_lines:
            self.command(f"watch {pin}")

    def command(self, *lines: str) -> None:
        """Lines for /dev/copper."""
        self._line.sendall("".join(f"{line}\n" for line in lines).encode())

    def close(self, key: str) -> None:
        """Press a key and keep it down; `hook`: lift the handset."""
        self._move("close", key)

    def open(self, key: str) -> None:
        """Release it."""
        self._move("open", key)

    def noticed(self, key: str, scans: int = SCANS) -> None:
        """Wait until the phone has looked at this key as often as it takes to believe it."""
        row, _ = self.contacts[key]
        reads = self._reads_a_scan if any(each == row for each, _ in self._closed) else 1
        under_way = self._reads_a_scan  # if it began when the key was down
        before = len(self.happened)
        self.command(f"await {row} {under_way + scans * reads}")
        self.wait(
            lambda: any(each.what == READ and each.a == row for each in self.happened[before:]),
            f"the phone to look at {key}",
        )

    def _move(self, word: str, key: str) -> None:
        row, column = self.contacts[key]
        before = len(self.happened)
        if word == "close":
            self._closed.add((row, column))
        else:
            self._closed.discard((row, column))
        self.command(f"{word} {row} {column}")
        wanted = (row, column, word == "close")
        self.wait(
            lambda: any(
                (each.a, each.b, bool(each.value)) == wanted for each in self.happened[before:] if each.what == CONTACT
            ),
            f"{key} to {word}",
        )

    @property
    def hook_off(self) -> bool:
        """Whether the handset is lifted."""
        row, column = self.contacts[HOOK]
        moves = [each for each in self.happened if each.what == CONTACT and (each.a, each.b) == (row, column)]
        return bool(moves and moves[-1].value)

    def lamp(self, name: str) -> str:
        """off, on, slow or fast, as an eye sees it."""
        with self._lock:
            lamp = self._lamps[name]
            if lamp.pause > SETTLED_S * 1e9 or time.monotonic() - lamp.seen > SETTLED_S:
                return "on" if lamp.level == self._lit_high else "off"
            return "fast" if lamp.pause < SLOW_S * 1e9 else "slow"

    def picture(self) -> Image.Image:
        """What the display shows: the last whole frame."""
        with self._lock:
            if self.trouble is not None:
                raise self.trouble
            return self._picture

    def pictures(self) -> list[Image.Image]:
        """What it has shown, the oldest first: the last PICTURES frames."""
        with self._lock:
            return list(self._shown)

    def wait(self, test: Callable[[], bool], what: str, within: float = 10.0) -> None:
        """Wait until a record makes this true."""
        within = patient(within)
        if not self.comes(test, within):
            raise AssertionError(f"copper: waited {within} s for {what}")

    def comes(self, test: Callable[[], bool], within: float) -> bool:
        """Whether a record makes this true in time."""
        with self._lock:
            came = self._lock.wait_for(lambda: self.trouble is not None or test(), within)
            if self.trouble is not None:
                raise self.trouble
            return came

    def _read(self) -> None:
        data = b""
        try:
            while chunk := self._line.recv(1 << 16):
                data += chunk
                with self._lock:
                    data = self._take(data)
                    self._lock.notify_all()
        except (OSError, ValueError) as error:
            with self._lock:
                self.trouble = error
                self._lock.notify_all()

    def _take(self, data: bytes) -> bytes:
        while len(data) >= RECORD.size:
            what, a, b, value, length, at = RECORD.unpack_from(data)
            if what not in KINDS:
                raise ValueError(f"copper: a record of kind {what:#x}")
            end = RECORD.size + length
            if len(data) < end:
                break
            self._record(Happening(what, a, b, value, at, length), data[RECORD.size : end])
            data = data[end:]
        return data

    def _record(self, record: Happening, sent: bytes) -> None:
        self.happened.append(record)
        if record.what == LEVEL and record.a in self._lamp_lines:
            lamp = self._lamps[self._lamp_lines[record.a]]
            if lamp.level != bool(record.value):
                lamp.pause, lamp.seen = record.at - lamp.at, time.monotonic()
                lamp.level, lamp.at = bool(record.value), record.at
            return
        frames, on = self.display.frames, self.display.on
        if record.what == SPI:
            self.display.spi(sent, data=bool(record.value))
        elif record.what == I2C:
            self.display.i2c(sent)
        if (self.display.frames, self.display.on) != (frames, on):
            self._picture = self.display.picture()
            self._shown.append(self._picture)
