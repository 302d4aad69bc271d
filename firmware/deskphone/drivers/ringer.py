"""The ring tone on the ringing device, by ALSA.

Law: a WAV file, a volume, a loop. Whether and what rings is decided by `view`; no ring tone wanted, no device held.
A fault is reported and tried again while the phone should ring.
"""

from __future__ import annotations

import sys
import wave
from array import array
from functools import lru_cache
from importlib import resources

from deskphone.drivers.alsa import Alsa, Pcm, real_alsa
from deskphone.drivers.ports import Post
from deskphone.drivers.worker import Worker
from deskphone.view.outputs import Outputs, Ringing
from deskphone.view.ring_tones import ring_tone

RATE = 16_000  # hertz, of the ring tones' files
PERIOD = RATE // 50  # 20 ms: how soon silence follows the lifted handset
PERIODS = 4  # of the card's buffer
DB_A_STEP = 3.0
RETRY_S = 2.0  # between tries while the phone should ring


def gain(volume: int) -> float:
    """Factor of a ring volume: 0 is silent, 10 full, 3 dB a step between."""
    return 0.0 if volume <= 0 else float(10 ** ((min(volume, 10) - 10) * DB_A_STEP / 20))


@lru_cache(maxsize=4)
def samples(name: str) -> array[int]:
    """The ring tone's samples, 16-bit mono at RATE hertz; empty for a silent one."""
    tone = ring_tone(name)
    out = array("h")
    if tone.file:
        with resources.files("deskphone.sounds.ring").joinpath(tone.file).open("rb") as raw, wave.open(raw) as file:
            out.frombytes(file.readframes(file.getnframes()))
        if sys.byteorder == "big":
            out.byteswap()
    return out


class AlsaRinger(Worker):
    """Plays the ring tone. device: an ALSA PCM name such as `speaker`. alsa: the module alsaaudio where none is
    given."""

    name = "ringer"

    def __init__(self, device: str, alsa: Alsa | None = None, retry_s: float = RETRY_S) -> None:
        super().__init__()
        self._device, self._alsa, self._retry_s = device, alsa, retry_s
        self._wanted: tuple[int, Ringing | None] = (0, None)  # counted, so that two equal beeps are two

    def show(self, outputs: Outputs) -> None:
        """Sound this ring tone, or nothing. The same value again changes nothing."""
        with self._lock:
            turn, before = self._wanted
            if outputs.ringing == before:
                return
            self._wanted = (turn + 1, outputs.ringing)
        self._bell.ring()

    def _work(self, post: Post) -> None:
        over = -1
        while not self._bell.stopped:
            with self._lock:
                turn, ringing = self._wanted
            if ringing is None or turn == over or not samples(ringing.name):
                self._bell.wait(None)
                continue
            try:
                if self._play(self._alsa or real_alsa(), turn, ringing, post):
                    over = turn
            except Exception as error:  # ALSAAudioError has no base but Exception
                self._health.fails(post, error, self._device)
                self._bell.wait(self._retry_s)

    def _play(self, alsa: Alsa, turn: int, ringing: Ringing, post: Post) -> bool:
        """Play until another value is wanted (False) or a single beep is over (True)."""
        with self._pulse.working():
            pcm = alsa.PCM(
                type=alsa.PCM_PLAYBACK,
                mode=alsa.PCM_NORMAL,
                device=self._device,
                channels=1,
                rate=RATE,
                format=alsa.PCM_FORMAT_S16_LE,
                periodsize=PERIOD,
                periods=PERIODS,
            )
        try:
            over = self._loop(pcm, turn, ringing, post)
            with self._pulse.working():
                if over:
                    pcm.drain()
                else:
                    pcm.drop()
            return over
        finally:
            pcm.close()

    def _loop(self, pcm: Pcm, turn: int, ringing: Ringing, post: Post) -> bool:
        tone, at, factor = samples(ringing.name), 0, gain(ringing.volume)
        while not self._bell.stopped:
            chunk = tone[at : at + PERIOD]
            chunk.extend([0] * (PERIOD - len(chunk)))
            data = (chunk if factor == 1 else array("h", [round(v * factor) for v in chunk])).tobytes()
            with self._pulse.working():
                self._write(pcm, data)
            self._health.works(post)
            at += PERIOD
            if at >= len(tone):
                if ringing.once:
                    return True
                at = 0
            with self._lock:
                newest, wanted = self._wanted
            if newest != turn:
                if wanted is None or wanted.once or (wanted.name, wanted.once) != (ringing.name, ringing.once):
                    return False
                turn, ringing, factor = newest, wanted, gain(wanted.volume)  # softer or louder: go on where it is
        return False

    @staticmethod
    def _write(pcm: Pcm, data: bytes) -> None:
        if pcm.write(data) < 0 and pcm.write(data) < 0:  # the first is an underrun, from which ALSA has recovered
            raise OSError("the ringing device takes no samples")
