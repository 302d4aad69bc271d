"""Outputs of which a test cares for one part."""

from __future__ import annotations

from PIL.Image import Image

from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Audio, Lamps, Outputs, Ringing, Screen

OFF = Lamps()


def showing(
    *, lamps: Lamps = OFF, ringing: Ringing | None = None, path: VoicePath = VoicePath.NONE, volume: int = 0,
    frame: Image | None = None, bright: bool = True,
) -> Outputs:  # fmt: skip
    """What a phone is that is this, and idle otherwise."""
    return Outputs(Screen("idle", "", bright=bright), lamps, ringing, Audio(path, volume), frame)
