"""Control of the calls at one DN: what a desktop does to a phone with talk and hold, REFER and INVITE.

How a wish reaches the phone is decided by the DN's options (`dnoptions`), as in a real switch; what the options do not
allow is `Refused` in words.
"""

from __future__ import annotations

from sipmessage import Response

from centre import dnoptions, hold
from centre.call import Call
from centre.conference import Conference
from centre.leg import Leg
from centre.location import Binding
from centre.outgoingleg import OutgoingLeg
from centre.party import Invitation, Outcome, Progress
from centre.settings import DN
from centre.site import Site
from centre.thirdparty import OriginatedLeg, Refused, call_of, refer, refer_in_dialog


class CallControl:
    """`reports` gathers (code, final) of what the phone reports of each REFER."""

    def __init__(self, site: Site, dn: DN) -> None:
        self.site, self.dn = site, dn
        self.reports: list[tuple[int, bool]] = []

    @property
    def legs(self) -> list[Leg]:
        """The legs of this DN's phone, oldest first."""
        return self.site.calls.legs_of(self.dn.number)

    def call(self, leg: Leg) -> Call:
        """The call of a leg."""
        found = call_of(self.site.calls.live, leg)
        if found is None:
            raise Refused("that call is over")
        return found

    def find(self, state: str, call: int | None = None) -> Leg:
        """The newest leg in a state ("" = any), or that of one call; Refused where there is none."""
        for leg in reversed(self.legs):
            of = call_of(self.site.calls.live, leg)
            if of is not None and call in (None, of.id) and state in ("", self.state_of(leg)):
                return leg
        raise Refused(f"no {state + ' ' if state else ''}call at {self.dn.number}" + (f": {call}" if call else ""))

    def state_of(self, leg: Leg) -> str:
        """ringing, dialling, held or talking."""
        if leg.state == "early":
            return "ringing" if isinstance(leg, OutgoingLeg) else "dialling"
        call = call_of(self.site.calls.live, leg)
        if call is not None and call.state == "ringing":
            return "dialling"
        return "held" if leg.holding or (call is not None and call.music is not None) else "talking"

    async def answer(self, call: int | None = None) -> Response:
        """NOTIFY talk to the ringing phone (sip-cti-control=talk)."""
        self._needs("talk")
        return await self._notify(self.find("ringing", call), "talk")

    async def hold(self, call: int | None = None) -> None:
        """NOTIFY hold, or the server's own re-INVITEs without sip-cti-control=talk,hold."""
        leg = self.find("talking", call)
        if "hold" in dnoptions.words(self.dn, "sip-cti-control"):
            _check(await self._notify(leg, "hold"))
        else:
            _check(await hold.hold(self.call(leg), leg))

    async def retrieve(self, call: int | None = None) -> None:
        """NOTIFY talk, or the server's own re-INVITEs where it held the call itself."""
        leg = self.find("held", call)
        if self.call(leg).music is not None:
            _check(await hold.retrieve(self.call(leg), leg))
        else:
            self._needs("talk")
            _check(await self._notify(leg, "talk"))

    def release(self, call: int | None = None) -> None:
        """End the call for both sides; from a conference (call 0) only this phone goes."""
        inside = [leg for leg in self.legs if isinstance(leg.owner, Conference)]
        if call == 0 and inside:
            owner, leg = inside[-1].owner, inside[-1]
            leg.hang_up()
            if owner is not None:
                owner.hung_up(leg, "left the conference")
            return
        self.call(self.find("", call)).hang_up()

    async def make_call(self, number: str, *, quiet: bool = False) -> None:
        """A new call of this DN: REFER, or INVITE by the RFC 3725 flow of the options."""
        if dnoptions.is_on(self.dn, "refer-enabled"):
            _check(self._referred(await refer(
                self.site.agent, self._binding(), self.dn.number, number, self._report, quiet=quiet,
            )))  # fmt: skip
        else:
            await self.originate(number)

    async def originate(self, number: str) -> Call:
        """INVITE the phone, then the number; the call as soon as the number rings."""
        flow = int(dnoptions.value(self.dn, "make-call-rfc3725-flow"))
        leg = OriginatedLeg(self.site.agent, self.dn.number, self._binding(), flow)
        marking = dnoptions.alert_headers(self.dn, self.site.address)
        first = Invitation(self.dn.number, number, offer=leg.first_offer, headers=marking)
        outcome = await leg.invite(first, lambda progress: self._rings(leg, progress))
        if not outcome.ok:
            raise Refused(f"the phone answered {outcome.words}")
        offer = outcome.sdp if flow == 1 else None
        if flow == 2:
            leg.confirm(None)
        placed = self.site.calls.place(leg, Invitation(number, self.dn.number, self.dn.name, offer=offer))
        if isinstance(placed, Outcome):
            leg.reject(placed)
            raise Refused(f"{number}: {placed.words}")
        return placed

    async def refer_in_call(self, number: str, leg: Leg) -> None:
        """REFER in the dialog of a call: the phone consults."""
        response = await refer_in_dialog(leg, self.dn.number, number, self._report)
        if response is None:
            raise Refused("that call is over")
        _check(self._referred(response))

    # Inside

    def _binding(self) -> Binding:
        bindings = self.site.location.of(self.dn.number)
        if not bindings:
            raise Refused(f"no phone is registered at {self.dn.number}")
        return bindings[-1]

    def _needs(self, word: str) -> None:
        if word not in dnoptions.words(self.dn, "sip-cti-control"):
            raise Refused(f"DN {self.dn.number} has no sip-cti-control={word}")

    async def _notify(self, leg: Leg, event: str) -> Response:
        response = await leg.request("NOTIFY", (("Event", event), ("Subscription-State", "active")))
        if response is None:
            raise Refused("that call is over")
        return response

    def _rings(self, leg: Leg, progress: Progress) -> None:
        """The phone rings for a call of its own desktop: let it answer, unless a header does so already."""
        control = dnoptions.words(self.dn, "sip-cti-control")
        if progress.code == 180 and "talk" in control and not dnoptions.value(self.dn, "sip-alert-info"):
            self.site.agent.spawn(self._talk(leg))

    async def _talk(self, leg: Leg) -> None:
        await self._notify(leg, "talk")

    def _report(self, code: int, final: bool) -> None:
        self.reports.append((code, final))
        self.site.bus.publish("refer", dn=self.dn.number, code=code, final=final)

    def _referred(self, response: Response) -> Response:
        if response.code >= 300:
            self._report(response.code, True)
        return response


def _check(result: Response | Outcome) -> None:
    if result.code >= 300:
        raise Refused(f"the phone answered {result.code} {result.phrase}")
