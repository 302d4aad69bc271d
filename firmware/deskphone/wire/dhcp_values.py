"""Values of single DHCP options: text, host names, addresses, the SIP servers of option 120.

Law: bytes in, values or WireError out. What servers of the field write beside the RFCs is read where it can mean one
thing only.
"""

from __future__ import annotations

import re
from typing import Final

from deskphone.wire.errors import WireError, clip

MULTICAST: Final = 224  # the first byte of an address from here on is nobody's own (RFC 1112 section 4)
MAX_SERVERS: Final = 8  # addresses or names kept of one option
LABEL: Final = r"[A-Za-z0-9_][A-Za-z0-9_\-]{0,62}"
HOST: Final = re.compile(rf"{LABEL}(?:\.{LABEL}){{0,31}}\.?")  # dots are not optional between: that was exponential
POINTER: Final = (
    0xC0  # the two highest bits of a label's length: the rest of the name stands elsewhere (RFC 1035 4.1.4)
)


def text(value: bytes, url: bool = False) -> str:
    """Printable ASCII, else WireError; NULs at the end (Windows servers add one), a byte order mark, blanks and quotes
    around it are dropped. Letters of two bytes each (UTF-16) are read, too. url: bytes beyond ASCII behind a slash are
    escaped as a URL has them (RFC 3986 section 2.1)."""
    stripped = _narrow(value).rstrip(b"\x00").removeprefix(b"\xef\xbb\xbf").strip()
    if url:
        host = re.match(rb"[^/\\]*", stripped)[0]  # type: ignore[index]
        rest = re.sub(rb"[\x80-\xff]", lambda found: b"%%%02X" % found[0][0], stripped[len(host) :])
        stripped = host + rest
    if len(stripped) > 1 and stripped[0] == stripped[-1] and stripped[:1] in b"\"'":
        stripped = stripped[1:-1].strip()
    if any(byte < 0x20 or byte > 0x7E for byte in stripped):
        raise WireError(f"{len(value)} bytes that are not all text", "value", "printable ASCII")
    return stripped.decode("ascii")


def _narrow(value: bytes) -> bytes:
    """Text of which every other byte is zero (UTF-16 with or without its mark) without those."""
    bare = value[2:] if value[:2] in (b"\xff\xfe", b"\xfe\xff") else value
    for letters, zeros in ((bare[::2], bare[1::2]), (bare[1::2], bare[::2])):
        if len(zeros) > 3 and not any(zeros) and all(letters.rstrip(b"\0")):
            return letters
    return value


def host_name(value: bytes) -> str:
    """A host name (RFC 2132 section 3.14) without its last dot; "" for an empty option, WireError for another text."""
    name = text(value)
    if name and (len(name) > 253 or not HOST.fullmatch(name)):
        raise WireError(f"{clip(name)!r}", "value", "letters, digits, hyphens and dots")
    return name.rstrip(".")


def addresses(value: bytes) -> tuple[str, ...]:
    """IPv4 addresses, four bytes each (RFC 2132 section 8.3), the first MAX_SERVERS; WireError for none. NULs that fill
    up the option are none of it."""
    whole = len(value) // 4 * 4
    value = value[:whole] if whole and not any(value[whole:]) else value
    if not value or len(value) % 4:
        raise WireError(f"{len(value)} bytes", "value", "IPv4 addresses, four bytes each")
    quads = (value[at : at + 4] for at in range(0, min(len(value), 4 * MAX_SERVERS), 4))
    return tuple(".".join(str(byte) for byte in quad) for quad in quads)


def servers(value: bytes) -> tuple[str, ...]:
    """The addresses that can be a server's, as `addresses`; WireError where none is, and for a name written out."""
    written = value.decode("latin-1").rstrip("\0")
    if len(value) > 4 and "." in written and HOST.fullmatch(written):
        raise WireError("a text", "value", "IPv4 addresses, four bytes each")
    found = tuple(each for each in addresses(value) if 0 < int(each.partition(".")[0]) < MULTICAST)
    if not found:
        raise WireError(f"address {addresses(value)[0]}", "value", "a server's: its first byte from 1 to 223")
    return found


def sip_servers(value: bytes) -> tuple[str, ...]:
    """Option 120 (RFC 3361), the first MAX_SERVERS. First byte 0: names as DNS labels, 1: IPv4 addresses. Read as well:
    compressed names, padding, the text of a name or address, with or without the first byte, and one or two addresses
    without it. WireError for anything else.
    """
    encoding, rest = value[:1], value[1:]
    if encoding == b"\x01" and _is_written(rest):
        found = _as_text(rest)
    elif encoding > b"\x01" and len(value) in {4, 8} and not _is_written(value):
        found = servers(value)  # without the byte that says so
    elif encoding == b"\x01":
        found = servers(rest)
    elif encoding == b"\x00":
        found = _dns_names(value)
    else:
        found = _as_text(value)
    named = tuple(each for each in found if each != "0.0.0.0")
    if not named:
        raise WireError("no server", "value", "at least one")
    return named


def _is_written(value: bytes) -> bool:
    """Whether it is text with a dot, longer than one address: four bytes may be letters as well."""
    return len(value) > 4 and b"." in value and all(0x20 <= byte < 0x7F for byte in value.rstrip(b"\0\r\n"))


def _as_text(value: bytes) -> tuple[str, ...]:
    """Names or addresses written out, parted by commas or blanks; WireError for other bytes."""
    readable = all(0x20 <= byte < 0x7F for byte in value.strip(b"\0\r\n"))
    words = [word for word in re.split(r"[,\s]+", text(value)) if word] if readable else []
    if not words or not all(HOST.fullmatch(word) and "." in word for word in words):
        raise WireError(f"encoding {value[:1].hex() or 'missing'}", "value", "00 or 01 (RFC 3361)")
    return tuple(words[:MAX_SERVERS])


def _dns_names(value: bytes) -> tuple[str, ...]:
    """The names behind the first byte. A pointer counts from there or from the option's beginning: servers differ."""
    wrong = WireError("no name", "value", "at least one")
    for data, at in ((value[1:], 0), (value, 1)):
        try:
            return _labels(data, at)
        except WireError as error:
            wrong = error
    try:
        return _as_text(value[1:])
    except WireError:
        raise wrong from None


def _labels(data: bytes, at: int) -> tuple[str, ...]:
    names: list[str] = []
    while at < len(data) and len(names) < MAX_SERVERS and data[at:].strip(b"\0"):
        name, at = _dns_name(data, at)
        names.append(name)
    if not names:
        raise WireError("no name", "value", "at least one")
    return tuple(names)


def _dns_name(data: bytes, at: int) -> tuple[str, int]:
    """The name that begins at `at`, and where the next one does."""
    labels: list[str] = []
    behind, lowest = 0, at
    while at < len(data) and data[at]:
        size = data[at]
        if size >= POINTER and at + 1 < len(data):
            there = (size - POINTER) * 256 + data[at + 1]
            if there >= lowest:  # ever further back: no circles
                raise WireError("a pointer forwards", "value", "one to a name before it (RFC 1035)")
            behind, at = behind or at + 2, there
            lowest = there
            continue
        if size > 63 or len(data) <= at + size:
            raise WireError(f"label of {size} bytes", "value", "at most 63, and whole (RFC 3361)")
        labels.append(text(data[at + 1 : at + size + 1]))
        at += size + 1
    name = ".".join(labels)
    if at >= len(data) or len(name) > 253 or not HOST.fullmatch(name):
        raise WireError(f"name {clip(name)!r}", "value", "a host name that ends with a root label")
    return name, behind or at + 1
