"""TFTP packets (RFC 1350, options of RFC 2347 to 2349): bytes to frozen values and back.

Law: shape only, bounded; ValueError for what is no packet of a server.
"""

from __future__ import annotations

from dataclasses import dataclass

READ, DATA, ACK, ERROR, OPTIONS = 1, 3, 4, 5, 6  # opcodes of RFC 1350; 6 (OACK) of RFC 2347
BLOCK = 512  # bytes without an option
WANTED = 1_428  # bytes: fits an Ethernet frame with IPv6 and UDP


@dataclass(frozen=True, slots=True)
class Data:
    """DATA: one block of the file, numbered from 1 modulo 65536."""

    block: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """OACK: the options the server takes. size is -1 where it does not tell one."""

    block_size: int
    size: int


@dataclass(frozen=True, slots=True)
class Refused:
    """ERROR: one of the codes of RFC 1350 (8 of RFC 2347), and the server's text."""

    code: int
    text: str


Packet = Data | Accepted | Refused


def request(path: str, options: bool) -> bytes:
    """RRQ in octet mode, asking for large blocks and the size; ValueError for a path that cannot be sent."""
    name = path.encode("utf-8", "surrogateescape")
    if not name or b"\0" in name or len(name) > 450:
        raise ValueError("a file name of 1 to 450 bytes without NUL")
    fields = [name, b"octet"]
    if options:
        fields += [b"blksize", str(WANTED).encode(), b"tsize", b"0"]
    return READ.to_bytes(2, "big") + b"".join(field + b"\0" for field in fields)


def acknowledge(block: int) -> bytes:
    """ACK of a block; 0 answers an OACK (RFC 2347)."""
    return ACK.to_bytes(2, "big") + block.to_bytes(2, "big")


def error(code: int, text: str) -> bytes:
    """ERROR with a code of RFC 1350 and a text."""
    return ERROR.to_bytes(2, "big") + code.to_bytes(2, "big") + text.encode() + b"\0"


def read(packet: bytes) -> Packet:
    """What a server sent; ValueError where it is none of the three."""
    if len(packet) < 4 and packet[:2] != OPTIONS.to_bytes(2, "big"):
        raise ValueError("a packet of less than four bytes")
    kind, rest = int.from_bytes(packet[:2], "big"), packet[2:]
    if kind == DATA:
        return Data(int.from_bytes(rest[:2], "big"), rest[2:])
    if kind == ERROR:
        return Refused(int.from_bytes(rest[:2], "big"), rest[2:202].split(b"\0")[0].decode("latin-1"))
    if kind == OPTIONS:
        return _accepted(rest)
    raise ValueError(f"a packet of kind {kind}")


def _accepted(rest: bytes) -> Accepted:
    words = rest[:200].split(b"\0")[:-1]
    pairs = {name.lower(): value for name, value in zip(words[::2], words[1::2], strict=False)}
    size, block = pairs.get(b"tsize", b""), pairs.get(b"blksize", b"")
    block_size = int(block) if block.isdigit() else BLOCK
    if not 8 <= block_size <= WANTED:
        raise ValueError(f"a block size of {block_size}")
    return Accepted(block_size, int(size) if size.isdigit() else -1)
