"""How long a voice takes from the microphone to the ear: chirps that are spoken, and where they are heard again.

Law: arithmetic on what guest/mouth.py wrote: samples, and which of them passed the cable when. Knows no phone.
"""

from __future__ import annotations

import json
import math
import random
import statistics
from array import array
from pathlib import Path

RATE, COARSE = 48_000, 8_000  # of the cable; of the search, a resolution of 0.125 ms
STEP = RATE // COARSE
CHIRP_S, LOW_HZ, HIGH_HZ = 0.03, 400.0, 3000.0  # within the band of G.711
LOUD = 12_000  # of 32767
PAUSES_S = (
    0.55,
    0.75,
)  # at random: no multiple of a period, so that every phase of the sound card's clock has its turn
FARTHEST_S = 0.5  # a chirp is looked for so long
ALIKE = 0.7  # correlation of what is heard with a chirp; codecs reach 0.9, noise and other voices less than 0.4


def chirp(rate: int) -> list[float]:
    """A sweep under a Hann window, 1.0 at its loudest."""
    count = int(CHIRP_S * rate)
    out = []
    for at in range(count):
        second = at / rate
        phase = 2 * math.pi * (LOW_HZ * second + (HIGH_HZ - LOW_HZ) * second * second / (2 * CHIRP_S))
        out.append(math.sin(phase) * (0.5 - 0.5 * math.cos(2 * math.pi * at / count)))
    return out


def speech(seconds: float, seed: int) -> tuple[bytes, list[int]]:
    """Stereo samples with a chirp now and then; at which sample each begins."""
    chance = random.Random(seed)
    out = array("h", bytes(int(seconds * RATE) * 4))
    one = [round(LOUD * value) for value in chirp(RATE)]
    begins, at = [], chance.uniform(*PAUSES_S)
    while at + FARTHEST_S + CHIRP_S < seconds:
        begin = int(at * RATE)
        begins.append(begin)
        for place, value in enumerate(one):
            out[2 * (begin + place)] = out[2 * (begin + place) + 1] = value
        at += chance.uniform(*PAUSES_S)
    return out.tobytes(), begins


def delays(begins: list[int], recording: Path, times: Path) -> list[float]:
    """Milliseconds of each chirp that came back; one that did not is left out."""
    heard = _coarse(array("h", recording.read_bytes()[: recording.stat().st_size // 4 * 4]))
    passed = json.loads(times.read_text())
    shift = _zero(passed["heard"]) - _zero(passed["spoken"])  # samples the recording is ahead of the speech
    found = (_find(heard, (begin + shift) / STEP) for begin in begins)
    return [place / COARSE * 1000 for place in found if place is not None]


def _zero(times: list[tuple[float, int]]) -> float:
    """Samples that would have passed at second 0: the median, for a busy machine writes some times down late."""
    moving = [(second, count) for second, count in times if count > 0]
    return statistics.median(count - second * RATE for second, count in moving)


def _coarse(samples: array[int]) -> list[float]:
    """The left channel at COARSE samples a second; the mean is filter enough for a chirp below 3 kHz."""
    left = samples[::2]
    return [sum(left[at : at + STEP]) / STEP for at in range(0, len(left) - STEP + 1, STEP)]


def _find(heard: list[float], begin: float) -> float | None:
    """How many samples (of COARSE) behind `begin` a chirp is heard."""
    one = chirp(COARSE)
    size, power = len(one), sum(value * value for value in one)
    best, where = 0.0, None
    for at in range(max(0, int(begin)), min(int(begin + FARTHEST_S * COARSE), len(heard) - size)):
        part = heard[at : at + size]
        strength = sum(value * value for value in part)
        if strength < size:  # silence
            continue
        alike = sum(a * b for a, b in zip(part, one, strict=True)) / math.sqrt(power * strength)
        if alike > best:
            best, where = alike, at - begin
    return where if best > ALIKE else None
