"""The extension's doors in front of the stack, set as the settings and the registrations are now.

Law: SIP thread only. What is mended is `wire`'s, who gets a proof `policy.realms`'; here are the numbers: how much a
sender may cost, how long a stranger's connection may be idle, how long a stream may look for its sender.
"""

from __future__ import annotations

import ipaddress
import logging
from collections import Counter
from collections.abc import Callable

import deskphone_sipext as sipext

from deskphone.config.settings import Settings
from deskphone.sip.policy import content, requests
from deskphone.sip.policy.headers import message_of
from deskphone.sip.policy.realms import Realms
from deskphone.sip.policy.sender import host_of
from deskphone.sip.stack.gate import Gate
from deskphone.sip.stack.mending import Mender
from deskphone.sip.stack.often import OncePerMinute
from deskphone.sip.stack.registrations import Registrations

LOG = logging.getLogger("deskphone.doors")
LOG.addFilter(OncePerMinute())

STRANGERS = (100.0, 200.0)
"""Messages a second, and at once, of all who are no registered server."""
EACH_SERVER = (1000.0, 2000.0)
NO_LIMIT = (0.0, 0.0)
SYMMETRIC_MS = 1000  # a far end behind a translator of addresses sends at once
LOOK_EVERY = 1.0  # seconds between two looks at the connections
IDLE_MS = 30_000
MOST_OF_A_HOST = 4
MOST_OF_STRANGERS = 32  # who has many addresses is still a stranger; pjsip holds 256 in all
MOST_SERVERS = 64  # that the extension keeps apart


class Doors:
    """All of them; `open` once, after sipext.start()."""

    def __init__(self, registrations: Registrations, gate: Gate, monotonic: Callable[[], float]) -> None:
        self.realms = Realms()
        self._registrations = registrations
        self._gate = gate
        self._monotonic = monotonic
        self._limits: object = None
        self._looked = 0.0
        self._extensions: tuple[str, ...] = ()  # as pjsip says them

    def open(self, name: str, settings: Settings) -> None:
        """Stand at the doors. name: what Server says."""
        self.mender = Mender(name, self._answers, self._monotonic)
        self.mender.install()
        sipext.set_challenge_judge(self._may_prove)
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Take over the settings now in force."""
        sipext.set_symmetric_rtp(SYMMETRIC_MS if settings.media.several_sources else 0)
        if self._gate.extensions != self._extensions:
            self._extensions = self._gate.extensions
            sipext.set_capabilities(requests.METHODS, content.BODIES, self._extensions)

    def tidy(self) -> None:
        """Between polls: the servers of now have their own rates; strangers' connections do not stay for ever."""
        hosts = frozenset(
            host_of(source).strip("[]")
            for account in self._registrations.accounts.values()
            for source in account.sources
        )
        limits = (hosts, STRANGERS if self._gate.only_servers else NO_LIMIT)
        if limits != self._limits:
            self._limits = limits
            sipext.set_limits(sorted(filter(_is_address, hosts))[:MOST_SERVERS], limits[1], EACH_SERVER)
        now = self._monotonic()
        if now - self._looked >= LOOK_EVERY:
            self._looked = now
            self._close_idle(hosts)

    def _close_idle(self, servers: frozenset[str]) -> None:
        """A stranger has few connections, and none that says nothing."""
        of_host: Counter[str] = Counter()
        for number, host, port, transport, idle in sorted(sipext.connections(), key=lambda each: each[4]):
            if host in servers:
                continue
            of_host[host] += 1
            if idle > IDLE_MS or of_host[host] > MOST_OF_A_HOST or of_host.total() > MOST_OF_STRANGERS:
                sipext.close_connection(number)
                LOG.info("%s connection of %s:%d closed: %.0f s idle, %d of that host", transport, host, port,
                         idle / 1000, of_host[host])  # fmt: skip

    def _answers(self, host: str) -> bool:
        """Whether a host hears that its message cannot be read: a server, or anybody where anybody may call."""
        return not self._gate.only_servers or self._registrations.is_host(host)

    def _may_prove(self, raw: bytes, host: str, _port: int) -> bool:
        may = self.realms.may_prove(raw, host, self._registrations.is_host(host))
        if not may:
            message = message_of(raw)
            if message is not None and message.cseq[1] == "INVITE":
                self._registrations.unproved.add(message.headers.get("call-id"))
            LOG.warning(
                "a challenge to what went to %s is not answered: not a realm this server asked for at REGISTER", host
            )
        return may


def _is_address(host: str) -> bool:
    """Whether the extension can tell it from a packet's source: an address without a zone."""
    try:
        return "%" not in host and ipaddress.ip_address(host) is not None
    except ValueError:
        return False
