"""Subscriptions by event package, as the notifier (RFC 6665): SUBSCRIBE in, NOTIFY out, refresh, expiry, end.

A package (message-summary now; as-feature-event, hoteling, dialog later) says what its state is and what a body in a
SUBSCRIBE does; everything else about subscriptions is here.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from sipmessage import Request

from centre.dialog import Dialog
from centre.message import user_of
from centre.quirks import Quirks
from centre.registrar import Gate, dn_of_sender
from centre.servertransaction import ServerTransaction
from centre.useragent import UserAgent

log = logging.getLogger(__name__)

LATE = 0.02  # seconds a 200 comes after its NOTIFY where `Quirks.notify_first` wants it so


class EventPackage(Protocol):
    """One event package. Expiries in seconds."""

    event: str
    default_expires: int
    min_expires: int

    def authorize(self, dn: str, request: Request) -> int:
        """200, or the code a new subscription is refused with."""

    def command(self, subscription: Subscription, request: Request) -> int:
        """A SUBSCRIBE with a body: 200, or the code it is refused with. The subscription stays either way."""

    def state(self, subscription: Subscription) -> tuple[str, bytes]:
        """(content type, body) of a full NOTIFY; an empty body is legal."""


class Subscription:
    """One dialog with one subscriber."""

    def __init__(self, notifier: Notifier, package: EventPackage, dn: str, dialog: Dialog, event: str) -> None:
        self.notifier, self.package, self.dn, self.dialog, self.event = notifier, package, dn, dialog, event
        self.state = "active"
        self.notified = 0
        self._expires_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._one_at_a_time = asyncio.Lock()

    @property
    def seconds_left(self) -> int:
        """Until it expires."""
        return max(0, round(self._expires_at - asyncio.get_running_loop().time()))

    def prolong(self, seconds: int) -> None:
        """(Re)start the life."""
        loop = asyncio.get_running_loop()
        self._stop_timer()
        self._expires_at = loop.time() + seconds
        self._timer = loop.call_later(seconds, lambda: self.terminate("timeout"))

    def notify(self, content_type: str = "", body: bytes = b"") -> None:
        """Send a NOTIFY with this body; after the one that is under way."""
        if self.notifier.quirks.mute:
            return
        self.notifier.agent.spawn(self._send(content_type, body))

    def notify_state(self) -> None:
        """Send a full NOTIFY."""
        self.notify(*self.package.state(self))

    def terminate(self, reason: str, retry_after: int | None = None) -> None:
        """The server ends it: a last NOTIFY with Subscription-State: terminated (section 4.2.2)."""
        if self.state == "terminated":
            return
        self.state = f"terminated;reason={reason}" + (f";retry-after={retry_after}" if retry_after else "")
        content_type, body = self.package.state(self) if reason == "timeout" else ("", b"")
        self.notify(content_type, body)

    def drop(self) -> None:
        """Forget it without a word (the subscriber is gone, or the server "lost its memory")."""
        self.state = "terminated"
        self._stop_timer()
        self.notifier.forget(self)

    # DialogUser

    def receive(self, transaction: ServerTransaction) -> None:
        """A refresh, a command, or the end."""
        if not self.dialog.in_order(transaction.request):
            transaction.reply(500, phrase="CSeq Too Small")
        elif transaction.request.method != "SUBSCRIBE":
            transaction.reply(405, [("Allow", "SUBSCRIBE")])
        else:
            self.dialog.refresh_target(transaction.request)
            self.notifier.take(self, transaction)

    def acknowledge(self, ack: Request) -> None:
        """No INVITE here."""

    async def _send(self, content_type: str, body: bytes) -> None:
        async with self._one_at_a_time:
            state = self.state
            if state == "terminated":
                return
            if state == "active":
                state += f";expires={self.seconds_left}"
            headers = [("Event", self.event), ("Subscription-State", state)]
            request = self.dialog.request("NOTIFY", headers, body, content_type)
            self.notified += 1
            transactions = self.notifier.agent.transactions
            client = transactions.request(request, self.dialog.destination())
            response = await client.final
        if response.code in (404, 405, 408, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604):
            log.info("subscription %s of %s ends: NOTIFY got %d", self.event, self.dn, response.code)
            self.drop()
        elif state.startswith("terminated"):
            self.drop()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Notifier:
    """All subscriptions of the server, and the packages it knows."""

    def __init__(self, agent: UserAgent, gate: Gate) -> None:
        self.agent, self._gate = agent, gate
        self.quirks = Quirks()
        self.packages: dict[str, EventPackage] = {}
        self.all: list[Subscription] = []
        agent.handlers["SUBSCRIBE"] = self.on_subscribe

    def add(self, package: EventPackage) -> None:
        """Offer a package."""
        self.packages[package.event] = package

    def of(self, event: str, dn: str) -> list[Subscription]:
        """Active subscriptions of one DN to one package."""
        return [s for s in self.all if s.package.event == event and s.dn == dn and s.state == "active"]

    def forget(self, subscription: Subscription) -> None:
        """Called by a subscription at its end."""
        self.agent.dialogs.pop(subscription.dialog.key, None)
        if subscription in self.all:
            self.all.remove(subscription)
            self.agent.bus.publish("unsubscribed", dn=subscription.dn, event=subscription.event)

    def on_subscribe(self, transaction: ServerTransaction) -> None:
        """A new subscription."""
        request = transaction.request
        event = (request.headers.get("Event") or "").strip()
        package = self.packages.get(event.split(";", 1)[0].strip().lower())
        if package is None:
            transaction.reply(489, [self._allow_events()])
            return
        number = dn_of_sender(request)
        dn = self._gate.dns.get(number)
        if dn is None:
            transaction.reply(403)
            return
        if not self._gate.admit(transaction, dn):
            return
        if (code := package.authorize(number, request)) != 200:
            transaction.reply(code)
        elif request.headers.get("Contact") is None:
            transaction.reply(400, phrase="Contact Missing")
        elif len(self.all) >= self.agent.settings.max_subscriptions:
            transaction.reply(503, [("Retry-After", "30")])
        else:
            contact = self.agent.contact(user_of(str(request.uri)), transaction.peer.protocol)
            dialog = Dialog.of_request(request, transaction.peer, transaction.tag, contact)
            subscription = Subscription(self, package, number, dialog, event)
            if self.take(subscription, transaction) and subscription not in self.all:
                self.all.append(subscription)
                self.agent.dialogs[dialog.key] = subscription
                self.agent.bus.publish("subscribed", dn=number, event=event)

    def take(self, subscription: Subscription, transaction: ServerTransaction) -> bool:
        """A first or refreshing SUBSCRIBE for a subscription; False when it was refused."""
        request, package = transaction.request, subscription.package
        seconds = request.expires if request.expires is not None else package.default_expires
        if 0 < seconds < package.min_expires:
            transaction.reply(423, [("Min-Expires", str(package.min_expires))])
            return False
        code = package.command(subscription, request) if request.body else 200
        if code >= 300:
            transaction.reply(code)
            return False
        seconds = min(seconds, max(package.default_expires, package.min_expires))
        headers = [("Expires", str(seconds)), ("Contact", subscription.dialog.contact), self._allow_events()]
        if self.quirks.notify_first:
            asyncio.get_running_loop().call_later(LATE, transaction.reply, 200, headers)
        else:
            transaction.reply(200, headers)
        if seconds == 0:
            subscription.terminate("timeout")
        else:
            subscription.prolong(seconds)
            if not request.body:  # the answer to a command is the package's own NOTIFY
                subscription.notify_state()
        return True

    def _allow_events(self) -> tuple[str, str]:
        return ("Allow-Events", ", ".join(sorted(self.packages)))
