"""WireError: the one exception that leaves this room, and the bounds that guard its doors.

Law: every bound on outside input is a constant here. A message never quotes more than a few cleaned
characters of what it refuses, and never a whole line: there may be credentials in it.
"""

from __future__ import annotations

from typing import Final

MAX_MESSAGE: Final = 65_535  # a whole SIP message: what one UDP datagram can hold at most
MAX_BODY: Final = 32_768  # the largest honest body (full state of every feature) is under 4 kB; 64 kB is refused
MAX_HEADER_BLOCK: Final = 32_768
MAX_HEADERS: Final = 128
MAX_VALUE: Final = 8_192  # one unfolded header value; RFC 4475 section 3.1.1.7 `longreq` stays below
MAX_URI: Final = 2_048
MAX_LIST: Final = 64  # comma-separated entries in one header
MAX_PARAMS: Final = 64
MAX_TOKEN: Final = 255  # a method, a package name, a tag, a file name
MAX_TEXT: Final = 256  # the text of one XML element we use
MAX_DISPLAY: Final = 128  # characters of a display name; the screen shows fewer
MAX_DEPTH: Final = 16  # nested XML elements; the deepest honest document has 5
MAX_ELEMENTS: Final = 256
MAX_ATTRIBUTES: Final = 32
MAX_PARTS: Final = 16  # parts of one multipart
MAX_MULTIPART_DEPTH: Final = 2
MAX_SECONDS: Final = 2**32 - 1  # delta-seconds, RFC 3261 section 20.19


def clip(text: str, size: int = 40) -> str:
    """The first `size` characters of hostile text, all but printable ASCII as `?`, for a message or the journal."""
    clean = "".join(char if " " <= char <= "~" else "?" for char in text[:size])
    return clean + "..." if len(text) > size else clean


class WireError(ValueError):
    """Bytes that are not what they should be. `str()` gives one line, `where: what; expected ...`."""

    def __init__(self, what: str, where: str, expected: str) -> None:
        super().__init__(what, where, expected)
        self.what = what
        self.where = where
        self.expected = expected

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; expected {self.expected}"


class TooLong(WireError):
    """More of something than is read here: whoever sent it is told so (RFC 3261 section 21.5.7)."""


def bounded(size: int, limit: int, where: str, unit: str = "bytes") -> None:
    """Raise TooLong where `size` is above `limit`."""
    if size > limit:
        raise TooLong(f"{size} {unit}", where, f"at most {limit} {unit}")


def decoded(raw: bytes) -> str:
    """Text of UTF-8, else of ISO-8859-1, in which old servers send umlauts and which never fails."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("iso-8859-1")


def whole_number(text: str, where: str, most: int = MAX_SECONDS) -> int:
    """A decimal number of ASCII digits from 0 to `most`, else WireError (int() would take signs, blanks, `_` and the
    digits of other scripts)."""
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > most:
        raise WireError(f"{clip(text)!r}", where, f"a number from 0 to {most}")
    return int(text)


def seconds(text: str) -> int | None:
    """A number of seconds, None where it is none: a detail that does not decide."""
    try:
        return whole_number(text, "seconds")
    except WireError:
        return None
