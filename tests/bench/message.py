"""SIP text for the bench's caller: as little as three well-behaved phones on loopback need.

Law: bytes in, values out; no sockets. It is a stopwatch's parser: fast, not strict. The product's parser is in wire.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "o": "event"}
_TAG = re.compile(r";\s*tag=([^;\s>]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. code is 0 for a request, method is that of CSeq for a response; headers have lower-case names."""

    code: int
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for key, value in self.headers if key == name]

    def one(self, name: str) -> str:
        """The first value of a header, "" where there is none."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def call_id(self) -> str:
        """Call-ID."""
        return self.one("call-id")

    @property
    def to_tag(self) -> str:
        """The tag of To, "" without one."""
        found = _TAG.search(self.one("to"))
        return found.group(1) if found else ""

    @property
    def contact(self) -> str:
        """The URI of Contact without its angle brackets."""
        value = self.one("contact")
        found = re.search(r"<([^>]*)>", value)
        return found.group(1) if found else value.partition(";")[0].strip()


def parse(data: bytes) -> Message | None:
    """A message, or None for a keep-alive."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = re.sub(r"\r\n[ \t]+", " ", head.decode("utf-8", "replace")).split("\r\n")
    if " " not in lines[0]:
        return None
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers.append((_COMPACT.get(name, name), value.strip()))
    fields = tuple(headers)
    if not lines[0].startswith("SIP/2.0 "):
        return Message(0, lines[0].split(" ", 1)[0], fields, body)
    cseq = next((value for name, value in fields if name == "cseq"), "0 NONE")
    return Message(int(lines[0].split(" ", 2)[1]), cseq.split()[1], fields, body)


def text(start: str, headers: list[tuple[str, str]], body: bytes = b"") -> bytes:
    """A message to send."""
    fields = [*headers, ("Content-Length", str(len(body)))]
    return "\r\n".join([start, *(f"{name}: {value}" for name, value in fields), "", ""]).encode() + body


def media_address(sdp: bytes) -> tuple[str, int]:
    """Where an SDP wants its audio: the address of c= and the port of the first m=audio."""
    words = sdp.decode("utf-8", "replace")
    host = re.search(r"^c=IN IP4 (\S+)", words, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", words, re.MULTILINE)
    return (host.group(1) if host else "127.0.0.1"), int(port.group(1)) if port else 0
