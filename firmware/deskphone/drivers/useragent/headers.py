"""What the product reads in the header fields of a SIP message: who calls, and the fields core acts on.

Law: pure; no pjsua2. The grammar is `wire`'s; here is only which header means what to a phone. A field that
cannot be read counts as absent: a strange header must not lose a call.
"""

from __future__ import annotations

from deskphone.core.events import Party
from deskphone.wire import fields
from deskphone.wire.errors import WireError
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

HIDING = frozenset({"id", "user", "header"})
"""Privacy values (RFC 3323, RFC 3325) that ask us not to show who calls."""


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


def caller(headers: Headers) -> Party:
    """The far end of a request: P-Asserted-Identity, else Remote-Party-ID, else From; hidden where it asks so."""
    if _hides(headers):
        return Party(anonymous=True)
    return asserted(headers) or _party(headers.get("from")) or Party(anonymous=True)


def asserted(headers: Headers) -> Party | None:
    """The identity the network vouches for (RFC 3325, else Remote-Party-ID), None where there is none."""
    if _hides(headers):
        return Party(anonymous=True)
    identities = [party for value in _entries(headers, "p-asserted-identity") if (party := _party(value))]
    if identities:
        # A telephone number beside a SIP address (RFC 3325 section 9.1): the address can be called back.
        first = next((party for party in identities if party.uri.startswith("sip")), identities[0])
        if first.name:
            return first
        named = next((party.name for party in identities if party.name), "")
        return Party(first.number, named, first.uri, first.anonymous)
    return next((party for value in _entries(headers, "remote-party-id") if (party := _party(value))), None)


def target_number(address: str) -> str:
    """The number (or address) inside a name-addr such as a redirect Contact, "" where there is none."""
    try:
        return fields.address(address).uri
    except WireError:
        return ""


def answered_elsewhere(headers: Headers) -> bool:
    """Reason: SIP;cause=200 (RFC 3326): another phone of the hunt group took the call."""
    for value in _entries(headers, "reason"):
        try:
            reason = fields.valued(value)
        except WireError:
            continue
        if reason.value.upper() == "SIP" and reason.params.get("cause") == "200":
            return True
    return False


def retry_after(headers: Headers) -> int:
    """Seconds of Retry-After, 0 where there is none."""
    try:
        return parse_retry_after(headers.get("retry-after"))
    except WireError:
        return 0


def _hides(headers: Headers) -> bool:
    wanted = {word.strip().lower() for value in headers.every("privacy") for word in value.split(";")}
    if wanted & HIDING:
        return True
    for value in _entries(headers, "remote-party-id"):
        try:
            privacy = fields.address(value).params.get("privacy").lower()
        except WireError:
            continue
        if privacy in ("full", "uri", "name"):
            return True
    return False


def _entries(headers: Headers, name: str) -> tuple[str, ...]:
    try:
        return headers.listed(name)
    except WireError:
        return ()


def _party(value: str) -> Party | None:
    try:
        address = fields.address(value)
        uri = fields.uri(address.uri)
    except WireError:
        return None
    if uri.user.lower() == "anonymous" or uri.host.lower() == "anonymous.invalid":
        return Party(anonymous=True)
    plain = address.uri.partition("?")[0]
    if uri.scheme != "tel":
        head, at, rest = plain.rpartition("@")
        plain = head + at + rest.partition(";")[0]
    name = "" if address.display == uri.number else address.display
    return Party(uri.number, name, plain)
