"""What an INVITE asks for: an automatic answer, and a ring tone (Call-Info, Alert-Info, RFC 5373).

Law: advice, so nothing here refuses an INVITE or raises: a header that makes no sense counts as absent. Whether the
advice is followed (switch, trusted server) is for the core: a phone that answers by itself is a listening device.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from deskphone.core.events import AnswerHint
from deskphone.wire import fields
from deskphone.wire.errors import WireError, whole_number
from deskphone.wire.fields import Params

MAX_ENTRIES: Final = 16  # of a header, over all its lines
MAX_AFTER: Final = 3_600  # seconds; a caller who wants more does not want an automatic answer
MAX_ALERT: Final = 64  # characters of a ring tone's name
# "ring answer" anywhere in the header; the others only as the whole text of an entry or of info=, lest a file name
# matches. Makers part the words by blanks, hyphens, or not at all.
RING_ANSWER: Final = re.compile(r"\bring[\s_-]+answer\b", re.IGNORECASE)
WORDS: Final = frozenset({"alertautoanswer", "autoanswer", "intercom", "ringanswer"})
RING_NAME: Final = re.compile(r"(?:bellcore|x-)?-?(?:dr|ring|line|melody)-?[0-9]{1,2}", re.IGNORECASE)

_Entry = tuple[str, Params]


def answer_hint(headers: Iterable[tuple[str, str]]) -> AnswerHint:
    """What the header fields (lower-case name, value) of an INVITE ask for; AnswerHint() where they ask for nothing.

    Precedence: `Manual;require` forbids; then answer-after of Call-Info, of Alert-Info; then the other words of
    Alert-Info and Call-Info; then Priv-Answer-Mode and Answer-Mode `Auto`. A required Auto keeps `required` even
    where another header sets the time. source names the header that decided.
    """
    values = tuple((name, value) for name, value in headers if name in _READ)
    if not values:
        return AnswerHint()
    alert = _alert(_entries(values, "alert-info"))
    modes = {name: _mode(values, name) for name in ("priv-answer-mode", "answer-mode")}
    required = any(mode == "auto" and require for mode, require in modes.values())
    for name, (mode, require) in modes.items():
        if mode == "manual" and require:
            return AnswerHint(None, False, name, alert)
    for name in ("call-info", "alert-info"):
        after = _answer_after(_entries(values, name))
        if after is not None:
            return AnswerHint(after, required, name, alert)
    for name in ("alert-info", "call-info"):
        after = _auto_answer(_entries(values, name))
        if after is not None:
            return AnswerHint(after, required, name, alert)
    for name, (mode, _) in modes.items():
        if mode == "auto":
            return AnswerHint(0, required, name, alert)
    return AnswerHint(alert=alert)


_READ: Final = frozenset({"call-info", "alert-info", "priv-answer-mode", "answer-mode"})


def _entries(headers: tuple[tuple[str, str], ...], name: str) -> tuple[_Entry, ...]:
    """The comma-separated entries of a header: head text (URI or words) and parameters; broken ones left out."""
    found: list[_Entry] = []
    for _, value in (field for field in headers if field[0] == name):
        try:
            for entry in fields.split(value, ",", MAX_ENTRIES):
                parsed = fields.valued(entry)
                head, params = parsed.value, parsed.params
                if "=" in head and "://" not in head and ":" not in head.partition("=")[0]:  # `Alert-Info: info=...`
                    head, params = "", Params(fields.params((head.strip("<>"),)).items + params.items)
                found.append((" ".join(fields.unquoted(head.strip("<>")).split()), params))
        except WireError:
            continue
    return tuple(found[:MAX_ENTRIES])


def _answer_after(entries: tuple[_Entry, ...]) -> int | None:
    return next((after for _, params in entries if (after := _seconds(params.get("answer-after"))) is not None), None)


def _auto_answer(entries: tuple[_Entry, ...]) -> int | None:
    """Seconds of the forms in words, as `info=alert-autoanswer;delay=3`, 0 without a delay, None for no such form."""
    for head, params in entries:
        if _answers(head) or _answers(params.get("info")):
            after = _seconds(params.get("delay", "0"))
            if after is not None:  # a delay that cannot be read never means at once
                return after
    return None


def _answers(text: str) -> bool:
    """Whether the text of an entry or of info= asks for an answer; a URL never does."""
    if ":" in text:
        return False
    return re.sub(r"[\s_-]+", "", text.lower()) in WORDS or RING_ANSWER.search(text) is not None


def _mode(headers: tuple[tuple[str, str], ...], name: str) -> tuple[str, bool]:
    """(answer mode in lower case, whether `require` is with it) of the first header of that name (RFC 5373).

    ("", False) for none or one that cannot be read.
    """
    value = next((value for key, value in headers if key == name), "")
    try:
        parsed = fields.valued(value)
    except WireError:
        return "", False
    return parsed.value.lower(), "require" in parsed.params


def _alert(entries: tuple[_Entry, ...]) -> str:
    """The ring tone's name, lower case: info=..., urn:alert:... (RFC 7462), bellcore-dr3 in a URL, or plain words."""
    for head, params in entries:
        info = params.get("info")
        if info and not _answers(info):
            return _name(info)
        last = head.rstrip("/").rpartition("/")[2].removesuffix(".wav")
        if head.lower().startswith("urn:alert:"):
            return _name(head)
        if RING_NAME.fullmatch(last) or ("://" in head and last.lower().startswith("bellcore-")):
            return _name(last)
        if head and ":" not in head and not _answers(head):
            return _name(head)
    return ""


def _name(text: str) -> str:
    return fields.readable(text, MAX_ALERT).lower()


def _seconds(text: str) -> int | None:
    try:
        return whole_number(text.strip(), "seconds", MAX_AFTER)
    except WireError:
        return None
