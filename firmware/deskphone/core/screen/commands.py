"""Commands: everything a softkey can mean, as one table from word to action; and which softkeys each
situation offers.

Law: `SOFTKEYS` and `ACTIONS` are the whole behaviour of the four keys; labels are words of `view.words`.
"""

from __future__ import annotations

from collections.abc import Callable

from deskphone.core.agent import agent, featuresync, hot_seat, wishes
from deskphone.core.agent import pages as agent_pages
from deskphone.core.agent.state import Place, Presence
from deskphone.core.calls import call, conference, held, outgoing, transfer
from deskphone.core.calls.state import Call
from deskphone.core.event import Party
from deskphone.core.screen import command, confirm, dial, form, forms, menu, provisioning_login
from deskphone.core.screen.command import Command, Four
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

C = Command
SOFTKEYS: dict[Situation, Four] = {
    Situation.INCOMING: (C.ANSWER, C.SILENT, C.DEFLECT, C.REJECT),
    Situation.DIALLING: (C.DIAL, C.MODE, C.DELETE, C.CANCEL),
    Situation.FORM: (C.SUBMIT, C.MODE, C.DELETE, C.CANCEL),
    Situation.PAGE: (C.SELECT, C.NONE, C.NONE, C.BACK),
    Situation.CONFIRM: (C.YES, C.NONE, C.NONE, C.BACK),
    Situation.TRANSFERRING: (C.NONE, C.NONE, C.NONE, C.STOP_WAITING),
    Situation.CALLING: (C.NONE, C.NONE, C.NONE, C.END),
    Situation.ANSWERING: (C.NONE, C.NONE, C.NONE, C.END),
    Situation.CONFERENCE: (C.HOLD, C.SPLIT, C.NONE, C.MORE),
    Situation.CONSULTING: (C.SWAP, C.JOIN, C.COMPLETE, C.CANCEL),
    Situation.HELD: (C.RESUME, C.NEW_CALL, C.TRANSFER, C.MORE),
    Situation.TALKING: (C.HOLD, C.TRANSFER, C.CONFERENCE, C.MORE),  # where settings choose no others
}
# Behind the arrow. While calls are up the fourth key is the arrow, whatever they are: what ends one is behind it.
MORE: dict[Situation, Four] = {
    Situation.CONFERENCE: (C.DROP, C.NONE, C.END, C.MORE),
    Situation.HELD: (C.NONE, C.NONE, C.END, C.MORE),
    Situation.TALKING: (C.BLIND, C.NEW_CALL, C.END, C.MORE),
}
TWO_CALLS: Four = (C.SWAP, C.JOIN, C.COMPLETE, C.MORE)
CALLING_FOR_A_CUSTOMER: Four = (C.NONE, C.NONE, C.COMPLETE, C.CANCEL)
PLAIN_IDLE: Four = (C.DIRECTORY, C.MISSED, C.DND, C.COMMAND_MENU)
SIGNED_OUT: Four = (C.LOGIN, C.NONE, C.NONE, C.NONE)
LOGGED_OUT: Four = (C.LOGIN, C.MISSED, C.DIRECTORY, C.COMMAND_MENU)
LOGGING_IN: Four = (C.CANCEL_LOGIN, C.MISSED, C.DIRECTORY, C.COMMAND_MENU)
LOGGING_OUT: Four = (C.NONE, C.MISSED, C.DIRECTORY, C.COMMAND_MENU)
LOGINS = (agent_pages.LOGIN, hot_seat.SIGN_IN, provisioning_login.FORM)
AGENT_IDLE: dict[Presence, Four] = {
    Presence.UNKNOWN: LOGGED_OUT,
    Presence.LOGGED_OFF: LOGGED_OUT,
    Presence.LOGGED_ON: (C.READY, C.NOT_READY, C.LOGOUT, C.COMMAND_MENU),
    Presence.READY: (C.NOT_READY, C.LOGOUT, C.NONE, C.COMMAND_MENU),
    Presence.NOT_READY: (C.READY, C.LOGOUT, C.AFTER_CALL_WORK, C.COMMAND_MENU),
    Presence.AFTER_CALL_WORK: (C.READY, C.NOT_READY, C.LOGOUT, C.COMMAND_MENU),
}


def softkeys(phone: Phone) -> Four:
    """What the four softkeys mean now, from left to right; NONE for an empty one."""
    where = situation(phone)
    locked = phone.settings.ui.block_non_numeric_key
    if where is Situation.IDLE:
        return _without(_idle(phone), C.DIRECTORY) if locked else _idle(phone)
    if phone.more and where in MORE:
        behind = command.talking(phone)[1] if where is Situation.TALKING else MORE[where]
        return _without(behind, *(each for each, shown in _may_be_hidden(phone) if not shown))
    if where is Situation.TALKING and phone.focused is not None and transfer.other(phone, phone.focused) is not None:
        return TWO_CALLS
    if where is Situation.CALLING and _partner(phone) is not None:
        return CALLING_FOR_A_CUSTOMER if transfer.pair(phone) else _without(CALLING_FOR_A_CUSTOMER, C.COMPLETE)
    if where is Situation.CONFERENCE and phone.focused is not None and held.waits(phone, phone.focused):
        return (C.RESUME, C.SPLIT, C.NONE, C.MORE)
    if where is Situation.PAGE:
        row = menu.under_cursor(phone)
        return _without(SOFTKEYS[where], *(() if row is not None and row.choosable else (C.SELECT,)))
    if where is Situation.INCOMING:
        return _incoming(phone)
    if where is Situation.FORM and forms.on_link(phone.pages[-1]):
        return (C.SELECT, C.NONE, C.NONE, C.CANCEL)
    four = command.talking(phone)[0] if where is Situation.TALKING else SOFTKEYS[where]
    if where is Situation.TALKING:
        return _without(four, *(each for each, shown in _may_be_hidden(phone) if not shown))
    if where is Situation.HELD and not phone.settings.softkeys.new_call:
        four = _without(four, C.NEW_CALL)
    if where is Situation.FORM and phone.pages[-1].name in LOGINS:
        four = (C.ENTER, *four[1:])
    return _without(four, C.MODE) if locked else four


def _incoming(phone: Phone) -> Four:
    """A call that rings: Silent only while it is heard, Reject where a setting leaves it."""
    silent = phone.focused is not None and phone.focused.silent
    four = _without(SOFTKEYS[Situation.INCOMING], C.SILENT) if silent else SOFTKEYS[Situation.INCOMING]
    return four if phone.settings.keys.reject_softkey else _without(four, C.REJECT)


def _idle(phone: Phone) -> Four:
    """The idle screen: by hot seat and agent state where they are in use."""
    if hot_seat.waiting(phone):
        return SIGNED_OUT
    if not agent.available(phone):
        shown = phone.settings.dnd.enabled and phone.settings.dnd.show_softkey
        return command.idle(phone) if shown else _without(command.idle(phone), C.DND)
    if phone.agent.logging_in:
        return LOGGING_IN
    seat = phone.agent.seat
    if seat is not None and seat.place is Place.LEAVING:
        return LOGGING_OUT
    four = AGENT_IDLE[phone.agent.presence if phone.agent.server is not None else Presence.LOGGED_OFF]
    return four if phone.settings.acd.show_acw else _without(four, C.AFTER_CALL_WORK)


def _may_be_hidden(phone: Phone) -> tuple[tuple[Command, bool], ...]:
    """Softkeys behind the arrow that a setting hides, and whether it shows them."""
    return (C.BLIND, phone.settings.transfer.blind_softkey), (C.NEW_CALL, phone.settings.softkeys.new_call)


def _without(four: Four, *commands: Command) -> Four:
    first, second, third, fourth = (C.NONE if each in commands else each for each in four)
    return (first, second, third, fourth)


def _partner(phone: Phone) -> Call | None:
    """The call that the shown one was made for."""
    return phone.call(phone.focused.partner) if phone.focused is not None and phone.focused.partner else None


def run(turn: Turn, meant: Command) -> None:
    """Carry out what a softkey means; any but the arrow puts the first row of softkeys back."""
    if meant is not Command.MORE:
        turn.set(more=False)
    ACTIONS[meant](turn)


def _on_focus(action: Callable[[Turn, str], None]) -> Callable[[Turn], None]:
    """An action on the call the softkeys mean; nothing where it has just gone."""

    def act(turn: Turn) -> None:
        if turn.phone.focused is not None:
            action(turn, turn.phone.focused.id)

    return act


def _swap(turn: Turn, call_id: str) -> None:
    other = transfer.other(turn.phone, turn.call(call_id))
    if other is not None:
        call.retrieve(turn, other.id)


def _end(turn: Turn, call_id: str) -> None:
    """End the call, a conference as a whole."""
    for each in call.together(turn, turn.call(call_id)):
        call.hang_up(turn, each.id)


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
    where, dialling = situation(turn.phone), turn.phone.dialling
    if where is Situation.DIALLING and dialling is not None:
        dial.cancel(turn)
        if turn.phone.call(dialling.call) is not None:
            call.retrieve(turn, dialling.call)
    elif where in (Situation.FORM, Situation.PAGE):
        menu.back(turn)
    elif (consulted := transfer.consultation(turn.phone)) is not None:
        transfer.drop(turn, consulted)
    elif turn.phone.focused is not None:
        call.hang_up(turn, turn.phone.focused.id)


def redial(turn: Turn) -> None:
    """Dial the last dialled number."""
    if turn.phone.redial:
        dial.send(turn, turn.phone.redial)
    else:
        call.show_notice(turn, Notice("nothing_dialled"))


def dial_typed(turn: Turn) -> None:
    """Dial what was typed, else the hot line, or say that there is nothing to dial."""
    dialling = turn.phone.dialling
    typed = dialling is not None and bool(dialling.entry.text.strip())
    if dialling is not None and (typed or dialling.hot_line):
        dial.send(turn, "" if typed else dialling.hot_line)
    else:
        call.show_notice(turn, Notice("number_missing"))


def voice_mail(turn: Turn) -> None:
    """Call the voice mail, or say that no number of it is known; not while a call rings, which would cover it."""
    if situation(turn.phone) is Situation.INCOMING:
        return
    number = turn.phone.settings.mwi.voice_mail_number
    if number:
        outgoing.place(turn, Party(number=number))
    else:
        call.show_notice(turn, Notice("no_voice_mail"))


def _not_ready(turn: Turn) -> None:
    """With reasons configured the person chooses one; without, Not Ready is asked for at once."""
    if agent.reasons(turn.phone):
        menu.open_page(turn, agent_pages.REASONS)
    else:
        wishes.wish(turn, Presence.NOT_READY)


ACTIONS: dict[Command, Callable[[Turn], None]] = {
    C.NONE: lambda turn: None,
    C.ANSWER: _on_focus(call.answer),
    C.REJECT: _on_focus(
        lambda turn, call_id: call.reject(turn, call_id, turn.phone.settings.calls.reject_softkey_code)
    ),
    C.DECLINE: _on_focus(call.reject),
    C.SILENT: _on_focus(call.silence),
    C.DEFLECT: _on_focus(_deflect),
    C.END: _on_focus(_end),
    C.DROP: _on_focus(call.hang_up),
    C.HOLD: _on_focus(conference.hold),
    C.RESUME: _on_focus(call.retrieve),
    C.SWAP: _on_focus(_swap),
    C.TRANSFER: _on_focus(_begin_dialling("consultation")),
    C.COMPLETE: lambda turn: confirm.ask(turn, "confirm_transfer"),
    C.YES: confirm.yes,
    C.STOP_WAITING: transfer.stop_waiting,
    C.BLIND: _on_focus(_begin_dialling("transfer")),
    C.CONFERENCE: _on_focus(_begin_dialling("consultation")),
    C.JOIN: lambda turn: confirm.ask(turn, "confirm_conference"),
    C.SPLIT: conference.split,
    C.NEW_CALL: _new_call,
    C.DIAL: dial_typed,
    C.DELETE: lambda turn: form.edit(turn, "delete"),
    C.MODE: lambda turn: form.edit(turn, "mode"),
    C.CANCEL: _cancel,
    C.MORE: lambda turn: turn.set(more=not turn.phone.more),
    C.DIRECTORY: lambda turn: menu.open_page(turn, "directory"),
    C.MISSED: lambda turn: menu.open_page(turn, "missed"),
    C.RECEIVED: lambda turn: menu.open_page(turn, "received"),
    C.DIALLED: lambda turn: menu.open_page(turn, "dialled"),
    C.CALL_LOG: lambda turn: menu.open_page(turn, "call_log"),
    C.REDIAL: redial,
    C.VOICE_MAIL: voice_mail,
    C.MENU: lambda turn: menu.open_page(turn, "main"),
    C.FORWARD: lambda turn: menu.open_page(turn, "forward"),
    C.DND: lambda turn: featuresync.set_dnd(turn, not turn.phone.dnd),
    C.COMMAND_MENU: lambda turn: menu.open_page(turn, "command"),
    C.SELECT: menu.select,
    C.BACK: menu.back,
    C.SUBMIT: menu.submit,
    C.ENTER: menu.submit,
    C.LOGIN: lambda turn: menu.open_form(turn, hot_seat.SIGN_IN if hot_seat.waiting(turn.phone) else agent_pages.LOGIN),
    C.CANCEL_LOGIN: agent.cancel,
    C.LOGOUT: agent.log_out,
    C.READY: lambda turn: wishes.wish(turn, Presence.READY),
    C.NOT_READY: _not_ready,
    C.AFTER_CALL_WORK: lambda turn: wishes.wish(turn, Presence.AFTER_CALL_WORK),
}


def shift_focus(turn: Turn, by: int) -> None:
    """Show the call `by` places further down the list of calls, round and round."""
    calls = turn.phone.open_calls
    if len(calls) < 2:
        return
    ids = [each.id for each in calls]
    here = ids.index(turn.phone.focus) if turn.phone.focus in ids else 0
    turn.set(focus=ids[(here + by) % len(ids)])
