"""The addresses of this machine in IPv6, which no DHCP tells the phone: routers advertise their first half (RFC 4862).

Law: reads what the kernel has, changes nothing.
"""

from __future__ import annotations

import contextlib
from ipaddress import IPv6Address
from pathlib import Path

FILE = Path("/proc/self/net/if_inet6")  # of this process: /proc/net is not there with ProcSubset=pid
MOST = 8  # that are told
PASSING = 0x01 | 0x08 | 0x20 | 0x40
"""Of if_addr.h: for privacy and soon another one, a double of somebody's, going out of use, not in use yet."""
GLOBAL = 0x00  # of ipv6.h, IPV6_ADDR_SCOPE_*: beyond this link, unique local ones (RFC 4193) among them


def lasting(file: Path = FILE) -> tuple[str, ...]:
    """Those that the phone can be asked by from another network and tomorrow, in order, none where there is no IPv6."""
    found = set()
    with contextlib.suppress(OSError):
        for line in file.read_text("ascii", "replace").splitlines():
            with contextlib.suppress(ValueError):
                digits, _, _, scope, flags, _ = line.split()
                if int(scope, 16) == GLOBAL and not int(flags, 16) & PASSING:
                    found.add(IPv6Address(int(digits, 16)))
    return tuple(str(each) for each in sorted(found)[:MOST])
