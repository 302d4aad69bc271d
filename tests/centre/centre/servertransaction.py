"""The server transactions of RFC 3261 section 17.2 (INVITE with RFC 6026): absorb repeats, answer them, wait for ACK.

Told apart by `invite`. What a request means is the transaction user's business.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import Protocol

from sipmessage import Request, Response

from centre.message import new_response
from centre.settings import Timers
from centre.transport import Peer


class Layer(Protocol):
    """What a server transaction asks of the layer it belongs to."""

    timers: Timers

    def transmit(self, message: Request | Response, peer: Peer) -> None:
        """Straight to the wire."""

    def forget_server(self, transaction: ServerTransaction) -> None:
        """It is over."""


class ServerTransaction:
    """One request we received. Retransmissions of it are answered with the last response by itself."""

    def __init__(self, layer: Layer, request: Request, peer: Peer, key: tuple[str, str, str]) -> None:
        self.layer, self.request, self.peer, self.key = layer, request, peer, key
        self.invite = request.method == "INVITE"
        self.tag = secrets.token_hex(6)
        self.on_cancel: Callable[[], None] | None = None
        self.last: Response | None = None
        self.state = "trying"
        self._timers: list[asyncio.TimerHandle] = []
        self._interval = layer.timers.t1

    @property
    def answered(self) -> bool:
        """Has a final response been sent."""
        return self.last is not None and self.last.code >= 200

    def reply(
        self,
        code: int,
        headers: list[tuple[str, str]] | tuple[tuple[str, str], ...] = (),
        *,
        phrase: str = "",
        body: bytes = b"",
        content_type: str = "application/sdp",
    ) -> None:
        """Build and send a response with our tag; nothing if a final one is already out."""
        if not self.answered:
            self.respond(
                new_response(
                    self.request, code, headers, phrase=phrase, body=body, content_type=content_type, to_tag=self.tag
                )
            )

    def respond(self, response: Response) -> None:
        """Send a response and move on."""
        self.last = response
        self.layer.transmit(response, self.peer)
        if response.code < 200:
            self.state = "proceeding"
            return
        timers = self.layer.timers
        if self.invite and response.code < 300:
            self.state = "accepted"  # the leg retransmits the 2xx until the ACK (section 13.3.1.4)
        else:
            self.state = "completed"
            if self.invite and self.peer.protocol == "UDP":
                self._later(self._interval, self._retransmit)
        self._later(timers.give_up, self.terminate)

    def retransmit_last(self) -> None:
        """Send the last response again (the leg's 2xx, a reliable provisional)."""
        if self.last is not None:
            self.layer.transmit(self.last, self.peer)

    def absorb(self) -> None:
        """The same request again."""
        if self.last is not None and self.state in ("proceeding", "completed"):
            self.layer.transmit(self.last, self.peer)

    def acknowledged(self) -> None:
        """The ACK of a final non-2xx (timer I absorbs repeats)."""
        if self.state == "completed":
            self.state = "confirmed"
            self._stop_timers()
            self._later(self.layer.timers.t4, self.terminate)

    def terminate(self) -> None:
        """Forget the transaction."""
        self.state = "terminated"
        self._stop_timers()
        self.layer.forget_server(self)

    def _retransmit(self) -> None:
        self.retransmit_last()
        self._interval = min(2 * self._interval, self.layer.timers.t2)
        self._later(self._interval, self._retransmit)

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(delay, action))

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
