"""The agent: log in, log out, Ready, Not Ready. The server is the truth: keys set a wish, a NOTIFY the state.

Law: owns `Phone.agent` and the timers login, logout, wish, logged_out, move; the steps of a log in are
`agent_table.TABLE`. Commands go out through `core.subscription`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from deskphone.config.schema.agent import Reason
from deskphone.config.schema.words import LoginState
from deskphone.config.secret import Secret
from deskphone.core import call, login, subscription
from deskphone.core.agent_state import Place, Presence, Seat
from deskphone.core.agent_table import TABLE, Action, Happening
from deskphone.core.documents import (
    AS_FEATURE,
    HOTELING,
    AgentEvent,
    AgentLoggedOffEvent,
    AgentLoggedOnEvent,
    AgentNotReadyEvent,
    AgentReadyEvent,
    AgentWorkingAfterCallEvent,
    Challenge,
    Command,
    HotelingEvent,
    RequestedAgentState,
    SetAgentState,
    SetHoteling,
)
from deskphone.core.state import Notice, Phone
from deskphone.core.subscription_table import Stage
from deskphone.core.turn import Turn

WISH_SECONDS = 5.0  # a wish the server does not grant in this time is given up
MOVE_SECONDS = 5.0  # between tries to find another server for an agent whose server went
MOVE_PATIENCE = 30  # seconds: after an outage of both, the server that is back first is not taken before the other
PROOFS = 2  # a server that asks for a third proof with yet another nonce will never be content
REQUESTS = {
    Presence.READY: RequestedAgentState.READY,
    Presence.NOT_READY: RequestedAgentState.NOT_READY,
    Presence.AFTER_CALL_WORK: RequestedAgentState.WORKING_AFTER_CALL,
}
PRESENCES: dict[type[AgentEvent], Presence] = {
    AgentLoggedOnEvent: Presence.LOGGED_ON,
    AgentLoggedOffEvent: Presence.LOGGED_OFF,
    AgentReadyEvent: Presence.READY,
    AgentNotReadyEvent: Presence.NOT_READY,
    AgentWorkingAfterCallEvent: Presence.AFTER_CALL_WORK,
}


# --- questions -------------------------------------------------------------------------------------


def available(phone: Phone) -> bool:
    """Whether the phone offers a log in: the feature is on, and not every server in service refused it (489)."""
    if not phone.settings.acd.enabled:
        return False
    subs = [each for each in phone.subscriptions if each.package in (AS_FEATURE, HOTELING)]
    return not subs or any(
        all(each.stage is not Stage.REFUSED for each in subs if each.server == server)
        for server in {each.server for each in subs}
    )


def reasons(phone: Phone) -> tuple[Reason, ...]:
    """The not-ready reasons a person may choose from, in the order of the configuration."""
    return tuple(each for each in phone.settings.acd.reason if each.code or each.name)


def reason_words(phone: Phone, code: str) -> str:
    """The name of a reason, else its number; "" for none (a phone sends 0 for none)."""
    named = next((each.name for each in reasons(phone) if str(each.code) == code and each.name), "")
    return named or ("" if code in ("", "0") else code)


def logging_in(phone: Phone) -> bool:
    """Whether a log in is under way."""
    return any(seat.place in (Place.CLAIMING, Place.PROVING) for seat in phone.agent.seats)


# --- what a person wishes ----------------------------------------------------------------------------


def log_in(turn: Turn, user: str, password: Secret) -> bool:
    """Claim the phone for an agent at the first server in service; False where there is none."""
    server = _target(turn.phone)
    if server is None:
        call.show_notice(turn, Notice("not_registered"))
        return False
    turn.set(agent=replace(turn.phone.agent, user=user, password=password, resume=Presence.UNKNOWN, lost=-1))
    happen(turn, server, Happening.LOG_IN)
    return True


def cancel(turn: Turn) -> None:
    """Give up a log in that is under way."""
    for seat in turn.phone.agent.seats:
        if seat.place in (Place.CLAIMING, Place.PROVING):
            happen(turn, seat.server, Happening.LOG_OUT)


def log_out(turn: Turn) -> None:
    """Log out where the agent is logged in."""
    if turn.phone.agent.server is not None:
        happen(turn, turn.phone.agent.server, Happening.LOG_OUT)


def wish(turn: Turn, presence: Presence, code: str = "", server: int | None = None) -> None:
    """Ask for a state; it is shown as pending until the server grants it, or WISH_SECONDS."""
    server = turn.phone.agent.server if server is None else server
    if server is None or turn.phone.agent.at(server).place is not Place.IN:
        return
    turn.set(agent=replace(turn.phone.agent, wanted=presence))
    turn.timer("wish", WISH_SECONDS)
    subscription.command(turn, server, AS_FEATURE, SetAgentState(REQUESTS[presence], code))


# --- what happens ------------------------------------------------------------------------------------


def notified(turn: Turn, server: int, documents: tuple[object, ...]) -> None:
    """The documents of a NOTIFY, in order."""
    if not turn.phone.settings.acd.enabled:
        return
    for document in documents:
        if isinstance(document, HotelingEvent):
            _hoteling(turn, server, document)
        elif isinstance(document, AgentEvent) and type(document) in PRESENCES:
            _state(turn, server, document)
    if documents and turn.phone.agent.lost == server:  # it is back, and has said whether the agent is still there
        turn.set(agent=replace(turn.phone.agent, lost=-1))
        turn.timer("move", 0)
    _forget_session(turn)


def _hoteling(turn: Turn, server: int, event: HotelingEvent) -> None:
    if event.challenge is not None:
        _challenged(turn, server, event.challenge)
    if event.guest is None:
        return
    before = turn.phone.agent.at(server)
    _seat(turn, server, guest=event.guest)
    trying = before.place in (Place.CLAIMING, Place.PROVING)
    if event.guest and trying and event.guest != before.claimed:
        turn.note(f"agent: server {server} shows {event.guest!r}, asked for was {before.claimed!r}", "warning")
    if event.guest:
        happen(turn, server, Happening.SEATED)
    elif before.guest or trying:  # an agent of the desktop has no guest address: empty means nothing then
        happen(turn, server, Happening.UNSEATED)


def _challenged(turn: Turn, server: int, challenge: Challenge) -> None:
    seat = turn.phone.agent.at(server)
    answer = login.proof(challenge, turn.phone.agent.password)
    spent = challenge.nonce == seat.nonce or seat.proofs >= PROOFS or answer is None
    _seat(turn, server, nonce=challenge.nonce, proofs=seat.proofs + 1)
    happen(turn, server, Happening.SPENT if spent else Happening.CHALLENGED)


def _state(turn: Turn, server: int, event: AgentEvent) -> None:
    """An agent event: the only place, with hoteling, where the state is drawn from."""
    presence, before = PRESENCES[type(event)], turn.phone.agent.at(server)
    code = event.reason if presence is Presence.NOT_READY else ""
    since = before.since if (presence, code) == (before.presence, before.code) else turn.phone.clock.unix
    if presence is Presence.LOGGED_ON and before.place is Place.IN and before.presence in REQUESTS:
        presence, code, since = before.presence, before.code, before.since  # it adds nothing to what is known
    _seat(
        turn, server, presence=presence, code=code, reason=reason_words(turn.phone, code), since=since,
        agent="" if presence is Presence.LOGGED_OFF else event.agent or before.agent,
    )  # fmt: skip
    if presence is Presence.LOGGED_OFF and before.presence is not Presence.LOGGED_OFF:
        _banner(turn)
    happen(turn, server, Happening.LOGGED_OFF if presence is Presence.LOGGED_OFF else Happening.LOGGED_ON)
    if presence is turn.phone.agent.wanted and server == turn.phone.agent.server:
        _drop_wish(turn)


def command_refused(turn: Turn, server: int, what: Command) -> None:
    """The server does not accept a command (415 and the like); the subscription goes on."""
    if isinstance(what, SetHoteling) or (
        isinstance(what, SetAgentState) and what.state is RequestedAgentState.LOGGED_OFF
    ):
        happen(turn, server, Happening.REFUSED)
    else:
        call.show_notice(turn, Notice("not_accepted"))
        _drop_wish(turn)


def follow(turn: Turn) -> None:
    """A server that went takes what it said with it."""
    up = {line.server for line in turn.phone.registered} if turn.phone.settings.acd.enabled else set()
    for seat in turn.phone.agent.seats:
        if seat.server not in up:
            happen(turn, seat.server, Happening.LOST)
            seats = tuple(each for each in turn.phone.agent.seats if each.server != seat.server)
            turn.set(agent=replace(turn.phone.agent, seats=seats))
    _forget_session(turn)


def _wish_over(turn: Turn, _: str) -> None:
    """The server did not grant the wish; what it said last stays."""
    if turn.phone.agent.wanted:
        call.show_notice(turn, Notice("not_accepted"))
        _drop_wish(turn)
        if turn.phone.agent.server is not None:
            subscription.withdraw(turn, turn.phone.agent.server, AS_FEATURE)


def _drop_wish(turn: Turn) -> None:
    turn.set(agent=replace(turn.phone.agent, wanted=Presence.UNKNOWN))
    turn.timer("wish", 0)


def _timed_out(turn: Turn, server: str) -> None:
    happen(turn, int(server), Happening.TIMED_OUT)


def _move(turn: Turn, _: str = "") -> None:
    """Find another server for the agent whose server went, unless it came back meanwhile."""
    agent = turn.phone.agent
    if agent.lost < 0 or agent.server is not None or logging_in(turn.phone):
        return
    server = _target(turn.phone, but=agent.lost)
    since = next((line.since for line in turn.phone.registered if line.server == server), 0)
    early = since > agent.lost_at and turn.phone.clock.unix - since < MOVE_PATIENCE
    if server is None or early or any(line.server == agent.lost for line in turn.phone.registered):
        turn.timer("move", MOVE_SECONDS)
        return
    turn.set(agent=replace(agent, lost=-1))
    turn.note(f"agent: log in at server {server} in place of {agent.lost}")
    happen(turn, server, Happening.LOG_IN)


TIMERS: dict[str, Callable[[Turn, str], None]] = {
    "wish": _wish_over,
    "login": _timed_out,
    "logout": _timed_out,
    "move": _move,
    "logged_out": lambda turn, _: turn.set(agent=replace(turn.phone.agent, banner=False)),
}


# --- the table carried out -----------------------------------------------------------------------------


def happen(turn: Turn, server: int, happening: Happening) -> None:
    """One step of the table at a server."""
    action, after = TABLE[turn.phone.agent.at(server).place][happening]
    _seat(turn, server, place=after)
    ACTIONS[action](turn, server)


def _claim(turn: Turn, server: int) -> None:
    user = turn.phone.agent.user
    _seat(turn, server, claimed=user, nonce="", proofs=0)
    turn.timer(f"login:{server}", turn.phone.settings.acd.login_timeout)
    subscription.command(turn, server, HOTELING, SetHoteling(user))


def _prove(turn: Turn, server: int) -> None:
    agent, seat = turn.phone.agent, turn.phone.agent.at(server)
    user = seat.claimed or seat.guest
    if not agent.user or agent.user != user:
        return  # somebody the desktop logged in: there is no password here
    proof = login.proof(Challenge(seat.nonce), agent.password)
    subscription.command(turn, server, HOTELING, SetHoteling(user, proof))


def _welcome(turn: Turn, server: int) -> None:
    agent = turn.phone.agent
    after = {LoginState.READY: Presence.READY, LoginState.NOT_READY: Presence.NOT_READY}
    wanted = agent.resume or after[turn.phone.settings.acd.state_after_login]
    turn.timer(f"login:{server}", 0)
    _seat(turn, server, proofs=0)
    _arrive(turn, server)
    turn.note(f"agent {agent.at(server).guest or agent.user} is logged in at server {server}")
    turn.set(agent=replace(turn.phone.agent, resume=Presence.UNKNOWN, resume_code=""))
    if turn.phone.agent.at(server).presence is not wanted:
        wish(turn, wanted, agent.resume_code if agent.resume else "", server)


def _arrive(turn: Turn, server: int) -> None:
    """Logged on, for all we know; the agent event tells the rest."""
    if turn.phone.agent.at(server).presence in (Presence.UNKNOWN, Presence.LOGGED_OFF):
        _seat(turn, server, presence=Presence.LOGGED_ON, since=turn.phone.clock.unix)


def _fail(turn: Turn, server: int) -> None:
    _abandon(turn, server)
    turn.note(f"agent: log in at server {server} failed", "warning")
    call.show_notice(turn, Notice("login_failed"))


def _abandon(turn: Turn, server: int) -> None:
    turn.timer(f"login:{server}", 0)
    subscription.withdraw(turn, server, HOTELING)
    _seat(turn, server, claimed="", nonce="", proofs=0)
    _forget_session(turn)


def _ask_off(turn: Turn, server: int) -> None:
    _drop_wish(turn)
    turn.timer(f"logout:{server}", WISH_SECONDS)
    subscription.command(turn, server, AS_FEATURE, SetAgentState(RequestedAgentState.LOGGED_OFF))


def _free(turn: Turn, server: int) -> None:
    _gone(turn, server)
    subscription.command(turn, server, HOTELING, SetHoteling(""))


def _gone(turn: Turn, server: int) -> None:
    _drop_wish(turn)
    turn.timer(f"logout:{server}", 0)
    if turn.phone.agent.at(server).presence is not Presence.LOGGED_OFF:
        _seat(turn, server, presence=Presence.LOGGED_OFF, code="", reason="", since=turn.phone.clock.unix)
        _banner(turn)
    _seat(turn, server, agent="", claimed="", nonce="", proofs=0)
    turn.note(f"agent logged out at server {server}")
    _forget_session(turn)


def _stay(turn: Turn, server: int) -> None:
    turn.timer(f"logout:{server}", 0)
    subscription.withdraw(turn, server, AS_FEATURE)
    call.show_notice(turn, Notice("not_accepted"))


def _fail_over(turn: Turn, server: int) -> None:
    """The server went with the agent logged in: the session goes on at the other one, in the state it had."""
    agent, seat = turn.phone.agent, turn.phone.agent.at(server)
    _drop_wish(turn)
    if not agent.user or not turn.phone.settings.acd.enabled:
        return  # logged in at the desktop: the desktop logs in again
    state = seat.presence if seat.presence in (Presence.READY, Presence.NOT_READY) else Presence.UNKNOWN
    turn.set(agent=replace(turn.phone.agent, lost=server, lost_at=turn.phone.clock.unix,
                       resume=state, resume_code=seat.code))  # fmt: skip
    _seat(turn, server, place=Place.OUT, presence=Presence.UNKNOWN, guest="", agent="")
    _move(turn)


ACTIONS: dict[Action, Callable[[Turn, int], None]] = {
    Action.NONE: lambda turn, server: None,
    Action.CLAIM: _claim,
    Action.PROVE: _prove,
    Action.WELCOME: _welcome,
    Action.ARRIVE: _arrive,
    Action.FAIL: _fail,
    Action.ABANDON: _abandon,
    Action.ASK_OFF: _ask_off,
    Action.FREE: _free,
    Action.GONE: _gone,
    Action.STAY: _stay,
    Action.FAIL_OVER: _fail_over,
}


def _target(phone: Phone, but: int = -1) -> int | None:
    """The first server in service that takes log ins."""
    for line in phone.registered:
        sub = subscription.find(phone, line.server, HOTELING)
        if line.server != but and sub is not None and sub.stage not in (Stage.OFF, Stage.REFUSED):
            return line.server
    return None


def _banner(turn: Turn) -> None:
    """'Logged Out' is shown for a while (voip/services/ACD/logged_out_message_timer; -1 is for ever)."""
    seconds = turn.phone.settings.acd.logged_out_timer
    turn.set(agent=replace(turn.phone.agent, banner=seconds != 0))
    turn.timer("logged_out", seconds)


def _forget_session(turn: Turn) -> None:
    """With nobody logged in and nobody about to be, the password is not kept."""
    agent = turn.phone.agent
    if agent.lost < 0 and all(seat.place is Place.OUT for seat in agent.seats):
        turn.set(agent=replace(agent, password=Secret()))


def _seat(turn: Turn, server: int, **changes: object) -> Seat:
    agent = turn.phone.agent
    seat = replace(agent.at(server), **changes)  # type: ignore[arg-type]
    others = tuple(each for each in agent.seats if each.server != server)
    turn.set(agent=replace(agent, seats=tuple(sorted((*others, seat), key=lambda each: each.server))))
    return seat
