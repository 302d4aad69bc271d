"""What a person says at the rig: a tone into a card's microphone, from the far side of its cable.

Law: the far side is the hardware, so it begins first: whoever opens a cable first says its format (snd-aloop).
"""

from __future__ import annotations

import math
from array import array
from pathlib import Path

from tests.hil.rig.uml import Shell

RATE = 48_000


class Mouth:
    """`say` until `hush`. folder: the one shared with the guest."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self._shell, self._folder = shell, folder

    def say(self, card: str, hertz: int = 1000, level: float = -12.0, beats: bool = False) -> None:
        """A tone (dB below a full-scale sine) into this card's microphone, or a quarter of a second of it in each half
        (beats), as a voice has pauses; back when the card takes it.
        """
        amplitude = 32767 * 10 ** (level / 20)
        second = array("h")
        for at in range(RATE):
            value = amplitude * math.sin(2 * math.pi * hertz * at / RATE)
            second.extend([round(value) if not beats or at * 4 // RATE % 2 == 0 else 0] * 2)
        (self._folder / f"mouth-{card}.raw").write_bytes(second.tobytes())
        self._shell.check(
            f"setsid sh -c 'while cat /hil/mouth-{card}.raw; do :; done | aplay -q -D hw:CARD={card},DEV=1 -t raw"
            f" -f S16_LE -c 2 -r {RATE}' >/hil/mouth-{card}.log 2>&1 </dev/null & echo $! >/run/mouth-{card}.pid"
        )
        self._shell.check(f"until grep -q RUNNING /proc/asound/{card}/pcm1p/sub0/status; do sleep 0.05; done")

    def hush(self, card: str) -> None:
        """Say nothing more."""
        self._shell.check(f"kill -- -$(cat /run/mouth-{card}.pid); wait $(cat /run/mouth-{card}.pid) || :")
