"""Hot seating: a phone without an account until an agent types number and password (login_sk_before_signed_in).

Law: owns `Phone.hot_seat`. The number is the DN, its password the SIP account's: the agent's user name and password
for the distribution of calls are other ones (`core.agent`). Nothing of it outlives the session or the power.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.secret import Secret
from deskphone.core import failure
from deskphone.core.agent import agent
from deskphone.core.agent.state import AgentState
from deskphone.core.calls import call
from deskphone.core.deadlines import Deadline
from deskphone.core.lines import line
from deskphone.core.lines.state import LineStatus
from deskphone.core.screen.item import Form
from deskphone.core.screen.state import Entry, Mode, Notice
from deskphone.core.state import HotSeat, Phone
from deskphone.core.turn import Turn

SIGN_IN = "sign_in"
LEAVE_SECONDS = 5.0  # the agent is logged out first, and the server gets this long for it


def waiting(phone: Phone) -> bool:
    """Whether the phone has no account and waits for somebody to sign in."""
    return phone.settings.hot_seating.enabled and phone.hot_seat is None


def signed_in(phone: Phone) -> bool:
    """Whether somebody sits here by hot seating."""
    return phone.settings.hot_seating.enabled and phone.hot_seat is not None


def _fields(phone: Phone, argument: str) -> tuple[Entry, ...]:
    return (Entry(), Entry(mode=Mode.DIGITS, secret=True))


def _submit(turn: Turn, argument: str, values: tuple[str, ...]) -> bool:
    number = values[0].strip()
    if not number:
        call.show_notice(turn, Notice("number_missing"))
        return False
    turn.set(hot_seat=HotSeat(number, Secret(values[1])), pages=())
    turn.note(f"signed in as {number}")
    line.start(turn)
    return True


def sign_out(turn: Turn) -> None:
    """Drop the account of who signed in, so that its bindings are removed; an agent who is logged in is logged out
    first, for LEAVE_SECONDS at most."""
    seat = turn.phone.hot_seat
    if seat is None:
        return
    turn.set(pages=())
    if turn.phone.agent.server is not None:
        turn.set(hot_seat=replace(seat, leaving=True, leave_by=turn.after(LEAVE_SECONDS)))
        agent.log_out(turn)
    else:
        _unseat(turn)


def _unseat(turn: Turn, _: None = None) -> None:
    if turn.phone.hot_seat is None:
        return
    for each in turn.phone.open_calls:
        call.hang_up(turn, each.id)
    turn.note(f"signed out of {turn.phone.hot_seat.number}")
    turn.set(hot_seat=None, agent=AgentState(), mail=())
    line.start(turn)


def follow(turn: Turn) -> None:
    """After each event: an account that every server refuses is signed out with the cause, a logout that was waited
    for goes on."""
    seat = turn.phone.hot_seat
    if seat is None:
        return
    if seat.leaving and turn.phone.agent.server is None:
        _unseat(turn)
        return
    lines = turn.phone.lines
    wrong = [each for each in lines if each.status is LineStatus.FAILED and failure.of_account(each.code)]
    if not seat.accepted and any(each.status is LineStatus.REGISTERED for each in lines):
        turn.set(hot_seat=replace(seat, accepted=True))
    elif not seat.accepted and wrong and len(wrong) == len(lines):
        code, reason = wrong[0].code, wrong[0].reason
        _unseat(turn)
        call.show_notice(turn, Notice(failure.word(code, reason), failure.detail(reason)))


DEADLINES = (Deadline("sign out", lambda phone: ((phone.hot_seat.leave_by, None),) if phone.hot_seat else (), _unseat),)
FORMS: dict[str, Form] = {SIGN_IN: Form(("number", "password"), _fields, _submit, one_mode=True)}
