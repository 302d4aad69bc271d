"""A line for a syslog server: RFC 5424, or the BSD form of RFC 3164; framed for TCP as RFC 6587 says.

Law: pure. One line in, one message out: control characters are blanks, so that nothing in a text can begin a message of
its own; nothing is longer than LONGEST.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOCAL0: Final = 16
LONGEST: Final = 2_048  # bytes of a message; RFC 5424 section 6.1: what a receiver should take
NIL: Final = "-"
BOM: Final = b"\xef\xbb\xbf"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Line:
    """severity: 0 emergency to 7 debug. wall: year, month, day, hour, minute, second where the phone stands; micro:
    microseconds; offset: minutes east of UTC. kind: what speaks (MSGID), as `deskphone.provisioning`. version: of the
    program."""

    severity: int
    wall: tuple[int, int, int, int, int, int]
    micro: int
    offset: int
    host: str
    app: str
    process: int
    kind: str
    text: str
    version: str = ""


def rfc5424(line: Line) -> bytes:
    """`<PRI>1 TIMESTAMP HOSTNAME APP-NAME PROCID MSGID [origin ...] MSG`, with a byte order mark where MSG needs it."""
    hours, minutes = divmod(abs(line.offset), 60)
    zone = f"{'-' if line.offset < 0 else '+'}{hours:02}:{minutes:02}" if line.offset else "Z"
    at = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.".format(*line.wall) + f"{line.micro:06}{zone}"
    head = f"<{_priority(line)}>1 {at} {_word(line.host, 255)} {_word(line.app, 48)} {line.process}"
    origin = f'[origin software="{_word(line.app, 48)}" swVersion="{_word(line.version, 32)}"]'
    text = _clean(line.text)
    message = text.encode("utf-8", "replace")
    return _bounded(f"{head} {_word(line.kind, 32)} {origin} ".encode("ascii"), message, BOM * (not text.isascii()))


def rfc3164(line: Line) -> bytes:
    """`<PRI>Mmm dd hh:mm:ss HOSTNAME TAG[PID]: MSG`."""
    _, month, day, *clock = line.wall
    at = f"{MONTHS[month - 1]} {day:2d} " + ":".join(f"{each:02}" for each in clock)
    host = _word(line.host, 255).partition(".")[0] or NIL
    head = f"<{_priority(line)}>{at} {host} {_word(line.app, 32)}[{line.process}]: "
    return _bounded(head.encode("ascii"), _clean(line.text).encode("utf-8", "replace"))


def framed(message: bytes) -> bytes:
    """Octet counting (RFC 6587 section 3.4.1)."""
    return b"%d %s" % (len(message), message)


def _priority(line: Line) -> int:
    return LOCAL0 * 8 + min(max(line.severity, 0), 7)


def _word(text: str, longest: int) -> str:
    """Printable ASCII without blanks and what a quoted parameter would have to escape; NIL for nothing."""
    return "".join(char for char in text if "!" <= char <= "~" and char not in '"\\]')[:longest] or NIL


def _clean(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _bounded(head: bytes, text: bytes, mark: bytes = b"") -> bytes:
    """Cut at a whole character."""
    room = LONGEST - len(head) - len(mark)
    return head + mark + (text if len(text) <= room else text[:room].decode("utf-8", "ignore").encode("utf-8"))
