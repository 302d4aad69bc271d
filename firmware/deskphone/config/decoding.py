"""Bytes of a configuration to its lines: UTF-8 with Windows-1252 in between, UTF-16, byte order marks, Ctrl-Z of DOS.

Law: the smallest piece that is no UTF-8 is taken as Windows-1252, so that a file two people wrote is read as both meant
it. NUL bytes are dropped: what is left of padding, of text put together from two programs, is text. Binary data, which
has other control characters beside them, and many, gives None. Nothing raises.
"""

from __future__ import annotations

import codecs
import re

_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
FEW = 100  # one control character in so many bytes may be a fault of a text
_SOME = 256  # bytes looked at for UTF-16 without a byte order mark
_ENDS = re.compile(
    "\r\n|[\r\n\v\f\x1a\x85\u2028\u2029]"
)  # Ctrl-Z: the end of a file of DOS, or of one of two put together
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")  # what no text holds
_MARKS = ("\ufeff", "\u00ef\u00bb\u00bf")  # a byte order mark, and one that was taken for three letters
_ESCAPED = re.compile(r"[\udc80-\udcff]+")


def text_of(data: bytes) -> str | None:
    """The text without its byte order mark; None for binary data. What stands behind the end of a file of DOS (Ctrl-Z)
    is dropped where it is binary."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data[: len(data) // 4 * 4].decode("utf-32", "replace")
    if data[:2] in _UTF16 and 0 not in data:  # a mark of another file
        data = data[2:]
    encoding = _UTF16.get(data[:2]) or _unmarked(data)
    if encoding is not None:
        return _unmark(data[: len(data) // 2 * 2].decode(encoding, "replace").replace("\0", ""))
    data = data.strip(b"\0")
    if b"\0" in data:
        lines = {*b"\r\n"} & {*data}
        if _CONTROL.search(data) or not lines:
            start = data.partition(b"\x1a")[0]
            if start and len(start) < len(data) and b"\0" not in start and not _CONTROL.search(start):
                return text_of(start)
            if not (lines and _sparse(data)):
                return None
        data = data.replace(codecs.BOM_UTF16_LE, b"").replace(b"\0", b"")
    return _unmark(_ESCAPED.sub(_windows, data.decode("utf-8", "surrogateescape")))


def _sparse(data: bytes) -> bool:
    """Whether NUL and the others are so few that a broken line or two of a text must have them: binary data, packed or
    not, has them all over."""
    return (len(_CONTROL.findall(data)) + data.count(0)) * FEW < len(data)


def _unmark(text: str) -> str:
    for mark in _MARKS:
        text = text.removeprefix(mark)
    return text


def lines_of(text: str) -> list[str]:
    """Lines without their ends: CRLF, LF, CR, page breaks, Unicode's, or Ctrl-Z, the end of a file of DOS."""
    return _ENDS.split(text)


def _unmarked(data: bytes) -> str | None:
    """The codec of UTF-16 without a byte order mark, None for other bytes: in Western text every other byte is zero,
    nearly, and none of the others."""
    start = data[: min(_SOME, len(data) // 2 * 2)]
    low, high = start[::2], start[1::2]
    if len(start) < 4 or (0 in low and 0 in high):
        return None
    for zeros, codec in ((high, "utf-16-le"), (low, "utf-16-be")):
        if zeros.count(0) > len(zeros) / 2:
            return codec
    return None


def _windows(match: re.Match[str]) -> str:
    """A run of bytes that are no UTF-8, as Windows-1252; the five that it does not define are dropped."""
    return bytes(ord(each) - 0xDC00 for each in match[0]).decode("cp1252", "ignore")
