"""The ring tones by name: what a person chooses from, and the file that sounds.

Law: a table and a look-up. The files are deskphone/sounds/ring/*.wav, made by firmware/sounds/synthesise.py.
"""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT = "classic"


@dataclass(frozen=True, slots=True)
class RingTone:
    """name: as in a configuration. title: as a person reads it. file: in deskphone/sounds/ring, "" is silence."""

    name: str
    title: str
    file: str


def _tone(name: str, title: str) -> RingTone:
    return RingTone(name, title, f"{name}.wav")


# The order is the menu's, and gives the 420HD's names `Ring01`, `Ring02` ... their meaning.
RING_TONES: tuple[RingTone, ...] = (
    _tone("classic", "Classic bell"),
    _tone("double", "Double ring"),
    _tone("marimba", "Marimba"),
    _tone("digital", "Digital trill"),
    _tone("chime", "Chime"),
    _tone("pulse", "Pulse"),
    _tone("vibes", "Vibraphone"),
    _tone("attention", "Low knock"),
    RingTone("silent", "Silent", ""),
)

BEEP = _tone("beep", "Beep")  # the automatic answer's; not in the menu

_BY_NAME = {t.name: t for t in (*RING_TONES, BEEP)} | {f"ring{n:02}": t for n, t in enumerate(RING_TONES, 1)}


def ring_tone(name: str) -> RingTone:
    """The ring tone a configuration or an Alert-Info names, case ignored; DEFAULT where there is none of that name."""
    return _BY_NAME.get(name.strip().lower(), _BY_NAME[DEFAULT])
