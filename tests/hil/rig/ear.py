"""What a person hears at the rig: the other ends of the sound cards, recorded and named by their frequencies.

Law: measures samples (Goertzel); which tone or ring tone it is follows from what the published tables and the sound
files hold, and from nothing the program says.
"""

from __future__ import annotations

import math
import time
import wave
from array import array
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

from deskphone.view.ring_tones import ring_tone
from deskphone.view.tones import tone
from tests.hil.rig.uml import Shell
from tests.peers.sound import goertzel

RATE, LISTEN_RATE = 48_000, 16_000
WINDOW_S = 0.4
SILENCE_S = 3.2  # longer than the pause in any ring tone (classic: 2.9 s)
QUIET = 33  # of 32768: -60 dB
TONES = ("dial", "ringback", "busy", "congestion")
RINGS = ("classic", "double", "marimba", "digital", "chime")
ALIKE = 0.6  # cosine of two spectra
BINS = range(150, 4000, 50)


@dataclass(frozen=True)
class Microphone:
    """One recording: card, how its samples lie in the file, how far they are to be shifted to 16 bits."""

    name: str
    card: str
    form: str
    code: str
    shift: int


HANDSET = Microphone("handset", "hw:CARD=Handset,DEV=1", "S16_LE", "h", 0)
HEADSET = Microphone("headset", "hw:CARD=Headset,DEV=1", "S16_LE", "h", 0)
LOUDSPEAKER = Microphone("speaker", "hw:CARD=sndrpigooglevoi,DEV=1", "S32_LE", "i", 16)  # as asound.conf mixes


class Ear:
    """Listens from now on. folder: the one shared with the guest."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self._folder, self._last = folder, 0.0
        self._shell = shell
        for each in (HANDSET, LOUDSPEAKER):
            self.listen(each)

    def listen(self, what: Microphone) -> None:
        """Record there from now on."""
        self._shell.check(
            f"arecord -q -D {what.card} -t raw -f {what.form} -c 2 -r {RATE} --period-time=20000 /hil/{what.name}.raw"
            f" >/hil/{what.name}.log 2>&1 </dev/null & echo $! >/run/ear-{what.name}.pid"
        )

    def release(self, what: Microphone) -> None:
        """Let go of the cable: somebody else wants to listen there."""
        self._shell.check(f"kill $(cat /run/ear-{what.name}.pid); wait $(cat /run/ear-{what.name}.pid) || :")

    def names(self) -> str:
        """The tone or ring tone that sounds now; "" after SILENCE_S without one (a voice is none); "?" in between."""
        ring, ear = self.samples(LOUDSPEAKER, WINDOW_S), self.samples(HANDSET, WINDOW_S)
        now = (loud(ring) and _ring_of(ring)) or (loud(ear) and _tone_of(ear)) or ""
        if now:
            self._last = time.monotonic()
        return now if now or time.monotonic() - self._last > SILENCE_S else "?"

    def samples(self, what: Microphone, seconds: float) -> array[int]:
        """The last seconds heard there: 16 bits, LISTEN_RATE a second."""
        wide = array(what.code).itemsize * 2
        path = self._folder / f"{what.name}.raw"
        size = path.stat().st_size if path.exists() else 0
        wanted = int(seconds * RATE) * wide
        begin = max(0, size - wanted) // wide * wide
        with path.open("rb") as file:
            file.seek(begin)
            data = file.read(wanted)
        frames = array(what.code, data[: len(data) // wide * wide])
        return array("h", (sample >> what.shift for sample in frames[:: 2 * RATE // LISTEN_RATE]))


def loud(samples: array[int]) -> bool:
    """Whether there is anything but silence in it."""
    return bool(samples) and max(map(abs, samples)) > QUIET


def spectrum(samples: array[int]) -> list[float]:
    """Amplitude by BINS."""
    return [goertzel(samples, LISTEN_RATE, hertz) for hertz in BINS]


def _tone_of(samples: array[int]) -> str:
    total = math.sqrt(2 * sum(sample * sample for sample in samples) / len(samples))
    for name in TONES:
        frequencies = tone("US", name).segments[0].frequencies
        found = [goertzel(samples, LISTEN_RATE, hertz) * 32768 for hertz in frequencies]
        if math.sqrt(sum(each * each for each in found)) > 0.85 * total:
            return name
    return ""


def _ring_of(samples: array[int]) -> str:
    heard = spectrum(samples)
    best = max(RINGS, key=lambda name: _likeness(heard, _ring_spectrum(name)))
    return best if _likeness(heard, _ring_spectrum(best)) > ALIKE else ""


def _likeness(one: list[float], other: list[float]) -> float:
    scale = math.sqrt(sum(each * each for each in one) * sum(each * each for each in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / scale if scale else 0.0


@lru_cache
def _ring_spectrum(name: str) -> list[float]:
    path = resources.files("deskphone.sounds.ring").joinpath(ring_tone(name).file)
    with path.open("rb") as raw, wave.open(raw) as file:
        whole = array("h", file.readframes(file.getnframes()))
    size = int(WINDOW_S * LISTEN_RATE)
    parts = [spectrum(whole[at : at + size]) for at in range(0, len(whole) - size, size)]
    return [sum(column) for column in zip(*parts, strict=True)]
