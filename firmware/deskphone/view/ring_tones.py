"""The ring tones by name: what a person chooses from, and the file that sounds.

Law: a table and a look-up. The files are deskphone/sounds/ring/*.wav, made by firmware/sounds/synthesise.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config import ring_tones

DEFAULT = "classic"


@dataclass(frozen=True, slots=True)
class RingTone:
    """name: as in a configuration (its words are `ring_<name>` of `view.words`). file: in deskphone/sounds/ring."""

    name: str
    file: str


def _tone(name: str) -> RingTone:
    return RingTone(name, "" if name == "silent" else f"{name}.wav")


RING_TONES: tuple[RingTone, ...] = tuple(_tone(name) for name in ring_tones.RING_TONES)

BEEP = _tone("beep")  # of automatic answer and of the hold reminder; not in the menu
STEADY = _tone("steady")  # a ring by beeps is cut from it

_BY_NAME = {t.name: t for t in (*RING_TONES, BEEP, STEADY)}


def ring_tone(name: str) -> RingTone:
    """The ring tone of a name, also `beep` and `steady`; any other name as `config.ring_tones.named` reads it."""
    return _BY_NAME.get(name.strip().lower()) or _BY_NAME[ring_tones.named(name)]
