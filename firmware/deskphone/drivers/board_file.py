"""Reads board/handset.toml into a Board.

Law: every mistake is named with file, key and what was expected, all of them at once; a Board that comes out is
whole: each key wired once, each pin used once, all pins on the header.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

from deskphone.core.voice_path import VoicePath
from deskphone.drivers.board import (
    HEADER,
    HOOK,
    I2C_PINS,
    KEYS,
    LAMPS,
    PATHS,
    SPI_PINS,
    Board,
    DisplayWiring,
    I2c,
    LampWiring,
    MatrixWiring,
    SoundCard,
    SoundWiring,
    Spi,
)

FORMAT = 1  # the version of board/handset.toml that this program reads
CARD_RATES = (16_000, 32_000, 44_100, 48_000)  # hertz
# Hertz, of those luma.core takes (interface/serial.py: spi): another one would fail each time the display is opened.
SPI_CLOCKS = (500_000, 1_000_000, 2_000_000, 4_000_000, 8_000_000, 16_000_000, 20_000_000, 24_000_000, 28_000_000,
              32_000_000)  # fmt: skip
_NOTHING = object()


class BoardError(ValueError):
    """The board file cannot be used; the text has one line for each mistake."""


def load_board(path: Path | str) -> Board:
    """Read a board file. Raises BoardError for a wrong one and OSError where it cannot be read."""
    path = Path(path)
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BoardError(f"{path.name}: expected TOML: {error}") from error
    reader = _Reader(path.name, tree, "")
    board = _board(reader)
    _check_wiring(reader, board)
    if reader.errors:
        raise BoardError("\n".join(reader.errors))
    return board


class _Reader:
    """A table of the file that notes what is wrong and goes on with a harmless value."""

    def __init__(self, file: str, table: dict[str, Any], at: str, errors: list[str] | None = None) -> None:
        self.file, self.at = file, at
        self.errors: list[str] = [] if errors is None else errors
        self._table, self._left = table, dict(table)

    def wrong(self, key: str, expected: str, got: object = _NOTHING) -> None:
        found = "" if got is _NOTHING else f", got {got!r}"
        self.errors.append(f"{self.file}: {self.at}{key}: expected {expected}{found}")

    def table(self, key: str) -> _Reader:
        value = self._left.pop(key, _NOTHING)
        if not isinstance(value, dict):
            self.wrong(key, "a table", value)
            value = {}
        return _Reader(self.file, value, f"{self.at}{key}.", self.errors)

    def has(self, key: str) -> bool:
        return key in self._table

    def text(self, key: str, choices: tuple[str, ...] = (), default: str | None = None) -> str:
        value = self._left.pop(key, _NOTHING if default is None else default)
        if not isinstance(value, str) or (choices and value not in choices):
            self.wrong(key, f"one of {', '.join(choices)}" if choices else "a string", value)
            return choices[0] if choices else ""
        return value

    def number(self, key: str, low: int, high: int, default: int | None = None) -> int:
        value = self._left.pop(key, _NOTHING if default is None else default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.wrong(key, f"a whole number from {low} to {high}", value)
            return low
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self._left.pop(key, default)
        if not isinstance(value, bool):
            self.wrong(key, "true or false", value)
            return default
        return value

    def pin(self, key: str) -> int:
        value = self._left.pop(key, _NOTHING)
        return self._checked_pin(key, value)

    def pins(self, key: str, default: list[int] | None = None) -> tuple[int, ...]:
        value = self._left.pop(key, _NOTHING if default is None else default)
        if not isinstance(value, list):
            self.wrong(key, "a list of BCM pins", value)
            return ()
        return tuple(self._checked_pin(f"{key}[{n}]", pin) for n, pin in enumerate(value))

    def _checked_pin(self, key: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value not in HEADER:
            self.wrong(key, f"a BCM pin of the 40-pin header, {min(HEADER)} to {max(HEADER)}", value)
            return -1
        return value

    def names(self, key: str) -> tuple[tuple[str, ...], ...]:
        value = self._left.pop(key, _NOTHING)
        good = isinstance(value, list) and all(
            isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in value
        )
        if not good or not isinstance(value, list):
            self.wrong(key, "a list of rows of key names", value)
            return ()
        return tuple(tuple(row) for row in value)

    def done(self) -> None:
        """Whatever nobody asked for is a mistake too."""
        for key in self._left:
            self.wrong(key, "nothing of that name")


def _board(top: _Reader) -> Board:
    if top.number("format", 1, 999) != FORMAT:
        top.wrong("format", f"{FORMAT}, the format this program reads")
    name = top.text("name")
    board = Board(name, _matrix(top.table("matrix")), _lamps(top.table("lamps")), *_rest(top))
    top.done()
    return board


def _rest(top: _Reader) -> tuple[DisplayWiring, SoundWiring]:
    return _display(top.table("display")), _audio(top.table("audio"))


def _matrix(table: _Reader) -> MatrixWiring:
    rows, columns, keys = table.pins("rows"), table.pins("columns"), table.names("keys")
    if len(keys) != len(rows) or any(len(line) != len(columns) for line in keys):
        got = "x".join(map(str, (len(keys), max(map(len, keys), default=0))))
        table.wrong("keys", f"{len(rows)} rows of {len(columns)} names", got)
    wired = Counter(key for line in keys for key in line if key)
    for key in (*KEYS, HOOK):
        if wired[key] != 1:
            table.wrong("keys", f"{key!r} exactly once", wired[key])
    for key in wired:
        if key not in KEYS and key != HOOK:
            table.wrong("keys", "names of keys only", key)
    settle = table.number("settle_us", 0, 2000)
    table.done()
    return MatrixWiring(rows, columns, settle, keys)


def _lamps(table: _Reader) -> LampWiring:
    lit = table.text("lit", ("high", "low"))
    pins = table.table("pins")
    wiring = tuple((name, pins.pin(name)) for name in LAMPS)
    pins.done()
    table.done()
    return LampWiring(wiring, lit == "high")


def _display(table: _Reader) -> DisplayWiring:
    bus = table.text("bus", ("spi", "i2c"))
    wiring = DisplayWiring(
        device=table.text("device"),
        width=table.number("width", 64, 256),
        height=table.number("height", 32, 128),
        rotate=table.number("rotate", 0, 3, 0),
        bright=table.number("bright", 0, 255, 207),
        dim=table.number("dim", 0, 255, 8),
        bus=_spi(table.table("spi")) if bus == "spi" else _i2c(table.table("i2c")),
    )
    table.done()
    return wiring


def _spi(table: _Reader) -> Spi:
    speed = table.number("speed_hz", SPI_CLOCKS[0], SPI_CLOCKS[-1])
    if speed not in SPI_CLOCKS:
        table.wrong("speed_hz", f"one of {', '.join(map(str, SPI_CLOCKS))}", speed)
    spi = Spi(
        port=table.number("port", 0, max(SPI_PINS), 0),
        device=table.number("device", 0, 1, 0),
        dc=table.pin("dc"),
        speed_hz=speed,
        reset=table.pin("reset") if table.has("reset") else -1,
        miso=table.flag("miso", True),
    )
    table.done()
    return spi


def _i2c(table: _Reader) -> I2c:
    i2c = I2c(
        port=table.number("port", min(I2C_PINS), max(I2C_PINS)),
        address=table.number("address", 0x08, 0x77),
        speed_hz=table.number("speed_hz", 400_000, 1_000_000),  # 100 kHz would take 90 ms for a frame
    )
    table.done()
    return i2c


def _audio(table: _Reader) -> SoundWiring:
    i2s = table.pins("i2s", [])
    rate = table.number("rate_hz", 16_000, 48_000, 48_000)
    if rate not in CARD_RATES:
        table.wrong("rate_hz", f"a clock of sound cards: {', '.join(map(str, CARD_RATES))}", rate)
    ringer = VoicePath(table.text("ringer", PATHS))
    handset, headset, speaker = (_card(table.table(path)) for path in PATHS)
    table.done()
    return SoundWiring(handset, headset, speaker, ringer, i2s, rate)


def _card(table: _Reader) -> SoundCard:
    card, playback, capture = table.text("card"), table.text("playback"), table.text("capture")
    control, lowest, highest, microphone, percent = "", 0, 100, "", 70
    if table.has("volume"):
        volume = table.table("volume")
        control = volume.text("control")
        lowest, highest = volume.number("lowest", 0, 100), volume.number("highest", 0, 100)
        if lowest >= highest:
            volume.wrong("highest", f"more than lowest ({lowest})", highest)
        volume.done()
    if table.has("microphone"):
        gain = table.table("microphone")
        microphone, percent = gain.text("control"), gain.number("percent", 0, 100)
        gain.done()
    table.done()
    return SoundCard(card, playback, capture, control, lowest, highest, microphone, percent)


def _check_wiring(reader: _Reader, board: Board) -> None:
    users: dict[int, list[str]] = {}
    for what, pin in board.pins():
        users.setdefault(pin, []).append(what)
    for pin, names in sorted(users.items()):
        if pin >= 0 and len(names) > 1:
            reader.errors.append(
                f"{reader.file}: pin {pin}: expected one use of a pin, got {len(names)}: {', '.join(names)}"
            )
