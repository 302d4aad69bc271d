"""A leg that a phone began: its INVITE waits for our provisional and final responses (UAS), with 100rel (RFC 3262)."""

from __future__ import annotations

import asyncio
import secrets

from centre.dialog import Dialog
from centre.leg import Leg
from centre.message import option_tags, user_of
from centre.party import Outcome, Progress
from centre.servertransaction import ServerTransaction
from centre.sessiontimer import agreed_as_uas
from centre.useragent import UserAgent


class IncomingLeg(Leg):
    """Made from a new INVITE. Raises IntervalTooSmall (answer 422)."""

    def __init__(self, agent: UserAgent, transaction: ServerTransaction, label: str) -> None:
        super().__init__(agent, label)
        request = transaction.request
        settings = agent.settings
        self._interval = agreed_as_uas(request, settings.session_expires, settings.min_se)
        self._transaction = transaction
        required = "100rel" in option_tags(request, "Require")
        self._reliable_always = required
        self._reliable = required or "100rel" in option_tags(request, "Supported")
        self._rseq = secrets.randbelow(10000) + 1
        self._one_at_a_time = asyncio.Lock()
        self._pracked: asyncio.Future[None] | None = None
        self.note_peer(request)
        called = user_of(str(request.uri))
        contact = agent.contact(called, transaction.peer.protocol)
        self.register(Dialog.of_request(request, transaction.peer, transaction.tag, contact))
        transaction.on_cancel = self._cancelled

    def progress(self, progress: Progress) -> None:
        """180, 183: reliably when it carries SDP and the phone can, or when the phone requires it."""
        if not self.alive or self._transaction.answered or self.dialog is None:
            return
        sdp = progress.sdp if self._transaction.request.body else b""
        if sdp:
            self.local_sdp = sdp
        headers = [("Contact", self.dialog.contact), *self.common_headers(), *progress.headers]
        if self._reliable and (sdp or self._reliable_always) and progress.code > 100:
            self.agent.spawn(self._send_reliably(progress, sdp, headers))
        else:
            self._transaction.reply(progress.code, headers, phrase=progress.phrase, body=sdp)

    async def answer(self, outcome: Outcome) -> bytes | None:
        """2xx, after any reliable provisional was acknowledged (RFC 3262 section 3); returns the ACK's body."""
        async with self._one_at_a_time:
            if not self.alive:
                return None
            self.state = "confirmed"
        return await self.accept(self._transaction, outcome, self._interval).wait()

    def reject(self, outcome: Outcome) -> None:
        """3xx to 6xx."""
        if self.alive:
            self._transaction.reply(outcome.code, outcome.headers, phrase=outcome.phrase)
            self.end(f"rejected: {outcome.words}")

    def end(self, reason: str) -> None:
        """Also answers an INVITE that is still open (a BYE in the early dialog, RFC 3261 section 15.1.2)."""
        self._transaction.reply(487)
        super().end(reason)

    def hang_up(self, reason: str = "") -> None:
        """BYE, or 480 while it was not answered."""
        if self.state == "early":
            self.reject(Outcome(480))
        else:
            super().hang_up(reason)

    def on_prack(self, transaction: ServerTransaction) -> None:
        """RFC 3262 section 3: 481 unless it names the provisional that waits."""
        invite = self._transaction.request
        rack = (transaction.request.headers.get("RAck") or "").split()
        if self._pracked is None or rack != [str(self._rseq), str(invite.cseq.sequence), "INVITE"]:
            transaction.reply(481)
        elif transaction.request.body:
            transaction.reply(488)  # a new offer in a PRACK: the other side has not answered yet
        else:
            transaction.reply(200)
            if not self._pracked.done():
                self._pracked.set_result(None)

    async def _send_reliably(self, progress: Progress, sdp: bytes, headers: list[tuple[str, str]]) -> None:
        async with self._one_at_a_time:
            if not self.alive or self._transaction.answered:
                return
            self._rseq += 1
            self._pracked = asyncio.get_running_loop().create_future()
            extra = [("Require", "100rel"), ("RSeq", str(self._rseq))]
            self._transaction.reply(progress.code, [*headers, *extra], phrase=progress.phrase, body=sdp)
            if not await self._repeat_until_pracked(self._pracked):
                self.reject(Outcome(504))
                if self.owner is not None:
                    self.owner.hung_up(self, "no PRACK")

    async def _repeat_until_pracked(self, pracked: asyncio.Future[None]) -> bool:
        timers = self.agent.settings.timers
        interval, deadline = timers.t1, asyncio.get_running_loop().time() + timers.give_up
        while self.alive and asyncio.get_running_loop().time() < deadline:
            done, _ = await asyncio.wait([pracked], timeout=interval)
            if done:
                return True
            if self._transaction.answered:
                return True
            self._transaction.retransmit_last()
            interval *= 2
        return not self.alive

    def _cancelled(self) -> None:
        self.end("cancelled by the phone")
        if self.owner is not None:
            self.owner.hung_up(self, "CANCEL")
