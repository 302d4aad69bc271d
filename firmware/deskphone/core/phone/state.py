"""What the network and the mailboxes told: parts of the state that this room fills.

Law: data; no decisions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Message waiting at a server (RFC 3842). new, old: voice messages."""

    waiting: bool = False
    new: int = 0
    old: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    """What the network gave; the fields are those of NetworkChanged, but for the MAC address."""

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
