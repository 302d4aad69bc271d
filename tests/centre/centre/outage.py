"""What becomes of a whole server: killed, frozen, shut down in order, its connections cut, its backup in its place.

Law: the half of `SipServer` that has it die and live; how it misbehaves while it lives is in `faults`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum

from centre.agents import AgentState
from centre.party import Invitation, Outcome
from centre.queue import Queue
from centre.site import Site


class Life(StrEnum):
    """closing: it ends in order, and takes no new call."""

    UP = "up"
    FROZEN = "frozen"
    CLOSING = "closing"
    DEAD = "dead"


class Outage(Site):
    """A base of SipServer. `other_site` is the other server of the contact centre, None where there is one only."""

    life = Life.DEAD
    other_site: Outage | None = None
    queues: Mapping[str, Queue]

    def join(self, other: Outage) -> None:
        """Two sites of one contact centre: calls go over by dr-forward, and by the 302 of one that shuts down."""
        self.other_site, other.other_site = other, self

    async def start(self) -> None:
        """As `Site`; a server that was killed comes back and knows nobody."""
        await super().start()
        self.calls.refusal = None
        self._become(Life.UP)

    async def stop(self) -> None:
        """As `Site`."""
        self.agent.transport.freeze(False)
        await super().stop()
        self._become(Life.DEAD)

    async def kill(self) -> None:
        """Switched off: all it knew of phones, agents and calls is lost, and nobody is told."""
        await self.stop()
        self.calls.all.clear()
        self.agents.forget()
        for queue in self.queues.values():
            queue.forget()

    async def restart(self) -> None:
        """Killed, and there again at once."""
        await self.kill()
        await self.start()

    async def revive(self) -> None:
        """Up again, whatever it was: killed, frozen, shutting down."""
        if self.life is Life.DEAD:
            await self.start()
            return
        self.agent.transport.freeze(False)
        self.calls.refusal = None
        self._become(Life.UP)

    async def freeze(self) -> None:
        """As by SIGSTOP: it hears all and says nothing, until `revive`."""
        self.agent.transport.freeze(True)
        self._become(Life.FROZEN)

    async def drop_connections(self) -> None:
        """Every TCP connection is reset; the server goes on."""
        self.agent.transport.drop_connections()

    async def shut_down(self) -> None:
        """In order: each agent is made Not Ready and logged out, new calls are refused; those that are up go on."""
        self.calls.refusal = self._refuse
        self._become(Life.CLOSING)
        for seat in list(self.agents.seats.values()):
            if seat.agent:
                self.agents.become(seat.dn, AgentState.NOT_READY)
                self.agents.log_out(seat.dn)

    async def switch_over(self, host: str = "") -> None:
        """Its backup takes over with all bindings, subscriptions, agents and calls; TCP connections are lost.

        host: UDP requests come from there from now on, "" for the same address.
        """
        self.agent.transport.drop_connections()
        if host:
            await self.agent.transport.speak_from(host)
        self.bus.publish("switch-over", address=self.address, host=host)

    def _refuse(self, invitation: Invitation) -> Outcome:
        code, other = self.settings.shutdown_sip_reject_code, self.other_site
        if not 300 <= code < 400 or other is None:
            return Outcome(603 if 300 <= code < 400 else code)
        return Outcome(code, headers=(("Contact", f"<sip:{invitation.number}@{other.address}>"),))

    def _become(self, life: Life) -> None:
        if life is not self.life:
            self.life = life
            self.bus.publish("site", life=str(life), address=self.address)


DEEDS: dict[str, Callable[[Outage], Awaitable[None]]] = {
    "kill": Outage.kill, "freeze": Outage.freeze, "revive": Outage.revive, "restart": Outage.restart,
    "shut_down": Outage.shut_down, "switch_over": Outage.switch_over, "drop_connections": Outage.drop_connections,
}  # fmt: skip
