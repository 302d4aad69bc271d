"""Messages as pjsua2 gives them, read by `wire`: the fields core acts on, and who the far end is by now.

Law: pure; no pjsua2, and no grammar: that is `wire`'s. A field that cannot be read counts as absent: a strange header
must not lose a call.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace

from deskphone.core.events import Party
from deskphone.sip.policy.sender import Sender
from deskphone.wire import fields, sipfrag
from deskphone.wire.body_types import notify_documents
from deskphone.wire.errors import WireError, seconds
from deskphone.wire.fields import Uri
from deskphone.wire.identity import remote_party
from deskphone.wire.message import Headers, Request, Response, parse_request, parse_response, parse_retry_after

ACTED_ON = (
    "alert-info",
    "call-info",
    "answer-mode",
    "priv-answer-mode",
    "replaces",
    "referred-by",
    "diversion",
    "history-info",
)
"""Header fields that travel with `CallIncoming`."""

LONGEST_PAUSE = 3_600  # seconds
USE_PROXY, PENDING, OVERLAPPING = 305, 491, 500
LONGEST_OVERLAP = 10  # seconds, RFC 3261 section 14.2
MOST_TARGETS = 10  # of one redirect


def whole(text: str) -> bytes:
    """The bytes of a message that pjsua2 gave as text (it escapes what is not UTF-8)."""
    return text.encode("utf-8", "surrogateescape")


def message_of(raw: bytes) -> Request | Response | None:
    """The parsed message, None where `wire` refuses it."""
    try:
        return parse_response(raw) if raw.lstrip(b"\r\n")[:4].upper() == b"SIP/" else parse_request(raw)
    except WireError:
        return None


def acted_on(headers: Headers) -> tuple[tuple[str, str], ...]:
    """The fields of ACTED_ON in their order."""
    return tuple(field for field in headers.fields if field[0] in ACTED_ON)


def asserted(headers: Headers, sender: Sender) -> Party | None:
    """The identity the network vouches for in a later message of a call, None where there is none.

    From is left out: in an answer it is our own.
    """
    found = remote_party((field for field in headers.fields if field[0] != "from"), sender.trusted, calls=False)
    return None if found == Party() else found


def targets(redirect: Response, secure: bool = False) -> tuple[str, ...]:
    """The URIs of a redirect in the order to try them: by q, equal ones as they stand (RFC 3261 section 8.1.3.4). That
    of a 305 is no target but a proxy to go by (section 21.3.4): who that is the settings say, and no far end.

    A URI is kept with port and transport, but nothing in it becomes a header of ours (section 19.1.5); what is no SIP
    or telephone URI, or means another method, leads nowhere from here. secure: nor does one that would go on without
    TLS (RFC 5630 section 5.2).
    """
    found: dict[Uri, tuple[float, str]] = {}
    for entry in _entries(redirect.headers) if redirect.code != USE_PROXY else ():
        try:
            contact = fields.address(entry)
            uri = fields.uri(contact.uri)
        except WireError:
            continue
        if (uri.scheme == "sip" and secure) or uri.params.get("method", "INVITE").upper() != "INVITE":
            continue
        same = replace(uri, host=uri.host.lower(), headers=())
        found.setdefault(same, (_quality(contact.params.get("q")), _alone(contact.uri)))
    ordered = [uri for _, uri in sorted(found.values(), key=lambda each: -each[0])]
    return tuple(ordered)[:MOST_TARGETS]


def _entries(headers: Headers) -> list[str]:
    """Of all Contact headers; one whose quotes do not end costs itself."""
    found: list[str] = []
    for value in headers.every("contact"):
        with contextlib.suppress(WireError):
            found += fields.split(value, ",")
    return found


def focus(headers: Headers) -> str:
    """The URI of the conference whose focus answers: of a Contact marked `isfocus` (RFC 4579 section 5.1), else ""."""
    try:
        contacts = [fields.address(each) for each in headers.listed("contact")]
    except WireError:
        return ""
    return next((_alone(each.uri) for each in contacts if "isfocus" in each.params), "")


def _alone(uri: str) -> str:
    """The URI without the headers embedded in it; a user part may hold a `?` of its own."""
    user, at, where = uri.rpartition("@")
    return user + at + where.partition("?")[0]


def _quality(text: str) -> float:
    """0 to 1; 1 where there is none that can be read (RFC 3261 section 20.10)."""
    return min(1.0, float(text)) if re.fullmatch(r"\d?\.\d{1,9}|\d\.?", text) else 1.0


def report(notify: Request) -> sipfrag.Progress | None:
    """The status that a report on a REFER brings (RFC 3515 section 2.4.5), in any body; None where it brings none."""
    try:
        package = notify.event.value
    except WireError:
        return None
    found = notify_documents(package, notify.headers.get("content-type"), notify.body) if package == "refer" else ()
    return next((each for each in found if isinstance(each, sipfrag.Progress)), None)


def retry_after(headers: Headers) -> int:
    """Seconds of Retry-After, LONGEST_PAUSE at most; 0 where there is none."""
    try:
        return patience(parse_retry_after(headers.get("retry-after")))
    except WireError:
        return 0


def lifetime(invite: Request) -> int:
    """Seconds after which an INVITE that nobody has answered is over: Expires (RFC 3261 section 13.3.1), LONGEST_PAUSE
    at most; 0 for none, for nonsense and for a 0, by which no phone could ring."""
    return patience(seconds(invite.headers.get("expires")))


def crossed(response: Response) -> int | None:
    """Seconds to wait before the same request goes again, where it was refused because it met another one of its
    dialog: 491, or 500 with a Retry-After of 10 s at most (RFC 3261 section 14.2). None for any other answer."""
    if response.code == PENDING:
        return 0
    if response.code != OVERLAPPING or not response.headers.get("retry-after"):
        return None
    pause = retry_after(response.headers)
    return pause if pause <= LONGEST_OVERLAP else None


def patience(wished: int | None) -> int:
    """Seconds of a server's wish to be left alone (Retry-After, retry-after=), LONGEST_PAUSE at most.

    A phone that is told "next week" by mistake would be out of service until somebody pulls its plug.
    """
    return min(wished or 0, LONGEST_PAUSE)
