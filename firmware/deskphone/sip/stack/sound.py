"""The sound device of the bridge: none, a clock without sound, WAV files, or an ALSA card by voice path.

Law: SIP thread only. Opens and closes; who is connected to it is `switchboard`'s business. A card that stops is opened
anew at once. One that does not open, or goes, is replaced by the clock without sound, so that a call lives on: the
caller learns it by `trouble`.
pjmedia is told the names of the board, and looks at no others: it opens each of them whenever it looks.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj

from deskphone.core.voice_path import VoicePath
from deskphone.sip.options import ALSA, WAV, Sound, SoundDevice

LOG = logging.getLogger("deskphone.useragent")
DEFAULT = "default"
"""ALSA's name of what a path without a name of its own uses."""
SOON, OFTEN = 10.0, 5
"""A card that stops is opened anew at once, so often within so many seconds; then it counts as gone."""
GONE = "the card has gone"

Trouble = Callable[[str], None]
"""Told what failed; "" when it works again."""


class SoundDevices:
    """`microphone` and `loudspeaker` are ports of the bridge while `is_open`."""

    def __init__(self, ep: Any, sound: Sound, trouble: Trouble) -> None:
        self._manager = ep.audDevManager()
        self._sound = sound
        self._trouble = trouble
        self._echo_ms = int(self._manager.getEcTail())  # as the settings have it
        self._told = ""  # what is wrong, as a person was told it
        self._path: VoicePath | None = None
        self._numbers = -1, -1  # pjmedia's, of the card that is open
        self._stops: list[float] = []  # when a card stopped, of late
        self._player: Any = None
        self._recorder: Any = None
        self.is_open = False
        if sound.kind == ALSA:
            sipext.set_sound_devices([*dict.fromkeys(name for path in VoicePath for name in self._names(path))])

    @property
    def failing(self) -> bool:
        """Whether the clock stands in for a card."""
        return bool(self._told)

    @property
    def gains(self) -> bool:
        """Whether volume is to be done in the bridge: an ALSA card has a mixer of its own."""
        return self._sound.kind != ALSA

    @property
    def microphone(self) -> Any:
        """Where voice comes from."""
        return self._player or self._manager.getCaptureDevMedia()

    @property
    def loudspeaker(self) -> Any:
        """Where voice goes to."""
        return self._recorder or self._manager.getPlaybackDevMedia()

    def open(self, path: VoicePath) -> None:
        """Have the clock run, on the card of this path where there are cards."""
        if self.is_open and (self._sound.kind != ALSA or path is self._path):
            return
        if self._sound.kind == ALSA:
            self._open_card(path)
        else:
            self._manager.setNullDev()
            self._open_files()
        self._path, self.is_open = path, True

    def lost(self, direction: int, number: int) -> None:
        """The card with ALSA's `number` in pjmedia gave an error while it was open: a plug was pulled, or it stood
        still for 0.1 s (EIO: snd_pcm_readi(3) waits no longer, Linux 6.12, wait_for_avail) and is well again.

        pjsua2 queues the news: it may come when another card is open already, and that one is well. ALSA's numbers are
        pjmedia's, as no other driver is built in.
        """
        if not self.is_open or self._sound.kind != ALSA or self._path is None or self.failing:
            return
        if self._numbers[1 if direction == pj.PJMEDIA_DIR_PLAYBACK else 0] != number:
            return
        now = time.monotonic()
        self._stops = [at for at in self._stops if now - at < SOON] + [now]
        sipext.close_sound()  # a card that is open would look as if it could not be opened
        if self._found(self._path) and len(self._stops) <= OFTEN:
            LOG.warning("sound: %s: the card stopped; it is opened anew", self._path.value)
            self._open_card(self._path)
        else:
            self._replace(self._path, GONE)

    def again(self) -> None:
        """Try a card that failed; a closed one is well when it is there.

        One that is not there is not opened: that would stop the clock, and with it what a conference hears.
        """
        if self._path is None or not self.failing:
            return
        if not self._found(self._path):
            return
        if self.is_open:
            self._open_card(self._path)
        else:
            self._works()

    def close(self) -> None:
        """No clock, no card: the idle phone costs nothing."""
        if self.is_open:
            sipext.close_sound()
            self.is_open = False

    def finish(self) -> None:
        """Close for good: a WAV file gets its length into its header only when its recorder goes."""
        self.close()
        self._player = self._recorder = None

    def _open_files(self) -> None:
        if self._sound.kind == WAV and self._sound.source and self._player is None:
            self._player = pj.AudioMediaPlayer()
            self._player.createPlayer(self._sound.source)
        if self._sound.kind == WAV and self._sound.sink and self._recorder is None:
            self._recorder = pj.AudioMediaRecorder()
            self._recorder.createRecorder(self._sound.sink)

    def _open_card(self, path: VoicePath) -> None:
        capture, playback = self._names(path)
        try:
            sipext.close_sound()  # else pjsua opens the new card's microphone with the old card's ear for a moment
            self._numbers = self._index(capture), self._index(playback)
            # Only a loudspeaker is heard by its microphone. Elsewhere a canceller takes part of the voice.
            self._manager.setEcOptions(self._echo_ms if path is VoicePath.SPEAKER else 0, 0)
            self._manager.setCaptureDev(self._numbers[0])
            self._manager.setPlaybackDev(self._numbers[1])
            self._manager.setSndDevMode(0)  # opens it here; else it is opened, and fails, when something is connected
        except pj.Error as error:
            self._replace(path, f"cannot open {capture}, {playback}: {error.reason}")
        else:
            self._works()

    def _replace(self, path: VoicePath, why: str) -> None:
        sipext.close_sound()
        self._manager.setNullDev()
        text = f"{path.value}: {why}"
        if text != self._told:
            self._told = text
            LOG.error("sound: %s", text)
            self._trouble(text)

    def _works(self) -> None:
        if self.failing:
            self._told = ""
            self._trouble("")

    def _names(self, path: VoicePath) -> tuple[str, str]:
        names = self._sound.devices.get(path, SoundDevice())
        return names.capture or DEFAULT, names.playback or DEFAULT

    def _index(self, name: str) -> int:
        """pjmedia's number of a card."""
        if not self._there(name):
            self._manager.refreshDevs()  # USB: plugged in after the phone had started
        return int(self._manager.lookupDev("ALSA", name))

    def _found(self, path: VoicePath) -> bool:
        """Look anew whether the cards of this path could be opened."""
        self._manager.refreshDevs()
        return all(map(self._there, self._names(path)))

    def _there(self, name: str) -> bool:
        """Whether the card could be opened, to hear or to speak, when pjmedia last looked."""
        return any(each.name == name and each.inputCount + each.outputCount for each in self._manager.enumDev2())
