"""Local parties that can be called: the service numbers, and the far ends a story puts on a number."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from centre.localparty import LocalParty
from centre.numbers import SERVICE_NUMBERS, ServiceNumber
from centre.party import Invitation, Outcome, Party, Progress
from centre.useragent import UserAgent


class Service:
    """A Callee that behaves as one row of the table says."""

    def __init__(self, row: ServiceNumber, party: LocalParty) -> None:
        self.row, self.party = row, party

    async def invite(
        self, invitation: Invitation, progress: Callable[[Progress], None]
    ) -> tuple[Outcome, Party | None]:
        """Ring, perhaps with sound, then answer or refuse."""
        row, answered = self.row, False
        try:
            answer = self._early_answer(invitation) if row.early else b""
            if row.ring != 0:
                progress(Progress(183 if answer else 180, answer))
                await self.wait_to_answer()
            if row.code >= 300:
                return self._refusal(), None
            sdp = answer or self._answer(invitation)
            answered = True
            return Outcome(200, sdp), self.party
        except ValueError as error:
            return Outcome(488, phrase=str(error)[:60].replace("\n", " ")), None
        finally:
            if not answered:
                self.party.hang_up()

    async def wait_to_answer(self) -> None:
        """As long as the row rings; for ever ends by cancellation."""
        if self.row.ring is None:
            await asyncio.get_running_loop().create_future()
        else:
            await asyncio.sleep(self.row.ring)

    def _answer(self, invitation: Invitation) -> bytes:
        if invitation.offer is None:
            return self.party.make_offer()
        return self.party.answer_offer(invitation.offer)

    def _early_answer(self, invitation: Invitation) -> bytes:
        return b"" if invitation.offer is None else self.party.answer_offer(invitation.offer)

    def _refusal(self) -> Outcome:
        headers = self.row.headers
        if self.row.redirect_to:
            headers += (("Contact", f"<sip:{self.row.redirect_to}@{self.party.agent.address}>"),)
        return Outcome(self.row.code, headers=headers)


class ServiceNumbers:
    """The route to the table of numbers.py."""

    def __init__(self, agent: UserAgent) -> None:
        self._agent = agent

    def __call__(self, invitation: Invitation) -> Service | None:
        """The service behind a number, if it is one."""
        row = SERVICE_NUMBERS.get(invitation.number)
        if row is None:
            return None
        return Service(row, LocalParty(self._agent, row.number, name=row.help.split(":")[0], media=row.media))
