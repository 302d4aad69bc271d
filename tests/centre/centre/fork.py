"""All phones of one DN called at once; the first to answer wins (RFC 3261 section 16.7 for the choice of an error)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from centre.location import Binding
from centre.outgoingleg import OutgoingLeg
from centre.party import HeaderList, Invitation, Outcome, Party, Progress
from centre.useragent import UserAgent


class Fork:
    """A Callee: the registered contacts of a DN. `headers` are added to each INVITE."""

    def __init__(self, agent: UserAgent, dn: str, bindings: list[Binding], headers: HeaderList = ()) -> None:
        self._agent, self._dn, self._headers = agent, dn, headers
        self.legs = [OutgoingLeg(agent, dn, binding.uri, binding.peer) for binding in bindings]

    async def invite(
        self, invitation: Invitation, progress: Callable[[Progress], None]
    ) -> tuple[Outcome, Party | None]:
        """Ring them all; 480 after the ring limit."""
        invitation = replace(invitation, number=self._dn, headers=(*invitation.headers, *self._headers))
        tasks = {asyncio.create_task(leg.invite(invitation, progress)): leg for leg in self.legs}
        chosen: Party | None = None
        try:
            async with asyncio.timeout(self._agent.settings.ring_limit):
                outcome, chosen = await self._first(tasks)
                return outcome, chosen
        except TimeoutError:
            return Outcome(480, phrase="No Answer"), None
        finally:
            for task, leg in tasks.items():
                if not task.done():
                    task.cancel()
                elif not task.cancelled() and task.exception() is None and leg is not chosen:
                    leg.hang_up()  # answered in the same instant as another

    @staticmethod
    async def _first(tasks: dict[asyncio.Task[Outcome], OutgoingLeg]) -> tuple[Outcome, Party | None]:
        failures: list[Outcome] = []
        pending = set(tasks)
        while pending:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            winner: tuple[Outcome, Party] | None = None
            for task in done:
                outcome = task.result()
                if not outcome.ok:
                    failures.append(outcome)
                elif winner is None:
                    winner = (outcome, tasks[task])
            if winner is not None:
                return winner
            if any(outcome.code >= 600 for outcome in failures):
                break
        return _best(failures), None


def _best(failures: list[Outcome]) -> Outcome:
    """6xx first; then a phone's own words before a time-out or a 503 of one that is gone."""
    declined = [outcome for outcome in failures if outcome.code >= 600]
    spoken = [outcome for outcome in failures if outcome.code not in (408, 503)]
    chosen = (declined or spoken or failures)[0]
    return Outcome(480, phrase="No Answer From Phone") if chosen.code == 408 else chosen
