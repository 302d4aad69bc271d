"""One call through the server as a B2BUA: two sides, each with its own dialog, SDP passed between them unchanged.

Everything a side may be is behind `Party`; everything a transfer does is in transfer.py.
"""

from __future__ import annotations

import asyncio
import itertools
import logging

from centre.leg import Leg
from centre.localparty import LocalParty
from centre.party import Callee, Caller, Invitation, Outcome, Party, Progress, Refer
from centre.transfer import Router, run_transfer
from centre.useragent import UserAgent

log = logging.getLogger(__name__)

_numbers = itertools.count(1)


class Call:
    """`state`: ringing, answered, ended. `outcome` is the final answer the caller got."""

    def __init__(self, agent: UserAgent, caller: Caller, invitation: Invitation, router: Router) -> None:
        self.id = next(_numbers)
        self.agent, self.invitation, self.router = agent, invitation, router
        self.state = "ringing"
        self.outcome: Outcome | None = None
        self.end_reason = ""
        self.first: Party = caller
        self.second: Party | None = None
        self._caller = caller
        self._callee: Callee | None = None
        self._task: asyncio.Task[None] | None = None
        self.transfer: asyncio.Task[None] | None = None
        self.music: LocalParty | None = None  # what one side hears while the server itself holds the call
        caller.owner = self

    @property
    def parties(self) -> list[Party]:
        """The sides that are in the call."""
        return [party for party in (self.first, self.second) if party is not None]

    @property
    def legs(self) -> list[Leg]:
        """The SIP legs of the call, those that only ring too."""
        ringing = getattr(self._callee, "legs", []) if self.second is None else []
        return [leg for leg in [*self.parties, *ringing] if isinstance(leg, Leg) and leg.alive]

    def other(self, party: Party) -> Party | None:
        """The opposite side."""
        return self.second if party is self.first else self.first

    def start(self, callee: Callee) -> None:
        """Ring the called side; everything after happens by itself."""
        self._callee = callee
        self._publish("call-started")
        self._task = self.agent.spawn(self._run(callee))

    def hang_up(self, reason: str = "") -> None:
        """End the call for everybody."""
        self._end(reason or "ended by the server")
        if self.second is None and self._task is not None:
            self._task.cancel()  # what still rings is cancelled
        for party in self.parties:
            party.hang_up(reason)

    async def settled(self) -> None:
        """Until nothing of an ended call that never was answered is still to be sent."""
        if self._task is not None and self.second is None:
            await asyncio.wait([self._task])
            await asyncio.sleep(0)  # the legs of a fork learn of it one turn later

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {
            "id": self.id, "from": self.invitation.from_number, "to": self.invitation.number, "state": self.state,
            "parties": [party.label for party in self.parties], "end_reason": self.end_reason,
            "code": self.outcome.code if self.outcome else None,
        }  # fmt: skip

    def replace(self, old: Party, new: Party) -> None:
        """Put `new` in the place of `old` (a transfer is complete)."""
        if old is self.first:
            self.first = new
        else:
            self.second = new
        old.owner, new.owner = None, self
        self._publish("call-transferred")

    def dissolve(self) -> None:
        """End without hanging up anybody: the sides live on in another call."""
        self._end("joined with another call")

    async def _run(self, callee: Callee) -> None:
        try:
            outcome, party = await callee.invite(self.invitation, self._progress)
        except asyncio.CancelledError:
            self._end("cancelled")
            return
        except Exception:
            log.exception("call %d failed", self.id)
            self.agent.errors += 1
            outcome, party = Outcome(500), None
        self.outcome = outcome
        if party is None:
            self._end(f"refused: {outcome.words}")
            self._caller.reject(outcome)
            return
        self.second, party.owner = party, self
        if not self._caller.alive:
            party.hang_up()
            self._end("the caller left")
            return
        self.state = "answered"
        if self.invitation.offer is not None:
            party.confirm(None)
        self._publish("call-answered")
        answer = await self._caller.answer(outcome)
        if self.invitation.offer is None:
            party.confirm(answer)
            if answer is None:
                self.hang_up("no answer to the offer")

    def _progress(self, progress: Progress) -> None:
        self._caller.progress(progress)
        self._publish("call-ringing")

    def _end(self, reason: str) -> None:
        if self.state == "ended":
            return
        self.state, self.end_reason = "ended", reason
        if self.music is not None:
            self.music.hang_up()
        self._publish("call-ended")

    def _publish(self, kind: str) -> None:
        self.agent.bus.publish(kind, call=self.to_dict())

    # Exchange: what the sides say

    async def reoffered(self, party: Party, offer: bytes | None, *, update: bool) -> Outcome:
        """Pass the offer to the other side; its answer comes back."""
        other = self.other(party)
        if other is None or self.transfer is not None or self.music is not None:
            return Outcome(491)
        outcome = await other.reoffer(offer, update=update)
        if outcome.ok and offer is not None:
            other.confirm(None)
        return outcome

    def reconfirmed(self, party: Party, answer: bytes | None) -> None:
        """Pass the answer that came in an ACK."""
        if (other := self.other(party)) is not None:
            other.confirm(answer)

    def hung_up(self, party: Party, reason: str) -> None:
        """One side left: so does the other, unless the one who left is transferring it."""
        if self.second is None:
            self._end(f"{party.label}: {reason}")
            if self._task is not None:
                self._task.cancel()
            return
        if self.transfer is not None and party is self.transferor:
            return  # transfer.py decides
        if self.transfer is not None:
            self.transfer.cancel()
        self._end(f"{party.label}: {reason}")
        if (other := self.other(party)) is not None:
            other.hang_up()

    async def informed(self, party: Party, method: str, content_type: str, body: bytes) -> int:
        """Pass INFO and MESSAGE on."""
        other = self.other(party)
        return 481 if other is None else await other.inform(method, content_type, body)

    transferor: Party | None = None

    def referred(self, party: Party, refer: Refer) -> None:
        """A side asks for a transfer of the other one."""
        if self.second is None or self.state != "answered":
            refer.reply(403)
        elif self.transfer is not None:
            refer.reply(491)
        else:
            refer.reply(202)
            self.transferor = party
            self.transfer = self.agent.spawn(self._transfer(party, refer))

    async def _transfer(self, party: Party, refer: Refer) -> None:
        other = self.other(party)
        assert other is not None
        done = False
        try:
            done = await run_transfer(self, party, other, refer)
        finally:
            self.transfer = self.transferor = None
            if done:
                party.hang_up()
            elif not party.alive and other.alive:
                other.hang_up()
                self._end("transfer failed after the transferor left")
