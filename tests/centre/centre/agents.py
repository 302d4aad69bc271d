"""Agent Login objects and who sits where in which state. The switch's truth; how phones hear of it is not here.

`Roster` is what the sites of a contact centre share (logins, and where each agent is); `Agents` is one server's seats.
An agent sits at one DN of one site: a log in elsewhere ends the one before.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from centre.bus import Bus

log = logging.getLogger(__name__)


class AgentState(StrEnum):
    """In the words of a desktop."""

    LOGGED_OFF = "logged off"
    READY = "ready"
    NOT_READY = "not ready"
    AFTER_CALL_WORK = "after-call work"


@dataclass(slots=True)
class AgentLogin:
    """One Agent Login object. An empty password: none is asked for."""

    id: str
    password: str = field(default="", repr=False)
    name: str = ""


@dataclass(slots=True)
class Seat:
    """What the server knows of one DN. `guest` is who hoteling shows there, also just after the agent logged off.

    since: Unix time of the last change of state. idle_since: monotonic time since when the agent waits for a call.
    """

    dn: str
    guest: str = ""
    state: AgentState = AgentState.LOGGED_OFF
    reason: str = ""
    since: float = field(default_factory=time.time)
    idle_since: float = field(default_factory=time.monotonic)
    reserved: bool = False  # a queue has chosen this agent and its call has not begun yet

    @property
    def agent(self) -> str:
        """Who is logged in, "" for nobody."""
        return self.guest if self.state is not AgentState.LOGGED_OFF else ""


class Roster:
    """The Agent Login objects of a contact centre, and the site and DN of each agent who is logged in."""

    def __init__(self) -> None:
        self.logins: dict[str, AgentLogin] = {}
        self.places: dict[str, tuple[Agents, str]] = {}

    def add(self, agent: str, password: str = "", name: str = "") -> AgentLogin:
        """Add or replace an Agent Login object."""
        if not agent or any(letter < " " for letter in agent):
            raise ValueError(f"agent {agent!r}: expected a name")
        self.logins[agent] = AgentLogin(agent, password, name)
        return self.logins[agent]


class Agents:
    """The seats of one server. Listeners are told (what, seat): "logged on", "state", "guest"."""

    def __init__(self, bus: Bus, roster: Roster) -> None:
        self._bus, self.roster = bus, roster
        self.seats: dict[str, Seat] = {}
        self.listeners: list[Callable[[str, Seat], None]] = []

    def add(self, agent: str, password: str = "", name: str = "") -> AgentLogin:
        """Add or replace an Agent Login object of the contact centre."""
        return self.roster.add(agent, password, name)

    def at(self, dn: str) -> Seat:
        """The seat of a DN, there or not."""
        return self.seats.setdefault(dn, Seat(dn))

    def where(self, agent: str) -> str:
        """The DN an agent is logged in at here, "" for none."""
        return next((seat.dn for seat in self.seats.values() if agent and seat.agent == agent), "")

    def log_in(self, agent: str, dn: str, state: AgentState = AgentState.NOT_READY) -> Seat:
        """Seat an agent; the password was somebody else's business. ValueError for an unknown agent."""
        if agent not in self.roster.logins:
            raise ValueError(f"agent {agent!r}: no such Agent Login")
        seat = self.at(dn)
        if seat.agent == agent:
            self._tell("guest", seat)
            return seat
        before = self.roster.places.get(agent)
        if before is not None:
            before[0].log_out(before[1])
        if seat.agent:
            self.log_out(dn)
        self.roster.places[agent] = (self, dn)
        seat.guest = agent
        self._tell("guest", seat)
        self._set(seat, state, "")
        self._tell("logged on", seat)
        self._tell("state", seat)
        return seat

    def log_off(self, dn: str) -> None:
        """The agent state ends; hoteling still shows the guest until `free`."""
        seat = self.at(dn)
        if seat.state is AgentState.LOGGED_OFF:
            return
        self.roster.places.pop(seat.guest, None)
        self._set(seat, AgentState.LOGGED_OFF, "")
        self._tell("state", seat)

    def free(self, dn: str) -> None:
        """Nobody sits there any more."""
        self.log_off(dn)
        seat = self.at(dn)
        seat.guest = ""
        self._tell("guest", seat)

    def log_out(self, dn: str) -> None:
        """Both at once: the log out of a desktop."""
        if self.at(dn).guest:
            self.free(dn)

    def become(self, dn: str, state: AgentState, reason: str = "") -> bool:
        """Another state of who is logged in; False where nobody is. A reason goes with NOT_READY only."""
        seat = self.at(dn)
        if seat.state is AgentState.LOGGED_OFF:
            return False
        if state is AgentState.LOGGED_OFF:
            self.log_off(dn)
            return True
        self._set(seat, state, reason if state is AgentState.NOT_READY else "")
        self._tell("state", seat)
        return True

    def forget(self) -> None:
        """Everything that is known here, without a word: the server starts anew."""
        for agent in [agent for agent, (where, _) in self.roster.places.items() if where is self]:
            del self.roster.places[agent]
        self.seats.clear()

    def worked(self, dn: str) -> None:
        """A call of this agent ended: the wait for the next begins now."""
        self.at(dn).idle_since = time.monotonic()

    def _set(self, seat: Seat, state: AgentState, reason: str) -> None:
        if (state, reason) != (seat.state, seat.reason):
            seat.since = time.time()
            if state is not seat.state:
                seat.idle_since = time.monotonic()
        seat.state, seat.reason = state, reason

    def _tell(self, what: str, seat: Seat) -> None:
        log.info("agent %s at %s: %s %s", seat.guest or "-", seat.dn, seat.state, seat.reason)
        for listener in self.listeners:
            listener(what, seat)
        self._bus.publish("agent", what=what, **self.to_dict(seat))

    def to_dict(self, seat: Seat) -> dict[str, object]:
        """For JSON; never a password."""
        login = self.roster.logins.get(seat.guest)
        return {
            "dn": seat.dn, "agent": seat.agent, "guest": seat.guest, "name": login.name if login else "",
            "state": str(seat.state), "reason": seat.reason, "since": round(seat.since, 3),
        }  # fmt: skip
