"""Presses that were not meant: the second one of a slip, and one for what went away, or came, under the finger.

Law: owns `Phone.presses`. Only what takes a call, the agent's session or his state away, calls somebody or leaves a
caller alone is kept from a key, and what a key that did so means pressed again at once; what rings is answered whenever
a key says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.core.calls.call import show_notice
from deskphone.core.events import HookMoved
from deskphone.core.screen import commands
from deskphone.core.screen.command import Command
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

DIGITS = tuple("0123456789*#")
TYPING = 1.5  # seconds between two digits of one number; what comes later begins another one
TWICE = 0.4  # seconds within which the same key again is one press too many, and what has just gone is not seen gone
ENDS = (Command.END, Command.DROP, Command.REJECT, Command.DECLINE, Command.LOGOUT)
CHANGES = (
    Command.READY, Command.NOT_READY, Command.AFTER_CALL_WORK, Command.DND, Command.REDIAL, Command.VOICE_MAIL,
)  # fmt: skip
"""What a key of a call may mean on the idle screen a moment later: the agent's next calls depend on it."""
LEAVES = (Command.HOLD, Command.SWAP, Command.RESUME, Command.TRANSFER, Command.CONFERENCE)
"""What a key of a call that rang, or of a question, means a moment later, and does to somebody who talks or is held."""
SAME = (Situation.CONFERENCE, Situation.CALLING)
"""What ends these ends what is left of them: the last member; the same call, sent on."""
ASKS = (Situation.CONFIRM, Situation.TRANSFERRING, Situation.CONSULTING)
"""Where cancel goes one step back; one step on it would end a call."""

TYPED = (Situation.FORM, Situation.DIALLING)
"""What a call that goes leaves on the screen: no key of the call hands it in, dials it or throws it away."""


def pressed(turn: Turn, key: str) -> None:
    """A key went down: where it is another one, the next press of the last one is meant."""
    last = turn.phone.presses
    if key not in DIGITS:
        last = replace(last, digits=("", 0.0))
    if key != last.spent[0]:
        last = replace(last, spent=("", 0.0), meant=last.meant if key == last.meant[0] else ("", "", 0.0))
    turn.set(presses=last)


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
        if (another and _ends(command, where)) or (went(turn.phone) and _not_meant(turn.phone, command, where)):
            spend(turn, key)
            return
        before = turn.phone.open_calls
        turn.set(presses=replace(turn.phone.presses, meant=(key, f"{where} {command}", turn.after(TWICE))))
        commands.run(turn, command)
        if len(turn.phone.open_calls) < len(before):
            spend(turn, key)

    return press


def typed(turn: Turn, call_id: str) -> None:
    """A digit went to that call, or to where it is to be forwarded; the next one is meant for it, too."""
    turn.set(presses=replace(turn.phone.presses, digits=(call_id, turn.after(TYPING))))


def homeless(turn: Turn) -> bool:
    """Whether a digit is meant for a call that has gone while the person types: the rest of a PIN is nobody's number.
    Then the screen says so."""
    call_id, until = turn.phone.presses.digits
    left = bool(call_id) and turn.now.mono < until and all(each.id != call_id for each in turn.phone.open_calls)
    if left:
        typed(turn, call_id)
        show_notice(turn, Notice("call_gone"))
    return left


def went(phone: Phone, *only: Situation) -> bool:
    """Whether what the person faced went by itself a moment ago, and something else is there now. only: from there."""
    where, focus, until = phone.presses.gone
    still = (where, focus) == (situation(phone), phone.focus)
    return phone.now.mono < until and not still and (not only or where in only)


def uncovered(phone: Phone) -> bool:
    """Whether a call that went has just left on the screen what was being typed."""
    return situation(phone) in TYPED and went(phone)


def _not_meant(phone: Phone, command: Command, where: Situation) -> bool:
    """Whether a key that was on its way when the screen changed cannot have been pressed for that. Who refuses a call
    that is answered by itself in that moment wants its end."""
    before, focus, _ = phone.presses.gone
    if where in TYPED:
        return True
    if before == Situation.INCOMING and focus == phone.focus and command is Command.END:
        return False
    answered = before in (Situation.INCOMING, Situation.CONFIRM)
    return _ends(command, where) or command in CHANGES or (answered and command in LEAVES)


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


def hook_moved(turn: Turn, event: HookMoved) -> None:
    """What the handset led to, the person's hand has done; as `seen`."""
    turn.set(presses=replace(turn.phone.presses, digits=("", 0.0)))
    seen(turn)


def follow(turn: Turn) -> None:
    """After each event: what the person faces, and whether what was there has gone by itself, a call has come up, or
    the one that rang is answered already."""
    phone, last = turn.phone, turn.phone.presses
    if not phone.calls and not last.faced[1]:
        return
    faced = (situation(phone), phone.focus)
    if faced == last.faced:
        return
    where, focus = last.faced
    call = phone.call(focus)
    left = (call is None or call not in phone.open_calls) and bool(focus) and where not in SAME
    rings = faced[0] is Situation.INCOMING
    asked = where in ASKS or where == Situation.INCOMING
    gone = (where, focus, turn.after(TWICE)) if left or asked or rings else last.gone
    turn.set(presses=replace(last, faced=faced, gone=gone))
