"""What every event is, and the values that several of them carry.

Law: as in `events`, where all events are found.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """What the loop takes from its queue, one at a time."""


@dataclass(frozen=True, slots=True)
class Party:
    """A far end as a person reads it. `number` is the user part of its URI, `uri` what a redial needs."""

    number: str = ""
    name: str = ""
    uri: str = ""
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class AnswerHint:
    """What an INVITE says about answering and alerting, read by `wire.alerting`.

    after: seconds until the automatic answer it asks for, None where it asks for none. required: refuse with
    403 rather than ring (RFC 5373 `;require`). source: the header that said so. alert: the ring tone it names.
    """

    after: int | None = None
    required: bool = False
    source: str = ""
    alert: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """What DHCP told. address: "" while the phone has none. host_name: by which DHCP knows it. time_servers: option 42.

    sip_servers: option 120, best first. time_offset: option 2, seconds east of UTC.
    """

    address: str = ""
    netmask: str = ""
    gateway: str = ""
    dns: tuple[str, ...] = ()
    domain: str = ""
    dhcp_server: str = ""
    host_name: str = ""
    time_servers: tuple[str, ...] = ()
    sip_servers: tuple[str, ...] = ()
    time_offset: int | None = None
