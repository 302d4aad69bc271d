"""Subscriptions of ours at the servers: one a package and server, each SUBSCRIBE sent when the core says so.

Law: SIP thread only. What waits for a pending SUBSCRIBE, and opening anew after an end, is the core's; each order gets
its answer, one that cannot be sent, too. The dialog, digest and refresh are the extension's; bodies are `wire`'s.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import deskphone_sipext as sipext

from deskphone.core.effects import Resubscribe, Subscribe
from deskphone.core.events import Event, NotifyBody, SubscriptionAnswered, SubscriptionEnded
from deskphone.sip.policy import headers, requests
from deskphone.sip.stack.account import Registration
from deskphone.sip.stack.loop import guarded
from deskphone.wire import summary
from deskphone.wire.body_types import Unreadable, notify_documents
from deskphone.wire.command_body import command_body
from deskphone.wire.message import Response

LOG = logging.getLogger("deskphone.useragent")
SILENCE = 408
PENDING = (491, "Request Pending")
"""Of our own making: pjsip refreshes by itself at that moment. The core asks again after a pause, as of a server's."""

Key = tuple[int, str]


class Watched:
    """One subscription, from its Subscribe to its end."""

    def __init__(self, order: Subscribe, post: Callable[[Event], None]) -> None:
        self.order = order
        self._post = post
        self._subscription: sipext.Subscription | None = None
        self._answered = False
        self._closing = False
        self.over = False

    @property
    def call_id(self) -> str:
        """Call-ID of its dialog, "" before the first SUBSCRIBE was sent."""
        return self._subscription.call_id if self._subscription else ""

    def open(self, account: Registration) -> None:
        """Send the SUBSCRIBE that makes the dialog (RFC 6665); a failure to send is answered with 503."""
        try:
            self._subscription = sipext.subscribe(
                account.getId(), self.order.package, self._happened,
                accept=self.order.accept, expires=self.order.expires,
            )  # fmt: skip
        except sipext.Error as error:
            self.over = True
            self._post(SubscriptionAnswered(self.order.server, self.order.package, 503, str(error)))

    def again(self, order: Resubscribe) -> None:
        """SUBSCRIBE in the dialog now; with Expires 0 that is its end, whatever is pending."""
        subscription = self._subscription
        self._closing = order.expires == 0
        if subscription is None or (subscription.busy and self._closing):
            self.close()
            return
        content_type, body = command_body(order.command)
        try:
            subscription.refresh(order.expires, content_type=content_type, body=body)
        except sipext.Busy:
            self._post(SubscriptionAnswered(self.order.server, self.order.package, *PENDING))
        except (sipext.Error, ValueError) as error:
            self._end(481, str(error), 0)

    def close(self) -> None:
        """End it; what it says from now on interests nobody."""
        self.over = self._closing = True
        if self._subscription is not None:
            self._subscription.close()

    def _happened(self, event: sipext.Event) -> None:
        guarded(lambda: self._take(event))

    def _take(self, event: sipext.Event) -> None:
        if self.over:
            return
        if event.kind == "ANSWER":
            self._answered = True
            self._post(
                SubscriptionAnswered(
                    self.order.server, self.order.package, event.code, event.reason, expires=_expires(event.message)
                )
            )
        elif event.kind == "NOTIFY":
            self._notified(event.message)
        elif event.kind == "TERMINATED":
            self._terminated(event)

    def _notified(self, raw: bytes) -> None:
        """Whatever is in it, and whether it can be read or not: the server has spoken in this dialog."""
        message = headers.message_of(raw)
        found: tuple[object, ...] = (Unreadable("no SIP message"),)
        if message is not None:
            found = notify_documents(self.order.package, message.headers.get("content-type"), message.body)
        for each in found:
            if isinstance(each, Unreadable):
                LOG.warning("subscription %s: NOTIFY: %s", self.order.package, each.error)
        documents = tuple(each for each in found if not isinstance(each, Unreadable))
        if self.order.package == summary.PACKAGE:
            waiting = requests.waiting_events(self.order.server, documents)
            for each in waiting:
                self._post(each)
            if waiting:
                return  # without any the core learns that the subscription lives, as of other packages
        self._post(NotifyBody(self.order.server, self.order.package, documents))

    def _terminated(self, event: sipext.Event) -> None:
        code = event.code or (0 if self._closing or event.message else SILENCE)
        if self._answered or code < 300:
            self._end(code, event.reason, headers.patience(event.retry_after), event.min_expires or 0)
            return
        self.over = True
        self._post(
            SubscriptionAnswered(
                self.order.server, self.order.package, code, event.reason,
                retry_after=headers.patience(event.retry_after), min_expires=event.min_expires or 0,
            )
        )  # fmt: skip

    def _end(self, code: int, reason: str, retry_after: int, min_expires: int = 0) -> None:
        self.over = True
        self._post(SubscriptionEnded(self.order.server, self.order.package, code, reason, retry_after, min_expires))


class Subscriptions:
    """All of them, by server and package."""

    def __init__(self, post: Callable[[Event], None]) -> None:
        self._post = post
        self._all: dict[Key, Watched] = {}

    @property
    def packages(self) -> frozenset[str]:
        """Event packages with a dialog at some server."""
        return frozenset(package for _, package in self._all)

    @property
    def call_ids(self) -> frozenset[str]:
        """Call-IDs of their dialogs."""
        return frozenset(watched.call_id for watched in self._all.values())

    def subscribe(self, order: Subscribe, account: Registration | None) -> None:
        """Open one; an older one of the same package and server is closed."""
        key = (order.server, order.package)
        older = self._all.pop(key, None)
        if older is not None:
            older.close()
        if account is None:
            self._post(SubscriptionAnswered(order.server, order.package, 503, "no account"))
            return
        watched = self._all[key] = Watched(order, self._post)
        watched.open(account)

    def resubscribe(self, order: Resubscribe) -> None:
        """A command or a refresh in an open one. The end of one that is over was told before, and crossed the order:
        told twice it would be taken for the end of the next one."""
        watched = self._all.get((order.server, order.package))
        if watched is not None and not watched.over:
            watched.again(order)

    def drop(self, server: int) -> None:
        """Un-SUBSCRIBE (expires 0) at a server that is not used any more."""
        for key in [key for key in self._all if key[0] == server]:
            self._all.pop(key).close()

    def tidy(self) -> None:
        """Drop those whose dialog was terminated."""
        for key in [key for key, watched in self._all.items() if watched.over]:
            del self._all[key]


def _expires(raw: bytes) -> int:
    message = headers.message_of(raw)
    value = message.headers.get("expires") if isinstance(message, Response) else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
