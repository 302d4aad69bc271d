"""Presses that were not meant: the second one of a slip, and one for what went away under the finger.

Law: owns `Phone.presses`. Only what takes a call or the agent's session away is kept from a key, and what a key
that did so means pressed again at once; what rings is answered whenever a key says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.screen import commands
from deskphone.core.screen.command import Command
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Presses
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

TWICE = 0.4  # seconds within which the same key again is one press too many, and what has just gone is not seen gone
ENDS = (Command.END, Command.DROP, Command.REJECT, Command.DECLINE, Command.LOGOUT)
SAME = (Situation.CONFERENCE, Situation.CALLING)
"""What ends these ends what is left of them: the last member; the same call, sent on."""
ASKS = (Situation.CONFIRM, Situation.TRANSFERRING, Situation.CONSULTING)
"""Where cancel goes one step back; one step on it would end a call."""


def pressed(turn: Turn, key: str) -> None:
    """A key went down: where it is another one, the next press of the last one is meant."""
    last = turn.phone.presses
    if key != last.spent[0]:
        turn.set(presses=replace(last, spent=("", 0.0), meant=last.meant if key == last.meant[0] else ("", "", 0.0)))


def spent(phone: Phone, key: str) -> bool:
    """Whether that key has just done its work."""
    return phone.presses.spent[0] == key and phone.now.mono < phone.presses.spent[1]


def spend(turn: Turn, key: str, done: bool = True) -> None:
    """The key has done its work: pressed again at once it was meant once. done: False where that may well be meant."""
    turn.set(presses=replace(turn.phone.presses, spent=(key, turn.after(TWICE)) if done else ("", 0.0)))


def once(key: str, meaning: Callable[[Phone], Command]) -> Callable[[Turn], None]:
    """A key that ended a call: pressed again at once it was meant once, whatever it means by then. Nor does the second
    press of a key end what its first press did not, nor a first one what it cannot have been meant for."""

    def press(turn: Turn) -> None:
        command, where = meaning(turn.phone), situation(turn.phone)
        last, meant, until = turn.phone.presses.meant
        another = last == key and turn.now.mono < until and meant != f"{where} {command}"
        if spent(turn.phone, key) and command is not Command.ANSWER:
            return
        if (another or went(turn.phone)) and _ends(command, where):
            spend(turn, key)
            return
        before = turn.phone.open_calls
        turn.set(presses=replace(turn.phone.presses, meant=(key, f"{where} {command}", turn.after(TWICE))))
        commands.run(turn, command)
        if len(turn.phone.open_calls) < len(before):
            spend(turn, key)

    return press


def went(phone: Phone, *only: Situation) -> bool:
    """Whether what the person faced went by itself a moment ago, and another call is there now. only: from there."""
    where, focus, until = phone.presses.gone
    still = (where, focus) == (situation(phone), phone.focus)
    return phone.now.mono < until and not still and (not only or where in only)


def _ends(command: Command, where: Situation) -> bool:
    """Whether it takes a call or the agent's session away."""
    cancels = command is Command.CANCEL and where not in (Situation.FORM, Situation.DIALLING)
    return cancels or command in ENDS


def seen(turn: Turn) -> None:
    """What the person faces now is what the key led to, so that nothing went by itself; and who has pressed a key since
    something went has seen that it is gone."""
    last = turn.phone.presses
    faced = (situation(turn.phone), turn.phone.focus) if turn.phone.calls else last.faced
    turn.set(presses=replace(last, faced=faced, gone=("", "", 0.0)))


def follow(turn: Turn) -> None:
    """After each event: what the person faces, and whether what was there has gone by itself."""
    phone, last = turn.phone, turn.phone.presses
    if not phone.calls and not last.faced[1]:
        return
    faced = (situation(phone), phone.focus)
    if faced == last.faced:
        return
    where, focus = last.faced
    call = phone.call(focus)
    left = (call is None or call not in phone.open_calls) and bool(focus) and where not in SAME
    asked = where in ASKS and faced[0] is not Situation.INCOMING
    gone = (where, focus, turn.after(TWICE)) if left or asked else last.gone
    turn.set(presses=Presses(last.spent, last.meant, faced, gone))
