"""Which SIP Servers the settings name, as the 420HD takes them: proxy, registrar, outbound proxy, alone or together.

Law: pure; the phone registers where this says, and `config check` says what the phone will do, because both ask here.
"""

from __future__ import annotations

from dataclasses import dataclass

from deskphone.config.schema.words import RedundancyMode
from deskphone.config.settings import Settings

PORT = 5060
Where = tuple[str, int]
"""Host and port; port 0, which a file may say, is the resolver's to find (RFC 3263 section 4.2)."""


@dataclass(frozen=True, slots=True)
class Server:
    """One account's servers. proxy: whose domain the address of record has and where an INVITE goes. registrar: where
    REGISTER goes. outbound: the outbound proxy each request goes to first (RFC 3261 section 8.1.2), None for none."""

    proxy: Where
    registrar: Where
    outbound: Where | None = None

    @property
    def first_hop(self) -> Where:
        """Where an INVITE is sent: the outbound proxy, else the proxy."""
        return self.outbound or self.proxy


def named(settings: Settings, by_dhcp: tuple[str, ...] = ()) -> tuple[Server, ...]:
    """The servers to register at, primary first; none where none is named. by_dhcp: DHCP option 120 (RFC 3361).

    A registrar alone is proxy as well, and so is an outbound proxy alone: templates for the 420HD name only one of the
    three, and the real phone registers.
    """
    proxy, registrar, outbound = settings.proxy, settings.registrar, settings.outbound
    own: Where | None = (proxy.address, proxy.port) if proxy.use_proxy and proxy.address else None
    separate: Where | None = None
    if registrar.enabled and registrar.address and not (registrar.use_proxy and own):
        separate = (registrar.address, registrar.port)
    hop: Where | None = (outbound.address, outbound.port) if outbound.enabled and outbound.address else None
    first = own or separate or hop
    if first is None:
        if by_dhcp and not proxy.address:
            first = (by_dhcp[0], proxy.port)
        else:
            return ()
    found = [Server(first, separate or first, hop)]
    one = own or separate
    if one and settings.redundant.mode is RedundancyMode.SIMULTANEOUS and settings.secondary.address:
        second = (settings.secondary.address, settings.secondary.port)
        found.append(Server(second, second, hop))
    fallback = settings.redundant.effective is RedundancyMode.PRIMARY_FALLBACK
    if one and fallback and settings.redundant.address:
        second = (settings.redundant.address, settings.redundant.port)
        found.append(Server(second, second, hop))
    return tuple(found)


def none_named(settings: Settings) -> str:
    """Why the account of these settings will not register, "" where it will. DHCP option 120 is not known here."""
    line = settings.line[0]
    if not settings.hot_seating.enabled:
        if not line.enabled:
            return "line 0 is not in use (voip/line/0/enabled=0), and it is the one account of this phone"
        if not line.id:
            return "no DN (voip/line/0/id)"
    if named(settings):
        return ""
    if settings.proxy.use_proxy or settings.proxy.address:
        return "no SIP Server: use_proxy=1 and proxy_address belong together"
    return "no SIP Server is named (use_proxy and proxy_address, sip_registrar or sip_outbound_proxy); by DHCP only"
