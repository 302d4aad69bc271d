"""The client transactions of RFC 3261 section 17.1 (INVITE with RFC 6026): send, retransmit, time out, ACK, CANCEL.

Told apart by `invite`. Over TCP the retransmission timer is not started.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from sipmessage import Request, Response

from centre.message import new_request, new_response
from centre.settings import Timers
from centre.transport import Peer


class Layer(Protocol):
    """What a client transaction asks of the layer it belongs to."""

    timers: Timers

    def transmit(self, message: Request | Response, peer: Peer) -> None:
        """Straight to the wire."""

    def start_client(self, transaction: ClientTransaction) -> None:
        """Register and send another one: the CANCEL of this one."""

    def forget_client(self, transaction: ClientTransaction) -> None:
        """It is over."""


class ClientTransaction:
    """One request we sent. `final` always completes: with the final response, or our own 408/503 for silence."""

    def __init__(
        self, layer: Layer, request: Request, peer: Peer, on_response: Callable[[Response], None] | None
    ) -> None:
        self.request, self.peer, self.layer = request, peer, layer
        self.invite = request.method == "INVITE"
        self.final: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self.state = "calling"
        self._on_response = on_response
        self._cancel_wanted = False
        self._interval = layer.timers.t1
        self._timers: list[asyncio.TimerHandle] = []

    def start(self) -> None:
        """Send for the first time."""
        self._transmit()
        if self.peer.protocol == "UDP":
            self._later(self._interval, self._retransmit)
        self._later(self.layer.timers.give_up, self._give_up)

    def cancel(self) -> None:
        """CANCEL an INVITE: at once after a provisional response, else as soon as one comes (section 9.1)."""
        if not self.invite or self.final.done():
            return
        if self.state == "proceeding":
            self._send_cancel()
        else:
            self._cancel_wanted = True

    def receive(self, response: Response) -> None:
        """A response with our branch."""
        if response.code < 200:
            if self.state in ("calling", "proceeding"):
                self.state = "proceeding"
                if self.invite:
                    self._stop_timers()  # a ringing phone may ring long: the call's own ring limit applies
                self._tell(response)
                if self._cancel_wanted:
                    self._cancel_wanted = False
                    self._send_cancel()
            return
        if self.invite and response.code >= 300:
            self._acknowledge(response)
        first = not self.final.done()
        if first:
            self._stop_timers()
            self.state = "accepted" if self.invite and response.code < 300 else "completed"
            # Kept to absorb (or, for a 2xx, to pass on) retransmissions: timers D, K and M.
            hold = self.layer.timers.give_up if self.invite else self.layer.timers.t4
            self._later(hold, self.terminate)
            self.final.set_result(response)
        if first or (self.invite and response.code < 300):
            self._tell(response)

    def terminate(self) -> None:
        """Forget the transaction."""
        self.state = "terminated"
        self._stop_timers()
        self.layer.forget_client(self)
        if not self.final.done():
            self.final.set_result(new_response(self.request, 408))

    def _tell(self, response: Response) -> None:
        if self._on_response is not None:
            self._on_response(response)

    def _transmit(self) -> None:
        self.layer.transmit(self.request, self.peer)

    def _retransmit(self) -> None:
        self._transmit()
        self._interval *= 2
        if not self.invite:
            # Timer E is capped at T2, and stays there once a provisional came (section 17.1.2.2).
            self._interval = (
                self.layer.timers.t2 if self.state == "proceeding" else min(self._interval, self.layer.timers.t2)
            )
        self._later(self._interval, self._retransmit)

    def _give_up(self) -> None:
        if not self.final.done():
            response = new_response(self.request, 408, phrase="No Answer From Phone")
            self.final.set_result(response)
            self._tell(response)
        self.terminate()

    def _acknowledge(self, response: Response) -> None:
        ack = new_request("ACK", str(self.request.uri))
        for name in ("Via", "From", "Call-ID", "Route"):
            ack.headers.setlist(name, list(self.request.headers.getlist(name)))
        ack.headers.set("To", response.headers["To"])
        ack.headers.set("CSeq", f"{self.request.cseq.sequence} ACK")
        self.layer.transmit(ack, self.peer)

    def _send_cancel(self) -> None:
        cancel = new_request("CANCEL", str(self.request.uri))
        for name in ("Via", "From", "To", "Call-ID", "Route"):
            cancel.headers.setlist(name, list(self.request.headers.getlist(name)))
        cancel.headers.set("CSeq", f"{self.request.cseq.sequence} CANCEL")
        self.layer.start_client(ClientTransaction(self.layer, cancel, self.peer, None))
        # Section 9.1: if the phone never answers the INVITE after that, it counts as cancelled.
        self._later(self.layer.timers.give_up, self._give_up)

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(delay, action))

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
