"""Commands: everything a softkey can mean, as one table from word to action; and which softkeys each
situation offers.

Law: `SOFTKEYS` and `ACTIONS` are the whole behaviour of the four keys; labels are words of `view.text`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum

from deskphone.core import agent, call, conference, dial, form, menu, services
from deskphone.core.events import Party
from deskphone.core.situation import Situation, situation
from deskphone.core.state import Phone
from deskphone.core.turn import Turn


class Command(StrEnum):
    """A softkey's meaning; the value is the key of its label in `view.text`."""

    NONE = ""
    ANSWER = "answer"
    REJECT = "reject"
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
    NEW_CALL = "new_call"
    DIAL = "dial"
    DELETE = "delete"
    MODE = "mode"
    CANCEL = "cancel"
    MORE = "more"
    DIRECTORY = "directory"
    MISSED = "missed"
    FORWARD = "forward"
    DND = "dnd"
    COMMAND_MENU = "command_menu"
    SELECT = "select"
    BACK = "back"
    SUBMIT = "submit"
    LOGIN = "login"
    LOGOUT = "logout"
    READY = "ready"
    NOT_READY = "not_ready"
    AFTER_CALL_WORK = "after_call_work"


C = Command
Four = tuple[Command, Command, Command, Command]
SOFTKEYS: dict[Situation, Four] = {
    Situation.INCOMING: (C.ANSWER, C.SILENT, C.DEFLECT, C.REJECT),
    Situation.DIALLING: (C.DIAL, C.MODE, C.DELETE, C.CANCEL),
    Situation.FORM: (C.SUBMIT, C.MODE, C.DELETE, C.CANCEL),
    Situation.PAGE: (C.SELECT, C.NONE, C.NONE, C.BACK),
    Situation.CALLING: (C.NONE, C.NONE, C.NONE, C.END),
    Situation.ANSWERING: (C.NONE, C.NONE, C.NONE, C.END),
    Situation.CONFERENCE: (C.SPLIT, C.HOLD, C.NONE, C.END),
    Situation.CONSULTING: (C.COMPLETE, C.JOIN, C.SWAP, C.CANCEL),
    Situation.HELD: (C.RESUME, C.NEW_CALL, C.TRANSFER, C.END),
    Situation.TALKING: (C.HOLD, C.TRANSFER, C.CONFERENCE, C.MORE),
}
MORE_TALKING: Four = (C.BLIND, C.NEW_CALL, C.END, C.MORE)
TWO_CALLS: Four = (C.SWAP, C.JOIN, C.COMPLETE, C.END)
PLAIN_IDLE: Four = (C.DIRECTORY, C.MISSED, C.DND, C.COMMAND_MENU)


def softkeys(phone: Phone) -> Four:
    """What the four softkeys mean now."""
    where = situation(phone)
    if where is Situation.IDLE:
        return agent.idle_softkeys(phone) or PLAIN_IDLE
    if where is Situation.TALKING and _other_call(phone):
        return TWO_CALLS
    if where is Situation.TALKING and phone.more:
        return MORE_TALKING
    if where is Situation.PAGE and not menu.selectable(phone):
        return (C.NONE, C.NONE, C.NONE, C.BACK)
    if where is Situation.INCOMING and not phone.settings.keys.reject_softkey:
        return (C.ANSWER, C.SILENT, C.DEFLECT, C.NONE)
    if where is Situation.FORM and phone.settings.ui.block_non_numeric_key:
        return (C.SUBMIT, C.NONE, C.DELETE, C.CANCEL)
    return SOFTKEYS[where]


def _other_call(phone: Phone) -> bool:
    return any(each.live and each.id != phone.focus for each in phone.calls)


def run(turn: Turn, command: Command) -> None:
    """Carry out a softkey."""
    if command is not Command.MORE:
        turn.set(more=False)
    ACTIONS[command](turn)


def _on_focus(action: Callable[[Turn, str], None]) -> Callable[[Turn], None]:
    """An action on the call the softkeys mean; nothing where it has just gone."""

    def act(turn: Turn) -> None:
        if turn.phone.focused is not None:
            action(turn, turn.phone.focused.id)

    return act


def _swap(turn: Turn) -> None:
    held = next((each for each in turn.phone.calls if each.live and each.id != turn.phone.focus), None)
    if held is not None:
        call.retrieve(turn, held.id)


def _begin_dialling(purpose: str) -> Callable[[Turn, str], None]:
    def act(turn: Turn, call_id: str) -> None:
        if purpose == "consultation":
            call.hold(turn, call_id)
        dial.begin(turn, purpose, call_id)

    return act


def _new_call(turn: Turn) -> None:
    call.hold_others(turn)
    dial.begin(turn)


def _deflect(turn: Turn, call_id: str) -> None:
    menu.open_form(turn, "deflect", call_id)


def _cancel(turn: Turn) -> None:
    """Leave what is open: the dial screen, a form; in a consultation end it and go back."""
    where = situation(turn.phone)
    if where is Situation.DIALLING:
        held = turn.phone.dialling.call if turn.phone.dialling else ""
        dial.cancel(turn)
        if held and turn.phone.call(held) is not None:
            call.retrieve(turn, held)
    elif where in (Situation.FORM, Situation.PAGE):
        menu.back(turn)
    elif where is Situation.CONSULTING and turn.phone.focused is not None:
        conference.drop_consultation(turn, turn.phone.focused.id)
    elif turn.phone.focused is not None:
        call.hang_up(turn, turn.phone.focused.id)


def redial(turn: Turn) -> None:
    """Dial the last dialled number."""
    if turn.phone.redial:
        number = turn.phone.redial
        call.place(turn, Party(number=number, uri=number if "@" in number else ""))


ACTIONS: dict[Command, Callable[[Turn], None]] = {
    C.NONE: lambda turn: None,
    C.ANSWER: _on_focus(call.answer),
    C.REJECT: _on_focus(call.reject),
    C.SILENT: _on_focus(call.silence),
    C.DEFLECT: _on_focus(_deflect),
    C.END: _on_focus(call.hang_up),
    C.HOLD: _on_focus(call.hold),
    C.RESUME: _on_focus(call.retrieve),
    C.SWAP: _swap,
    C.TRANSFER: _on_focus(_begin_dialling("consultation")),
    C.COMPLETE: _on_focus(conference.complete_transfer),
    C.BLIND: _on_focus(_begin_dialling("transfer")),
    C.CONFERENCE: _on_focus(_begin_dialling("consultation")),
    C.JOIN: conference.join,
    C.SPLIT: conference.split,
    C.NEW_CALL: _new_call,
    C.DIAL: dial.send,
    C.DELETE: lambda turn: form.edit(turn, "delete"),
    C.MODE: lambda turn: form.edit(turn, "mode"),
    C.CANCEL: _cancel,
    C.MORE: lambda turn: turn.set(more=not turn.phone.more),
    C.DIRECTORY: lambda turn: menu.open_page(turn, "directory"),
    C.MISSED: lambda turn: menu.open_page(turn, "missed"),
    C.FORWARD: lambda turn: menu.open_page(turn, "forward"),
    C.DND: lambda turn: services.set_dnd(turn, not turn.phone.dnd),
    C.COMMAND_MENU: lambda turn: menu.open_page(turn, "command"),
    C.SELECT: menu.select,
    C.BACK: menu.back,
    C.SUBMIT: menu.submit,
    C.LOGIN: agent.open_login,
    C.LOGOUT: agent.log_out,
    C.READY: agent.ready,
    C.NOT_READY: agent.not_ready,
    C.AFTER_CALL_WORK: agent.after_call_work,
}


def shift_focus(turn: Turn, by: int) -> None:
    """Up and down among the calls."""
    calls = turn.phone.open_calls
    if len(calls) < 2:
        return
    ids = [each.id for each in calls]
    here = ids.index(turn.phone.focus) if turn.phone.focus in ids else 0
    turn.phone = replace(turn.phone, focus=ids[(here + by) % len(ids)])
