"""The event package as-feature-event: agent state, do-not-disturb and forwarding of a DN, in both directions.

The server keeps do-not-disturb and forwarding and tells of them; the phone carries them out, as with a 420HD.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sipmessage import Request

from centre.agentpackage import AgentPackage
from centre.agents import Agents, AgentState, Seat
from centre.documents import (
    AS_FEATURE,
    AS_FEATURE_TYPE,
    AgentEvent,
    Command,
    DoNotDisturbEvent,
    Event,
    Forwarding,
    ForwardingEvent,
    SetAgentState,
    SetDoNotDisturb,
    SetForwarding,
    Wish,
)
from centre.notifier import Notifier
from centre.settings import DN

EVENTS = {
    AgentState.LOGGED_OFF: "AgentLoggedOffEvent",
    AgentState.READY: "AgentReadyEvent",
    AgentState.NOT_READY: "AgentNotReadyEvent",
    AgentState.AFTER_CALL_WORK: "AgentWorkingAfterCallEvent",
}
REQUESTED = {
    Wish.READY: AgentState.READY,
    Wish.NOT_READY: AgentState.NOT_READY,
    Wish.AFTER_CALL_WORK: AgentState.AFTER_CALL_WORK,
    Wish.LOGGED_OFF: AgentState.LOGGED_OFF,
}


@dataclass(slots=True)
class Features:
    """Do-not-disturb and forwarding of one DN: (number, rings) by kind."""

    dnd: bool = False
    forward: dict[Forwarding, tuple[str, int | None]] = field(default_factory=dict)


class FeatureEvents(AgentPackage):
    """`features` are what the server keeps for each DN."""

    event = AS_FEATURE
    content_type = AS_FEATURE_TYPE

    def __init__(self, notifier: Notifier, dns: dict[str, DN], agents: Agents) -> None:
        super().__init__(notifier, dns)
        self._agents = agents
        self.features: dict[str, Features] = {}
        agents.listeners.append(self._changed)

    def of(self, dn: str) -> Features:
        """The features of a DN."""
        return self.features.setdefault(dn, Features())

    def events(self, dn: str) -> tuple[Event, ...]:
        """The agent event, do-not-disturb and each kind of forwarding."""
        return (
            self._agent_event(self._agents.at(dn)), DoNotDisturbEvent(dn, self.of(dn).dnd),
            *(self._forwarding(dn, kind) for kind in Forwarding),
        )  # fmt: skip

    def obey(self, dn: str, command: Command, request: Request) -> int:
        """Agent states of who is logged in; features of the DN. A state that cannot be is left unanswered."""
        if isinstance(command, SetAgentState):
            self._agents.become(dn, REQUESTED[command.wish], "" if command.reason == "0" else command.reason)
        elif isinstance(command, SetDoNotDisturb):
            self.set_do_not_disturb(dn, command.on)
        elif isinstance(command, SetForwarding):
            self.set_forwarding(dn, command.kind, command.number if command.active else "", command.rings)
        else:
            return 415
        return 200

    def set_do_not_disturb(self, dn: str, on: bool) -> None:
        """Change it and tell."""
        self.of(dn).dnd = on
        self.tell(dn, DoNotDisturbEvent(dn, on))
        self._publish(dn)

    def set_forwarding(self, dn: str, kind: Forwarding, number: str, rings: int | None = None) -> None:
        """Change one kind and tell; an empty number ends it."""
        self.of(dn).forward.pop(kind, None)
        if number:
            self.of(dn).forward[kind] = (number, rings)
        self.tell(dn, self._forwarding(dn, kind))
        self._publish(dn)

    def to_dict(self, dn: str) -> dict[str, object]:
        """For JSON."""
        features = self.of(dn)
        return {"dnd": features.dnd, "forward": {str(kind): number for kind, (number, _) in features.forward.items()}}

    def _publish(self, dn: str) -> None:
        self.notifier.agent.bus.publish("features", dn=dn, **self.to_dict(dn))

    def _forwarding(self, dn: str, kind: Forwarding) -> ForwardingEvent:
        number, rings = self.of(dn).forward.get(kind, ("", None))
        return ForwardingEvent(dn, kind, number, rings)

    def _agent_event(self, seat: Seat) -> AgentEvent:
        return AgentEvent(EVENTS[seat.state], seat.dn, seat.agent, seat.reason)

    def _changed(self, what: str, seat: Seat) -> None:
        if what == "logged on":
            self.tell(seat.dn, AgentEvent("AgentLoggedOnEvent", seat.dn, seat.guest))
        elif what == "state":
            self.tell(seat.dn, self._agent_event(seat))
