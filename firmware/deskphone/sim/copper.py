"""The phone's copper without copper: display, lamps, ringer and mixer that remember what they were told.

Law: each part keeps the newest value of its port and tells the listeners that it changed. No drawing, no
sound, no decisions: the panel, the terminal and the stories look at the values.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from PIL.Image import Image

from deskphone.core.voice_path import VoicePath
from deskphone.drivers.ports import Part, Post
from deskphone.view.outputs import Lamps, Outputs, Ringing

Listener = Callable[[], None]


class _Part(Part):
    """What the four parts share: a life that only waits, and the word that something changed."""

    def __init__(self, name: str, changed: Listener) -> None:
        self.name = name
        self._changed = changed

    async def run(self, post: Post) -> None:
        """Live until cancelled; a part without copper never has anything to post."""
        await asyncio.get_running_loop().create_future()


class SimDisplay(_Part):
    """The OLED: `frame` is the newest picture (None before the first), `bright` whether it is undimmed."""

    frame: Image | None = None
    bright: bool = True
    shown: int = 0

    def show(self, outputs: Outputs) -> None:
        """Keeps the picture itself: the runtime draws a new one for every change."""
        frame, bright = outputs.frame, outputs.screen.bright
        if frame is not None and (frame is not self.frame or bright != self.bright):
            self.frame, self.bright = frame, bright
            self.shown += 1
            self._changed()


class SimLamps(_Part):
    """The five lamps: `lamps` are the newest patterns."""

    lamps: Lamps = Lamps()

    def show(self, outputs: Outputs) -> None:
        """Keep the newest patterns, and tell the listeners of a change."""
        if outputs.lamps != self.lamps:
            self.lamps = outputs.lamps
            self._changed()


class SimRinger(_Part):
    """The ringing device: `ringing` is what sounds, None for silence."""

    ringing: Ringing | None = None

    def show(self, outputs: Outputs) -> None:
        """Keep what is to sound, and tell the listeners of a change."""
        if outputs.ringing != self.ringing:
            self.ringing = outputs.ringing
            self._changed()


class SimMixer(_Part):
    """The sound cards: the newest path and its volume (0 to 10)."""

    path: VoicePath = VoicePath.NONE
    volume: int = 0

    def show(self, outputs: Outputs) -> None:
        """Keep path and volume, and tell the listeners of a change."""
        audio = outputs.audio
        if (audio.path, audio.volume) != (self.path, self.volume):
            self.path, self.volume = audio.path, audio.volume
            self._changed()


class SimCopper:
    """All four parts of one phone, and who listens to them."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self.display = SimDisplay("display", self._tell)
        self.lamps = SimLamps("lamps", self._tell)
        self.ringer = SimRinger("ringer", self._tell)
        self.mixer = SimMixer("mixer", self._tell)
        self.parts = self.display, self.lamps, self.ringer, self.mixer

    def listen(self, listener: Listener) -> None:
        """Call `listener` after each change, in the thread that made it (the loop's)."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
