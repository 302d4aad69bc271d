"""What the packet filter is to let in, left in the service's run directory: SIP ports, the servers, voice in a call.

Law: writes a file, has no right over the filter; the image's packet_filter.py reads it as another user and takes
nothing on trust. The registered servers are where answers to REGISTER came from (RFC 3261 section 10.3).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from deskphone.config.schema.words import Transport
from deskphone.core.state import Line, LineStatus, Phone

LOG = logging.getLogger("deskphone")
FILE = "packet-filter"


def wanted(phone: Phone) -> str:
    """The file's text; "" (nothing open) while the phone has no settings."""
    if not phone.powered:
        return ""
    sip, first = phone.settings.sip, phone.settings.media.port
    port = sip.tls.port if sip.transport == Transport.TLS else sip.port
    lines = [f"sip {'udp' if sip.transport == Transport.UDP else 'tcp'} {port}"]
    lines += sorted({f"server {address}" for line in phone.lines for address in _addresses(line)})
    if phone.calls:
        lines.append(f"voice {first}-{first + phone.settings.media.port_count - 1}")
    return "\n".join(lines) + "\n"


def _addresses(line: Line) -> Iterator[str]:
    """Where the server of a line may speak from: of a name each address that it has; none without a registration."""
    if line.status is LineStatus.REGISTERED:
        for place in (line.address, *line.way.targets):
            with suppress(ValueError):
                yield str(ip_address(urlsplit(f"//{place}").hostname or ""))


class PacketFilterWish:
    """Keeps the file as `wanted` says. phone: the state of the moment."""

    def __init__(self, folder: Path, phone: Callable[[], Phone]) -> None:
        self._path, self._phone, self._told = folder / FILE, phone, ""

    def look(self) -> None:
        """Write where something changed; what cannot be written is said once and tried again with the next change."""
        text = wanted(self._phone())
        if text == self._told:
            return
        self._told = text
        new = self._path.with_name(FILE + ".new")
        try:
            new.write_text(text)
            new.chmod(0o644)
            os.replace(new, self._path)
        except OSError as error:
            LOG.error("packet filter: %s", error)
