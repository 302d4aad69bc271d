"""What the DHCP client learned: the file its hook (firmware/dhcp) writes, one `name value` a line.

Law: reads and bounds; the options themselves are read by wire.dhcp. A file that is none is no lease, and of a lease
that makes no sense in parts the rest counts.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path

from deskphone.core.event import Network
from deskphone.wire import dhcp, dhcp_values
from deskphone.wire.errors import WireError

DEFAULT = Path("/run/deskphone-dhcp/lease")
LIMIT = 65_536  # bytes
OPTION = re.compile(r"option_(\d{1,3})\Z")
MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}\Z")
ADDRESSES = 8  # of one line at most


@dataclass(frozen=True, slots=True)
class Lease:
    """Raw options by number, what the network is now, and the MAC address of the interface ("" if untold).

    problems: what was wrong with options that name no configuration, one line each.
    """

    options: dict[int, bytes] = field(default_factory=dict)
    network: Network = Network()
    mac: str = ""
    problems: tuple[str, ...] = ()


def parse(text: str) -> Lease:
    """A lease; lines that make no sense are left out."""
    options: dict[int, bytes] = {}
    words: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        numbered = OPTION.match(name)
        if numbered is None:
            words[name] = value.strip()
        elif re.fullmatch(r"([0-9a-f]{2})*", value.strip()):
            options[int(numbered[1])] = bytes.fromhex(value.strip())
    one = {name: (_addresses(words.get(name, "")) or ("",))[0] for name in ("address", "netmask", "gateway", "server")}
    facts = dhcp.read_facts(options)
    network = Network(
        one["address"],
        one["netmask"],
        one["gateway"],
        _addresses(words.get("dns", "")),
        domain=" ".join(filter(None, map(_name, words.get("domain", "").split()))),
        dhcp_server=one["server"],
        host_name=_name(words.get("host", "")),
        time_servers=facts.ntp_servers,
        sip_servers=facts.sip_servers,
        time_offset=facts.time_offset,
    )
    mac = words.get("mac", "").lower()
    return Lease(options, network, mac if MAC.match(mac) else "", facts.problems)


def _name(text: str) -> str:
    """A host or domain name, "" for anything else."""
    try:
        return dhcp_values.host_name(text.encode("ascii", "replace"))
    except WireError:
        return ""


def _addresses(text: str) -> tuple[str, ...]:
    found = []
    for word in text.split()[:ADDRESSES]:
        try:
            found.append(str(ipaddress.ip_address(word)))
        except ValueError:
            continue
    return tuple(found)


class Watch:
    """Looks at the file again; cheap while nothing changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int, int] | None = None
        self.lease: Lease | None = None

    def changed(self) -> bool:
        """Whether there is another lease than at the last look; `lease` is None where there is none."""
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size)
            if seen == self._seen:
                return False
            with self._path.open("rb") as file:
                found: Lease | None = parse(file.read(LIMIT).decode("ascii", "replace"))
            self._seen = seen
        except OSError:
            found, self._seen = None, None
        changed, self.lease = found != self.lease, found
        return changed
