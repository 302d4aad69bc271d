"""Open the ports the configuration in force names: `firewall_ports.py FILE`, commands to nft's standard input.

Numbers only, out of checked settings: nothing from the file itself reaches the packet filter. Without a file, or with
one that is not right, no port is open; the phone does not use such a file either.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from deskphone.config.reader import read
from deskphone.config.schema.words import Transport
from deskphone.config.settings import Settings

TABLE = "inet deskphone"


def ports(settings: Settings | None) -> dict[str, str]:
    """Set of firewall.nft -> its elements ("" for none)."""
    if settings is None:
        return {"sip_udp": "", "sip_tcp": "", "voice": ""}
    sip, first = settings.sip, settings.media.port
    udp = str(sip.port) if sip.transport == Transport.UDP else ""
    tcp = {Transport.TCP: str(sip.port), Transport.TLS: str(sip.tls.port)}.get(sip.transport, "")
    return {"sip_udp": udp, "sip_tcp": tcp, "voice": f"{first}-{first + settings.media.port_count - 1}"}


def commands(settings: Settings | None) -> str:
    """One transaction for nft: the sets emptied and filled anew."""
    lines = []
    for name, elements in ports(settings).items():
        lines.append(f"flush set {TABLE} {name}")
        if elements:
            lines.append(f"add element {TABLE} {name} {{ {elements} }}")
    return "\n".join(lines) + "\n"


def in_force(path: Path) -> Settings | None:
    """The settings the phone keeps, or None."""
    try:
        return read(path.read_bytes(), str(path)).settings
    except FileNotFoundError:
        return None


if __name__ == "__main__":
    subprocess.run(["/usr/sbin/nft", "-f", "-"], input=commands(in_force(Path(sys.argv[1]))).encode(), check=True)
