"""Speed dials: digits 1 to 9 held down on the idle screen do what the functional keys 0 to 8 were set to.

Law: a table of what a functional key may be. The speed dial file fills the keys that the settings leave empty.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.config.schema.key_words import FunctionalKey
from deskphone.core.screen import commands, dial
from deskphone.core.screen.command import chosen
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

DIGITS = tuple("123456789")
DIALS = (FunctionalKey.EMPTY, FunctionalKey.SPEED_DIAL, FunctionalKey.SPEED_DIAL_BLF)


def number_of(phone: Phone, digit: str) -> str:
    """What a digit held down dials, "" for nothing."""
    key = phone.settings.directory.speed_dial[int(digit) - 1]
    return key.number or dict(phone.speed_dials).get(digit, "") if key.type in DIALS else ""


def held(digit: str) -> Callable[[Turn], None]:
    """A digit held down, where it is the only one typed: its number is called, its page opened."""

    def act(turn: Turn) -> None:
        dialling = turn.phone.dialling
        if dialling is None or dialling.entry.text != digit or situation(turn.phone) is not Situation.DIALLING:
            return
        key = turn.phone.settings.directory.speed_dial[int(digit) - 1]
        meant = chosen(turn.phone, key.event) if key.type is FunctionalKey.EVENT else None
        if number := number_of(turn.phone, digit):
            dial.send(turn, number)
        elif meant is not None and dialling.purpose == "call":
            dial.cancel(turn)
            commands.run(turn, meant)

    return act
