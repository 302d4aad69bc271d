"""The agent's desktop: what a person does at the computer beside the phone, turned into what SIP Server does to it.

Agent states and features of one DN, on top of `callcontrol`; consultations and what comes of them: `consultation`.
"""

from __future__ import annotations

from collections.abc import Container

from centre import consultation
from centre.agents import AgentState, Seat
from centre.callcontrol import CallControl
from centre.conference import Conference
from centre.documents import Forwarding
from centre.leg import Leg
from centre.settings import DN
from centre.site import Site
from centre.thirdparty import Refused, call_of

FORWARDS = {
    "always": Forwarding.ALWAYS,
    "busy": Forwarding.BUSY,
    "no_reply": Forwarding.NO_REPLY,
}


class Desktop(CallControl):
    """`queues`: the numbers whose customers come from a queue."""

    def __init__(self, site: Site, dn: DN, queues: Container[str] = ()) -> None:
        super().__init__(site, dn)
        self._queues = queues

    @property
    def seat(self) -> Seat:
        """Who sits at the DN."""
        return self.site.agents.at(self.dn.number)

    # Agent states

    def log_in(self, agent: str, password: str | None = None) -> Seat:
        """Log in here; a password that is given must be right. ValueError where it is not."""
        login = self.site.agents.roster.logins.get(agent)
        if login is None or (password is not None and login.password != password):
            raise Refused(f"agent {agent}: unknown, or the password is wrong")
        return self.site.agents.log_in(agent, self.dn.number)

    def log_out(self) -> None:
        """Log out, wherever the log in was made."""
        self.site.agents.log_out(self.dn.number)

    def ready(self) -> None:
        """Ready."""
        self._become(AgentState.READY)

    def not_ready(self, reason: str = "") -> None:
        """Not Ready, with the code of a reason."""
        self._become(AgentState.NOT_READY, reason)

    def after_call_work(self) -> None:
        """After-Call Work."""
        self._become(AgentState.AFTER_CALL_WORK)

    def _become(self, state: AgentState, reason: str = "") -> None:
        if not self.site.agents.become(self.dn.number, state, reason):
            raise Refused(f"nobody is logged in at {self.dn.number}")

    def do_not_disturb(self, on: bool) -> None:
        """Do-not-disturb of the DN."""
        self.site.features.set_do_not_disturb(self.dn.number, on)

    def forward(self, kind: str, number: str) -> None:
        """Forwarding of the DN: always, busy, no_reply; an empty number ends it."""
        if kind not in FORWARDS:
            raise Refused(f"forward {kind!r}: expected one of {', '.join(FORWARDS)}")
        self.site.features.set_forwarding(self.dn.number, FORWARDS[kind], number)

    # Consultations

    async def transfer(self, number: str, call: int | None = None) -> None:
        """Single-step: the other side is called to `number` and the phone is let go."""
        await consultation.single_step(self, number, self.find("", call))

    async def consult(self, number: str, call: int | None = None) -> None:
        """Hold the call and call somebody about it."""
        await consultation.begin(self, number, self.find("", call))

    async def complete_transfer(self) -> None:
        """Two-step where the consulted side has answered, blind where it still rings."""
        await consultation.transfer(self)

    async def complete_conference(self) -> None:
        """All three together."""
        await consultation.conference(self)

    async def reconnect(self) -> None:
        """End the consultation and go back."""
        await consultation.reconnect(self)

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        calls = [self._call_to_dict(leg) for leg in self.legs]
        return {"calls": [each for each in calls if each], "registered": bool(self.site.location.of(self.dn.number)),
                "options": {name: text for name, text in self.dn.options.items() if name != "password"},
                **self.site.agents.to_dict(self.seat), **self.site.features.to_dict(self.dn.number)}  # fmt: skip

    def _call_to_dict(self, leg: Leg) -> dict[str, object]:
        """One leg's call; empty where it is in none. A conference has the number 0."""
        if isinstance(leg.owner, Conference):
            others = ", ".join(party.label for party in leg.owner.parties if party is not leg)
            return {"call": 0, "conference": True, "state": self.state_of(leg), "with": others, "name": "Conference"}
        call = call_of(self.site.calls.live, leg)
        if call is None:
            return {}
        other, ours, started = call.other(leg), call.first is leg, call.invitation
        return {
            "call": call.id, "state": self.state_of(leg), "direction": "out" if ours else "in",
            "with": other.label if other else started.number if ours else started.from_number,
            "name": other.name if other else "" if ours else started.name,
            "queue": started.number if started.number in self._queues else "",
        }  # fmt: skip
