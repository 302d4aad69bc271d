"""Volumes of the sound cards, by ALSA's mixer.

Law: a path and a volume become percentages of the controls that the board file names. Which path carries the voice
is pjsua2's business; a card that is missing is reported and tried again.
"""

from __future__ import annotations

import threading

from deskphone.core.events import DriverFailed, DriverRecovered
from deskphone.core.voice_path import VoicePath
from deskphone.drivers.alsa import Alsa, real_alsa
from deskphone.drivers.board import SoundCard, SoundWiring
from deskphone.drivers.ports import Part, Post
from deskphone.drivers.worker import Bell, Pulse, run_worker
from deskphone.view.outputs import Outputs

RETRY_S = 5.0  # between tries at a card that is missing


def percent(card: SoundCard, volume: int) -> int:
    """Percentage of the card's control for a volume of 0 to 10."""
    return round(card.lowest + (card.highest - card.lowest) * max(0, min(volume, 10)) / 10)


class AlsaMixer(Part):
    """Sets playback volume and microphone gain of the path in use. alsa: the module alsaaudio where none is given."""

    name = "mixer"

    def __init__(self, wiring: SoundWiring, alsa: Alsa | None = None, retry_s: float = RETRY_S) -> None:
        self._wiring, self._alsa, self._retry_s = wiring, alsa, retry_s
        self._bell, self._pulse, self._lock = Bell(), Pulse(), threading.Lock()
        self._wanted: tuple[VoicePath, int] = (VoicePath.NONE, 0)
        self._failed = False

    def show(self, outputs: Outputs) -> None:
        """Use this path at this volume (0 to 10). Returns at once; the newest wins."""
        wanted = outputs.audio.path, outputs.audio.volume
        with self._lock:
            if self._wanted == wanted:
                return
            self._wanted = wanted
        self._bell.ring()

    def alive(self) -> bool:
        """Whether the calls into ALSA's mixer come to their end (`Pulse`)."""
        return self._pulse.alive()

    async def run(self, post: Post) -> None:
        await run_worker(self.name, self._bell, lambda: self._work(post))

    def _work(self, post: Post) -> None:
        done: tuple[VoicePath, int] | None = None
        while not self._bell.stopped:
            with self._lock:
                wanted = self._wanted
            if wanted == done or wanted[0] is VoicePath.NONE:
                self._bell.wait(None)
                continue
            try:
                with self._pulse.working():
                    self._apply(*wanted, microphone=done is None or done[0] is not wanted[0])
            except Exception as error:  # ALSAAudioError has no base but Exception
                if not self._failed:
                    self._failed = True
                    post(DriverFailed(self.name, f"{wanted[0]}: {type(error).__name__}: {error}"))
                done = None
                self._bell.wait(self._retry_s)
            else:
                done = wanted
                if self._failed:
                    self._failed = False
                    post(DriverRecovered(self.name))

    def _apply(self, path: VoicePath, volume: int, microphone: bool) -> None:
        alsa, card = self._alsa or real_alsa(), self._wiring.card(path)
        if card.control:
            self._set(alsa, card, card.control, percent(card, volume), alsa.PCM_PLAYBACK)
        if card.microphone and microphone:
            self._set(alsa, card, card.microphone, card.microphone_percent, alsa.PCM_CAPTURE)

    @staticmethod
    def _set(alsa: Alsa, card: SoundCard, name: str, value: int, direction: int) -> None:
        control = alsa.Mixer(control=name, device=f"hw:CARD={card.card}")
        try:
            control.setvolume(value, pcmtype=direction)
            if direction == alsa.PCM_PLAYBACK and "Playback Mute" in control.switchcap():
                control.setmute(0)
        finally:
            control.close()
