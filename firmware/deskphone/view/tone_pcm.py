"""Tones as samples: 16-bit mono PCM of a tone, exact and always the same.

Law: arithmetic only. Every segment starts at phase zero with short ramps (no click); a steady tone is one
second long, which every whole-hertz frequency fills exactly, so that it repeats without a seam.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from functools import lru_cache
from math import cos, pi, sin

from deskphone.view.tone_shapes import Segment, Segments, Tone

_FULL_SCALE_DBM0 = 3.14  # a sine at full scale of G.711 (A-law 3.14, mu-law 3.17)
_RAMP_MS = 4
_CEILING = 32_000  # of a sample, all frequencies of a segment together


@dataclass(frozen=True, slots=True)
class Pcm:
    """Signed 16-bit mono samples in the machine's byte order. rate: Hz. `lead` once, then `loop` `repeat` times (0:
    until stopped)."""

    rate: int
    lead: bytes
    loop: bytes
    repeat: int


@lru_cache(maxsize=32)
def render(tone: Tone, rate: int = 16_000) -> Pcm:
    """The samples of a tone at `rate` Hz, 8000 to 48000, else ValueError."""
    if not 8_000 <= rate <= 48_000:
        raise ValueError(f"render: expected a rate of 8000 to 48000 Hz, got {rate}")
    amplitude = 32_767 * 10 ** ((tone.level_dbm0 - _FULL_SCALE_DBM0) / 20)
    return Pcm(rate, _samples(tone.lead, amplitude, rate), _samples(tone.segments, amplitude, rate), tone.repeat)


def _samples(segments: Segments, amplitude: float, rate: int) -> bytes:
    out = array("h")
    for segment in segments:
        out.extend(_segment(segment, min(amplitude, _CEILING / len(segment.frequencies)), rate))
    return out.tobytes()


def _segment(segment: Segment, amplitude: float, rate: int) -> array[int]:
    steady = segment.on_ms == 0
    count = rate if steady else segment.on_ms * rate // 1000
    steps = [2 * pi * hz / rate for hz in segment.frequencies]
    out = array("h", bytes(2 * (count + segment.off_ms * rate // 1000)))
    modulation = 2 * pi * segment.modulated_hz / rate
    ramp = min(_RAMP_MS * rate // 1000, count // 4)
    for n in range(count):
        value = amplitude * sum(sin(step * n) for step in steps)
        if segment.modulated_hz:  # depth 90 %, as national networks have it (85 to 100 %)
            value *= (1 + 0.9 * cos(modulation * n)) / 1.9
        edge = min(n, count - 1 - n)
        if edge < ramp and not steady:
            value *= (1 - cos(pi * (edge + 1) / (ramp + 1))) / 2
        out[n] = round(value)
    return out
