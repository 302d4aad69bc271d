"""The sound device of the bridge: none, a clock without sound, WAV files, or an ALSA card by voice path.

Law: SIP thread only. Opens and closes; who is connected to it is `switchboard`'s business. A card that does not
open is replaced by the clock without sound, so that a call lives on: the caller learns it by `trouble`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pjsua2 as pj

from deskphone.drivers.useragent.options import ALSA, WAV, Sound, SoundDevice
from deskphone.view.outputs import Path

LOG = logging.getLogger("deskphone.useragent")
# PJMEDIA_AUD_DEFAULT_CAPTURE_DEV and ..._PLAYBACK_DEV are macros, which SWIG does not export.
DEFAULT_CAPTURE, DEFAULT_PLAYBACK = -1, -2

Trouble = Callable[[str], None]
"""Told what failed; "" when it works again."""


class SoundDevices:
    """`microphone` and `loudspeaker` are ports of the bridge while `is_open`."""

    def __init__(self, ep: Any, sound: Sound, trouble: Trouble) -> None:
        self._manager = ep.audDevManager()
        self._sound = sound
        self._trouble = trouble
        self._failing = False
        self._path: Path | None = None
        self._player: Any = None
        self._recorder: Any = None
        self.is_open = False

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

    def open(self, path: Path) -> None:
        """Have the clock run, on the card of this path where there are cards."""
        if self.is_open and (self._sound.kind != ALSA or path is self._path):
            return
        if self._sound.kind == ALSA:
            self._open_card(path)
        else:
            self._manager.setNullDev()
            self._open_files()
        self._path, self.is_open = path, True

    def close(self) -> None:
        """No clock, no card: the idle phone costs nothing."""
        if self.is_open:
            self._manager.setNoDev()
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

    def _open_card(self, path: Path) -> None:
        names = self._sound.devices.get(path, SoundDevice())
        try:
            self._manager.setCaptureDev(self._index(names.capture, DEFAULT_CAPTURE))
            self._manager.setPlaybackDev(self._index(names.playback, DEFAULT_PLAYBACK))
        except pj.Error as error:
            LOG.error("sound: %s: cannot open %s: %s", path.value, names, error.reason)
            self._manager.setNullDev()
            self._failing = True
            self._trouble(f"{path.value}: {error.reason}")
            return
        if self._failing:
            self._failing = False
            self._trouble("")

    def _index(self, name: str, default: int) -> int:
        """pjmedia's number of a card. Raises pj.Error for one that is not there, not even since the last look.

        pjmedia knows the names that ALSA lists (snd_device_name_hint), and those spell the first device out.
        """
        if not name:
            return default
        spelt = (name, f"{name},DEV=0")
        if not self._listed(spelt):
            self._manager.refreshDevs()  # USB: plugged in after the phone had started
        return int(self._manager.lookupDev("ALSA", next(iter(self._listed(spelt)), name)))

    def _listed(self, names: tuple[str, ...]) -> list[str]:
        there = {device.name for device in self._manager.enumDev2()}
        return [name for name in names if name in there]
