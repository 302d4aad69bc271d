"""The queue of a contact centre: customers wait at a number and go to the agent who has been Ready for longest.

An agent who does not answer is made Not Ready and the customer goes back to the front (redirection on no answer);
after a distributed call comes after-call work where the queue asks for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from centre.agents import AgentState
from centre.bus import Event
from centre.fork import Fork
from centre.leg import Leg
from centre.party import Invitation, Outcome, Party, Progress
from centre.site import Site

NO_ANSWER_ACTIONS = ("not ready", "log out")


class QueuedCall:
    """A Callee: one customer in a queue, until an agent has answered."""

    def __init__(self, queue: Queue, invitation: Invitation) -> None:
        self.queue, self.invitation = queue, invitation
        self.since = time.time()
        self.offers = 0
        self.dn = ""  # where it rings now
        self.offered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._fork: Fork | None = None

    @property
    def legs(self) -> list[Leg]:
        """The legs that ring."""
        return list(self._fork.legs) if self._fork is not None else []

    async def invite(
        self, invitation: Invitation, progress: Callable[[Progress], None]
    ) -> tuple[Outcome, Party | None]:
        """182 while it waits, then as the agent's phone says."""
        progress(Progress(182))
        self.queue.enter(self)
        try:
            while True:
                self.dn = await self.offered
                outcome, party = await self._ring(self.dn, progress)
                if party is not None:
                    self.queue.connected(self.dn, party)
                    return outcome, party
                self.offered = asyncio.get_running_loop().create_future()
                missed, self.dn = self.dn, ""
                self.queue.missed(missed, outcome, self)
        finally:
            self.queue.leave(self)

    async def _ring(self, dn: str, progress: Callable[[Progress], None]) -> tuple[Outcome, Party | None]:
        self.offers += 1
        self._fork = self.queue.phones_of(dn)
        if not self._fork.legs:
            return Outcome(480), None
        try:
            async with asyncio.timeout(self.queue.no_answer):
                return await self._fork.invite(self.invitation, progress)
        except TimeoutError:
            return Outcome(408, phrase="Agent Did Not Answer"), None
        finally:
            self._fork = None

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "from": self.invitation.from_number, "name": self.invitation.name, "since": round(self.since, 3),
            "ringing_at": self.dn, "offers": self.offers,
        }  # fmt: skip


class Queue:
    """no_answer: seconds an agent's phone rings. after_call_work: seconds of it, None until the agent ends it."""

    def __init__(
        self, site: Site, number: str, *, no_answer: float = 15.0, no_answer_action: str = "not ready",
        no_answer_reason: str = "", after_call_work: float | None = 0.0,
    ) -> None:  # fmt: skip
        if no_answer_action not in NO_ANSWER_ACTIONS:
            raise ValueError(f"no_answer_action {no_answer_action!r}: expected one of {', '.join(NO_ANSWER_ACTIONS)}")
        self.number, self.no_answer, self.after_call_work = number, no_answer, after_call_work
        self.no_answer_action, self.no_answer_reason = no_answer_action, no_answer_reason
        self.calls: list[QueuedCall] = []
        self.talking: dict[str, Party] = {}
        self.distributed = 0
        self._site, self._agents, self._switch = site, site.agents, site.calls
        self._looking = False
        site.bus.listeners.append(self._happened)

    def __call__(self, invitation: Invitation) -> QueuedCall | None:
        """The route to this queue."""
        return QueuedCall(self, invitation) if invitation.number == self.number else None

    @property
    def waiting(self) -> list[QueuedCall]:
        """Who waits for an agent, longest first."""
        return sorted((call for call in self.calls if not call.offered.done()), key=lambda call: call.since)

    def ready_agents(self) -> list[str]:
        """The DNs of agents who could take a call now, longest Ready first."""
        ready = [seat for seat in self._agents.seats.values() if seat.state is AgentState.READY and not seat.reserved]
        return [seat.dn for seat in sorted(ready, key=lambda seat: seat.idle_since) if self._is_free(seat.dn)]

    def _is_free(self, dn: str) -> bool:
        """Registered, in no call, not busy."""
        known = self._site.dns.get(dn)
        if known is None or known.busy or not self._site.location.of(dn):
            return False
        return not self._switch.of(dn) and not self._switch.legs_of(dn)  # the legs of a conference are in no call

    def phones_of(self, dn: str) -> Fork:
        """The phones of an agent's DN."""
        return self._switch.ring(self._site.dns[dn])

    # What the queued calls tell

    def enter(self, call: QueuedCall) -> None:
        """A customer begins to wait."""
        self.calls.append(call)
        self._publish("queued", call)

    def leave(self, call: QueuedCall) -> None:
        """Connected, or gave up."""
        if call in self.calls:
            self.calls.remove(call)
        if call.offered.done() and not call.offered.cancelled():
            self._agents.at(call.offered.result()).reserved = False
        call.offered.cancel()
        self._publish("left-queue", call)

    def connected(self, dn: str, party: Party) -> None:
        """The agent answered."""
        self.distributed += 1
        self.talking[dn] = party

    def missed(self, dn: str, outcome: Outcome, call: QueuedCall) -> None:
        """The agent's phone did not answer or refused: no more calls for this agent, the customer waits again."""
        seat = self._agents.at(dn)
        seat.reserved = False
        if seat.state is AgentState.READY:
            if self.no_answer_action == "log out":
                self._agents.log_out(dn)
            else:
                self._agents.become(dn, AgentState.NOT_READY, self.no_answer_reason)
        self._site.bus.publish("no-answer", dn=dn, queue=self.number, outcome=outcome.words)

    def forget(self) -> None:
        """Nobody waits and nobody talks any more: the server starts anew."""
        for call in self.calls:
            call.offered.cancel()
        self.calls.clear()
        self.talking.clear()

    # Distribution

    def distribute(self) -> None:
        """Give each waiting customer to an agent while there are both."""
        self._looking = False
        self._end_talks()
        for call in self.waiting:
            dn = next(iter(self.ready_agents()), "")
            if not dn:
                return
            self._agents.at(dn).reserved = True
            call.offered.set_result(dn)

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "number": self.number, "waiting": [call.to_dict() for call in sorted(self.calls, key=lambda c: c.since)],
            "ready": self.ready_agents(), "talking": sorted(self.talking), "distributed": self.distributed,
            "after_call_work": self.after_call_work, "no_answer": self.no_answer,
        }  # fmt: skip

    def _happened(self, _: Event) -> None:
        """Anything may have made an agent or a customer available; look once, when all has settled."""
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_soon(self.distribute)

    def _end_talks(self) -> None:
        for dn, party in list(self.talking.items()):
            if party.alive:
                continue
            del self.talking[dn]
            self._agents.worked(dn)
            if self.after_call_work != 0 and self._agents.at(dn).state is AgentState.READY:
                self._agents.become(dn, AgentState.AFTER_CALL_WORK)
                if self.after_call_work is not None:
                    since = self._agents.at(dn).since
                    asyncio.get_running_loop().call_later(self.after_call_work, self._work_done, dn, since)

    def _work_done(self, dn: str, since: float) -> None:
        seat = self._agents.at(dn)
        if seat.state is AgentState.AFTER_CALL_WORK and seat.since == since:
            self._agents.become(dn, AgentState.READY)

    def _publish(self, kind: str, call: QueuedCall) -> None:
        self._site.bus.publish(kind, queue=self.number, customer=call.to_dict(), waiting=len(self.waiting))
