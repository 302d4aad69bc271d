"""A stateless response that refuses a request read only in part (RFC 3261 sections 8.2.6, 8.2.7, 18.2.2, RFC 3581).

Law: header values of the request are copied as they came, control characters as blanks; nothing else of it is believed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

Header = tuple[str, bytes]
"""Lower-case long name and the value as it stands."""

SIP_PORT: Final = 5060
COPIED: Final = (("from", b"From"), ("to", b"To"), ("call-id", b"Call-ID"), ("cseq", b"CSeq"))


@dataclass(frozen=True, slots=True)
class Source:
    """The source address and port of a message, as the socket saw them."""

    host: str
    port: int


def refusal(fields: list[Header], source: Source, code: int, phrase: str, server: str = "") -> tuple[bytes, int] | None:
    """The response and the port it goes to at the source address; None for a request without a Via or with maddr in it,
    which would send the response to a third party.

    fields: of the request. code, phrase: of the status line. server: the value of Server, "" for none.
    """
    vias = [value for name, value in fields if name == "via"]
    if not vias or re.search(rb";\s*maddr\s*=", vias[0], re.IGNORECASE):
        return None
    top, port = _answered_via(vias[0], source)
    lines = [b"SIP/2.0 %d %s" % (code, phrase.encode("ascii", "replace")), b"Via: " + top]
    lines += [b"Via: " + _clean(value) for value in vias[1:]]
    for name, title in COPIED:
        value = next((value for other, value in fields if other == name), None)
        if value is not None:
            lines.append(title + b": " + (_tagged(value, vias[0]) if name == "to" else _clean(value)))
    if server:
        lines.append(b"Server: " + _clean(server.encode()))
    return b"\r\n".join([*lines, b"Content-Length: 0", b"", b""]), port


def _answered_via(via: bytes, source: Source) -> tuple[bytes, int]:
    """The topmost Via with received and rport (RFC 3581 section 4), and the port the response goes to."""
    first, comma, rest = _clean(via).partition(b",")
    wanted = re.search(rb";\s*rport\b(?:\s*=\s*\d*)?", first, re.IGNORECASE)
    sent_by = re.search(rb"^[^;]*?\]?:\s*(\d{1,5})\s*(?:;|$)", first)
    port = int(sent_by[1]) if sent_by and 0 < int(sent_by[1]) < 65_536 else SIP_PORT
    if wanted:
        first = first[: wanted.start()] + b";rport=%d" % source.port + first[wanted.end() :]
        port = source.port
    first = re.sub(rb";\s*received\s*=\s*[^;,\s]*", b"", first, flags=re.IGNORECASE)
    return first + b";received=" + source.host.encode("ascii", "replace") + comma + rest, port


def _tagged(to: bytes, via: bytes) -> bytes:
    """To with a tag, the same for a retransmission, since a stateless UAS keeps nothing (RFC 3261 section 8.2.7)."""
    value = _clean(to)
    if re.search(rb";\s*tag\s*=", value, re.IGNORECASE):
        return value
    return value + b";tag=" + hashlib.sha256(via + to).hexdigest()[:16].encode()


def _clean(value: bytes) -> bytes:
    return re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]", b" ", value)[:2048]
