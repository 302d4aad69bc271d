"""A leg that the server begins: INVITE to one contact of a phone (UAC), PRACK, CANCEL, and the 2xx that crosses it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from functools import partial

from sipmessage import Request, Response

from centre.clienttransaction import ClientTransaction
from centre.dialog import Dialog, new_call_id
from centre.identity import from_value, identity_headers
from centre.leg import Leg
from centre.legbase import outcome_of
from centre.message import new_request, option_tags, tag_of, user_part
from centre.party import Invitation, Outcome, Progress
from centre.sessiontimer import agreed_as_uac
from centre.transport import Peer
from centre.useragent import UserAgent


class OutgoingLeg(Leg):
    """Call `invite` once. provisional: the code of the newest provisional answer that began a dialog, 0 before."""

    def __init__(self, agent: UserAgent, label: str, uri: str, peer: Peer) -> None:
        super().__init__(agent, label)
        self._uri, self._peer = uri, peer
        self._rseq = self.provisional = 0
        self._request: Request | None = None

    async def invite(self, invitation: Invitation, progress: Callable[[Progress], None]) -> Outcome:
        """The final outcome; after a 2xx `confirm` is owed. Cancelling the task sends CANCEL."""
        min_se = self.agent.settings.min_se
        for _ in range(2):
            client = self._send(invitation, progress, min_se)
            try:
                response = await asyncio.shield(client.final)
            except asyncio.CancelledError:
                client.cancel()
                client.final.add_done_callback(partial(self._answered_too_late, client))
                raise
            if response.code != 422:
                break
            floor = (response.headers.get("Min-SE") or "").split(";")[0].strip()
            min_se = int(floor) if floor.isdecimal() else 1800
        self.note_peer(response)
        if response.code >= 300:
            self.end(f"refused: {response.code}")
            return outcome_of(response)
        self._become_dialog(client, response)
        self.state = "confirmed"
        self._owed_ack = client.request.cseq.sequence
        self.follow(agreed_as_uac(response), we_are="uac")
        return outcome_of(response)

    def _send(self, invitation: Invitation, progress: Callable[[Progress], None], min_se: int) -> ClientTransaction:
        agent, settings = self.agent, self.agent.settings
        user = "anonymous" if invitation.private else invitation.from_number
        self._contact = agent.contact(user, self._peer.protocol)
        headers = [
            ("From", f"{from_value(invitation, agent.address)};tag={secrets.token_hex(6)}"),
            ("To", f"<sip:{user_part(invitation.number)}@{agent.address}>"),
            ("Call-ID", new_call_id(settings.host)),
            ("CSeq", "1 INVITE"),
            ("Contact", self._contact),
            *self.common_headers(),
            *identity_headers(invitation, agent.address),
            *invitation.headers,
        ]
        if settings.session_expires:
            headers += [
                ("Session-Expires", str(max(settings.session_expires, min_se))), ("Min-SE", str(min_se)),
            ]  # fmt: skip
        request = new_request("INVITE", self._uri, headers, invitation.offer or b"")
        # A reliable 183 to an INVITE without SDP would carry an offer that only a PRACK could answer.
        if invitation.offer is None:
            request.headers.set("Supported", "replaces, timer, norefersub")
        self._rseq, self._request = 0, request
        self.local_sdp = invitation.offer or b""
        client = agent.transactions.request(request, self._peer, lambda r: self._on_response(client, r, progress))
        return client

    def _on_response(self, client: ClientTransaction, response: Response, progress: Callable[[Progress], None]) -> None:
        if response.code >= 200:
            if response.code < 300 and self._last_ack is not None:
                self._on_repeated_2xx(client, response)
            return
        if response.code == 100 or tag_of(response.headers["To"]) is None or not self.alive:
            return
        self.note_peer(response)
        self._become_dialog(client, response)
        self.provisional = response.code
        if "100rel" in option_tags(response, "Require") and not self._acknowledge_provisional(client, response):
            return
        headers = tuple((name, value) for name in ("Alert-Info",) for value in response.headers.getlist(name))
        progress(Progress(response.code, response.body, headers, response.phrase))

    def _become_dialog(self, client: ClientTransaction, response: Response) -> None:
        dialog = Dialog.of_response(client.request, response, self._peer, self._contact)
        if self.dialog is None or self.dialog.key != dialog.key:
            self.register(dialog)
        else:
            self.dialog.refresh_target(response)
            self.dialog.route_set = dialog.route_set

    def _acknowledge_provisional(self, client: ClientTransaction, response: Response) -> bool:
        """PRACK (RFC 3262 section 4); False for a repeat or one out of order."""
        text = (response.headers.get("RSeq") or "").strip()
        if not text.isdecimal() or self.dialog is None:
            return False
        rseq = int(text)
        if self._rseq and rseq != self._rseq + 1:
            return False
        self._rseq = rseq
        rack = f"{rseq} {client.request.cseq.sequence} INVITE"
        prack = self.dialog.request("PRACK", [("RAck", rack)])
        self.agent.transactions.request(prack, self.dialog.destination())
        return True

    def _on_repeated_2xx(self, client: ClientTransaction, response: Response) -> None:
        if self.dialog is not None and tag_of(response.headers["To"]) == self.dialog.remote_tag:
            self._repeat_ack(response)
        else:  # a second phone behind a forking proxy answered too: thank it and end it
            self._end_unwanted(client, response)

    def _answered_too_late(self, client: ClientTransaction, final: asyncio.Future[Response]) -> None:
        """The 2xx crossed our CANCEL (RFC 3261 section 9.1): ACK and BYE."""
        response = final.result()
        self.end("cancelled")
        if response.code < 300:
            self._end_unwanted(client, response)

    def _end_unwanted(self, client: ClientTransaction, response: Response) -> None:
        extra = Leg(self.agent, self.label)
        extra.register(Dialog.of_response(client.request, response, self._peer, self._contact))
        extra._owed_ack = client.request.cseq.sequence
        extra.hang_up()
