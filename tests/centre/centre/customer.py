"""The scripted customers of `make run`: when a DN is registered and idle for a while, the next one calls it."""

from __future__ import annotations

import asyncio
import itertools
import logging
from dataclasses import dataclass

from centre.farend import FarEnd
from centre.localparty import LocalParty
from centre.numbers import ServiceNumber
from centre.party import Invitation
from centre.server import SipServer
from centre.services import Service

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Customer:
    """Who calls, and how."""

    number: str
    name: str = ""
    private: bool = False
    media: str = "melody"
    ring_for: float = 30.0
    talk_for: float = 60.0


# Names outside ASCII on purpose (written as escapes): a phone must show them.
CUSTOMERS = (
    Customer("2001", "Zo\u00eb M\u00fcller"),
    Customer("+442079460123", "Acme Insurance"),
    Customer("2002", "Jos\u00e9 Ib\u00e1\u00f1ez"),
    Customer("2003", private=True),
)


class ScriptedCustomers:
    """Watches every DN, or a queue; `after` seconds of idleness bring the next customer.

    A DN is idle while a phone is registered, in no call, and nobody is logged in (an agent's calls come by the queue);
    a queue is idle while nobody waits in it and an agent is free.
    """

    def __init__(
        self, server: SipServer, after: float, customers: tuple[Customer, ...] = CUSTOMERS, *, queue: str = ""
    ) -> None:
        self._server, self._after, self._queue = server, after, queue
        self._known = {each.number: each for each in customers if each.number}
        server.calls.routes.append(self._called_back)
        self._turn = itertools.cycle(customers)
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self.placed: list[FarEnd] = []

    async def run(self) -> None:
        """Until cancelled."""
        try:
            with self._server.bus.listen() as events:
                while True:
                    self._look()
                    await events.get()
        finally:
            for timer in self._timers.values():
                timer.cancel()
            self._timers.clear()

    def _look(self) -> None:
        for dn in [self._queue] if self._queue else self._server.dns:
            idle = self._idle(dn)
            if not idle and (timer := self._timers.pop(dn, None)) is not None:
                timer.cancel()
            elif idle and dn not in self._timers:
                self._timers[dn] = asyncio.get_running_loop().call_later(self._after, self._call, dn)

    def _called_back(self, invitation: Invitation) -> Service | None:
        """A customer who is called answers after a while."""
        who = self._known.get(invitation.number)
        if who is None or invitation.number in self._server.dns:
            return None
        row = ServiceNumber(who.number, who.name, who.media, ring=2.0)
        return Service(row, LocalParty(self._server.agent, who.number, name=who.name, media=who.media))

    def _idle(self, number: str) -> bool:
        if self._queue:
            queue = self._server.queues[number]
            return not queue.calls and bool(queue.ready_agents())
        if self._server.agents.at(number).agent:
            return False
        return bool(self._server.location.of(number)) and not self._server.calls.of(number)

    def _call(self, dn: str) -> None:
        self._timers.pop(dn, None)
        who = next(self._turn)
        log.info("customer %s calls %s", who.number, dn)
        far_end = self._server.call(
            dn, from_number=who.number, name=who.name, private=who.private, media=who.media,
            ring_for=who.ring_for, talk_for=who.talk_for,
        )  # fmt: skip
        self.placed = [*self.placed[-99:], far_end]


def start_customers(server: SipServer, after: float, queue: str = "") -> ScriptedCustomers:
    """Let customers call every DN that is idle for `after` seconds, or a queue with a Ready agent."""
    customers = ScriptedCustomers(server, after, queue=queue)
    server.at_start.append(lambda: server.agent.spawn(customers.run()))
    server.agent.spawn(customers.run())
    return customers
