"""Events of the servers as registrars (RFC 3261 section 10): what becomes of a REGISTER, an OPTIONS, a name.

Law: as `core.events`, which hands them on.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.core.event import Event


@dataclass(frozen=True, slots=True)
class Registered(Event):
    """A 200 to REGISTER. `address` is the host:port that answered.

    fresh: it went over a new TCP or TLS connection, so that subscriptions of the old one are cut off (Genesys,
    Phone-Based Login).
    """

    server: int
    expires: int
    address: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationFailed(Event):
    """REGISTER got a final response other than 2xx, or none (code 408). retry_after: seconds, 0 where none is asked.

    answered: the server itself said so; False for silence, and where nothing could be sent.
    """

    server: int
    code: int
    reason: str
    retry_after: int = 0
    answered: bool = True


@dataclass(frozen=True, slots=True)
class Resolved(Event):
    """What the name server said of a server's name. targets: `host:port` (IPv6 in brackets), best first; none, with the
    trouble, where it said nothing. life: seconds."""

    server: int
    name: str
    targets: tuple[str, ...] = ()
    life: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ServerSilent(Event):
    """A server in service may be dead. what: for the journal: the request without a response, the lost connection."""

    server: int
    what: str


@dataclass(frozen=True, slots=True)
class ServerHeard(Event):
    """An OPTIONS of ours got this final response: the server lives, whatever it says."""

    server: int
    code: int = 200


@dataclass(frozen=True, slots=True)
class ServerSpoke(Event):
    """A request of a server came: it lives, or lives again. Told now and then, not of each."""

    server: int


@dataclass(frozen=True, slots=True)
class Unregistered(Event):
    """Our un-REGISTER got its final response (RFC 3261 section 10.2.2)."""

    server: int
