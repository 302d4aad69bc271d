"""What a call-progress tone is made of: frozen values, no sound.

Law: types and small constructors only. The data of the countries is in `tone_countries`, the look-up in
`tones`, the samples in `tone_pcm`. Frequencies are whole hertz, durations whole milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

HIGHEST_HZ = 3400  # upper edge of the telephone band, ITU-T G.712
LONGEST_MS = 60_000


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of sound and the silence after it; ValueError outside the bounds.

    frequencies: one to four sinusoids of equal level, in Hz. on_ms 0 is "until stopped" (off_ms is then 0).
    modulated_hz: amplitude modulation of the whole, 0 for none (E.180 Supplement 2 writes it `400x16`).
    """

    frequencies: tuple[int, ...]
    on_ms: int
    off_ms: int = 0
    modulated_hz: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.frequencies) <= 4 or not all(0 < f <= HIGHEST_HZ for f in self.frequencies):
            raise ValueError(f"Segment: expected 1 to 4 frequencies of 1 to 3400 Hz, got {self.frequencies}")
        if not (0 <= self.on_ms <= LONGEST_MS and 0 <= self.off_ms <= LONGEST_MS):
            raise ValueError(f"Segment: expected 0 to 60000 ms, got {self.on_ms} on, {self.off_ms} off")
        if self.on_ms == 0 and self.off_ms:
            raise ValueError(f"Segment: a steady tone has no pause, got {self.off_ms} ms off")
        if not 0 <= self.modulated_hz <= 200:
            raise ValueError(f"Segment: expected a modulation of 0 to 200 Hz, got {self.modulated_hz}")


Segments = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Cadence:
    """`lead` once, then `loop` `repeat` times, 0 until stopped; a steady segment is the whole loop, else ValueError."""

    loop: Segments
    lead: Segments = ()
    repeat: int = 0

    def __post_init__(self) -> None:
        if not self.loop:
            raise ValueError("Cadence: expected at least one segment to repeat")
        steady = [s for s in self.lead + self.loop if s.on_ms == 0]
        if steady and (steady != [self.loop[-1]] or len(self.loop) > 1 or self.repeat):
            raise ValueError("Cadence: a steady tone must be the only segment of the loop, without a count")


@dataclass(frozen=True, slots=True)
class Tone:
    """A tone with its name and level, ready for whoever makes the sound.

    segments: the part that repeats `repeat` times, 0 is until stopped. lead: played once before it.
    level_dbm0: level of each sinusoid; 0 dBm0 is 3.14 dB under full scale (ITU-T G.711).
    """

    name: str
    segments: Segments
    repeat: int = 0
    lead: Segments = ()
    level_dbm0: int = -16


def steady(*frequencies: int, modulated_hz: int = 0) -> Segments:
    """One unbroken tone of these frequencies in Hz."""
    return (Segment(frequencies, 0, 0, modulated_hz),)


def pulses(frequencies: tuple[int, ...], *on_off_ms: int, modulated_hz: int = 0) -> Segments:
    """The same frequencies (Hz) on, off, on, off ... for these milliseconds; ValueError for an odd count."""
    if not on_off_ms or len(on_off_ms) % 2:
        raise ValueError(f"pulses: expected pairs of on and off milliseconds, got {on_off_ms}")
    pairs = zip(on_off_ms[::2], on_off_ms[1::2], strict=True)
    return tuple(Segment(frequencies, on, off, modulated_hz) for on, off in pairs)


def melody(*notes: tuple[int, int, int]) -> Segments:
    """One frequency after the other, each as (Hz, on ms, off ms)."""
    return tuple(Segment((hz,), on, off) for hz, on, off in notes)


def stutter(then: Segments, frequencies: tuple[int, ...], times: int, on_ms: int, off_ms: int) -> Cadence:
    """A dial tone that is interrupted `times` times and then is `then` (message waiting indication)."""
    return Cadence(then, pulses(frequencies, *((on_ms, off_ms) * times)))
