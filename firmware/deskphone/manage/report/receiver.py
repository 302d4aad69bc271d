"""Where a webhook may go: the hosts of the owner's list, and of the addresses that a name of it has those of others.

Law: what is asked here is what is connected to, at each connection: a name server that answers otherwise a second time
gains nothing. Names lead neither to this machine nor to its link (RFC 3927, RFC 4291 2.5.6), where a cloud's metadata
stands, nor to a group; who means such an address writes it on the list as it is, or `localhost`.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver


def may_be_named(text: str) -> bool:
    """Whether a name may have this address; of IPv6 the IPv4 address inside counts, too."""
    address = ip_address(text.partition("%")[0])
    return not any(
        each.is_loopback or each.is_link_local or each.is_multicast or each.is_unspecified
        for each in (address, *_inside(address))
    )


def odd_address(host: str) -> bool:
    """Whether a host is an IPv4 address by another word (127.1, 2130706433): aiohttp before 3.14 asks no resolver."""
    if not host.replace(".", "").isdecimal():
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _inside(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 address that an IPv6 address stands for: mapped, compatible, 6to4, NAT64 (RFC 4291, 3056, 6052)."""
    if isinstance(address, IPv4Address):
        return ()
    found = [each for each in (address.ipv4_mapped, address.sixtofour) if each is not None]
    if address in IPv6Network("64:ff9b::/96") or int(address) >> 32 == 0:
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(found)


class Elsewhere(AbstractResolver):
    """A resolver, the system's unless told, without the addresses that a name may not have."""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """aiohttp's AbstractResolver; OSError where a name has none but addresses of this machine and its link."""
        found = await self._inner.resolve(host, port, family)
        good = [each for each in found if host.casefold() == "localhost" or may_be_named(each["host"])]
        if not good:
            raise OSError(None, f"{host}: expected an address beyond this machine and its link")
        return good

    async def close(self) -> None:
        """aiohttp's AbstractResolver."""
        await self._inner.close()
