"""The interface of pyalsaaudio as far as the drivers use it, and its lazy import.

Law: Protocol classes and the import, nothing else.
"""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from deskphone.drivers import devices

OPENS = (devices.SOUND,)


class Pcm(Protocol):
    """alsaaudio.PCM in playback direction, blocking."""

    def write(self, data: bytes) -> int: ...
    def drop(self) -> int: ...
    def drain(self) -> int: ...
    def close(self) -> None: ...


class Control(Protocol):
    """alsaaudio.Mixer: one control of a card; volumes in percent of its range."""

    def setvolume(self, volume: int, pcmtype: int = ...) -> None: ...
    def setmute(self, mute: int) -> None: ...
    def setrec(self, capture: int) -> None: ...
    def switchcap(self) -> list[str]: ...
    def volumecap(self) -> list[str]: ...
    def close(self) -> None: ...


class Alsa(Protocol):
    """The module alsaaudio."""

    PCM_PLAYBACK: int
    PCM_CAPTURE: int
    PCM_NORMAL: int
    PCM_FORMAT_S16_LE: int

    def PCM(
        self, *, type: int, mode: int, device: str, channels: int, rate: int, format: int, periodsize: int, periods: int
    ) -> Pcm: ...
    def Mixer(self, *, control: str, device: str) -> Control: ...
    def mixers(self, *, device: str) -> list[str]: ...


def real_alsa() -> Alsa:
    """The module alsaaudio. Raises ImportError where it is not installed."""
    return cast(Alsa, importlib.import_module("alsaaudio"))
