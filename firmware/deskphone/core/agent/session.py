"""The agent's session: log in, log out and fail-over, as `core.agent.table.TABLE` has them.

Law: owns the deadlines of log in, log out, banner and move. Commands go out through `core.lines.subscription`;
what the server says comes in through `core.agent.agent`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deskphone.config.schema.words import LoginState
from deskphone.config.secret import Secret
from deskphone.core.agent import login, moves, wishes
from deskphone.core.agent.state import Place, Presence, Seat
from deskphone.core.agent.table import TABLE, Action, Happening
from deskphone.core.calls import call
from deskphone.core.deadlines import Deadline
from deskphone.core.documents import (
    AS_FEATURE,
    HOTELING,
    Challenge,
    RequestedAgentState,
    SetAgentState,
    SetHoteling,
)
from deskphone.core.lines import subscription
from deskphone.core.moment import NEVER
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn, fields

OWED_PAUSE = 20.0  # seconds between two tries to log an agent out where he is not to be any more
LATE = 60.0  # seconds for which a log out that was given up may still come; a request lives half of it (timer F)


def _timed_out(turn: Turn, server: int) -> None:
    leaving = turn.phone.agent.at(server).place is Place.LEAVING
    put_seat(turn, server, answer_by=NEVER, off_until=turn.after(LATE) if leaving else 0.0)
    happen(turn, server, Happening.TIMED_OUT)


def _banner_over(turn: Turn, _: None) -> None:
    turn.set(agent=replace(turn.phone.agent, banner=False, banner_until=NEVER))


def _move(turn: Turn, _: None = None) -> None:
    server = moves.next_server(turn)
    if server is not None:
        happen(turn, server, Happening.LOG_IN)


DEADLINES = (
    Deadline("log in or out", lambda phone: ((each.answer_by, each.server) for each in phone.agent.seats), _timed_out),
    Deadline("agent's next server", lambda phone: ((phone.agent.move_at, None),), _move),
    Deadline("logged out banner", lambda phone: ((phone.agent.banner_until, None),), _banner_over),
)


UNDONE = (Happening.REFUSED, Happening.TIMED_OUT)


# --- the table carried out -----------------------------------------------------------------------------


def happen(turn: Turn, server: int, happening: Happening) -> None:
    """Carry out the table's step for a happening at a server: the next place, the action, the reason for the page."""
    place = turn.phone.agent.at(server).place
    own = place is Place.LEAVING or turn.now.mono < turn.phone.agent.at(server).off_until
    if happening is Happening.LOGGED_OFF:
        _settled(turn, server)
        happening = Happening.OFF_AFTER_ALL if own and place is Place.IN else happening
    if happening in UNDONE and place is Place.LEAVING and _owes(turn.phone, server):
        happening = Happening.OWED
    action, after = TABLE[place][happening]
    put_seat(turn, server, place=after)
    ACTIONS[action](turn, server)
    why = "here" if own and action in (Action.GONE, Action.FREE) else WHY.get((action, happening), WHY.get(action))
    if why is not None:
        turn.set(agent=replace(turn.phone.agent, why=why, why_at=turn.now.mono))


def _claim(turn: Turn, server: int) -> None:
    user = turn.phone.agent.user
    answer_by = turn.after(turn.phone.settings.acd.login_timeout)
    put_seat(turn, server, claimed=user, nonce="", proofs=0, off_until=0.0, answer_by=answer_by)
    _settled(turn, server)
    subscription.command(turn, server, HOTELING, SetHoteling(user))


def _prove(turn: Turn, server: int) -> None:
    agent, seat = turn.phone.agent, turn.phone.agent.at(server)
    user = seat.claimed or seat.guest
    if not agent.user or not login.same(agent.user, user):
        return  # somebody the desktop logged in: there is no password here
    proof = login.proof(Challenge(seat.nonce), agent.password)
    subscription.command(turn, server, HOTELING, SetHoteling(user, proof))


def _welcome(turn: Turn, server: int) -> None:
    agent = turn.phone.agent
    after = {LoginState.READY: Presence.READY, LoginState.NOT_READY: Presence.NOT_READY}
    wanted = agent.resume or after[turn.phone.settings.acd.state_after_login]
    put_seat(turn, server, proofs=0, answer_by=NEVER)
    _arrive(turn, server)
    turn.note(f"agent {agent.at(server).guest or agent.user} is logged in at server {server}")
    turn.set(agent=replace(turn.phone.agent, resume=Presence.UNKNOWN, resume_code=""))
    if turn.phone.agent.at(server).presence is not wanted:
        wishes.wish(turn, wanted, agent.resume_code if agent.resume else "", server)


def _arrive(turn: Turn, server: int) -> None:
    """Logged on, for all we know; the agent event tells the rest. Not at a server that went with the agent there, who
    sits elsewhere now, or before it logged him out: it is back with a state of before."""
    agent = turn.phone.agent
    if server in agent.owed or _owes(turn.phone, server):
        turn.note(f"agent: server {server} is back; logged out there")
        happen(turn, server, Happening.LOG_OUT)
        return
    if server in agent.left:
        _back(turn, server)
    moves.over(turn)
    who = turn.phone.agent.at(server).guest or turn.phone.agent.at(server).agent
    if agent.back and who and not login.same(who, agent.user):  # it is another one's phone by now
        turn.set(agent=replace(turn.phone.agent, user="", password=Secret()))
    if agent.was:  # a site that has not spoken since the power cut may still have that agent
        turn.set(agent=replace(turn.phone.agent, left=tuple({*turn.phone.agent.left, *moves.unheard(turn.phone)})))
    turn.set(agent=replace(turn.phone.agent, was=""))
    if turn.phone.agent.at(server).presence in (Presence.UNKNOWN, Presence.LOGGED_OFF):
        put_seat(turn, server, presence=Presence.LOGGED_ON, since=turn.now.mono)


def _back(turn: Turn, server: int) -> None:
    """A server that was lost has the agent, and no other one yet: he stays, whatever one that is asked answers."""
    asked = [each.server for each in turn.phone.agent.seats if each.place in (Place.CLAIMING, Place.PROVING)]
    left = {*turn.phone.agent.left, *asked, *moves.unheard(turn.phone)} - {server}
    turn.set(agent=replace(turn.phone.agent, left=tuple(left), resume=Presence.UNKNOWN, resume_code=""))
    for other in asked:
        turn.note(f"agent: server {server} is back; the log in at server {other} is given up")
        happen(turn, other, Happening.LOG_OUT)


def _settled(turn: Turn, server: int) -> None:
    """Nobody is to be logged out at this server any more."""
    left, owed = ({*those} - {server} for those in (turn.phone.agent.left, turn.phone.agent.owed))
    turn.set(agent=replace(turn.phone.agent, left=tuple(left), owed=tuple(owed)))


def _again(turn: Turn, server: int) -> None:
    """A person's log in that nobody answers has failed; one of the phone's own accord is tried a few times more."""
    agent = turn.phone.agent
    proved = agent.at(server).proofs > 0  # asked for, sent, and no word of it: the password is another one by now
    if (agent.lost < 0 and not agent.back) or agent.moves >= moves.MOVES or proved:
        _fail(turn, server)
        return
    _unclaim(turn, server)
    pause = moves.MOVE_PAUSE * agent.moves
    turn.note(f"agent: server {server} does not answer the log in; again in {pause:.0f} s", "warning")
    moves.later(turn, pause)


def _unclaim(turn: Turn, server: int) -> None:
    subscription.withdraw(turn, server, HOTELING, SetHoteling)
    put_seat(turn, server, claimed="", nonce="", proofs=0, answer_by=NEVER)


def _fail(turn: Turn, server: int) -> None:
    _abandon(turn, server)
    turn.note(f"agent: log in at server {server} failed", "warning")
    call.show_notice(turn, Notice("login_failed"))


def _abandon(turn: Turn, server: int) -> None:
    moves.over(turn)
    subscription.withdraw(turn, server, HOTELING, SetHoteling)
    put_seat(turn, server, claimed="", answer_by=NEVER)
    forget_session(turn)


def _ask_off(turn: Turn, server: int) -> None:
    wishes.drop_wish_of(turn, server)
    pause = OWED_PAUSE if _owes(turn.phone, server) else wishes.WISH_SECONDS
    put_seat(turn, server, answer_by=turn.after(pause))
    subscription.command(turn, server, AS_FEATURE, SetAgentState(RequestedAgentState.LOGGED_OFF))


def _owes(phone: Phone, server: int) -> bool:
    """Whether a log out there is the phone's own, of an agent who sits elsewhere: nobody waits for it."""
    elsewhere = any(each.place is Place.IN for each in phone.agent.seats if each.server != server)
    return elsewhere and server in phone.agent.left


def _once_more(turn: Turn, server: int) -> None:
    """Refused or not answered: the same again after a while. A deadline that is pending is the while."""
    if turn.phone.agent.at(server).answer_by == NEVER:
        subscription.withdraw(turn, server, AS_FEATURE, SetAgentState)
        _ask_off(turn, server)


def _free(turn: Turn, server: int) -> None:
    _gone(turn, server)
    subscription.command(turn, server, HOTELING, SetHoteling(""))


def _gone(turn: Turn, server: int) -> None:
    wishes.drop_wish_of(turn, server)
    if server not in subscription.servers(turn.phone):  # it went before it did the log out
        turn.set(agent=replace(turn.phone.agent, owed=tuple({*turn.phone.agent.owed, server})))
    if turn.phone.agent.at(server).presence is not Presence.LOGGED_OFF:
        put_seat(turn, server, presence=Presence.LOGGED_OFF, code="", reason="", since=turn.now.mono)
        show_banner(turn)
    put_seat(turn, server, agent="", claimed="", off_until=0.0, answer_by=NEVER)
    turn.note(f"agent logged out at server {server}")
    forget_session(turn)


def _stay(turn: Turn, server: int) -> None:
    put_seat(turn, server, answer_by=NEVER)
    subscription.withdraw(turn, server, AS_FEATURE, SetAgentState)
    call.show_notice(turn, Notice("not_accepted"))


def _fail_over(turn: Turn, server: int) -> None:
    """The server went with the agent logged in: the session goes on at the other one, in the state it had, or in the
    one that was just asked for."""
    agent, seat = turn.phone.agent, turn.phone.agent.at(server)
    wishes.drop_wish(turn)
    who = seat.guest or seat.agent
    if not turn.phone.settings.acd.enabled:
        return
    turn.set(agent=replace(turn.phone.agent, left=tuple({*agent.left, server})))
    if not agent.user or (who and not login.same(who, agent.user)):
        return  # logged in at the desktop: the desktop logs in again
    state, code = (agent.wanted, agent.wanted_code) if agent.wanted else (seat.presence, seat.code)
    state = state if state in wishes.REQUESTS else Presence.UNKNOWN
    turn.set(agent=replace(turn.phone.agent, lost=server, lost_at=turn.now.mono, resume=state, resume_code=code))
    _move(turn)


def _elsewhere(turn: Turn, server: int) -> None:
    """The server went before it answered: the other one is asked, where there is one."""
    other = moves.target(turn.phone, but=server)
    if other is None and (turn.phone.agent.lost >= 0 or turn.phone.agent.back):
        _unclaim(turn, server)
        moves.later(turn, moves.MOVE_SECONDS)
        return
    if other is None:
        _fail(turn, server)
        return
    _unclaim(turn, server)
    turn.note(f"agent: the log in goes on at server {other} in place of {server}")
    happen(turn, other, Happening.LOG_IN)


ACTIONS: dict[Action, Callable[[Turn, int], None]] = {
    Action.NONE: lambda turn, server: None,
    Action.CLAIM: _claim,
    Action.PROVE: _prove,
    Action.WELCOME: _welcome,
    Action.ARRIVE: _arrive,
    Action.FAIL: _fail,
    Action.AGAIN: _again,
    Action.ABANDON: _abandon,
    Action.ASK_OFF: _ask_off,
    Action.FREE: _free,
    Action.GONE: _gone,
    Action.STAY: _stay,
    Action.ONCE_MORE: _once_more,
    Action.FAIL_OVER: _fail_over,
    Action.ELSEWHERE: _elsewhere,
}


WHY: dict[Action | tuple[Action, Happening], str] = {
    Action.CLAIM: "",
    Action.ABANDON: "",
    (Action.FAIL, Happening.SPENT): "proof",
    Action.AGAIN: "no_answer",
    (Action.FAIL, Happening.LOST): "server_lost",
    Action.FAIL: "refused",
    Action.GONE: "by_server",
    Action.FAIL_OVER: "server_lost",
}
"""What a step says about why nobody is logged in, in the words of Status > Agent."""


def show_banner(turn: Turn) -> None:
    """'Logged Out' is shown for a while (voip/services/ACD/logged_out_message_timer; -1 is for ever)."""
    seconds = turn.phone.settings.acd.logged_out_timer
    turn.set(agent=replace(turn.phone.agent, banner=seconds != 0, banner_until=turn.after(seconds)))


def forget_session(turn: Turn) -> None:
    """With nobody logged in and nobody about to be, the password is not kept."""
    agent = turn.phone.agent
    if agent.password and agent.lost < 0 and not agent.back and all(seat.place is Place.OUT for seat in agent.seats):
        turn.set(agent=replace(agent, password=Secret()))


@fields(Seat)
def put_seat(turn: Turn, server: int, **changes: Any) -> Seat:
    """Replace fields of the seat at a server, a new one where nothing is known; returns the new one."""
    agent = turn.phone.agent
    seat = replace(agent.at(server), **changes)
    others = tuple(each for each in agent.seats if each.server != server)
    turn.set(agent=replace(agent, seats=tuple(sorted((*others, seat), key=lambda each: each.server))))
    return seat
