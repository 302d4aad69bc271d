"""Fill the packet filter's sets with what the phone says: `packet_filter.py FILE`, one transaction for nft.

Runs as a user of its own with the right over the packet filter, isolated (python3 -I); the phone's user leaves FILE.
Law: standard library only; nothing of FILE reaches nft but numbers and addresses made of it. A file that is not right,
or none, opens nothing. Lines: `sip udp PORT`, `sip tcp PORT`, `server ADDRESS`, `voice FIRST-LAST`,
`web http|https|cwmp|ssh|telnet PORT`.
"""

from __future__ import annotations

import ipaddress
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass, field

TABLE = "inet deskphone"
MAX_BYTES = 4096
MAX_SERVERS = 32
PORTS = range(1024, 65536)  # a phone without rights listens nowhere else
WEB = {"web http": (80, 443), "web https": (80, 443), "web ssh": (22,), "web telnet": (23,), "web cwmp": ()}
"""Ports below 1024 at which systemd listens for the management plane."""
MAX_VOICE = 2000
LINE = re.compile(
    r"(?P<what>sip udp|sip tcp|server|voice|web (?:https?|cwmp|ssh|telnet)) (?P<value>[0-9A-Fa-f:.-]{1,45})"
)


class BadWish(ValueError):
    """The file is not what the phone writes; the text names line and expectation."""


@dataclass(slots=True)
class Wish:
    """What is to be open."""

    sip_udp: set[int] = field(default_factory=set)
    sip_tcp: set[int] = field(default_factory=set)
    servers4: set[str] = field(default_factory=set)
    servers6: set[str] = field(default_factory=set)
    voice: set[str] = field(default_factory=set)
    web: set[int] = field(default_factory=set)


def read(text: str) -> Wish:
    """The file's lines. Raises BadWish for anything else."""
    wish = Wish()
    for number, line in enumerate(text.splitlines(), 1):
        match = LINE.fullmatch(line)
        if match is None:
            expected = "sip udp|tcp PORT, server ADDRESS, voice FIRST-LAST or web http|https|cwmp|ssh|telnet PORT"
            raise BadWish(f"line {number}: expected {expected}")
        try:
            _take(wish, match["what"], match["value"])
        except ValueError as error:
            raise BadWish(f"line {number}: {error}") from None
    if len(wish.servers4) + len(wish.servers6) > MAX_SERVERS:
        raise BadWish(f"expected at most {MAX_SERVERS} servers")
    return wish


def _take(wish: Wish, what: str, value: str) -> None:
    if what == "server":
        address = ipaddress.ip_address(value)
        (wish.servers4 if address.version == 4 else wish.servers6).add(str(address))
    elif what == "voice":
        first, last = (_port(part) for part in value.split("-"))
        if not 0 <= last - first < MAX_VOICE:
            raise ValueError(f"expected at most {MAX_VOICE} voice ports")
        wish.voice.add(f"{first}-{last}")
    elif what.startswith("web"):
        wish.web.add(int(value) if value in map(str, WEB[what]) else _port(value))
    else:
        (wish.sip_udp if what == "sip udp" else wish.sip_tcp).add(_port(value))


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{4,5}", text) or int(text) not in PORTS:
        raise ValueError(f"expected a port from {PORTS.start} to {PORTS.stop - 1}")
    return int(text)


def commands(wish: Wish) -> str:
    """One transaction for nft: the sets emptied and filled anew."""
    lines = []
    for name in ("sip_udp", "sip_tcp", "servers4", "servers6", "voice", "web"):
        lines.append(f"flush set {TABLE} {name}")
        if elements := ", ".join(map(str, sorted(getattr(wish, name), key=str))):
            lines.append(f"add element {TABLE} {name} {{ {elements} }}")
    return "\n".join(lines) + "\n"


def wished(path: str) -> Wish:
    """What FILE says; nothing where there is none, or no plain small file. Raises BadWish."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return Wish()
    except OSError as error:
        raise BadWish(f"{path}: expected a plain file: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise BadWish(f"{path}: expected a plain file")
        data = os.read(handle, MAX_BYTES + 1)
    finally:
        os.close(handle)
    if len(data) > MAX_BYTES:
        raise BadWish(f"{path}: expected at most {MAX_BYTES} bytes")
    try:
        return read(data.decode("ascii"))
    except UnicodeDecodeError:
        raise BadWish(f"{path}: expected ASCII") from None


def main(path: str) -> int:
    """0 when the filter is as wished; a bad file closes everything and is an error."""
    try:
        wish, status = wished(path), 0
    except BadWish as error:
        print(f"<3>{error}: no port is open", file=sys.stderr)
        wish, status = Wish(), 1
    subprocess.run(["/usr/sbin/nft", "-f", "-"], input=commands(wish).encode(), check=True)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
