"""A DHCP server that sends whatever bytes it is told: `python dhcp_server.py INTERFACE SERVER CLIENT {"160": "hex"}`.

Law: one client, one address. For what dnsmasq refuses to send: wrong lengths of options it knows, more than 255 bytes.
"""

from __future__ import annotations

import json
import socket
import sys

COOKIE = b"\x63\x82\x53\x63"
OFFERS = {1: 2, 3: 5, 8: 5}  # DISCOVER: OFFER; REQUEST and INFORM: ACK


def option(code: int, value: bytes) -> bytes:
    """Code, length, value; a value of more than 255 bytes in parts (RFC 3396)."""
    parts = [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]
    return b"".join(bytes((code, len(part))) + part for part in parts)


def message_type(packet: bytes) -> int:
    """Option 53 of a packet; 0 where it has none."""
    at = 240
    while packet[236:240] == COOKIE and at + 2 < len(packet) and packet[at] != 255:
        if packet[at] == 53:
            return packet[at + 2]
        at += 1 if packet[at] == 0 else 2 + packet[at + 1]
    return 0


def reply(request: bytes, server: bytes, client: bytes, options: dict[int, bytes]) -> bytes:
    """The answer to a packet; b"" where it is none of ours."""
    asked = message_type(request)
    if asked not in OFFERS:
        return b""
    kind = OFFERS[asked]
    header = b"\x02\x01\x06\x00" + request[4:12] + bytes(4) + client + server + bytes(4) + request[28:44]
    basics = {53: bytes((kind,)), 54: server, 51: (3_600).to_bytes(4, "big"), 1: b"\xff\xff\xff\x00", 3: server}
    body = b"".join(option(code, value) for code, value in (basics | options).items())
    return header.ljust(236, b"\x00") + COOKIE + body + b"\xff"


def main(interface: str, server: str, client: str, told: str) -> None:
    options = {int(code): bytes.fromhex(value) for code, value in json.loads(told).items()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        door.bind(("0.0.0.0", 67))
        while True:
            answer = reply(door.recv(4_096), socket.inet_aton(server), socket.inet_aton(client), options)
            if answer:
                door.sendto(answer, ("255.255.255.255", 68))
                print(f"sent {len(answer)} bytes", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
