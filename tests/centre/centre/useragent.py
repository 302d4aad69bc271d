"""The core every module of the server stands on: transport, transactions, dialogs, bus, and who handles which method.

Modules add themselves with `handlers[METHOD] = function` (out of dialog) and `dialogs[key] = user` (in dialog).
Also here: the faults a story may order (silence, "answer the next N with code X").
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sipmessage import Request, Response

from centre.bus import Bus
from centre.dialog import DialogKey, key_of_request
from centre.message import ALLOW, SUPPORTED, Malformed, parse, tag_of, user_part
from centre.servertransaction import ServerTransaction
from centre.settings import Settings
from centre.transaction import TransactionLayer
from centre.transport import Peer, Transport

log = logging.getLogger(__name__)

Handler = Callable[[ServerTransaction], None]


class DialogUser(Protocol):
    """Who owns a dialog."""

    def receive(self, transaction: ServerTransaction) -> None:
        """A request inside the dialog."""

    def acknowledge(self, ack: Request) -> None:
        """An ACK inside the dialog."""


@dataclass(slots=True)
class Fault:
    """Answer the next `count` requests of `method` ("*" = any) from `dn` ("" = any) with `code`.

    `event`: only those with this event package. `after`: so many seconds after the request.
    """

    method: str
    code: int
    headers: tuple[tuple[str, str], ...] = ()
    count: int = 1
    dn: str = ""
    phrase: str = ""
    event: str = ""
    after: float = 0.0

    def matches(self, request: Request) -> bool:
        """Does this fault hit the request."""
        user = request.from_address.uri.user or ""
        event = (request.headers.get("Event") or "").split(";")[0].strip()
        return self.method in ("*", request.method) and self.dn in ("", user) and self.event in ("", event)


class UserAgent:
    """One SIP endpoint on one address."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.bus = Bus(settings.message_ring)
        self.transport = Transport(
            settings.host, settings.port, self._receive, settings.max_connections, settings.tls_context
        )
        self.transactions = TransactionLayer(settings.timers, settings.max_transactions, self, self._send)
        self.dialogs: dict[DialogKey, DialogUser] = {}
        self.handlers: dict[str, Handler] = {"OPTIONS": self._options}
        self.faults: list[Fault] = []
        self.malformed = 0
        self.dropped = 0
        self.errors = 0
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """host:port as it stands in URIs."""
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        return f"{host}:{self.transport.port}"

    def contact(self, user: str, protocol: str = "UDP") -> str:
        """Our Contact header value for a dialog over `protocol`."""
        suffix = "" if protocol == "UDP" else f";transport={protocol.lower()}"
        where = self.place(protocol) + suffix
        return f"<sip:{user_part(user)}@{where}>" if user else f"<sip:{where}>"

    def place(self, protocol: str) -> str:
        """host:port at which this protocol is listened to."""
        host, _, port = self.address.rpartition(":")
        return f"{host}:{int(port) + 1}" if protocol == "TLS" else self.address

    async def start(self) -> None:
        """Bind the port (OSError when taken)."""
        await self.transport.start()
        self.transactions.sent_by = self.address

    async def stop(self) -> None:
        """End all tasks and close the port."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        self.transactions.close()
        self.dialogs.clear()
        await self.transport.stop()

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run a coroutine as a task of this server; what it raises is logged and counted, never lost."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.errors += 1
            log.error("task failed", exc_info=error)

    # The wire

    def _send(self, message: Request | Response, data: bytes, peer: Peer) -> None:
        self.bus.record("out", str(peer), message)
        self.transport.send(data, peer)

    def _receive(self, data: bytes, peer: Peer) -> None:
        if self.transport.silent:
            self.dropped += 1
            self.bus.wake()
            return
        try:
            message = parse(data)
        except Malformed as error:
            self.malformed += 1
            log.info("dropped %d bytes from %s: %s", len(data), peer, error)
            self.bus.wake()
            return
        self.bus.record("in", str(peer), message)
        try:
            self.transactions.receive(message, peer)
        except Exception:
            # The last line of defence: one strange message must not end the server.
            self.errors += 1
            log.exception("a message from %s could not be handled", peer)
        self.bus.wake()

    # TransactionUser

    def on_request(self, transaction: ServerTransaction) -> None:
        """Faults first, then the dialog, then the handler of the method."""
        request = transaction.request
        if (fault := self._fault(request)) is not None:
            answer = partial(transaction.reply, fault.code, fault.headers, phrase=fault.phrase)
            if fault.after:
                asyncio.get_running_loop().call_later(fault.after, answer)
            else:
                answer()
            return
        if tag_of(request.headers["To"]) is not None:
            call_id, local, remote = key_of_request(request)
            # With an empty remote tag: a dialog of which only our half is known yet (RFC 3265 section 3.3.4).
            user = self.dialogs.get((call_id, local, remote)) or self.dialogs.get((call_id, local, ""))
            if user is None:
                transaction.reply(481)
            else:
                user.receive(transaction)
            return
        handler = self.handlers.get(request.method)
        if handler is None:
            transaction.reply(405, [("Allow", ALLOW)])
        elif request.max_forwards is not None and request.max_forwards <= 0 and request.method != "OPTIONS":
            transaction.reply(483)
        else:
            handler(transaction)

    def on_ack(self, request: Request) -> None:
        """An ACK for a 2xx: to its dialog."""
        if (user := self.dialogs.get(key_of_request(request))) is not None:
            user.acknowledge(request)

    def _fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.matches(request):
                fault.count -= 1
                if fault.count <= 0:
                    self.faults.remove(fault)
                return fault
        return None

    def _options(self, transaction: ServerTransaction) -> None:
        transaction.reply(
            200, [("Allow", ALLOW), ("Supported", SUPPORTED), ("Accept", "application/sdp"), self.product]
        )

    @property
    def product(self) -> tuple[str, str]:
        """The Server header."""
        return ("Server", self.settings.product)
