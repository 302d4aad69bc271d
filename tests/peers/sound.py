"""Tones: WAV files that play one, and how much of one a recording holds (Goertzel), window by window.

Law: arithmetic on samples; knows nothing of phones.
"""

from __future__ import annotations

import math
import statistics
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recording:
    """Samples of the first channel of a WAV file."""

    rate: int
    samples: array[int]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate

    def level(self, hertz: float) -> float:
        """Usual level of a frequency, in dB below a full-scale sine (negative).

        The median of windows of 100 ms: a packet that came late shifts the phase, and would make a long tone vanish.
        """
        return statistics.median(self.windows(hertz, 100))

    def windows(self, hertz: float, milliseconds: int = 20) -> list[float]:
        """Level of a frequency in each window; whole periods fit for multiples of 1000 / milliseconds Hz."""
        size = self.rate * milliseconds // 1000
        whole = range(0, len(self.samples) - size + 1, size)
        return [decibel(goertzel(self.samples[at : at + size], self.rate, hertz)) for at in whole]


def write_tone(path: Path, hertz: float, seconds: float = 1.0, rate: int = 16_000, level: float = -12.0) -> None:
    """A mono WAV with a sine; a whole number of periods, so that it repeats without a seam."""
    amplitude = 32767 * 10 ** (level / 20)
    count = int(seconds * rate)
    samples = array("h", (round(amplitude * math.sin(2 * math.pi * hertz * at / rate)) for at in range(count)))
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.tobytes())


def read(path: Path) -> Recording:
    """A WAV of 16-bit samples; where its writer still had it open, up to the end of the file."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF" and data[8:12] == b"WAVE", f"{path} is no WAV file"
    at, channels, rate, body = 12, 1, 8000, b""
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"fmt ":
            channels = int.from_bytes(data[at + 10 : at + 12], "little")
            rate = int.from_bytes(data[at + 12 : at + 16], "little")
            assert data[at + 22] == 16, f"{path}: expected 16 bits a sample, got {data[at + 22]}"
        if name == b"data":
            body = data[at + 8 : at + 8 + size] if size else data[at + 8 :]
        at += 8 + size + size % 2
    samples = array("h", body[: len(body) // (2 * channels) * 2 * channels])
    return Recording(rate, samples[::channels])


def goertzel(samples: array[int], rate: int, hertz: float) -> float:
    """Amplitude of a frequency in samples, 1.0 for a full-scale sine."""
    if not samples:
        return 0.0
    factor = 2 * math.cos(2 * math.pi * hertz / rate)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + factor * last - before
    power = last * last + before * before - factor * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples) / 32768


def decibel(amplitude: float) -> float:
    """Of an amplitude; -120 for silence."""
    return 20 * math.log10(max(amplitude, 1e-6))
