"""Where the agent goes whose server went: which server, how soon, and for how long another one is looked for.

Law: owns `lost`, `moves` and `move_at` of `Phone.agent`. It decides where to; `core.agent.session` goes there.
"""

from __future__ import annotations

from dataclasses import replace

from deskphone.config.secret import Secret
from deskphone.core.agent.state import Place, Presence
from deskphone.core.documents import HOTELING
from deskphone.core.lines import subscription
from deskphone.core.lines.subscription_table import Stage
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn

MOVE_SECONDS = 2.0  # between tries to find another server for an agent whose server went
MOVES = 5  # log ins of its own accord that nobody answers, before the phone says that the log in failed
MOVE_PAUSE = 10.0  # seconds between the first two of them, then twice that, and so on
LIFE = 12 * 3600.0  # seconds that the phone logs in again by itself: who left yesterday does not sit here today
MOVE_PATIENCE = 30  # seconds: after an outage of both, the server that is back first is not taken before the other


def next_server(turn: Turn) -> int | None:
    """The server to log in at in place of the lost one; None where there is none yet (`move_at` says when to ask
    again), or none is wanted any more."""
    turn.set(agent=replace(turn.phone.agent, move_at=NEVER))
    agent = turn.phone.agent
    if agent.lost < 0 or agent.logging_in or any(each.place is Place.IN for each in agent.seats):
        return None
    if agent.server is not None:  # a log out there is not done yet
        turn.set(agent=replace(agent, move_at=turn.after(MOVE_SECONDS)))
        return None
    if turn.now.mono - agent.lost_at > LIFE:
        _given_up(turn)
        return None
    server = target(turn.phone, but=agent.lost)
    since = next((line.since for line in turn.phone.registered if line.server == server), 0)
    early = len(turn.phone.lines) > 1 and since > agent.lost_at and turn.now.mono - since < MOVE_PATIENCE
    if server is None or early or _is_deaf(turn.phone, server) or _may_speak(turn, agent.lost):
        turn.set(agent=replace(agent, move_at=turn.after(MOVE_SECONDS)))
        return None
    turn.set(agent=replace(agent, moves=agent.moves + 1))
    turn.note(f"agent: log in at server {server} in place of {agent.lost}")
    return server


def _given_up(turn: Turn) -> None:
    """No server for so long: as after a power cut the screen says who it was, and asks for the password."""
    user = turn.phone.agent.user
    turn.note(f"agent {user}: no server for {LIFE / 3600:.0f} hours; no log in by itself any more")
    over(turn)
    turn.set(agent=replace(turn.phone.agent, was=user, user="", password=Secret(), resume=Presence.UNKNOWN,
                           resume_code=""))  # fmt: skip


def _is_deaf(phone: Phone, server: int) -> bool:
    """Whether a claim there would be over before the next try of the subscription that carries it."""
    sub = subscription.find(phone, server, HOTELING)
    return sub is not None and sub.stage is Stage.BACKOFF


def _may_speak(turn: Turn, server: int) -> bool:
    """Whether the lost server is back and may still say that the agent is there: one that has taken a REGISTER may have
    no word for agents yet, or ever."""
    back = next((line.since for line in turn.phone.registered if line.server == server), None)
    return back is not None and turn.now.mono - back < MOVE_PATIENCE


def target(phone: Phone, but: int = -1) -> int | None:
    """The first server in service that takes log ins; one whose subscription waits for its next try comes last."""
    stages = {
        server: sub.stage
        for server, packages in subscription.servers(phone).items()
        if server != but and HOTELING in packages and (sub := subscription.find(phone, server, HOTELING)) is not None
    }
    taking = [server for server, stage in stages.items() if stage not in (Stage.OFF, Stage.REFUSED)]
    return min(taking, key=lambda server: stages[server] is Stage.BACKOFF, default=None)


def over(turn: Turn) -> None:
    """No server is looked for any more: the agent is at one, or is to be at none."""
    turn.set(agent=replace(turn.phone.agent, lost=-1, moves=0, move_at=NEVER, back=False, back_at=NEVER))


def later(turn: Turn, seconds: float) -> None:
    """When the log in of the phone's own accord is tried again: after a power cut, or in place of a lost server."""
    agent = turn.phone.agent
    at = turn.after(seconds)
    turn.set(agent=replace(agent, back_at=at) if agent.back else replace(agent, move_at=at))


def unheard(phone: Phone) -> set[int]:
    """Servers that have said nothing yet of who sits there."""
    return {each.server for each in phone.lines} - {each.server for each in phone.agent.seats}
