"""What the server does in one SIP dialog of a call: offers, ACK, BYE, other requests, the session timer.

How a dialog comes to be is in incomingleg.py and outgoingleg.py; what the phone sends in it is in leg.py.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

from sipmessage import Request, Response

from centre.dialog import Dialog
from centre.message import ALLOW, SUPPORTED, Headers, option_tags
from centre.party import PASSED_TO_CALLER, Exchange, Outcome
from centre.servertransaction import ServerTransaction
from centre.sessiontimer import SessionInterval, SessionTimer, agreed_as_uac
from centre.unacknowledged import Unacknowledged
from centre.useragent import UserAgent


def outcome_of(response: Response) -> Outcome:
    """A response in the call's words."""
    names = PASSED_TO_CALLER if response.code >= 300 else PASSED_TO_CALLER[1:]
    headers = tuple((name, value) for name in names for value in response.headers.getlist(name))
    return Outcome(response.code, response.body, headers, response.phrase)


class LegBase(ABC):
    """A dialog with a phone. `label` is the DN or number it stands for."""

    def __init__(self, agent: UserAgent, label: str) -> None:
        self.agent, self.label = agent, label
        self.name = ""
        self.owner: Exchange | None = None
        self.dialog: Dialog | None = None
        self.state = "early"
        self.peer_allows: set[str] = set()
        self.local_sdp = b""
        self.holding = False  # the phone's own last offer was a hold
        self.timer = SessionTimer(self._refresh, lambda: self.gone("session timer expired"))
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
        self.state = "ended"
        self.timer.stop()
        for waiting in self._unacknowledged.values():
            waiting.stop()
        if self.dialog is not None:
            key = self.dialog.key
            asyncio.get_running_loop().call_later(
                self.agent.settings.timers.t4, lambda: self.agent.dialogs.pop(key, None)
            )
        self.agent.bus.publish("leg-ended", dn=self.label, reason=reason)

    def note_peer(self, message: Request | Response) -> None:
        """Remember what the phone says it can do."""
        if message.headers.get("Allow"):
            self.peer_allows = {tag.upper() for tag in option_tags(message, "Allow")}

    def common_headers(self) -> list[tuple[str, str]]:
        """Allow, Supported, Server: in every INVITE and in 2xx to it."""
        return [("Allow", ALLOW), ("Supported", SUPPORTED), self.agent.product]

    def gone(self, reason: str) -> None:
        """The phone does not answer any more: end the leg and tell the call."""
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
                self.follow(agreed_as_uac(response), we_are="uac")
            elif response.code in (408, 481):
                self.gone(f"{response.code} to a {method}")
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

    def follow(self, interval: SessionInterval | None, we_are: str) -> None:
        """Start the session timer that was agreed; `we_are` our role in the transaction, uac or uas."""
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
            outcome = await self._offer("UPDATE", b"")
        else:
            outcome = await self._offer("INVITE", self.local_sdp)
            self.confirm(None)
        if not outcome.ok and self.alive:
            self.timer.start(self.timer.interval, ours=True)  # 491 and the like: the session still lives, try again

    # DialogUser, in leg.py

    @abstractmethod
    def receive(self, transaction: ServerTransaction) -> None:
        """A request inside the dialog."""

    @abstractmethod
    def acknowledge(self, ack: Request) -> None:
        """The ACK of one of our 2xx."""
