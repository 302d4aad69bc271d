"""What an ear hears now: which of the tests' tones are in the newest part of a recording that is still growing.

Law: waits for a state, never for a time. A party is heard when its tone is there and silent when it is not; every ear
is asked for all tones at once, so that hearing too much fails like hearing too little.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable
from pathlib import Path

from tests.peers.child import wait_until
from tests.peers.sound import Recording, decibel, goertzel

TONES = (440, 600, 700, 800, 1000, 1300)
"""Hertz: baresip, Asterisk's music, phones of the tests, Asterisk's own tones; a window holds whole periods."""
WINDOW = 0.4
"""Seconds that are listened to at once."""
FLOOR = -35.0
"""Decibel a tone needs to be there."""
STILL = 1.0
"""Seconds without a new sample: nothing is played."""
HEADER = 44


def newest(path: Path, seconds: float) -> Recording | None:
    """The last seconds of a WAV file whose writer still has it open; None where there is not so much yet."""
    if not path.exists() or path.stat().st_size <= HEADER:
        return None
    with path.open("rb") as handle:
        header = handle.read(HEADER)
        channels, rate = int.from_bytes(header[22:24], "little"), int.from_bytes(header[24:28], "little")
        if not channels or not rate:
            return None
        frame = 2 * channels
        size = int(seconds * rate) * frame
        whole = (path.stat().st_size - HEADER) // frame * frame
        if whole < size:
            return None
        handle.seek(HEADER + whole - size)
        samples = array("h", handle.read(size))
    return Recording(rate, samples[::channels])


class Ear:
    """`where` gives the recording of this ear as it is now (another file for each call, with some programs)."""

    def __init__(self, name: str, where: Callable[[], Path | None]) -> None:
        self.name, self._where = name, where

    def levels(self) -> dict[int, float]:
        """Decibel of each tone now; nothing where there is no recording."""
        path = self._where()
        heard = newest(path, WINDOW) if path is not None else None
        if heard is None:
            return {}
        return {tone: round(decibel(goertzel(heard.samples, heard.rate, tone)), 1) for tone in TONES}

    def hears(self, *tones: int, within: float = 10.0) -> None:
        """Wait until exactly these tones are heard, for two windows one after the other.

        For no tone at all it is enough that nothing is recorded any more: a phone without a voice path plays nothing.
        """
        wanted, seen = set(tones), dict[int, float]()
        fits_since: int | None = None
        still, still_since = -1, time.monotonic()

        def found() -> bool:
            nonlocal seen, fits_since, still, still_since
            path = self._where()
            size = path.stat().st_size if path is not None and path.exists() else 0
            if size != still:
                still, still_since = size, time.monotonic()
            elif not wanted and time.monotonic() - still_since > STILL:
                return True
            seen = self.levels()
            if not seen or {tone for tone, level in seen.items() if level > FLOOR} != wanted:
                fits_since = None
                return False
            fits_since = size if fits_since is None else fits_since
            return size - fits_since >= self._window_bytes()

        try:
            wait_until(f"{self.name} to hear {sorted(wanted)} Hz alone", found, within)
        except AssertionError as error:
            raise AssertionError(f"{error}; it hears {seen} (decibel)") from None

    def _window_bytes(self) -> int:
        path = self._where()
        assert path is not None
        with path.open("rb") as handle:
            header = handle.read(HEADER)
        return int(WINDOW * int.from_bytes(header[28:32], "little"))
