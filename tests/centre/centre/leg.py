"""What a phone sends in one SIP dialog of a call: re-INVITE, UPDATE, ACK, BYE, INFO, REFER, OPTIONS.

What is to be done about an offer or a BYE is the business of the call (`owner`); the leg keeps the SIP rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from sipmessage import Request

from centre import sdp
from centre.legbase import LegBase
from centre.message import ALLOW, uri_text
from centre.party import Outcome, Progress, Refer
from centre.servertransaction import ServerTransaction
from centre.sessiontimer import IntervalTooSmall, SessionInterval, agreed_as_uas
from centre.unacknowledged import Unacknowledged


class Leg(LegBase):
    """A dialog with a phone, both ways. `referee` takes the reports of a REFER we sent in it."""

    referee: Callable[[ServerTransaction], None] | None = None

    # Requests from the phone

    def receive(self, transaction: ServerTransaction) -> None:
        """A request inside the dialog."""
        request = transaction.request
        assert self.dialog is not None
        if not self.dialog.in_order(request):
            transaction.reply(500, phrase="CSeq Too Small")
        elif request.method == "BYE":
            self._on_bye(transaction)
        elif not self.alive:
            transaction.reply(481)
        elif request.method in ("INVITE", "UPDATE"):
            self._on_offer(transaction)
        elif request.method in ("INFO", "MESSAGE"):
            self.agent.spawn(self._on_info(transaction))
        elif request.method == "REFER":
            self._on_refer(transaction)
        elif request.method == "PRACK":
            self.on_prack(transaction)
        elif request.method == "OPTIONS":
            transaction.reply(200, self.common_headers())
        elif request.method == "NOTIFY":
            self._on_notify(transaction)
        else:
            transaction.reply(405, [("Allow", ALLOW)])

    def acknowledge(self, ack: Request) -> None:
        """The ACK of one of our 2xx."""
        if (waiting := self._unacknowledged.pop(ack.cseq.sequence, None)) is not None:
            waiting.acknowledge(ack.body)

    def accept(
        self, transaction: ServerTransaction, outcome: Outcome, interval: SessionInterval | None
    ) -> Unacknowledged:
        """Send a 2xx to an INVITE, repeated until its ACK."""
        assert self.dialog is not None
        headers = [
            ("Contact", self.dialog.contact),
            *self.common_headers(),
            *outcome.headers,
            *_timer_headers(interval),
        ]
        if outcome.sdp:
            self.local_sdp = outcome.sdp
        sequence = transaction.request.cseq.sequence
        waiting = Unacknowledged(transaction, self.agent.settings.timers, lambda: self.gone("no ACK"))
        self._unacknowledged[sequence] = waiting
        transaction.reply(outcome.code, headers, body=outcome.sdp)
        waiting.start()
        self.follow(interval, we_are="uas")
        return waiting

    def on_prack(self, transaction: ServerTransaction) -> None:
        """Only a leg that sends reliable provisional responses has a use for one."""
        transaction.reply(481)

    def _on_notify(self, transaction: ServerTransaction) -> None:
        """The report of a REFER of ours; nothing else was subscribed to."""
        event = (transaction.request.headers.get("Event") or "").split(";")[0].strip().lower()
        if event != "refer" or self.referee is None:
            transaction.reply(489, [("Allow-Events", "refer")])
        else:
            self.referee(transaction)

    def _on_bye(self, transaction: ServerTransaction) -> None:
        transaction.reply(200)
        if self.alive:
            self.end("hung up by the phone")
            if self.owner is not None:
                self.owner.hung_up(self, "BYE")

    def _on_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        assert self.dialog is not None
        if self._negotiating or (request.method == "INVITE" and (self.state == "early" or self._unacknowledged)):
            transaction.reply(491)
            return
        try:
            interval = agreed_as_uas(request, self.agent.settings.session_expires, self.agent.settings.min_se)
        except IntervalTooSmall:
            transaction.reply(422, [("Min-SE", str(self.agent.settings.min_se))])
            return
        self.dialog.refresh_target(request)
        self.note_peer(request)
        if request.method == "UPDATE" and not request.body:
            self._accept_update(transaction, Outcome(200), interval)
            return
        self._negotiating = True
        task = self.agent.spawn(self._answer_offer(transaction, interval))
        transaction.on_cancel = _canceller(task)

    async def _answer_offer(self, transaction: ServerTransaction, interval: SessionInterval | None) -> None:
        request = transaction.request
        offer = request.body or None
        released = False
        try:
            if self.owner is None:
                outcome = Outcome(488)
            else:
                outcome = await self.owner.reoffered(self, offer, update=request.method == "UPDATE")
            if outcome.ok and offer is not None:
                self._note_hold(offer)
            if not self.alive:
                transaction.reply(481)
            elif not outcome.ok:
                transaction.reply(outcome.code, outcome.headers, phrase=outcome.phrase)
            elif request.method == "UPDATE":
                self._accept_update(transaction, outcome, interval)
            else:
                waiting = self.accept(transaction, outcome, interval)
                # The exchange of an offered INVITE is over with our answer: an offer right behind the ACK is no glare.
                released = offer is not None
                self._negotiating = not released
                answer = await waiting.wait()
                if offer is None and self.owner is not None:
                    self.owner.reconfirmed(self, answer)
        finally:
            if not released:
                self._negotiating = False
            transaction.reply(487)  # only if the task was cancelled: nothing was answered yet

    def _note_hold(self, offer: bytes) -> None:
        with suppress(ValueError):  # what the other side made of it is what counts
            self.holding = sdp.parse(offer).direction in ("sendonly", "inactive")
            self.agent.bus.publish("held" if self.holding else "retrieved", dn=self.label)

    def _accept_update(
        self, transaction: ServerTransaction, outcome: Outcome, interval: SessionInterval | None
    ) -> None:
        assert self.dialog is not None
        headers = [("Contact", self.dialog.contact), *self.common_headers(), *_timer_headers(interval)]
        if outcome.sdp:
            self.local_sdp = outcome.sdp
        transaction.reply(200, headers, body=outcome.sdp)
        self.follow(interval, we_are="uas")

    async def _on_info(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        content_type = request.headers.get("Content-Type") or ""
        if self.owner is None:
            transaction.reply(481)
            return
        transaction.reply(await self.owner.informed(self, request.method, content_type, request.body))

    def _on_refer(self, transaction: ServerTransaction) -> None:
        value = transaction.request.headers.get("Refer-To")
        if value is None or self.owner is None:
            transaction.reply(400, phrase="Refer-To Missing")
            return
        target, _, embedded = uri_text(value).partition("?")
        quiet = (transaction.request.headers.get("Refer-Sub") or "").strip().lower().startswith("false")
        subscription = f"refer;id={transaction.request.cseq.sequence}"
        headers = [("Refer-Sub", "false")] if quiet else []
        if self.dialog is not None:
            headers.append(("Contact", self.dialog.contact))

        async def report(step: Outcome | Progress) -> None:
            if not quiet and self.alive:
                await self._send_sipfrag(subscription, step)

        self.owner.referred(self, Refer(target, embedded, lambda code: transaction.reply(code, headers), report))

    async def _send_sipfrag(self, event: str, step: Outcome | Progress) -> None:
        final = isinstance(step, Outcome)
        state = "terminated;reason=noresource" if final else "active;expires=180"
        words = Outcome(step.code, phrase=step.phrase).words
        await self.request(
            "NOTIFY",
            [("Event", event), ("Subscription-State", state)],
            f"SIP/2.0 {words}\r\n".encode(),
            "message/sipfrag;version=2.0",
        )


def _timer_headers(interval: SessionInterval | None) -> list[tuple[str, str]]:
    """In a 2xx; Require: timer only when the phone is to refresh (RFC 4028 section 9)."""
    if interval is None:
        return []
    return [interval.header, *([("Require", "timer")] if interval.refresher == "uac" else [])]


def _canceller(task: asyncio.Task[None]) -> Callable[[], None]:
    def cancel() -> None:
        task.cancel()

    return cancel
