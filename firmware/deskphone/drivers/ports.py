"""Ports: the shapes every driver has, on copper (drivers/) and without it (sim/).

Law: Protocol classes only. A driver translates; it never decides. `post` may be called from any thread.
A driver task that ends or raises ends the process, unless it posts DriverFailed and goes on trying.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PIL.Image import Image

from deskphone.core.effects import Effect
from deskphone.core.events import Event
from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Audio, Lamps, Ringing

Post = Callable[[Event], None]


class Driver(Protocol):
    """A part with a life: `run` lasts as long as the phone."""

    name: str

    async def run(self, post: Post) -> None:
        """Work until cancelled; events go to `post`. Clean up on cancellation."""


class Display(Driver, Protocol):
    """The OLED."""

    def show(self, frame: Image, bright: bool) -> None:
        """Show a mode "1" picture of the display's size. Returns at once; the newest frame wins."""


class LampBank(Driver, Protocol):
    """The five lamps."""

    def set(self, lamps: Lamps) -> None:
        """Take these patterns from now on."""


class Ringer(Driver, Protocol):
    """The ringing device."""

    def ring(self, ringing: Ringing | None) -> None:
        """Sound this ring tone, or nothing. The same value again changes nothing."""


class Mixer(Driver, Protocol):
    """The sound cards: which device carries the voice, and how loud."""

    def route(self, path: VoicePath, volume: int) -> None:
        """Use this path at this volume (0 to 10)."""


class UserAgent(Driver, Protocol):
    """The SIP stack and the conference bridge. It owns one thread; orders go through its queue."""

    def perform(self, effect: Effect) -> None:
        """Carry out a user-agent effect (Register, Dial, Answer ...). Returns at once."""

    def sound(self, audio: Audio) -> None:
        """Connect calls, microphone, loudspeaker and tone as `audio` says."""
