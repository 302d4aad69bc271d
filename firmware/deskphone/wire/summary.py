"""application/simple-message-summary: the message-waiting body (RFC 3842 section 5.2).

Law: text to one frozen value. Which lamp burns is for the core.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from deskphone.wire import fields
from deskphone.wire.errors import MAX_BODY, MAX_URI, WireError, bounded, clip
from deskphone.wire.message import parse_headers

PACKAGE: Final = "message-summary"
CONTENT_TYPE: Final = "application/simple-message-summary"
COUNTS: Final = re.compile(r"([0-9]{1,9})\s*/\s*([0-9]{1,9})(?:\s*\(\s*([0-9]{1,9})\s*/\s*([0-9]{1,9})\s*\))?")
CLASSES: Final = ("voice-message", "fax-message", "pager-message", "multimedia-message", "text-message", "none")


@dataclass(frozen=True, slots=True)
class Counts:
    """Messages of one class: new and old ones, and how many of each are urgent."""

    new: int = 0
    old: int = 0
    urgent_new: int = 0
    urgent_old: int = 0


@dataclass(frozen=True, slots=True)
class MessageSummary:
    """Whether messages wait, at which account (a URI to dial, "" where not said), and the counts by class."""

    waiting: bool
    account: str = ""
    voice: Counts = Counts()
    others: tuple[tuple[str, Counts], ...] = ()


def parse(body: bytes) -> MessageSummary:
    """One summary; WireError where Messages-Waiting is missing or a count is no count."""
    bounded(len(body), MAX_BODY, "message summary")
    summary = parse_headers(re.split(rb"\r?\n\r?\n", body.lstrip(b"\r\n"), maxsplit=1)[0])
    status = summary.one("messages-waiting").lower()
    if status not in ("yes", "no"):
        raise WireError(f"{clip(status)!r}", "messages-waiting", "yes or no")
    counts = {name: _counts(name, summary.get(name)) for name in CLASSES if summary.get(name)}
    voice = counts.pop("voice-message", Counts())
    return MessageSummary(status == "yes", _account(summary.get("message-account")), voice, tuple(counts.items()))


def _counts(name: str, text: str) -> Counts:
    matched = COUNTS.fullmatch(text)
    if matched is None:
        raise WireError(f"{clip(text)!r}", name, "new/old (urgent new/urgent old)")
    return Counts(*(int(number or 0) for number in matched.groups()))


def _account(text: str) -> str:
    """The account without angle brackets; one that is no URI is dropped, the lamp matters more."""
    account = text.strip().removeprefix("<").removesuffix(">")
    return account if len(account) <= MAX_URI and not fields.CONTROLS.search(account) else ""
