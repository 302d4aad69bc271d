"""What the header fields of a request ask for beside its method: bodies, extensions, where to answer in the dialog.

Law: pure. What we cannot honour is refused by its own code (RFC 3261 section 8.2), so that the far end can do better.
"""

from __future__ import annotations

from typing import Final

from deskphone.wire import fields
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request

EXTENSIONS: Final = frozenset({"100rel", "answermode", "from-change", "norefersub", "replaces", "timer"})
BODIES: Final = ("application/sdp", "multipart/mixed")
ACCEPTED: Final = ", ".join(BODIES)
UNCODED: Final = frozenset({"", "identity"})
DIGITS: Final = "application/dtmf-relay"
_UNJUDGED: Final = frozenset({"ACK", "CANCEL", "PRACK", "BYE"})
"""Methods that are taken whatever they require: they end or confirm something."""
_TARGETING: Final = frozenset({"INVITE", "UPDATE"})
_SIP: Final = frozenset({"sip", "sips"})

Refusal = tuple[int, str, tuple[tuple[str, str], ...]]


def extensions(*, prack: bool, timers: bool) -> tuple[str, ...]:
    """The extensions in force, for Supported. prack: reliable provisional answers (RFC 3262) are, timers: session
    timers (RFC 4028)."""
    off = {tag for tag, on in (("100rel", prack), ("timer", timers)) if not on}
    return tuple(sorted(EXTENSIONS - off))


def refused(request: Request) -> Refusal | None:
    """Code, reason and header fields of the refusal of a request whose fields ask for what we have not. WireError (400)
    for a Contact that nothing in a dialog can be sent to (RFC 3261 section 8.1.1.8)."""
    if request.method in _UNJUDGED:
        return None
    if unknown := _unknown_extensions(request):
        return 420, "", (("Unsupported", ", ".join(unknown)),)
    if request.body and request.headers.get("content-encoding").lower() not in UNCODED:
        return 415, "", (("Accept-Encoding", "identity"),)
    if request.method in _TARGETING:
        _contact(request)
        return None if _is_description(request) else (415, "", (("Accept", ACCEPTED),))
    return None


def _is_description(request: Request) -> bool:
    """Whether the body, if there is one that has to be understood, may describe a session (RFC 3261 section 8.2.3)."""
    if not request.body:
        return True
    kind = request.content_type.value
    return kind == "application/sdp" or kind.startswith("multipart/") or is_optional(request)


def is_optional(request: Request) -> bool:
    """Whether who sends the body does without its being understood (RFC 3261 section 20.11)."""
    try:
        disposition = fields.valued(request.headers.get("content-disposition"))
    except WireError:
        return False
    return disposition.params.get("handling").lower() == "optional"


def _unknown_extensions(request: Request) -> tuple[str, ...]:
    """What it requires and we have not (RFC 3261 section 8.2.2.3)."""
    tags = (tag.strip().lower() for value in request.headers.every("require") for tag in value.split(","))
    return tuple(fields.readable(tag, 40) for tag in tags if tag and tag not in EXTENSIONS)[:8]


def _contact(request: Request) -> None:
    """pjsip makes a dialog of any URI, and then cannot send in it."""
    if request.headers.get("contact").startswith(("<sip:", "sip:")):
        return
    try:
        uri = fields.address(request.headers.listed("contact")[0]).uri
    except (WireError, IndexError):
        return  # none, a star, a form of its own: pjsip's to judge
    scheme, colon, _ = uri.partition(":")
    if colon and scheme.strip().lower() not in _SIP:
        raise WireError("no SIP URI", "header contact", "sip: or sips:")


def info(request: Request) -> Refusal | None:
    """The answer to an INFO in a call but for those that bring digits, which are pjsua's: it answers others 500.

    An empty one asks whether we are there (RFC 2976 section 2.2); of packages we have none (RFC 6086 section 4.2.2).
    """
    if request.headers.get("info-package"):
        return 469, "Bad Info Package", (("Recv-Info", ""),)
    if not request.body:
        return 200, "", ()
    return None if request.content_type.value == DIGITS else (415, "", (("Accept", DIGITS),))
