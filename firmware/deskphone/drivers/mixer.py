"""Volumes of the sound cards, by ALSA's mixer.

Law: a path and a volume become percentages of the controls that the board file names, or of those that the card has in
their place. Which path carries the voice is pjsua2's business; a card that is missing is reported and tried again. A
card keeps nothing over a power-up, so what the phone needs of it is said each time its path begins.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from deskphone.core.voice_path import VoicePath
from deskphone.drivers.alsa import Alsa, Control, real_alsa
from deskphone.drivers.board import SoundCard, SoundWiring
from deskphone.drivers.ports import Post
from deskphone.drivers.worker import Worker
from deskphone.view.outputs import Outputs

RETRY_S = 5.0  # between tries at a card that is missing
CARDS = Path("/proc/asound")
LOOK_S = 1.0  # between looks at one in use: nobody pulls a plug and has it back sooner
# What the kernel calls them where they are not called as on the adapters of the parts list: a headset has no "Speaker"
# (sound/usb/mixer.c: check_no_speaker_on_headset), a card without a side tone has "PCM" (get_term_name).
PLAYBACK = ("Speaker", "Headphone", "Headset", "PCM")
CAPTURE = ("Mic", "Headset")
GAIN = "Auto Gain Control"  # the adapter's own: it makes pauses loud, and has a say in echo cancelling


def percent(card: SoundCard, volume: int) -> int:
    """Percentage of the card's control for a volume of 0 to 10."""
    return round(card.lowest + (card.highest - card.lowest) * max(0, min(volume, 10)) / 10)


class AlsaMixer(Worker):
    """Sets playback volume and microphone gain of the path in use. alsa: the module alsaaudio where none is given;
    cards: where the kernel keeps a folder for each card, by its name."""

    name = "mixer"

    def __init__(
        self, wiring: SoundWiring, alsa: Alsa | None = None, retry_s: float = RETRY_S, cards: Path = CARDS
    ) -> None:
        super().__init__()
        self._wiring, self._alsa, self._retry_s, self._cards = wiring, alsa, retry_s, cards
        self._wanted: tuple[VoicePath, int, int] = (VoicePath.NONE, 0, 0)  # path, volume, how many paths began
        self._gone = False

    def show(self, outputs: Outputs) -> None:
        """Use this path at this volume (0 to 10). Returns at once; the newest wins."""
        path, volume = outputs.audio.path, outputs.audio.volume
        with self._lock:
            before, louder, begun = self._wanted
            if (before, louder) == (path, volume):
                return
            self._wanted = path, volume, begun + (before is not path)
        self._bell.ring()

    def _work(self, post: Post) -> None:
        done: tuple[VoicePath, int, int] | None = None
        while not self._bell.stopped:
            with self._lock:
                wanted = self._wanted
            if wanted[0] is VoicePath.NONE:
                self._bell.wait(None)
                continue
            if wanted == done:
                self._bell.wait(min(LOOK_S, self._retry_s))
                if self._came_back(done[0]):
                    done = None
                continue
            try:
                with self._pulse.working():
                    self._apply(*wanted[:2], begins=done is None or done[2] != wanted[2])
            except Exception as error:  # ALSAAudioError has no base but Exception
                self._health.fails(post, error, wanted[0])
                done = None
                self._bell.wait(self._retry_s)
            else:
                done = wanted
                self._health.works(post)

    def _apply(self, path: VoicePath, volume: int, begins: bool) -> None:
        alsa, card = self._alsa or real_alsa(), self._wiring.card(path)
        device = f"hw:CARD={card.card}"
        there = alsa.mixers(device=device)
        speaker = _named(alsa, device, there, (card.control, *PLAYBACK), "Playback Volume") if card.control else ""
        if card.control:
            with _opened(alsa, device, speaker or card.control) as control:
                control.setvolume(percent(card, volume), pcmtype=alsa.PCM_PLAYBACK)
                if "Playback Mute" in control.switchcap():
                    control.setmute(0)
        if card.microphone and begins:
            microphone = _named(alsa, device, there, (card.microphone, *CAPTURE), "Capture Volume")
            if microphone:  # else the card has one gain only
                _listen(alsa, device, microphone, card.microphone_percent, alone=microphone != speaker)
            if GAIN in there:
                with _opened(alsa, device, GAIN) as control:
                    control.setmute(1)

    def _came_back(self, path: VoicePath) -> bool:
        """Whether the card in use was gone at the last look and is there now; that it is gone tells who plays there."""
        before, self._gone = self._gone, not (self._cards / self._wiring.card(path).card).exists()
        return before and not self._gone


def _named(alsa: Alsa, device: str, there: list[str], names: tuple[str, ...], capability: str) -> str:
    """The first of these names that the card has: the board file's in any case, another one only where it can do so."""
    for number, name in enumerate(names):
        if name in there:
            if number == 0:
                return name
            with _opened(alsa, device, name) as control:
                if capability in control.volumecap():
                    return name
    return ""


def _listen(alsa: Alsa, device: str, name: str, gain: int, alone: bool) -> None:
    """The microphone on, with its gain. alone: it shares its control with no playback, so its switch for that is the
    side tone of the adapter, which the ear would hear late and loud."""
    with _opened(alsa, device, name) as control:
        control.setvolume(gain, pcmtype=alsa.PCM_CAPTURE)
        switches = control.switchcap()
        if "Capture Mute" in switches:
            control.setrec(1)
        if alone and "Playback Mute" in switches:
            control.setmute(1)


@contextlib.contextmanager
def _opened(alsa: Alsa, device: str, name: str) -> Iterator[Control]:
    control = alsa.Mixer(control=name, device=device)
    try:
        yield control
    finally:
        control.close()
