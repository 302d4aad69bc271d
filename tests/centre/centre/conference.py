"""A conference made by a desktop: three sides or more, each in a dialog with the server, their media in the mixer.

To its sides it is what a call is (`Exchange`); it ends when fewer than two are left.
"""

from __future__ import annotations

import itertools

from centre.leg import Leg
from centre.mixer import Mixer, Port
from centre.party import Outcome, Party, Refer
from centre.useragent import UserAgent

_numbers = itertools.count(1)


class Conference:
    """`join` brings a side in; hanging up takes it out."""

    def __init__(self, agent: UserAgent) -> None:
        self.id = next(_numbers)
        self.agent = agent
        self._mixer = Mixer()
        self._ports: dict[int, tuple[Party, Port]] = {}

    @property
    def parties(self) -> list[Party]:
        """Who is in."""
        return [party for party, _ in self._ports.values()]

    @property
    def alive(self) -> bool:
        """Has anybody left to talk to."""
        return len(self._ports) >= 2

    async def join(self, party: Party) -> Outcome:
        """Move the media of an answered side here."""
        port = Port(self.agent, f"conference {self.id}")
        offer = await party.reoffer(None)
        if not offer.ok:
            port.hang_up()
            return offer
        try:
            answer = port.answer_offer(offer.sdp)
        except ValueError as error:
            party.confirm(None)
            port.hang_up()
            return Outcome(488, phrase=str(error)[:60])
        party.confirm(answer)
        party.owner = self
        self._ports[id(party)] = (party, port)
        self._mixer.add(port)
        self.agent.bus.publish("conference", conference=self.to_dict())
        return Outcome(200)

    def hang_up(self, reason: str = "") -> None:
        """End it for everybody."""
        for party in self.parties:
            self._drop(party)
            party.hang_up(reason)

    def close(self) -> None:
        """Free the ports without a word to anybody (the server stops)."""
        for _, port in list(self._ports.values()):
            self._mixer.remove(port)
            port.close_media()

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"id": self.id, "parties": [party.label for party in self.parties]}

    # Exchange

    async def reoffered(self, party: Party, offer: bytes | None, *, update: bool) -> Outcome:
        """The side holds, retrieves or changes its codec: the mixer answers."""
        port = self._port(party)
        if port is None:
            return Outcome(481)
        return await port.reoffer(offer, update=update)

    def reconfirmed(self, party: Party, answer: bytes | None) -> None:
        """The answer to an offer of the mixer."""
        if (port := self._port(party)) is not None:
            port.confirm(answer)

    def hung_up(self, party: Party, reason: str) -> None:
        """A side left."""
        self._drop(party)
        if not self.alive:
            self.hang_up()
        self.agent.bus.publish("conference", conference=self.to_dict())

    async def informed(self, party: Party, method: str, content_type: str, body: bytes) -> int:
        """To all the others."""
        for other in self.parties:
            if other is not party:
                await other.inform(method, content_type, body)
        return 200

    def referred(self, party: Party, refer: Refer) -> None:
        """Nobody is transferred out of a conference."""
        refer.reply(403)

    @property
    def legs(self) -> list[Leg]:
        """The sides that are phones."""
        return [party for party in self.parties if isinstance(party, Leg)]

    def _port(self, party: Party) -> Port | None:
        found = self._ports.get(id(party))
        return found[1] if found else None

    def _drop(self, party: Party) -> None:
        found = self._ports.pop(id(party), None)
        if found is not None:
            party.owner = None
            self._mixer.remove(found[1])
            found[1].hang_up()
