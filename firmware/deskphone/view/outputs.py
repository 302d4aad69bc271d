"""Outputs: what the phone is at one moment, as frozen values that drivers compare and show.

Law: types only. `view.render` fills them from the state; drivers translate them and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from PIL.Image import Image

from deskphone.core.screen.marks import Mark
from deskphone.core.voice_path import VoicePath


class Lamp(StrEnum):
    """A lamp's pattern: slow blinks at 1 Hz, fast at 4 Hz, both with a duty cycle of 50 %."""

    OFF = "off"
    ON = "on"
    SLOW = "slow"
    FAST = "fast"


class Size(StrEnum):
    """Font of a row: NORMAL 6x10, LARGE 9x15 bold (`raster`)."""

    NORMAL = "normal"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Shown:
    """A mark of the status bar. text: a short word, for the panel and its readers. mark: the picture, with `count`
    beside it; None where the word itself is drawn. calm: given up before the clock where there is no room for both.
    """

    text: str
    mark: Mark | None = None
    count: str = ""
    calm: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of text. `right` is set flush right on the same line; inverse marks the chosen row.

    caret: index in `text` of the entry cursor, -1 for none. mark: a picture before the text.
    """

    text: str
    right: str = ""
    size: Size = Size.NORMAL
    centred: bool = False
    inverse: bool = False
    caret: int = -1
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Screen:
    """What is on the display, as a person reads it. name: for golden pictures and outside tools, never shown.

    marks: of the status bar, from the left. softkeys: labels from the left, "" for none. clock: "" for none.
    more: whether rows above and below do not fit. middle: rows centred vertically. bright: not dimmed.
    """

    name: str
    title: str
    rows: tuple[Row, ...] = ()
    softkeys: tuple[str, str, str, str] = ("", "", "", "")
    marks: tuple[Shown, ...] = ()
    clock: str = ""
    more: tuple[bool, bool] = (False, False)
    middle: bool = False
    bright: bool = True

    def words(self) -> tuple[str, ...]:
        """The rows as plain text, right part after two spaces."""
        return tuple(f"{row.text}  {row.right}" if row.right else row.text for row in self.rows)


@dataclass(frozen=True, slots=True)
class Lamps:
    """The five lamps by name."""

    ring: Lamp = Lamp.OFF
    message: Lamp = Lamp.OFF
    mute: Lamp = Lamp.OFF
    headset: Lamp = Lamp.OFF
    speaker: Lamp = Lamp.OFF


@dataclass(frozen=True, slots=True)
class Ringing:
    """The ring tone on the ringing device. name: of `view.ring_tones`. volume: 0 to 10. once: not looped."""

    name: str
    volume: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Audio:
    """The voice path. volume: 0 to 10, of that path. tone: name in `view.tones`, played on it, "" for none.

    country: whose network's tone it is.
    calls: ids of the calls that hear the microphone and are heard; more than one is a local conference.
    listening: ids of calls that are heard only (early media). muted: the microphone is cut for all.
    """

    path: VoicePath = VoicePath.NONE
    volume: int = 5
    muted: bool = False
    tone: str = ""
    country: str = "US"
    calls: tuple[str, ...] = ()
    listening: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outputs:
    """Everything the phone shows and sounds. frame: the picture of `screen` (mode "1"), the same one for as long as the
    screen is; None before the first is drawn."""

    screen: Screen
    lamps: Lamps
    ringing: Ringing | None
    audio: Audio
    frame: Image | None = field(default=None, compare=False)
