"""Make the ring tones: every WAV file under deskphone/sounds/ring, from arithmetic alone.

Law: deterministic (no clock, no random numbers), pure Python and `wave`; 16 kHz, 16 bit, mono. Each file is one
loop of 2 to 6 s with its cadence built in, so that a player only repeats it. A test makes them again and compares
byte for byte. Run: python firmware/sounds/synthesise.py [DIRECTORY]
"""

from __future__ import annotations

import sys
import wave
from array import array
from collections.abc import Callable
from math import exp, pi, sin
from pathlib import Path

RATE = 16_000
PEAK = 23_197  # 3 dB under full scale: a small loudspeaker's amplifier gets room, nothing clips
RING = Path(__file__).resolve().parents[1] / "deskphone" / "sounds" / "ring"

Partials = tuple[tuple[float, float, float], ...]  # (multiple of the note, level, decay time in s)
Samples = list[float]

MARIMBA: Partials = ((1.0, 1.0, 0.42), (3.93, 0.28, 0.10), (9.6, 0.06, 0.03))  # a bar tuned 1 : 4 : 10
CHIME: Partials = ((1.0, 1.0, 0.95), (2.0, 0.35, 0.6), (2.76, 0.22, 0.45), (5.4, 0.08, 0.2))  # a tube
VIBE: Partials = ((1.0, 1.0, 0.8), (2.0, 0.12, 0.4), (4.0, 0.25, 0.25))
GONG_HIGH: Partials = ((1.0, 1.0, 0.28), (2.32, 0.55, 0.2), (4.25, 0.3, 0.1))  # a telephone bell's shell


def silence(seconds: float) -> Samples:
    return [0.0] * round(seconds * RATE)


def strike(into: Samples, at: float, hz: float, partials: Partials, level: float = 1.0) -> None:
    """Add one struck note: every partial decays by itself, with a 3 ms attack so that nothing clicks."""
    start = round(at * RATE)
    for multiple, strength, decay in partials:
        if hz * multiple >= RATE / 2:
            continue
        step = 2 * pi * hz * multiple / RATE
        for n in range(min(round(6 * decay * RATE), len(into) - start)):
            attack = min(1.0, n / (0.003 * RATE))
            into[start + n] += level * strength * attack * exp(-n / (decay * RATE)) * sin(step * n)


def blow(into: Samples, at: float, seconds: float, hz: float, partials: tuple[float, ...]) -> None:
    """Add one held note: harmonics of equal phase under an envelope of 12 ms up and down."""
    start, count, edge = round(at * RATE), round(seconds * RATE), 0.012 * RATE
    step = 2 * pi * hz / RATE
    for n in range(count):
        envelope = min(1.0, n / edge, (count - 1 - n) / edge)
        into[start + n] += envelope * sum(a * sin(step * (k + 1) * n) for k, a in enumerate(partials))


def classic() -> Samples:
    """Two brass shells struck in turn 20 times a second: the bell of a wired telephone, 2 s in 6."""
    out = silence(6.0)
    for blowing in range(40):
        strike(out, blowing * 0.05, 1046.5 if blowing % 2 else 1318.5, GONG_HIGH)
    return out


def double() -> Samples:
    """The British double ring: the same shells, softer, 0.4 s twice."""
    out = silence(3.0)
    for burst in (0.0, 0.6):
        for blowing in range(8):
            strike(out, burst + blowing * 0.05, 880.0 if blowing % 2 else 1108.7, GONG_HIGH)
    return out


def marimba() -> Samples:
    """A soft rising figure in D, then a rest."""
    out = silence(3.6)
    for at, hz in ((0.0, 587.33), (0.18, 739.99), (0.36, 880.0), (0.72, 739.99), (0.9, 880.0), (1.08, 1174.66)):
        strike(out, at, hz, MARIMBA)
    strike(out, 1.08, 587.33, MARIMBA, 0.5)
    return out


def digital() -> Samples:
    """The trill of an electronic desk phone: two notes changing 16 times a second, 1 s in 3."""
    out = silence(3.0)
    for n in range(16):
        blow(out, n * 0.0625, 0.0625, 1174.66 if n % 2 else 987.77, (1.0, 0.0, 0.3, 0.0, 0.1))
    return out


def chime() -> Samples:
    """Three tubes falling, as a house bell: G, E flat, C."""
    out = silence(4.8)
    for at, hz in ((0.0, 783.99), (0.45, 622.25), (0.9, 523.25)):
        strike(out, at, hz, CHIME)
    return out


def pulse() -> Samples:
    """Four short even pulses and a rest: plain, and easy to tell from a colleague's."""
    out = silence(2.4)
    for n in range(4):
        blow(out, n * 0.22, 0.12, 880.0, (1.0, 0.35, 0.12))
    return out


def vibes() -> Samples:
    """A slow open chord of vibraphone bars, one after the other."""
    out = silence(5.0)
    for n, hz in enumerate((392.0, 493.88, 587.33, 739.99, 880.0)):
        strike(out, n * 0.24, hz, VIBE)
    strike(out, 1.6, 783.99, VIBE, 0.8)
    return out


def attention() -> Samples:
    """A low double knock, meant to be noticed by one desk and not by the row."""
    out = silence(4.0)
    for at in (0.0, 0.28):
        strike(out, at, 293.66, MARIMBA)
        strike(out, at, 440.0, MARIMBA, 0.4)
    return out


def beep() -> Samples:
    """The automatic answer's beep: two short tones; played once, never looped."""
    out = silence(0.34)
    for at in (0.0, 0.2):
        blow(out, at, 0.12, 1000.0, (1.0, 0.1))
    return out


def steady() -> Samples:
    """One tone as long as the longest beep of a ring by beeps, which is cut from it."""
    out = silence(5.0)
    blow(out, 0.0, 5.0, 1000.0, (1.0, 0.1))
    return out


TONES: dict[str, Callable[[], Samples]] = {
    f.__name__: f for f in (classic, double, marimba, digital, chime, pulse, vibes, attention, beep, steady)
}


def pcm(name: str) -> bytes:
    """The samples of one ring tone, brought to PEAK; its tail faded over 50 ms so that a loop never clicks."""
    values = TONES[name]()
    fade = min(800, len(values))
    for n in range(fade):
        values[-1 - n] *= n / fade
    scale = PEAK / max(abs(v) for v in values)
    samples = array("h", [round(v * scale) for v in values])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


def write(directory: Path) -> list[Path]:
    """Write every ring tone and return the paths."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in TONES:
        path = directory / f"{name}.wav"
        with wave.open(str(path), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(pcm(name))
        paths.append(path)
    return paths


if __name__ == "__main__":
    for made in write(Path(sys.argv[1]) if len(sys.argv) > 1 else RING):
        print(f"{made.name}: {made.stat().st_size} bytes")
