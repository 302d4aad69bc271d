"""Command: everything a softkey can mean, and which of them a setting may put on a key.

Law: words and a table; what each does is `commands.ACTIONS`. Of the softkeys that settings choose the fourth is always
the arrow: what ends a call is behind it, wherever a file wants it.
"""

from __future__ import annotations

from enum import StrEnum

from deskphone.config.schema.key_words import KeyFunction
from deskphone.core.state import Phone


class Command(StrEnum):
    """A softkey's meaning; the value is the key of its label in `view.words`."""

    NONE = ""
    ANSWER = "answer"
    REJECT = "reject"
    DECLINE = "decline"
    SILENT = "silent"
    DEFLECT = "deflect"
    END = "end"
    HOLD = "hold"
    RESUME = "resume"
    SWAP = "swap"
    TRANSFER = "transfer"
    COMPLETE = "complete"
    BLIND = "blind"
    CONFERENCE = "conference"
    JOIN = "join"
    SPLIT = "split"
    DROP = "drop"
    YES = "yes"
    STOP_WAITING = "stop_waiting"
    NEW_CALL = "new_call"
    DIAL = "dial"
    DELETE = "delete"
    MODE = "mode"
    CANCEL = "cancel"
    MORE = "more"
    DIRECTORY = "directory"
    MISSED = "missed"
    RECEIVED = "soft_received"
    DIALLED = "soft_dialled"
    CALL_LOG = "soft_log"
    REDIAL = "redial"
    VOICE_MAIL = "soft_mail"
    MENU = "menu"
    FORWARD = "soft_forward"
    DND = "dnd"
    COMMAND_MENU = "command_menu"
    SELECT = "select"
    BACK = "back"
    SUBMIT = "submit"
    ENTER = "enter"
    LOGIN = "login"
    LOGOUT = "logout"
    READY = "ready"
    NOT_READY = "not_ready"
    AFTER_CALL_WORK = "after_call_work"
    CANCEL_LOGIN = "cancel_login"


Four = tuple[Command, Command, Command, Command]
IDLE: dict[KeyFunction, Command] = {
    KeyFunction.DIRECTORY: Command.DIRECTORY,
    KeyFunction.MISSED_CALLS: Command.MISSED,
    KeyFunction.RECEIVED_CALLS: Command.RECEIVED,
    KeyFunction.DIALED_CALLS: Command.DIALLED,
    KeyFunction.CALL_LOG: Command.CALL_LOG,
    KeyFunction.FORWARD_ALL: Command.FORWARD,
    KeyFunction.DND_ALL: Command.DND,
    KeyFunction.REDIAL: Command.REDIAL,
    KeyFunction.VOICE_MAIL: Command.VOICE_MAIL,
    KeyFunction.MENU: Command.MENU,
    KeyFunction.NEW_CALL: Command.NEW_CALL,
}
CALL: dict[KeyFunction, Command] = {
    KeyFunction.HOLD: Command.HOLD,
    KeyFunction.TRANSFER: Command.TRANSFER,
    KeyFunction.BLIND_TRANSFER: Command.BLIND,
    KeyFunction.CONF: Command.CONFERENCE,
    KeyFunction.NEW_CALL: Command.NEW_CALL,
}


LISTS = (Command.DIRECTORY, Command.CALL_LOG, Command.RECEIVED, Command.DIALLED)


def chosen(phone: Phone, function: KeyFunction) -> Command | None:
    """What a setting puts on a key of the idle screen; None for nothing, and where another setting takes it away: the
    key lock the lists, as from the menu, and no do-not-disturb is none by any key."""
    meant = IDLE.get(function)
    return None if meant is None or _taken_away(phone, meant) else meant


def _taken_away(phone: Phone, meant: Command) -> bool:
    locked = phone.settings.ui.block_non_numeric_key and meant in LISTS
    return locked or (meant is Command.DND and not phone.settings.dnd.enabled)


def idle(phone: Phone) -> Four:
    """The idle screen's of a phone without agent; the rest of the file's list is behind the arrow, in the menu."""
    three = _three([IDLE.get(each.function) for each in phone.settings.softkeys.idle])
    first, second, third = (Command.NONE if _taken_away(phone, each) else each for each in three)  # none moves up
    return (first, second, third, Command.COMMAND_MENU)


def talking(phone: Phone) -> tuple[Four, Four]:
    """Of a call that is up, and of the same behind the arrow."""
    functions = [CALL.get(each.function) for each in phone.settings.softkeys.call]
    first, second, third = _three(functions)
    fourth, fifth, _ = _three(functions, 3)
    return (first, second, third, Command.MORE), (fourth, fifth, Command.END, Command.MORE)


def _three(functions: list[Command | None], start: int = 0) -> tuple[Command, Command, Command]:
    known = [each for each in dict.fromkeys(functions) if each is not None][start : start + 3]
    first, second, third = (*known, Command.NONE, Command.NONE, Command.NONE)[:3]
    return first, second, third
