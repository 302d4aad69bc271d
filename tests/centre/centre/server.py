"""The contact centre's SIP Server as one object: start it, then drive it from stories in the same loop.

    async with SipServer(dns={"1502": "secret"}) as server:
        await server.wait_registered("1502")
        customer = server.call("1502", from_number="2001", name="Ann")
        await customer.wait("answered")

A site with queues, desktops and far ends. Two sites of one contact centre are two of these with one `Roster`, joined.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sipmessage import Response

from centre import dnoptions
from centre.agents import Roster
from centre.call import Call
from centre.desktop import Desktop
from centre.dialog import new_call_id
from centre.farend import AnsweringFarEnd, FarEnd
from centre.faults import Faults
from centre.message import new_request
from centre.mwi import CONTENT_TYPE, Mailbox
from centre.numbers import ServiceNumber
from centre.outage import Life, Outage
from centre.party import Callee, HeaderList, Invitation, Outcome
from centre.queue import Queue
from centre.services import ServiceNumbers
from centre.settings import DN, Settings
from centre.watching import Watching

_KEPT_FAR_ENDS = 500


class SipServer(Outage, Faults, Watching):
    """The arguments are those of `Site`."""

    def __init__(
        self, settings: Settings | None = None, *, dns: Mapping[str, str | DN] | None = None,
        roster: Roster | None = None, **overrides: Any,
    ) -> None:  # fmt: skip
        super().__init__(settings, dns=dns, roster=roster, **overrides)
        self.queues: dict[str, Queue] = {}
        self.reasons: dict[str, str] = {}  # not-ready reasons a desktop offers: code to name
        self._desktops: dict[str, Desktop] = {}
        self._expected: dict[str, list[AnsweringFarEnd]] = {}
        self.calls.routes += [
            self._route_to_far_end, ServiceNumbers(self.agent), self._route_to_queue, self._route_to_other_site,
        ]  # fmt: skip

    # The contact centre

    def desktop(self, dn: str) -> Desktop:
        """The agent desktop beside a DN's phone. ValueError for an unknown DN."""
        if dn not in self.dns:
            raise ValueError(f"DN {dn!r}: no such DN")
        return self._desktops.setdefault(dn, Desktop(self, self.dns[dn], self.queues))

    def add_queue(self, number: str, **how: Any) -> Queue:
        """A queue at a number; `how` as `Queue`."""
        self.queues[number] = Queue(self, number, **how)
        return self.queues[number]

    @property
    def queue(self) -> Queue:
        """The first queue."""
        return next(iter(self.queues.values()))

    # Calls

    def call(
        self, dn: str, *, from_number: str = "2001", name: str = "", private: bool = False, headers: HeaderList = (),
        media: str = "melody", codecs: tuple[str, ...] = ("PCMA", "PCMU"), ring_for: float | None = None,
        talk_for: float | None = None, without_sdp: bool = False,
    ) -> FarEnd:  # fmt: skip
        """A customer calls a DN. Seconds of ringing and of talking until it gives up or hangs up by itself."""
        far_end = self._keep(FarEnd(self.agent, from_number, name=name, media=media, codecs=codecs))
        far_end.offered, far_end.talk_for = not without_sdp, talk_for
        offer = far_end.make_offer() if far_end.offered else None
        far_end.become("calling")
        placed = self.calls.place(far_end, Invitation(dn, from_number, name, private, offer, tuple(headers)))
        if isinstance(placed, Outcome):
            far_end.reject(placed)
            return far_end
        if ring_for is not None:
            self.agent.spawn(self._cancel_after(far_end, ring_for))
        return far_end

    def answering(
        self, number: str, *, name: str = "", answer_after: float | None = 0.0, code: int = 200,
        headers: HeaderList = (), media: str = "melody", codecs: tuple[str, ...] = ("PCMA", "PCMU"),
        early_media: bool = False, talk_for: float | None = None,
    ) -> FarEnd:  # fmt: skip
        """A far end for the next call to `number`. answer_after None: rings until accept() or decline()."""
        far_end = self._keep(FarEnd(self.agent, number, name=name, media=media, codecs=codecs))
        far_end.talk_for = talk_for
        row = ServiceNumber(number, "far end", media, code, answer_after, early_media, "", tuple(headers))
        self._expected.setdefault(number, []).append(AnsweringFarEnd(row, far_end))
        return far_end

    def calls_of(self, dn: str) -> list[Call]:
        """Live calls of a DN, ringing ones too."""
        return self.calls.of(dn)

    # Requests to phones

    async def send_request(
        self, dn: str, method: str, headers: HeaderList = (), body: bytes = b"", content_type: str = "text/plain"
    ) -> list[Response]:
        """An out-of-dialog request to every phone of a DN; their final responses (408 of ours for silence)."""
        clients = []
        for binding in self.location.of(dn):
            fixed = [
                ("From", f"<sip:{self.address}>;tag={new_call_id('x')[:12]}"),
                ("To", f"<sip:{dn}@{self.address}>"),
                ("Call-ID", new_call_id(self.settings.host)),
                ("CSeq", f"1 {method}"),
                ("Contact", self.agent.contact("", binding.peer.protocol)),
            ]
            request = new_request(method, binding.uri, [*fixed, *headers], body, content_type)
            clients.append(self.agent.transactions.request(request, binding.peer))
        return [await client.final for client in clients]

    async def send_in_dialog(
        self, dn: str, method: str, headers: HeaderList = (), body: bytes = b"", content_type: str = "text/plain"
    ) -> Response | None:
        """A request in the newest call dialog of a DN, ringing ones too; None when there is no call."""
        legs = self.calls.legs_of(dn)
        return await legs[-1].request(method, headers, body, content_type) if legs else None

    async def send_notify(
        self, dn: str, event: str, body: bytes = b"", content_type: str = "text/plain", *,
        in_dialog: bool = False, state: str | None = None, headers: HeaderList = (),
    ) -> list[Response]:  # fmt: skip
        """A NOTIFY with any Event: check-sync out of dialog, talk and hold in the call's dialog."""
        extra = [("Event", event), *([("Subscription-State", state)] if state is not None else []), *headers]
        if in_dialog:
            response = await self.send_in_dialog(dn, "NOTIFY", tuple(extra), body, content_type)
            return [] if response is None else [response]
        return await self.send_request(dn, "NOTIFY", tuple(extra), body, content_type)

    def notify_mwi(self, dn: str, new: int, old: int = 0, *, unsolicited: bool | None = None) -> None:
        """Change a mailbox: to the subscribers, or without a subscription where there are none (or when told)."""
        mailbox = dnoptions.value(self.dns[dn], "gvm_mailbox") if dn in self.dns else ""
        for each in [dn, *(other.number for other in self.dns.values() if other.number != dn and mailbox
                           and dnoptions.value(other, "gvm_mailbox") == mailbox)]:  # fmt: skip
            told = self.mwi.set(each, Mailbox(new, old, account=mailbox))
            if unsolicited or (unsolicited is None and not told):
                self.agent.spawn(self._notify_unsolicited(each))
        self.bus.publish("mwi", dn=dn, new=new, old=old)

    # Inside

    def _route_to_far_end(self, invitation: Invitation) -> AnsweringFarEnd | Outcome | None:
        waiting = self._expected.get(invitation.number)
        if waiting is None:
            return None
        return waiting.pop(0) if waiting else Outcome(486)

    def _route_to_queue(self, invitation: Invitation) -> Callee | None:
        queue = self.queues.get(invitation.number)
        return queue(invitation) if queue is not None else None

    def _route_to_other_site(self, invitation: Invitation) -> Callee | Outcome | None:
        """dr-forward: the other site takes the call, unless it is as badly off as this one."""
        dn, other = self.dns.get(invitation.number), self.other_site
        if dn is None or other is None or dn.number not in other.dns or other.life is Life.CLOSING:
            return None
        when = dnoptions.value(dn, "dr-forward")
        here = bool(self.location.of(dn.number)) if when == "oos" else bool(self.agents.at(dn.number).agent)
        there = bool(other.location.of(dn.number)) and (when == "oos" or bool(other.agents.at(dn.number).agent))
        return other.calls.ring(other.dns[dn.number]) if when != "off" and there and not here else None

    def _keep(self, far_end: FarEnd) -> FarEnd:
        self.far_ends = [*self.far_ends[-_KEPT_FAR_ENDS + 1 :], far_end]
        return far_end

    async def _cancel_after(self, far_end: FarEnd, seconds: float) -> None:
        await asyncio.sleep(seconds)
        if far_end.state in ("calling", "ringing"):
            far_end.leave("gave up waiting")

    async def _notify_unsolicited(self, dn: str) -> None:
        await self.send_notify(dn, self.mwi.event, self.mwi.body(dn), CONTENT_TYPE)
