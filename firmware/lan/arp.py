"""Whether anybody answers for an IPv4 address on a link: ARP probes (RFC 5227), which claim no address themselves.

Law: standard library; root (a packet socket). What is heard is hostile: only an answer of the right shape counts.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from contextlib import suppress
from ipaddress import IPv4Address
from pathlib import Path

ETHERTYPE = 0x0806
PROBES, WAIT = 3, 0.4  # how often it is asked, and seconds between
BROADCAST = b"\xff" * 6
BODY = struct.Struct("!HHBBH6s4s6s4s")  # hardware, protocol, their lengths, operation, sender, target


def answers(interface: str, address: str) -> bool:
    """Whether another device on the link of that interface has the address. False where the interface is not there."""
    try:
        own = bytes.fromhex(Path("/sys/class/net", interface, "address").read_text().strip().replace(":", ""))
    except (OSError, ValueError):
        return False
    wanted = IPv4Address(address).packed
    probe = BROADCAST + own + struct.pack("!H", ETHERTYPE)
    probe += BODY.pack(1, 0x0800, 6, 4, 1, own, bytes(4), bytes(6), wanted)
    with suppress(OSError), socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETHERTYPE)) as door:
        door.bind((interface, ETHERTYPE))
        for _ in range(PROBES):
            door.send(probe)
            end = time.monotonic() + WAIT
            while (left := end - time.monotonic()) > 0 and select.select([door], [], [], left)[0]:
                if _is_answer(door.recv(2048), own, wanted):
                    return True
    return False


def _is_answer(frame: bytes, own: bytes, wanted: bytes) -> bool:
    """A reply, or a request of the device that has the address: both say who has it."""
    if len(frame) < 14 + BODY.size:
        return False
    _, _, hardware, protocol, operation, sender, address, _, _ = BODY.unpack(frame[14 : 14 + BODY.size])
    return (hardware, protocol) == (6, 4) and operation in (1, 2) and address == wanted and sender != own
