"""application/simple-message-summary: the message-waiting body (RFC 3842 section 5.2).

Law: bytes to one frozen value. What the message lamp shows is for the view.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from deskphone.wire import fields
from deskphone.wire.errors import MAX_BODY, MAX_HEADERS, MAX_URI, WireError, bounded, clip
from deskphone.wire.message import parse_headers

PACKAGE: Final = "message-summary"
CONTENT_TYPE: Final = "application/simple-message-summary"
COUNTS: Final = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})(?:\s*\(\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*\))?")
WORD: Final = re.compile(r'\A["\s]*(yes|no)\b.*')  # and what stands about it
CLASSES: Final = ("voice-message", "fax-message", "pager-message", "multimedia-message", "text-message", "none")


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages of one message-context-class: new and old ones, and how many of each are urgent."""

    new: int = 0
    old: int = 0
    urgent_new: int = 0
    urgent_old: int = 0


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """Whether messages wait. account: a URI to dial, "" where not sent. others: by class, but for voice."""

    waiting: bool
    account: str = ""
    voice: Counts = Counts()
    others: tuple[tuple[str, Counts], ...] = ()


def parse(body: bytes) -> MessageSummary:
    """One summary; WireError without a Messages-Waiting of yes or no. A line that cannot be read is left out: the
    status line decides (RFC 3842 section 5.2)."""
    bounded(len(body), MAX_BODY, "message summary")
    plain = body.removeprefix(b"\xef\xbb\xbf").replace(b"\0", b"").lstrip(b"\r\n")
    unfolded = re.sub(rb":[ \t]*\r?\n[ \t]+(?=\S)", b": ", plain)  # a value on the next line
    lines = re.split(rb"\r?\n|\r", unfolded)[:MAX_HEADERS]
    found = [field for line in takewhile(bytes.strip, lines) for field in _field(line)]
    said = {WORD.sub(r"\1", value.lower()) for name, value in found if name == "messages-waiting"}
    if said not in ({"yes"}, {"no"}):
        raise WireError(f"{clip(', '.join(sorted(said)))!r}", "messages-waiting", "yes or no")
    counts = {name: read for name, value in found if name in CLASSES and (read := _counts(value)) is not None}
    voice = counts.pop("voice-message", Counts())
    account = next((value for name, value in found if name == "message-account"), "")
    return MessageSummary(said == {"yes"}, _account(account), voice, tuple(counts.items()))


def _field(line: bytes) -> tuple[tuple[str, str], ...]:
    try:
        return parse_headers(line).fields
    except WireError:
        return ()


def _counts(text: str) -> Counts | None:
    matched = COUNTS.fullmatch(text.strip())
    return Counts(*(int(number or 0) for number in matched.groups())) if matched is not None else None


def _account(text: str) -> str:
    """Message-Account without angle brackets; a bad one is dropped, for the lamp matters more."""
    account = text.strip().removeprefix("<").removesuffix(">")
    return account if len(account) <= MAX_URI and not fields.CONTROLS.search(account) else ""
