"""The switch: takes INVITEs, knows who is allowed to call, and finds who a number is.

Routers are asked in turn (service numbers, far ends, queues later), then the DNs; the first that knows the number wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from centre import dnoptions
from centre.call import Call
from centre.fork import Fork
from centre.identity import invitation_of
from centre.incomingleg import IncomingLeg
from centre.leg import Leg
from centre.location import Location
from centre.message import option_tags, user_of
from centre.party import Callee, Caller, Invitation, Outcome, Party
from centre.registrar import Gate, dn_of_sender
from centre.servertransaction import ServerTransaction
from centre.sessiontimer import IntervalTooSmall
from centre.settings import DN
from centre.transfer import parse_replaces
from centre.useragent import UserAgent

Route = Callable[[Invitation], Callee | Outcome | None]

_KNOWN_OPTIONS = {"100rel", "replaces", "timer", "norefersub", "answermode", "outbound", "path", "gruu"}


class Calls:
    """All calls of the server."""

    def __init__(self, agent: UserAgent, gate: Gate, location: Location) -> None:
        self._agent, self._gate, self._location = agent, gate, location
        self.all: list[Call] = []
        self.routes: list[Route] = []
        self.refusal: Callable[[Invitation], Outcome] | None = None  # of a server that shuts down
        agent.handlers["INVITE"] = self.on_invite

    @property
    def live(self) -> list[Call]:
        """Calls that have not ended."""
        return [call for call in self.all if call.state != "ended"]

    def of(self, dn: str) -> list[Call]:
        """Live calls with this DN in them, ringing ones too."""
        return [
            call
            for call in self.live
            if (call.invitation.number == dn and call.second is None)
            or dn in (party.label for party in (*call.parties, *call.legs))
        ]

    def legs_of(self, dn: str) -> list[Leg]:
        """The SIP legs to or from a DN's phones, oldest first, ringing ones too."""
        legs = self._agent.dialogs.values()
        return [leg for leg in legs if isinstance(leg, Leg) and leg.label == dn and leg.alive]

    def place(self, caller: Caller, invitation: Invitation) -> Call | Outcome:
        """Start a call; the outcome says why not."""
        self.all = [call for call in self.all if call.state != "ended"][-self._agent.settings.max_calls :]
        if len(self.all) >= self._agent.settings.max_calls:
            return Outcome(503, headers=(("Retry-After", "10"),))
        if self.refusal is not None:
            return self.refusal(invitation)
        callee = self.route(invitation)
        if isinstance(callee, Outcome):
            return callee
        call = Call(self._agent, caller, invitation, self)
        self.all.append(call)
        call.start(callee)
        return call

    # Router

    def route(self, invitation: Invitation) -> Callee | Outcome:
        """Who is this number: 404 nobody, 480 not registered, 486 busy."""
        for known in self.routes:
            if (found := known(invitation)) is not None:
                return found
        dn = self._gate.dns.get(invitation.number)
        if dn is None:
            return Outcome(404)
        if dn.busy or len(self.of(dn.number)) >= dn.max_calls:
            return Outcome(486)
        return self.ring(dn) if self._location.of(dn.number) else Outcome(480)

    def ring(self, dn: DN) -> Fork:
        """The phones of a DN, to be called with the marking its sip-alert-info asks for."""
        bindings = self._location.of(dn.number)
        return Fork(self._agent, dn.number, bindings, dnoptions.alert_headers(dn, self._agent.address))

    def find_replaced(self, replaces: str) -> tuple[Call, Party] | None:
        """Ours is the to-tag; some phones write the tags the other way round."""
        parsed = parse_replaces(replaces)
        if parsed is None:
            return None
        call_id, to_tag, from_tag = parsed
        leg = self._agent.dialogs.get((call_id, to_tag, from_tag)) or self._agent.dialogs.get(
            (call_id, from_tag, to_tag)
        )
        if isinstance(leg, Leg) and leg.alive and isinstance(leg.owner, Call):
            return leg.owner, leg
        return None

    # INVITE from the wire

    def on_invite(self, transaction: ServerTransaction) -> None:
        """A new call from a phone."""
        request, gate = transaction.request, self._gate
        transaction.reply(100)
        number = dn_of_sender(request)
        dn = gate.dns.get(number)
        if dn is not None and not gate.admit(transaction, dn):
            return
        if dn is None and not self._agent.settings.guests:
            transaction.reply(403)
            return
        if unknown := option_tags(request, "Require") - _KNOWN_OPTIONS:
            transaction.reply(420, [("Unsupported", ", ".join(sorted(unknown)))])
            return
        invitation = invitation_of(request, number, dn.name if dn else "")
        try:
            leg = IncomingLeg(self._agent, transaction, number)
        except IntervalTooSmall:
            transaction.reply(422, [("Min-SE", str(self._agent.settings.min_se))])
            return
        if (replaces := request.headers.get("Replaces")) is not None:
            self._agent.spawn(self._take_over(leg, invitation, replaces))
            return
        if not user_of(str(request.uri)):
            leg.reject(Outcome(484))
            return
        if isinstance(refused := self.place(leg, invitation), Outcome):
            leg.reject(refused)

    async def _take_over(self, leg: IncomingLeg, invitation: Invitation, replaces: str) -> None:
        """INVITE with Replaces (RFC 3891): the new leg takes the place of the named one."""
        found = self.find_replaced(replaces)
        if found is None or found[0].second is None:
            leg.reject(Outcome(481))
            return
        call, leaving = found
        other = call.other(leaving)
        assert other is not None
        if invitation.offer is None:
            offer = await other.reoffer(None)
            if not offer.ok:
                leg.reject(offer)
                return
            other.confirm(await leg.answer(replace(offer, headers=())))
        else:
            answer = await other.reoffer(invitation.offer)
            if not answer.ok:
                leg.reject(answer)
                return
            other.confirm(None)
            await leg.answer(replace(answer, headers=()))
        call.replace(leaving, leg)
        leaving.hang_up()
