"""Whether a Host header names this machine, and an Origin header the page asked for: what keeps other pages out.

Law: says yes or no; looks nothing up but the machine's own name.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from urllib.parse import urlsplit

_HOST = re.compile(r"([A-Za-z0-9_.-]+|\[[A-Za-z0-9:.%_-]+\])(:[0-9]{0,5})?", re.ASCII)
"""RFC 9110 section 7.2, of names those that a machine has: what two readers could take for two hosts is none."""


def host_is_ours(netloc: str, bound: str, also: tuple[str, ...] = ()) -> bool:
    """Whether a Host header names this machine: an address, localhost, its own name, or the bound name.

    also: further names of this machine, as its name in the domain that DHCP told.

    A DNS name is refused unless it is one of ours: a rebinding attack always comes under the attacker's name.
    """
    try:
        name = (urlsplit(f"//{netloc}").hostname or "").rstrip(".").lower() if _HOST.fullmatch(netloc) else ""
    except ValueError:
        return False
    if not name:
        return False
    if name == "localhost" or name.endswith(".localhost") or name == bound.lower():
        return True
    own = socket.gethostname().lower()
    if name in (own, f"{own}.local", *(each.lower() for each in also if each)):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def origin_is(origin: str, netloc: str, schemes: tuple[str, ...]) -> bool:
    """Whether an Origin header names the place that a Host header asks, by one of these schemes; what is no URI names
    nobody."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in schemes and parts.netloc.lower() == netloc.lower()
