"""The body of a NOTIFY to frozen values: the one door the user agent uses.

Law: chooses the parser by media type and decides nothing else. A document that cannot be read costs itself and no
other: it comes back as Unreadable, for a NOTIFY is a NOTIFY whatever is in it (RFC 6665 section 4.1.3).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from deskphone.wire import asfeature, hoteling, multipart, sipfrag, summary, xml
from deskphone.wire.asfeature import UnknownDocument
from deskphone.wire.errors import MAX_BODY, MAX_MULTIPART_DEPTH, MAX_PARTS, MAX_URI, WireError, bounded, clip, decoded
from deskphone.wire.fields import Valued, readable
from deskphone.wire.message import parse_content_type

URL_TYPE: Final = "application/url"


@dataclass(frozen=True, slots=True)
class ProfileUrl:
    """application/url, as in a NOTIFY of ua-profile: where the configuration is; not yet checked as a URL."""

    url: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A document, or a whole body, that cannot be read. error: one line for the journal."""

    error: str


def _xml(body: bytes, charset: str) -> object:
    """as-feature-event and hoteling documents are told apart by their root element, whatever the media type says."""
    root = xml.parse(body, charset)
    return hoteling.read(root) if root.name == "HotelingEvent" else asfeature.read(root)


def _profile_url(body: bytes, _charset: str) -> ProfileUrl:
    url = decoded(body).strip("\ufeff\0 \t\r\n")
    url = next((url[1:-1] for pair in ("<>", '""') if url[:1] + url[-1:] == pair), url)
    bounded(len(url), MAX_URI, URL_TYPE, "characters")
    if not url or url != readable(url, MAX_URI):
        raise WireError(f"{clip(url)!r}", URL_TYPE, "one URL")
    return ProfileUrl(url)


READERS: Final[dict[str, Callable[[bytes, str], object]]] = {
    asfeature.CONTENT_TYPE: _xml,
    hoteling.CONTENT_TYPE: _xml,
    "application/csta+xml": _xml,
    "application/xml": _xml,
    "text/xml": _xml,
    summary.CONTENT_TYPE: lambda body, _: summary.parse(body),
    sipfrag.CONTENT_TYPE: lambda body, _: sipfrag.parse(body),
    URL_TYPE: _profile_url,
}
_MARK: Final = rb"\A(?:\xef\xbb\xbf)?\s*"
SIGNS: Final = (  # how a document begins whose label says nothing; a label is not worth a lost state
    (re.compile(_MARK + rb"<[A-Za-z?!_]"), _xml),
    (re.compile(_MARK + rb"SIP/2\.0\s", re.IGNORECASE), READERS[sipfrag.CONTENT_TYPE]),
    (re.compile(_MARK + rb"messages?-(?:waiting|account)\s*:", re.IGNORECASE), READERS[summary.CONTENT_TYPE]),
)
DEFAULT_TYPE: Final = {  # by event package, for a NOTIFY without Content-Type (RFC 6665 section 5.4.5)
    asfeature.PACKAGE: asfeature.CONTENT_TYPE,
    hoteling.PACKAGE: hoteling.CONTENT_TYPE,
    summary.PACKAGE: summary.CONTENT_TYPE,
    "refer": sipfrag.CONTENT_TYPE,
    "ua-profile": URL_TYPE,
}


def notify_documents(package: str, content_type: str, body: bytes) -> tuple[object, ...]:
    """The documents of a NOTIFY body, in order; () for an empty body (legal: the last state stays). Never raises.

    package: the event package, without parameters of Event. content_type: the raw header value, "" where it is missing;
    one that cannot be read counts as missing. A media type nobody here reads gives UnknownDocument, broken bytes
    give Unreadable.
    """
    if not body.strip():
        return ()
    try:
        declared = parse_content_type(content_type)
    except WireError:
        declared = Valued("")
    try:
        bounded(len(body), MAX_BODY, "NOTIFY body")
        return documents(declared if declared.value else Valued(DEFAULT_TYPE.get(package.lower(), "")), body)
    except WireError as error:
        return (Unreadable(str(error)),)


def documents(content_type: Valued, body: bytes, depth: int = 0) -> tuple[object, ...]:
    """The documents of one body. multipart is taken apart, MAX_MULTIPART_DEPTH deep at most.

    WireError where the body cannot be read or holds more than MAX_PARTS documents; a broken part is Unreadable.
    """
    if content_type.value.startswith("multipart/"):
        bounded(depth + 1, MAX_MULTIPART_DEPTH, "multipart body", "levels")
        parts = multipart.split(content_type, body)
        found = tuple(document for raw in parts for document in _part(raw, depth + 1))
        bounded(len(found), MAX_PARTS, "multipart body", "documents")
        return found
    reader = READERS.get(content_type.value) or next((found for sign, found in SIGNS if sign.match(body)), None)
    if reader is None:
        return (UnknownDocument(content_type.value or "no media type"),)
    return (reader(body, content_type.params.get("charset")),)


def _part(raw: bytes, depth: int) -> tuple[object, ...]:
    try:
        part = multipart.part(raw)
        return documents(part.content_type, part.body, depth) if part.body.strip() else ()
    except WireError as error:
        return (Unreadable(str(error)),)
