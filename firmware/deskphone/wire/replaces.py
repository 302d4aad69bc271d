"""Headers that name another dialog or a cause: Replaces (RFC 3891) and Reason (RFC 3326).

Law: a Replaces that cannot be read is a WireError (the response is 400: it must not ring as a new call); a Reason that
cannot be read counts as absent.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from deskphone.wire import fields
from deskphone.wire.errors import MAX_LIST, MAX_TOKEN, WireError, clip, whole_number


@dataclass(frozen=True, slots=True)
class Replaces:
    """The dialog to replace, as the receiver of the header sees it: to_tag is its local tag, from_tag its remote tag
    (RFC 3891 section 3). early_only: not once it is confirmed."""

    call_id: str
    to_tag: str
    from_tag: str
    early_only: bool = False

    @property
    def value(self) -> str:
        """The value of a Replaces header."""
        early = ";early-only" if self.early_only else ""
        return f"{self.call_id};to-tag={self.to_tag};from-tag={self.from_tag}{early}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One Reason (RFC 3326): protocol in upper case (SIP, Q.850), cause or None, text readable."""

    protocol: str
    cause: int | None = None
    text: str = ""


def parse_replaces(value: str) -> Replaces:
    """A Replaces from its header value; WireError where the call-id or one of the tags is missing or no token."""
    parsed = fields.valued(value)
    call_id, tags = parsed.value, (parsed.params.get("to-tag"), parsed.params.get("from-tag"))
    if not call_id or " " in call_id or fields.CONTROLS.search(call_id) or len(call_id) > MAX_TOKEN:
        raise WireError(f"call-id {clip(call_id)!r}", "header replaces", f"a word of at most {MAX_TOKEN} characters")
    to_tag, from_tag = (fields.token(tag, "tag in header replaces") for tag in tags)
    return Replaces(call_id, to_tag, from_tag, "early-only" in parsed.params)


TAKEN_ELSEWHERE = (("SIP", 200), ("Q.850", 26))


def replaces(headers: Iterable[tuple[str, str]]) -> Replaces | None:
    """The Replaces of a request, None where there is none; WireError for two of them (RFC 3891 section 3)."""
    values = [value for name, value in headers if name == "replaces"]
    if len(values) > 1:
        raise WireError(f"{len(values)} of them", "header replaces", "at most one")
    return parse_replaces(values[0]) if values else None


def reasons(headers: Iterable[tuple[str, str]]) -> tuple[Reason, ...]:
    """All Reason values of the header fields (lower-case name, value), in order; unreadable ones left out."""
    found: list[Reason] = []
    for value in (value for name, value in headers if name == "reason"):
        try:
            entries = fields.split(value, ",")
        except WireError:  # a quoted text that does not end
            entries = tuple(value.replace('"', "").split(",", MAX_LIST))
        for entry in entries:
            with suppress(WireError):
                found.append(_reason(entry))
    return tuple(found)


def answered_elsewhere(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a CANCEL says that another phone answered: SIP;cause=200 (RFC 3326 section 3.1), or ISDN's cause for it,
    Q.850;cause=26 (non-selected user clearing)."""
    return any((reason.protocol, reason.cause) in TAKEN_ELSEWHERE for reason in reasons(headers))


def _reason(entry: str) -> Reason:
    parsed = fields.valued(entry)
    cause = parsed.params.get("cause")
    number = whole_number(cause, "cause", 999) if cause else None
    return Reason(
        fields.token(parsed.value, "header reason").upper(), number, fields.readable(parsed.params.get("text"))
    )
