"""What the two event packages of the agent have in common: who may subscribe, bodies to commands, events to NOTIFYs."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod

from sipmessage import Request

from centre import dnoptions
from centre.documents import Command, Event, read_command, write
from centre.notifier import Notifier, Subscription
from centre.quirks import Quirks
from centre.settings import DN

log = logging.getLogger(__name__)

_KEPT = 500


class AgentPackage(ABC):
    """`heard` are the commands that came, with their DN, oldest first."""

    event = ""
    content_type = ""
    default_expires = 3600
    min_expires = 1

    def __init__(self, notifier: Notifier, dns: dict[str, DN]) -> None:
        self.notifier, self._dns = notifier, dns
        self.heard: list[tuple[str, Command]] = []
        notifier.add(self)

    @property
    def quirks(self) -> Quirks:
        """The switches of this server."""
        return self.notifier.quirks

    @abstractmethod
    def events(self, dn: str) -> tuple[Event, ...]:
        """The full state of a DN."""

    @abstractmethod
    def obey(self, dn: str, command: Command, request: Request) -> int:
        """Do what a phone asks for: 200, or the code it is refused with."""

    # EventPackage

    def authorize(self, dn: str, request: Request) -> int:
        """489 unless the DN has enable-agentlogin-subscribe=true."""
        return 200 if dnoptions.is_on(self._dns[dn], "enable-agentlogin-subscribe") else 489

    def command(self, subscription: Subscription, request: Request) -> int:
        """The body of a SUBSCRIBE: 415 for another media type, 400 for what cannot be read."""
        kind = (request.headers.get("Content-Type") or "").split(";")[0].strip().lower()
        if kind != self.content_type:
            return 415
        try:
            command = read_command(request.body)
        except ValueError as error:
            log.info("command of %s refused: %s", subscription.dn, error)
            return 400
        self.heard = [*self.heard[-_KEPT + 1 :], (subscription.dn, command)]
        if self.quirks.deaf:
            return 200
        return self.obey(subscription.dn, command, request)

    def state(self, subscription: Subscription) -> tuple[str, bytes]:
        """The full state: several documents in one multipart."""
        return write(self.events(subscription.dn))

    def tell(self, dn: str, event: Event) -> None:
        """One change, to each subscriber of the DN."""
        for subscription in self.notifier.of(self.event, dn):
            subscription.notify(*write((event,)))
