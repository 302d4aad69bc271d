"""Who sent a message: judged here and nowhere else, once a message; verdicts and events carry what came of it.

Law: pure. A registered server is known by where its answers to REGISTER came from, and by asking at the Contact that we
gave it: an address is written into a datagram by anybody, the mark in our Contact by nobody else. Who is no server may
prove by digest that he knows the line's password (`challenge`); nothing else makes a sender one to obey.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from deskphone.config.schema.words import ContactMark
from deskphone.wire import fields
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request

MARK = "mark"
"""The parameter of our Contact URI that nobody can guess."""
LEARNT = ("INVITE", "NOTIFY")
"""Methods that are taken without the mark until a server has shown that it keeps the Contact."""
NO_SERVER = -1
"""The number of a sender that is no server, also in events (CheckSync)."""


@dataclass(frozen=True, slots=True)
class Sender:
    """source: `host:port`. server: the number of the registered server, NO_SERVER for a stranger. proved: by digest.

    doubtful: it asks outside a dialog without the mark of our Contact: it may ring, and command nothing.
    """

    source: str = ""
    server: int = NO_SERVER
    proved: bool = False
    doubtful: bool = False

    @property
    def trusted(self) -> bool:
        """Whether it is a registered server."""
        return self.server != NO_SERVER

    @property
    def host(self) -> str:
        """Where it came from, without the port."""
        return host_of(self.source)

    @property
    def ipv6(self) -> bool | None:
        """Whether it came by IPv6; None where that is not known."""
        return ":" in self.host.replace("::ffff:", "") if self.source else None

    def with_proof(self) -> Sender:
        """The same, who has shown that he knows the line's password."""
        return replace(self, proved=True)


@dataclass(frozen=True, slots=True)
class Contact:
    """What our Contact says of who asks at it. mark: of this start of the program. keepers: host and method of servers'
    requests that have borne it: such a one keeps the Contact, and what comes in its name without it is forged."""

    mark: str = ""
    rule: ContactMark = ContactMark.COMMANDS
    keepers: frozenset[tuple[str, str]] = frozenset()

    def is_in(self, request: Request) -> bool:
        """Whether the Request-URI carries the mark."""
        return bool(self.mark) and hmac.compare_digest(_mark_of(request.uri).encode(), self.mark.encode())

    def judge(self, sender: Sender, request: Request) -> Sender:
        """The sender of a request outside a dialog, who may only have written a server's address."""
        if request.to_tag or not sender.trusted or self.rule is ContactMark.OFF or self.is_in(request):
            return sender
        forged = self.rule is ContactMark.REQUIRE or (sender.host, request.method) in self.keepers
        return Sender(sender.source) if forged else replace(sender, doubtful=True)

    def learnt(self, sender: Sender, request: Request) -> Contact:
        """With what a request of a server outside a dialog, judged, shows of it."""
        one = sender.host, request.method
        if (
            not sender.trusted
            or sender.doubtful
            or request.to_tag
            or request.method not in LEARNT
            or one in self.keepers
        ):
            return self
        return replace(self, keepers=self.keepers | {one}) if self.is_in(request) else self

    def among(self, hosts: frozenset[str]) -> Contact:
        """With no more than servers on these hosts have shown: one that went may be back as another program, or with
        an address for us from its own files."""
        return replace(self, keepers=frozenset(each for each in self.keepers if each[0] in hosts))


@dataclass(frozen=True, slots=True)
class Servers:
    """The registered servers. sources: `host:port` that answered a REGISTER, to the number of the server.

    any_port: servers that may speak from another port of theirs: those of TCP and TLS, where each connection has its
    own, and nobody writes another's address into one.
    """

    sources: Mapping[str, int] = field(default_factory=dict)
    any_port: frozenset[int] = frozenset()

    def sender(self, source: str) -> Sender:
        """Who sent what came from `host:port`; of two servers on one host that may speak from any port the first."""
        return _sender(tuple(self.sources.items()), self.any_port, source)

    def neighbour(self, source: str) -> int:
        """The first server on the host of `host:port`, whatever its port; NO_SERVER for none."""
        return min(self._at(source), default=NO_SERVER)

    def _at(self, source: str) -> frozenset[int]:
        host = host_of(source)
        return frozenset(server for place, server in self.sources.items() if host_of(place) == host)


@lru_cache(maxsize=16)  # a server asks at the same Contact again
def _mark_of(uri: str) -> str:
    """The mark in a Request-URI, "" where there is none or it cannot be read."""
    try:
        return fields.uri(uri).params.get(MARK) or ""
    except WireError:
        return ""


@lru_cache(maxsize=16)  # a server's next message comes from where its last one came
def _sender(sources: tuple[tuple[str, int], ...], any_port: frozenset[int], source: str) -> Sender:
    source = place_of(source)
    number = {place_of(each): server for each, server in sources}.get(source)
    if number is None:
        host = host_of(source)
        there = {each for place, each in sources if host_of(place) == host}
        number = min(any_port & there, default=NO_SERVER)
    return Sender(source, number)


def host_of(address: str) -> str:
    """The host of `host:port` or `[host]:port`, in its one spelling."""
    if address.startswith("["):
        return _spelt(address[1:].partition("]")[0])
    return _spelt(address.rpartition(":")[0] if address.count(":") == 1 else address)


def place_of(source: str) -> str:
    """`host:port` with the one spelling of its address (RFC 5952), IPv6 in brackets; without a port as it is."""
    host, colon, port = source.rpartition(":")
    if not colon or not port.isdecimal():
        return source
    host = _spelt(host.strip("[]"))
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _spelt(host: str) -> str:
    """IPv6 has many spellings, and IPv4 one within IPv6; a name is left as it is."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str((address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address)
