"""The voice path: which device speaks and hears, one word for core, view, user agent and drivers.

Law: the one list of voice devices; what follows from a device is its owners' (`core.phone`, `view`, `drivers`).
"""

from __future__ import annotations

from enum import StrEnum


class VoicePath(StrEnum):
    """NONE while no device is taken up; it is true as any string is, so compare with `is`."""

    NONE = "none"
    HANDSET = "handset"
    SPEAKER = "speaker"
    HEADSET = "headset"
