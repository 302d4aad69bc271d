"""One SIP dialog of a call, inside it: re-INVITE, UPDATE, ACK, BYE, INFO, REFER, session timer, both ways.

How a dialog comes to be is in incomingleg.py and outgoingleg.py. What is to be done about an offer or a BYE is the
business of the call (`owner`); the leg keeps the SIP rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sipmessage import Request, Response

from deskphone.sim.sipserver.dialog import Dialog
from deskphone.sim.sipserver.message import ALLOW, SUPPORTED, Headers, option_tags, uri_text
from deskphone.sim.sipserver.party import PASSED_TO_CALLER, Exchange, Outcome, Progress, Refer
from deskphone.sim.sipserver.servertransaction import ServerTransaction
from deskphone.sim.sipserver.sessiontimer import (
    IntervalTooSmall,
    SessionInterval,
    SessionTimer,
    agreed_as_uac,
    agreed_as_uas,
)
from deskphone.sim.sipserver.unacknowledged import Unacknowledged
from deskphone.sim.sipserver.useragent import UserAgent


def outcome_of(response: Response) -> Outcome:
    """A response in the call's words."""
    names = PASSED_TO_CALLER if response.code >= 300 else PASSED_TO_CALLER[1:]
    headers = tuple((name, value) for name in names for value in response.headers.getlist(name))
    return Outcome(response.code, response.body, headers, response.phrase)


class Leg:
    """A dialog with a phone. `label` is the DN or number it stands for."""

    def __init__(self, agent: UserAgent, label: str) -> None:
        self.agent, self.label = agent, label
        self.name = ""
        self.owner: Exchange | None = None
        self.dialog: Dialog | None = None
        self.state = "early"
        self.ended_by = ""
        self.peer_allows: set[str] = set()
        self.local_sdp = b""
        self.timer = SessionTimer(self._refresh, lambda: self._gone("session timer expired"))
        self._negotiating = False
        self._unacknowledged: dict[int, Unacknowledged] = {}
        self._owed_ack: int | None = None
        self._last_ack: Request | None = None

    @property
    def alive(self) -> bool:
        """Not ended."""
        return self.state != "ended"

    # What the call asks for

    async def reoffer(self, offer: bytes | None, *, update: bool = False) -> Outcome:
        """A re-INVITE (or an UPDATE where the leg is early or the call says so) with or without an offer."""
        if self.dialog is None or not self.alive:
            return Outcome(481)
        for waiting in list(self._unacknowledged.values()):
            await waiting.wait()  # RFC 3261 section 14.1: no new INVITE while one is in progress
        if not self.alive:
            return Outcome(481)
        if self._negotiating:
            return Outcome(491)
        use_update = offer is not None and "UPDATE" in self.peer_allows and (update or self.state == "early")
        if self.state == "early" and not use_update:
            return Outcome(491)
        return await self._offer("UPDATE" if use_update else "INVITE", offer or b"")

    def confirm(self, answer: bytes | None) -> None:
        """Send the ACK that is owed, if one is."""
        if self._owed_ack is None or self.dialog is None:
            return
        ack = self.dialog.request("ACK", (), answer or b"", sequence=self._owed_ack)
        if answer:
            self.local_sdp = answer
        self._last_ack, self._owed_ack = ack, None
        self._send_ack()

    def hang_up(self, reason: str = "") -> None:
        """BYE, once."""
        if not self.alive:
            return
        self.confirm(None)
        self.end(reason or "hung up by the server")
        if self.dialog is not None:
            headers = [("Reason", reason)] if reason.startswith(("SIP", "Q.850")) else []
            self.agent.transactions.request(self.dialog.request("BYE", headers), self.dialog.destination())

    async def inform(self, method: str, content_type: str, body: bytes) -> int:
        """INFO or MESSAGE to the phone; its status code."""
        response = await self.request(method, (), body, content_type)
        return 481 if response is None else response.code

    async def request(
        self, method: str, headers: Headers = (), body: bytes = b"", content_type: str = ""
    ) -> Response | None:
        """Any request inside the dialog; its final response, or None if there is no dialog."""
        if self.dialog is None:
            return None
        request = self.dialog.request(method, headers, body, content_type)
        return await self.agent.transactions.request(request, self.dialog.destination()).final

    # The dialog's own life

    def register(self, dialog: Dialog) -> None:
        """Take over a dialog (also when a fork answers with another tag)."""
        if self.dialog is not None:
            self.agent.dialogs.pop(self.dialog.key, None)
        self.dialog = dialog
        self.agent.dialogs[dialog.key] = self

    def end(self, reason: str) -> None:
        """No more of this leg; its dialog is kept for T4, so that a BYE that crossed ours gets its 200."""
        self.state, self.ended_by = "ended", reason
        self.timer.stop()
        for waiting in self._unacknowledged.values():
            waiting.stop()
        if self.dialog is not None:
            key = self.dialog.key
            asyncio.get_running_loop().call_later(
                self.agent.settings.timers.t4, lambda: self.agent.dialogs.pop(key, None)
            )
        self.agent.bus.wake()

    def note_peer(self, message: Request | Response) -> None:
        """Remember what the phone says it can do."""
        if message.headers.get("Allow"):
            self.peer_allows = {tag.upper() for tag in option_tags(message, "Allow")}

    def common_headers(self) -> list[tuple[str, str]]:
        """Allow, Supported, Server: in every INVITE and in 2xx to it."""
        return [("Allow", ALLOW), ("Supported", SUPPORTED), self.agent.product]

    def _gone(self, reason: str) -> None:
        if self.alive:
            self.hang_up(f'SIP;cause=408;text="{reason}"')
            if self.owner is not None:
                self.owner.hung_up(self, reason)

    # Offers we send

    async def _offer(self, method: str, offer: bytes) -> Outcome:
        assert self.dialog is not None
        self._negotiating = True
        try:
            headers = [*self.common_headers(), *self._session_headers()]
            request = self.dialog.request(method, headers, offer)
            client = self.agent.transactions.request(request, self.dialog.destination(), self._repeat_ack)
            try:
                response = await asyncio.shield(client.final)
            except asyncio.CancelledError:
                client.cancel()
                client.final.add_done_callback(lambda done: self._accepted_too_late(request, done.result()))
                raise
            if response.code < 300:
                if method == "INVITE":
                    self._owed_ack = request.cseq.sequence
                if offer:
                    self.local_sdp = offer
                self.dialog.refresh_target(response)
                self.note_peer(response)
                self._follow(agreed_as_uac(response), we_are="uac")
            elif response.code in (408, 481):
                self._gone(f"{response.code} to a {method}")
            return outcome_of(response)
        finally:
            self._negotiating = False

    def _accepted_too_late(self, request: Request, response: Response) -> None:
        """A 2xx that crossed our CANCEL of a re-INVITE still gets its ACK."""
        if response.code < 300 and request.method == "INVITE":
            self._owed_ack = request.cseq.sequence
            self.confirm(None)

    def _repeat_ack(self, response: Response) -> None:
        if (
            self._last_ack is not None
            and response.code // 100 == 2
            and response.cseq.method == "INVITE"
            and (response.cseq.sequence == self._last_ack.cseq.sequence)
        ):
            self._send_ack()

    def _send_ack(self) -> None:
        """The ACK of a 2xx is a request of its own without a transaction; sent again for each 2xx repeat."""
        if self._last_ack is not None and self.dialog is not None:
            branch = f"z9hG4bKack{id(self._last_ack):x}{self._last_ack.cseq.sequence}"
            peer = self.dialog.destination()
            self._last_ack.headers.set("Via", f"SIP/2.0/{peer.protocol} {self.agent.address};branch={branch};rport")
            self.agent.transactions.transmit(self._last_ack, peer)

    def _session_headers(self) -> list[tuple[str, str]]:
        if not self.timer.interval:
            return []
        refresher = "uac" if self.timer.ours else "uas"
        return [SessionInterval(self.timer.interval, refresher).header, ("Min-SE", str(self.agent.settings.min_se))]

    def _follow(self, interval: SessionInterval | None, we_are: str) -> None:
        if interval is None or not self.alive:
            self.timer.stop()
        else:
            self.timer.start(interval.seconds, ours=interval.refresher == we_are)

    def _refresh(self) -> None:
        self.agent.spawn(self._send_refresh())

    async def _send_refresh(self) -> None:
        """An UPDATE without SDP, or a re-INVITE with the last SDP (RFC 4028 section 7.4)."""
        if not self.alive or self.dialog is None:
            return
        if self._negotiating:
            self.timer.start(self.timer.interval, ours=True)
            return
        if "UPDATE" in self.peer_allows:
            await self._offer("UPDATE", b"")
        elif (await self._offer("INVITE", self.local_sdp)).ok:
            self.confirm(None)

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
            transaction.reply(489, [("Allow-Events", "refer")])
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
        headers = [("Contact", self.dialog.contact), *self.common_headers(), *outcome.headers]
        if interval is not None:
            headers.append(interval.header)
            if interval.refresher == "uac":
                headers.append(("Require", "timer"))
        if outcome.sdp:
            self.local_sdp = outcome.sdp
        sequence = transaction.request.cseq.sequence
        waiting = Unacknowledged(transaction, self.agent.settings.timers, lambda: self._gone("no ACK"))
        self._unacknowledged[sequence] = waiting
        transaction.reply(outcome.code, headers, body=outcome.sdp)
        waiting.start()
        self._follow(interval, we_are="uas")
        return waiting

    def on_prack(self, transaction: ServerTransaction) -> None:
        """Only a leg that sends reliable provisional responses has a use for one."""
        transaction.reply(481)

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

    def _accept_update(
        self, transaction: ServerTransaction, outcome: Outcome, interval: SessionInterval | None
    ) -> None:
        assert self.dialog is not None
        headers = [("Contact", self.dialog.contact), *self.common_headers()]
        if interval is not None:
            headers.append(interval.header)
        if outcome.sdp:
            self.local_sdp = outcome.sdp
        transaction.reply(200, headers, body=outcome.sdp)
        self._follow(interval, we_are="uas")

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


def _canceller(task: asyncio.Task[None]) -> Callable[[], None]:
    def cancel() -> None:
        task.cancel()

    return cancel
