"""The agent: what a person asks for, and what the servers tell. The server is the truth: keys set a wish, a NOTIFY
the state.

Law: owns `Phone.agent` together with `core.agent.session`, which carries out the steps of log in and log out.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.schema.agent import Reason
from deskphone.config.secret import Secret
from deskphone.core.agent import login, moves, session, wishes
from deskphone.core.agent.state import Place, Presence
from deskphone.core.agent.table import Happening
from deskphone.core.calls import call
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
from deskphone.core.lines import subscription
from deskphone.core.lines.subscription_table import Stage
from deskphone.core.moment import NEVER
from deskphone.core.screen.state import Notice
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

PROOFS = 2  # a server that asks for a third proof with yet another nonce will never be content
NOBODY = (Presence.UNKNOWN, Presence.LOGGED_OFF)
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


# --- what a person wishes ----------------------------------------------------------------------------


def log_in(turn: Turn, user: str, password: Secret) -> bool:
    """Claim the phone for an agent at the first server in service; False where there is none. Nothing but a word where
    the desktop has logged somebody in meanwhile."""
    if turn.phone.agent.server is not None and turn.phone.agent.presence not in NOBODY:
        call.show_notice(turn, Notice("logged_in_already", turn.phone.agent.id))
        return True
    server = moves.target(turn.phone)
    if server is None:
        call.show_notice(turn, Notice("not_registered"))
        return False
    agent = replace(turn.phone.agent, user=user, password=password, resume=Presence.UNKNOWN, lost=-1, moves=0)
    turn.set(agent=replace(agent, back=False, back_at=NEVER))
    session.happen(turn, server, Happening.LOG_IN)
    return True


def cancel(turn: Turn) -> None:
    """Give up every log in that is pending."""
    for seat in turn.phone.agent.seats:
        if seat.place in (Place.CLAIMING, Place.PROVING):
            session.happen(turn, seat.server, Happening.LOG_OUT)


def log_out(turn: Turn) -> None:
    """Log out where the agent is logged in, and where he was when the server went."""
    agent = turn.phone.agent
    if (server := agent.server) is not None:
        turn.set(agent=replace(agent, owed=tuple({*agent.owed, *agent.left} - {server}), lost=-1))
        session.happen(turn, server, Happening.LOG_OUT)


# --- what happens ------------------------------------------------------------------------------------


def notified(turn: Turn, server: int, documents: tuple[object, ...]) -> None:
    """Take over the documents of one NOTIFY from a server, in their order; nothing where the feature is off."""
    if not turn.phone.settings.acd.enabled:
        return
    for document in documents:
        if isinstance(document, HotelingEvent):
            _hoteling(turn, server, document)
        elif isinstance(document, AgentEvent):
            _state(turn, server, document)
    if documents and turn.phone.agent.lost == server:  # it is back, and has said whether the agent is still there
        turn.set(agent=replace(turn.phone.agent, lost=-1, move_at=NEVER))
    session.forget_session(turn)


def _hoteling(turn: Turn, server: int, event: HotelingEvent) -> None:
    if event.challenge is not None:
        _challenged(turn, server, event.challenge)
    if event.guest is None:
        return
    guest, before = login.bare(event.guest), turn.phone.agent.at(server)
    session.put_seat(turn, server, guest=guest, told=True)
    trying = before.place in (Place.CLAIMING, Place.PROVING)
    asked = login.same(guest, before.claimed)
    if trying and not asked and subscription.waits(turn.phone, server, HOTELING, SetHoteling):
        return  # the state at the start of a new subscription: the claim is still to be sent in it
    if guest and trying and not asked:
        turn.note(f"agent: server {server} shows {guest!r}, asked for was {before.claimed!r}", "warning")
    repeated = guest == before.guest or not before.told
    if guest and repeated and before.presence is Presence.LOGGED_OFF and not trying:
        return  # a refresh, or the first word after a power cut, repeats the seat of who was logged off in it
    if guest:
        session.happen(turn, server, Happening.SEATED)
    elif before.guest or trying:  # an agent of the desktop has no guest address: empty means nothing then
        session.happen(turn, server, Happening.UNSEATED)


def _challenged(turn: Turn, server: int, challenge: Challenge) -> None:
    seat = turn.phone.agent.at(server)
    answer = login.proof(challenge, turn.phone.agent.password)
    spent = challenge.nonce == seat.nonce or seat.proofs >= PROOFS or answer is None
    session.put_seat(turn, server, nonce=challenge.nonce, proofs=seat.proofs + 1)
    session.happen(turn, server, Happening.SPENT if spent else Happening.CHALLENGED)


def _state(turn: Turn, server: int, event: AgentEvent) -> None:
    """An agent event: the only place, with hoteling, where the state is drawn from."""
    presence, before = PRESENCES[type(event)], turn.phone.agent.at(server)
    code = event.reason if presence is Presence.NOT_READY else ""
    since = before.since if (presence, code) == (before.presence, before.code) else turn.now.mono
    if presence is Presence.LOGGED_ON and before.place is Place.IN and before.presence in wishes.REQUESTS:
        presence, code, since = before.presence, before.code, before.since  # it adds nothing to what is known
    session.put_seat(
        turn, server, presence=presence, code=code, reason=reason_words(turn.phone, code), since=since,
        agent="" if presence is Presence.LOGGED_OFF else login.bare(event.agent) or before.agent,
    )  # fmt: skip
    if presence is Presence.LOGGED_OFF and before.presence is not Presence.LOGGED_OFF:
        session.show_banner(turn)
    session.happen(turn, server, Happening.LOGGED_OFF if presence is Presence.LOGGED_OFF else Happening.LOGGED_ON)
    granted = presence is turn.phone.agent.wanted and server == turn.phone.agent.server
    if granted and not subscription.waits(turn.phone, server, AS_FEATURE, SetAgentState):  # else it is an older one's
        wishes.drop_wish(turn)


def command_refused(turn: Turn, server: int, what: Command) -> None:
    """The server refused the SUBSCRIBE that carried a command (415 and the like); the subscription goes on."""
    if isinstance(what, SetHoteling) or (
        isinstance(what, SetAgentState) and what.state is RequestedAgentState.LOGGED_OFF
    ):
        session.happen(turn, server, Happening.REFUSED)
    else:
        call.show_notice(turn, Notice("not_accepted"))
        wishes.drop_wish(turn)


def follow(turn: Turn) -> None:
    """After each event: the seat at a server that is out of service is dropped, with all that server said."""
    up = set(subscription.servers(turn.phone)) if turn.phone.settings.acd.enabled else set()
    for seat in turn.phone.agent.seats:
        if seat.server not in up:
            session.happen(turn, seat.server, Happening.LOST)
            seats = tuple(each for each in turn.phone.agent.seats if each.server != seat.server)
            turn.set(agent=replace(turn.phone.agent, seats=seats))
    session.forget_session(turn)
