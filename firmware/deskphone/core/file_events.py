"""Events of files that came beside the configuration.

Law: as `events`, from where they are imported.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.event import Event


@dataclass(frozen=True, slots=True)
class DirectoryLoaded(Event):
    """The company's directory, as (name, number), or its speed dials, as (key, number), keys "1" to "9"."""

    entries: tuple[tuple[str, str], ...]
    speed_dials: bool = False
