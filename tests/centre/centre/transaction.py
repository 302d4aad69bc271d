"""The transaction layer of RFC 3261 section 17: which message belongs to which transaction, and the bound on them.

The state machines are in clienttransaction.py and servertransaction.py.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Protocol

from sipmessage import Request, Response

from centre.clienttransaction import ClientTransaction
from centre.message import branch_of, new_response, sent_by, tag_of, to_bytes
from centre.servertransaction import ServerTransaction
from centre.settings import Timers
from centre.transport import Peer

COOKIE = "z9hG4bK"


class TransactionUser(Protocol):
    """Who receives what no transaction absorbs."""

    def on_request(self, transaction: ServerTransaction) -> None:
        """A new request (never ACK or a matched CANCEL)."""

    def on_ack(self, request: Request) -> None:
        """An ACK for a 2xx."""


class TransactionLayer:
    """All transactions of one server. `send(message, bytes, peer)` is the way out."""

    def __init__(
        self,
        timers: Timers,
        limit: int,
        user: TransactionUser,
        send: Callable[[Request | Response, bytes, Peer], None],
    ) -> None:
        self.timers, self._limit, self._user, self._send = timers, limit, user, send
        self.sent_by = ""
        self.strays = 0
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str, str], ServerTransaction] = {}

    def __len__(self) -> int:
        return len(self._clients) + len(self._servers)

    def request(
        self, request: Request, peer: Peer, on_response: Callable[[Response], None] | None = None
    ) -> ClientTransaction:
        """Send a request in a new transaction; every provisional and 2xx also goes to `on_response`."""
        branch = COOKIE + secrets.token_hex(8)
        request.headers.setlist("Via", [f"SIP/2.0/{peer.protocol} {self.sent_by};branch={branch};rport"])
        transaction = ClientTransaction(self, request, peer, on_response)
        self.start_client(transaction)
        return transaction

    def start_client(self, transaction: ClientTransaction) -> None:
        """Register and send a client transaction whose Via is set."""
        self._clients[(branch_of(transaction.request), transaction.request.method)] = transaction
        transaction.start()

    def transmit(self, message: Request | Response, peer: Peer) -> None:
        """Straight to the wire."""
        self._send(message, to_bytes(message), peer)

    def receive(self, message: Request | Response, peer: Peer) -> None:
        """One parsed message from the wire."""
        if isinstance(message, Response):
            client = self._clients.get((branch_of(message), message.cseq.method))
            if client is None:
                self.strays += 1
            else:
                client.receive(message)
        elif message.method == "ACK":
            self._receive_ack(message)
        else:
            self._receive_request(message, peer)

    def close(self) -> None:
        """Forget everything; open requests end with 408."""
        for client in list(self._clients.values()):
            client.terminate()
        for server in list(self._servers.values()):
            server.terminate()

    def forget_client(self, transaction: ClientTransaction) -> None:
        """Called by the transaction at its end."""
        self._clients.pop((branch_of(transaction.request), transaction.request.method), None)

    def forget_server(self, transaction: ServerTransaction) -> None:
        """Called by the transaction at its end."""
        self._servers.pop(transaction.key, None)

    def _receive_ack(self, ack: Request) -> None:
        transaction = self._servers.get((branch_of(ack), sent_by(ack), "INVITE"))
        if transaction is not None and transaction.state in ("completed", "confirmed"):
            transaction.acknowledged()
        else:
            self._user.on_ack(ack)

    def _receive_request(self, request: Request, peer: Peer) -> None:
        branch = branch_of(request)
        key = (branch, sent_by(request), request.method)
        if not branch.startswith(COOKIE):  # an RFC 2543 client: the dialog identifies it (section 17.2.3)
            key = (f"{request.headers['Call-ID']}|{request.headers['CSeq']}", tag_of(request.headers["From"]) or "", "")
        if (known := self._servers.get(key)) is not None:
            known.absorb()
            return
        _note_source(request, peer)
        if request.method == "CANCEL":
            self._cancel(request, peer, (branch, sent_by(request), "INVITE"))
            return
        if len(self) >= self._limit:
            self.transmit(new_response(request, 503, [("Retry-After", "5")], to_tag="busy"), peer)
            return
        transaction = ServerTransaction(self, request, peer, key)
        self._servers[key] = transaction
        self._user.on_request(transaction)

    def _cancel(self, request: Request, peer: Peer, key: tuple[str, str, str]) -> None:
        invite = self._servers.get(key)
        code = 481 if invite is None else 200
        self.transmit(new_response(request, code, to_tag=invite.tag if invite else "none"), peer)
        if invite is not None and not invite.answered and invite.on_cancel is not None:
            invite.on_cancel()


def _note_source(request: Request, peer: Peer) -> None:
    """Write received and rport into the topmost Via (RFC 3261 section 18.2.1, RFC 3581)."""
    values = request.headers.getlist("Via")
    first, comma, rest = values[0].partition(",")
    parts = [part for part in first.split(";") if part.strip().lower().split("=")[0] not in ("rport", "received")]
    if "rport" in first.lower():
        parts.append(f"rport={peer.port}")
    if "rport" in first.lower() or not sent_by(request).startswith(peer.host):
        parts.append(f"received={peer.host}")
    values[0] = ";".join(part.strip() for part in parts) + comma + rest
