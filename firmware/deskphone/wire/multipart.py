"""multipart/mixed to its parts (RFC 2046 section 5.1): the full state of a subscription holds several documents.

Law: splits, and looks into no part. The boundary decides; the Content-Length of a part is not believed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from deskphone.wire.errors import MAX_BODY, MAX_PARTS, WireError, bounded, clip
from deskphone.wire.fields import Valued
from deskphone.wire.message import Headers, parse_content_type, parse_headers

MAX_PART_HEADERS: Final = 4_096  # bytes
BOUNDARY: Final = re.compile(r"[ -~]{0,69}[!-~]")  # RFC 2046 bcharsnospace at the end, and a bit more
PLAIN: Final = frozenset({"", "7bit", "8bit", "binary", "identity"})


@dataclass(frozen=True, slots=True)
class Part:
    """One part. content_type: parsed, its value "" where the part has none."""

    content_type: Valued
    headers: Headers
    body: bytes


def parse(content_type: Valued, body: bytes) -> tuple[Part, ...]:
    """The parts, 1 to MAX_PARTS; WireError where the boundary is missing or a part cannot be read."""
    return tuple(part(raw) for raw in split(content_type, body))


def split(content_type: Valued, body: bytes) -> tuple[bytes, ...]:
    """The bytes of each part, unread, 1 to MAX_PARTS of them. WireError without a boundary or a part.

    Where the closing boundary is missing the body's end ends the last part: whether it is whole its reader finds out.
    """
    bounded(len(body), MAX_BODY, "multipart body")
    boundary = content_type.params.get("boundary")
    if not BOUNDARY.fullmatch(boundary):
        raise WireError(f"boundary {clip(boundary)!r}", "header content-type", "1 to 70 characters, RFC 2046")
    delimiter = re.compile(rb"(?:\A|\r?\n)--" + re.escape(boundary.encode("ascii")) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    marks: list[tuple[int, int]] = []
    for mark in delimiter.finditer(body):
        marks.append(mark.span())
        bounded(len(marks) - 1, MAX_PARTS, "multipart body", "parts")
        if mark[1]:
            break
    else:
        marks += [(len(body), len(body))] if marks else []
        bounded(len(marks) - 1, MAX_PARTS, "multipart body", "parts")
    if len(marks) < 2:
        raise WireError(f"{len(marks)} boundary lines", "multipart body", "parts and `--boundary--`")
    return tuple(body[this[1] : then[0]] for this, then in pairwise(marks))


def part(raw: bytes) -> Part:
    """A part from its bytes: header lines, an empty line, the body. A part without header lines begins with the empty
    line (RFC 2046 section 5.1). WireError for another form and for a transfer encoding."""
    raw = raw.removeprefix(b"\r").removeprefix(b"\n")
    blank = re.search(rb"(?:\A|\r?\n)\r?\n", raw)
    if blank is None:
        raise WireError("no empty line", "part of a multipart", "an empty line after its header fields")
    bounded(blank.start(), MAX_PART_HEADERS, "header fields of a part")
    headers = parse_headers(raw[: blank.start()])
    if headers.get("content-transfer-encoding").lower() not in PLAIN:
        raise WireError("a transfer encoding", "part of a multipart", "8bit or binary (RFC 3261 section 7.4.1)")
    return Part(parse_content_type(headers.get("content-type")), headers, raw[blank.end() :])
