"""In-band DTMF out of sound: Goertzel on the eight frequencies of ITU-T Q.23, limits after Q.24. Pure.

A digit counts when two blocks of 20 ms in a row show the same pair, and again only after a block without it.
"""

from __future__ import annotations

from centre.audio import goertzel

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
BLOCK = 160
_FAINT = 0.004  # of full scale, about -48 dBFS a tone: nothing below is a digit
_PURE = 0.7  # share of a block's power that the two tones must have: speech and music have less
_TWIST = 6.0  # how much louder (amplitude) one tone may be: Q.24 asks for at least 4 to 8 dB


class DtmfDetector:
    """One stream of 8 kHz samples."""

    def __init__(self) -> None:
        self._rest: list[int] = []
        self._before = ""
        self._told = ""

    def feed(self, samples: list[int]) -> str:
        """The digits that these samples complete."""
        self._rest += samples
        digits = ""
        while len(self._rest) >= BLOCK:
            block, self._rest = self._rest[:BLOCK], self._rest[BLOCK:]
            digits += self._block(digit_of(block))
        return digits

    def _block(self, key: str) -> str:
        fresh = key if key and key == self._before and key != self._told else ""
        if key != self._told:
            self._told = fresh
        self._before = key
        return fresh


def digit_of(block: list[int]) -> str:
    """The key whose pair of tones makes up a block, "" for none."""
    power = sum(sample * sample for sample in block) / len(block) / 32767.0**2
    if power < _FAINT**2:
        return ""
    rows = [goertzel(block, hertz) for hertz in ROWS]
    columns = [goertzel(block, hertz) for hertz in COLUMNS]
    row, column = max(rows), max(columns)
    if min(row, column) < _FAINT or row > _TWIST * column or column > _TWIST * row:
        return ""
    if (row * row + column * column) / 2 < _PURE * power:
        return ""
    return KEYS[rows.index(row)][columns.index(column)]
