"""One DHCP packet (RFC 2131): the options of a reply, and the bytes of an INFORM.

Law: bytes only. For the client that asks again for what the system's own DHCP client throws away (66, 67, 160);
sending, waiting and checking who answered is the driver's.
"""

from __future__ import annotations

from typing import Final

from deskphone.wire.errors import WireError, bounded

MAX_PACKET: Final = 9_000
COOKIE: Final = b"\x63\x82\x53\x63"
FIXED: Final = 236  # bytes before the cookie
SNAME: Final = slice(44, 108)
FILE: Final = slice(108, 236)
OVERLOAD: Final = 52
MESSAGE_TYPE: Final = 53
INFORM: Final = 8
ACK: Final = 5


def parse_reply(packet: bytes, xid: int, mac: bytes) -> dict[int, bytes]:
    """The options of a BOOTREPLY to us (same xid and hardware address); WireError for anything else.

    Parts of one option are joined (RFC 3396), the overloaded fields `file` and `sname` are read (option 52).
    """
    bounded(len(packet), MAX_PACKET, "DHCP packet")
    if len(packet) < FIXED + 4 or packet[FIXED : FIXED + 4] != COOKIE:
        raise WireError(f"{len(packet)} bytes", "DHCP packet", "a header and the magic cookie")
    if packet[0] != 2 or packet[4:8] != xid.to_bytes(4, "big") or packet[28 : 28 + len(mac)] != mac:
        raise WireError("a packet for somebody else", "DHCP packet", "a reply with our xid and hardware address")
    options: dict[int, bytes] = {}
    _collect(packet[FIXED + 4 :], options)
    overload = options.get(OVERLOAD, b"\x00")
    if len(overload) == 1 and overload[0] & 1:
        _collect(packet[FILE], options)
    if len(overload) == 1 and overload[0] & 2:
        _collect(packet[SNAME], options)
    return options


def _collect(field: bytes, options: dict[int, bytes]) -> None:
    at = 0
    while at < len(field) and field[at] != 255:
        code = field[at]
        if code == 0:
            at += 1
            continue
        if at + 1 >= len(field) or at + 2 + field[at + 1] > len(field):
            raise WireError(f"option {code} is cut off", "DHCP packet", "a length within the packet")
        end = at + 2 + field[at + 1]
        options[code] = options.get(code, b"") + field[at + 2 : end]
        at = end


def build_inform(xid: int, mac: bytes, address: str, options: tuple[tuple[int, bytes], ...]) -> bytes:
    """An INFORM (RFC 2131 section 4.4.3) from the IPv4 `address` we have, with these options."""
    quad = address.split(".")
    if len(quad) != 4 or not all(map(_is_octet, quad)) or len(mac) != 6:
        raise WireError("no IPv4 or hardware address", "DHCP INFORM", "four numbers and six bytes")
    header = bytes((1, 1, 6, 0)) + xid.to_bytes(4, "big") + bytes(4) + bytes(int(part) for part in quad)
    header = (header + bytes(12) + mac).ljust(FIXED, b"\x00")
    body = b"".join(bytes((code, len(value))) + value for code, value in ((MESSAGE_TYPE, bytes((INFORM,))), *options))
    return (header + COOKIE + body + b"\xff").ljust(300, b"\x00")


def _is_octet(part: str) -> bool:
    return part.isascii() and part.isdigit() and len(part) <= 3 and int(part) < 256
