"""Sounds a local party plays (melody, tones, silence at 8 kHz) and the measure of what it hears (Goertzel). Pure."""

from __future__ import annotations

import math
from functools import cache

from centre import g711

RATE = 8000
FRAME = 160  # 20 ms
FULL_SCALE = 32767.0
# Digital milliwatt: 0 dBm0 is 3.17 dB (mu-law) under full scale (G.711 table 5).
MILLIWATT = 0.694

# A short tune of ours as (hertz, milliseconds); 0 Hz is a pause. Ends with a breath so that a listener hears it repeat.
_TUNE = (
    (392.0, 180), (440.0, 180), (494.0, 360), (392.0, 180), (587.3, 360), (0.0, 120),
    (523.3, 180), (494.0, 180), (440.0, 360), (392.0, 540), (0.0, 700),
)  # fmt: skip


def _tone(hertz: float, milliseconds: int, level: float) -> list[int]:
    count = RATE * milliseconds // 1000
    edge = min(80, count // 4) or 1  # 10 ms fades: no clicks
    return [
        round(
            FULL_SCALE
            * level
            * min(1.0, (i + 1) / edge, (count - i) / edge)
            * (math.sin(2 * math.pi * hertz * i / RATE) + 0.3 * math.sin(4 * math.pi * hertz * i / RATE)) / 1.3
        )
        for i in range(count)
    ]  # fmt: skip


def _steady(hertz: float, level: float) -> list[int]:
    """One second: a whole number of periods for any integer frequency, so the loop has no seam."""
    return [round(FULL_SCALE * level * math.sin(2 * math.pi * hertz * i / RATE)) for i in range(RATE)]


def _samples(kind: str) -> list[int]:
    name, _, argument = kind.partition(":")
    if name == "melody":
        return [sample for hertz, length in _TUNE for sample in _tone(hertz, length, 0.35)]
    if name == "tone":
        return _steady(float(argument or 1004), 0.35)
    if name == "milliwatt":
        return _steady(1004, MILLIWATT)
    if name == "silence":
        return [0] * RATE
    raise ValueError(f"media {kind!r}: expected melody, tone[:HERTZ], milliwatt, silence, echo or none")


@cache
def loop_of(kind: str, codec: str) -> bytes:
    """The sound as codec bytes, a whole number of frames, to be played round and round. ValueError on a bad kind."""
    samples = _samples(kind)
    return g711.encode(codec, samples[: len(samples) // FRAME * FRAME])


def check_kind(kind: str) -> None:
    """ValueError unless `kind` names a medium a local party can have."""
    name, _, argument = kind.partition(":")
    if name not in ("melody", "tone", "milliwatt", "silence", "echo", "none"):
        raise ValueError(f"media {kind!r}: expected melody, tone[:HERTZ], milliwatt, silence, echo or none")
    if argument and not argument.replace(".", "", 1).isdecimal():
        raise ValueError(f"media {kind!r}: expected a frequency in hertz after the colon")


def goertzel(samples: list[int], hertz: float) -> float:
    """Amplitude of one frequency in the samples, 0.0 to 1.0 of full scale."""
    if not samples:
        return 0.0
    coefficient = 2 * math.cos(2 * math.pi * hertz / RATE)
    before = last = 0.0
    for sample in samples:
        before, last = last, sample + coefficient * last - before
    power = last * last + before * before - coefficient * last * before
    return 2 * math.sqrt(max(power, 0.0)) / len(samples) / FULL_SCALE


def decibels(amplitude: float) -> float:
    """Amplitude (1.0 = full scale sine) to dBFS, -120 at least."""
    return max(-120.0, 20 * math.log10(amplitude)) if amplitude > 0 else -120.0
