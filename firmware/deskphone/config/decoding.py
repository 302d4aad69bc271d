"""Bytes of a configuration to its lines: UTF-8 with Windows-1252 in between, UTF-16, byte order marks, Ctrl-Z of DOS.

Law: the smallest piece that is no UTF-8 is taken as Windows-1252, so that a file two people wrote is read as both meant
it. Binary data gives None. Nothing raises.
"""

from __future__ import annotations

import codecs
import re

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_SOME = 256  # bytes looked at for UTF-16 without a byte order mark
_ENDS = re.compile(r"\r\n|[\r\n\x1a]")  # Ctrl-Z: the end of a file of DOS, or of the first one of two put together
_ESCAPED = re.compile(r"[\udc80-\udcff]+")


def text_of(data: bytes) -> str | None:
    """The text without its byte order mark; None for binary data, which is a NUL byte before the padding at the end."""
    encoding = _UTF16.get(data[:2]) or _unmarked(data)
    if encoding is not None:
        return data.decode(encoding, "replace").strip("\ufeff\0")
    data = data.rstrip(b"\0")
    if b"\0" in data:
        return None
    return _ESCAPED.sub(_windows, data.decode("utf-8", "surrogateescape")).removeprefix("\ufeff")


def lines_of(text: str) -> list[str]:
    """Lines without their ends: CRLF, LF, CR, or Ctrl-Z, the end-of-file mark of DOS."""
    return _ENDS.split(text)


def _unmarked(data: bytes) -> str | None:
    """The codec of UTF-16 without a byte order mark, None for other bytes: in Western text every other byte is zero."""
    start = data[:_SOME]
    if len(start) < 4 or len(start) % 2:
        return None
    low, high = start[::2], start[1::2]
    if not any(high) and all(low):
        return "utf-16-le"
    return "utf-16-be" if not any(low) and all(high) else None


def _windows(match: re.Match[str]) -> str:
    """A run of bytes that are no UTF-8, as Windows-1252; the five that it does not define are dropped."""
    return bytes(ord(each) - 0xDC00 for each in match[0]).decode("cp1252", "ignore")
