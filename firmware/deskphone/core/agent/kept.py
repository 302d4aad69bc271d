"""What of a log in outlives a power cut: who it was, and with `deskphone/acd/keep_session` his password and state too.

Law: owns `AgentState.kept`, `was`, `back` and `back_at`. The server is the truth: the phone logs in by itself only
where every site has said that nobody is there, and no later than `moves.LIFE` after what it kept. Nothing of hot
seating is kept. A log out, by whomever, ends it.
"""

from __future__ import annotations

import json
from dataclasses import replace

from deskphone.config.secret import Secret
from deskphone.core.agent import login, moves, session
from deskphone.core.agent.state import Kept, Place, Presence
from deskphone.core.agent.table import Happening
from deskphone.core.deadlines import Deadline
from deskphone.core.documents import HOTELING
from deskphone.core.effects import KeepSecret, Store
from deskphone.core.lines import subscription
from deskphone.core.lines.subscription_table import Stage
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

SECTION = "session"
WAIT = 2.0  # seconds after the first word of a site: the other one may have the agent
MOST = 3  # servers there can be
LASTING = (Presence.READY, Presence.NOT_READY)  # after-call work ends by itself, and a card wears


def load(turn: Turn, text: str) -> None:
    """At power-on: the section `session` (JSON). ValueError, KeyError or TypeError for another text."""
    found = json.loads(text)
    left = tuple(int(each) for each in found.get("left", ())[:MOST])
    kept = Kept(str(found["user"]), Presence(found["presence"]), str(found["code"]), int(found["at"]), left=left)
    if turn.now.unix - kept.at <= moves.LIFE:
        turn.set(agent=replace(turn.phone.agent, kept=kept, was=kept.user, left=left))


def unlocked(turn: Turn, password: Secret) -> None:
    """At power-on, after the sections: the password that was kept with them, an empty one for none."""
    agent = turn.phone.agent
    if not password:
        return
    turn.set(agent=replace(agent, kept=replace(agent.kept, password=True)))
    if agent.was and _keeps(turn.phone):
        turn.set(agent=replace(turn.phone.agent, user=agent.was, password=password, back=True))


def _keeps(phone: Phone) -> bool:
    acd = phone.settings.acd
    return acd.enabled and acd.keep_session and not phone.settings.hot_seating.enabled


def follow(turn: Turn) -> None:
    """After each event: keep what is to be kept, and look whether it is time to log in again."""
    _told_otherwise(turn)
    agent = turn.phone.agent
    wanted = replace(_wanted(turn.phone), left=tuple(sorted(agent.left)))
    if replace(wanted, at=0) != replace(agent.kept, at=0):
        wanted = replace(wanted, at=int(turn.now.unix))
        if replace(wanted, password=False, at=0) != replace(agent.kept, password=False, at=0):
            turn.do(Store(SECTION, json.dumps(
                {"user": wanted.user, "presence": wanted.presence, "code": wanted.code, "at": wanted.at,
                 "left": wanted.left}
            )))  # fmt: skip
        if wanted.password != agent.kept.password or (wanted.password and wanted.user != agent.kept.user):
            turn.do(KeepSecret(SECTION, agent.password if wanted.password else Secret()))
        turn.set(agent=replace(agent, kept=wanted))
    if agent.back and agent.back_at == NEVER and agent.seats and agent.server is None:
        turn.set(agent=replace(turn.phone.agent, back_at=turn.after(WAIT)))


def _told_otherwise(turn: Turn) -> None:
    """Settings of now, which came after power-on, want no log in again, or nothing of it at all."""
    agent, settings = turn.phone.agent, turn.phone.settings
    if agent.was and (not settings.acd.enabled or settings.hot_seating.enabled):
        turn.set(agent=replace(agent, was=""))
    if agent.back and not _keeps(turn.phone) and not turn.phone.agent.logging_in:
        turn.set(agent=replace(turn.phone.agent, user="", password=Secret(), back=False, back_at=NEVER))


def _wanted(phone: Phone) -> Kept:
    agent, keeps = phone.agent, _keeps(phone)
    if not phone.settings.acd.enabled or phone.settings.hot_seating.enabled:
        return Kept()
    if agent.server is None:
        pending = agent.was or agent.lost >= 0 or phone.agent.logging_in
        return replace(agent.kept, password=bool(agent.password) and keeps) if pending else Kept()
    own, seat = login.same(agent.id or agent.user, agent.user), agent.at(agent.server)
    user = agent.user if own else agent.id
    if seat.place is Place.LEAVING:
        return Kept()  # whoever logs out and pulls the plug is gone
    if not keeps:
        return Kept(user)
    own = own and bool(agent.password)
    if seat.presence in LASTING:
        return Kept(user, seat.presence, seat.code, password=own)
    return replace(agent.kept, password=own) if agent.kept.user == user else Kept(user, password=own)


def _back(turn: Turn, _: None) -> None:
    """Log in again as before the power cut."""
    turn.set(agent=replace(turn.phone.agent, back_at=NEVER))
    agent = turn.phone.agent
    if not agent.back or agent.server is not None or turn.phone.agent.logging_in:
        return
    if turn.now.unix - agent.kept.at > moves.LIFE:  # the time server has answered meanwhile
        turn.set(agent=replace(agent, back=False, was="", kept=replace(agent.kept, user="")))
        return
    server = moves.target(turn.phone)
    if server is None or _to_be_heard(turn.phone):
        return  # `follow` looks again with what a server says next
    turn.note(f"agent {agent.user} was logged in when the power went: log in at server {server}")
    state = agent.kept.presence if agent.kept.presence in LASTING else Presence.UNKNOWN
    turn.set(agent=replace(agent, resume=state, resume_code=agent.kept.code, moves=agent.moves + 1))
    session.happen(turn, server, Happening.LOG_IN)


def _to_be_heard(phone: Phone) -> bool:
    """Whether a site that may have the agent has not said so yet, nor that it will not: its first REGISTER or
    SUBSCRIBE is under way. One that has taken both and stays dumb is waited for no longer than any other."""
    if any(line not in phone.registered and not line.failures for line in phone.lines):
        return True
    silent = [server for server, wanted in subscription.servers(phone).items()
              if HOTELING in wanted and all(seat.server != server for seat in phone.agent.seats)]  # fmt: skip
    since = {line.server: line.since for line in phone.registered}
    return any(
        sub.stage not in (Stage.OFF, Stage.REFUSED, Stage.BACKOFF)
        and phone.now.mono - since.get(sub.server, 0.0) < moves.MOVE_PATIENCE
        for sub in phone.subscriptions
        if sub.package == HOTELING and sub.server in silent
    )


DEADLINES = (Deadline("log in after a power cut", lambda phone: ((phone.agent.back_at, None),), _back),)
