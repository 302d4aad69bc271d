"""Bytes of a terminal's keyboard to keys of the phone: pure, and the only place that knows escape sequences.

Law: no I/O and no clock; whoever reads the terminal says when a lonely escape has waited long enough.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

# The panel's page has the same map (page/keyboard.js).
LETTERS: dict[str, str] = {
    **{digit: digit for digit in "0123456789*#"},
    "\r": "ok",
    "\n": "ok",
    "n": "menu",
    "o": "hold",
    "t": "transfer",
    "m": "mute",
    "r": "redial",
    "v": "voicemail",
    "c": "contacts",
    "e": "headset",
    "s": "speaker",
    "+": "volume_up",
    "=": "volume_up",
    "-": "volume_down",
}
HOOK_LETTERS = ("h", " ")
DELETE_LETTERS = ("\x7f", "\b")
QUIT_LETTER = "q"

# xterm (ctlseqs), VT220, the Linux console and rxvt; tmux and screen send xterm's.
_SEQUENCES: dict[str, str] = {
    **{f"{lead}{end}": key for lead in "[O" for end, key in zip("ABCD", ("up", "down", "right", "left"), strict=True)},
    **{f"O{end}": f"soft{place}" for place, end in enumerate("PQRS", 1)},
    **{f"[[{end}": f"soft{place}" for place, end in enumerate("ABCD", 1)},
    **{f"[{10 + place}~": f"soft{place}" for place in range(1, 5)},
    "[5~": "volume_up",
    "[6~": "volume_down",
    "OM": "ok",
}
_LONGEST = 16
ESCAPE = "\x1b"


@dataclass(frozen=True, slots=True)
class Stroke:
    """One thing a person did: `key` is a key of the phone, or `letter` a character as typed."""

    key: str = ""
    letter: str = ""


class Keyboard:
    """Takes bytes as they come, in any pieces, and gives strokes."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._waiting = ""

    @property
    def undecided(self) -> bool:
        """Whether an escape waits for the rest of its sequence."""
        return bool(self._waiting)

    def feed(self, data: bytes) -> list[Stroke]:
        """The strokes these bytes complete."""
        strokes: list[Stroke] = []
        for letter in self._decoder.decode(data):
            strokes += self._one(letter)
        return strokes

    def settle(self) -> list[Stroke]:
        """No more bytes came: a lonely escape is the key Cancel, a torn sequence is nothing."""
        lonely, self._waiting = self._waiting == ESCAPE, ""
        return [Stroke(key="cancel")] if lonely else []

    def _one(self, letter: str) -> list[Stroke]:
        if letter == ESCAPE:
            strokes = self.settle()
            self._waiting = ESCAPE
            return strokes
        if not self._waiting:
            return [Stroke(letter=letter)]
        self._waiting += letter
        sequence = self._waiting[1:]
        if sequence in _SEQUENCES:
            self._waiting = ""
            return [Stroke(key=_SEQUENCES[sequence])]
        if sequence[0] not in "[O":  # Alt and a letter: as the letter alone
            self._waiting = ""
            return [Stroke(letter=letter)]
        ended = len(sequence) > 1 and "@" <= letter <= "~" and sequence != "[["
        if ended or len(sequence) >= _LONGEST:
            self._waiting = ""
        return []
