"""The phone's own MAC address, which names its configuration: of the cable's interface, however late that comes.

Law: looks at what the kernel has; it waits for nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

INTERFACES = Path("/sys/class/net")
CABLE, RADIO = "eth0", "wlan0"
MAC = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}")


def mac_address(known: str = "") -> str:
    """The cable's address, with colons; while it is not there what is `known` already, else the radio's, else "".

    Once known, the cable's stays: the phone does not become another one because a plug was pulled.
    """
    return _of(CABLE) or known or _of(RADIO)


def _of(interface: str) -> str:
    try:
        found = (INTERFACES / interface / "address").read_text("ascii").strip().lower()
    except (OSError, UnicodeDecodeError):
        return ""
    return found if MAC.fullmatch(found) and found.strip("0:") else ""  # zeros: a driver that is not done yet
