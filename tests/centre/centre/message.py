"""SIP messages: the bounded way into the `sipmessage` parser, and the few builders the server needs.

Header values of a dialog (From, To, Call-ID, Route) are kept as the bytes that came, because RFC 3261 compares
them so; only what is read is parsed. Nothing here knows transactions. Any bad input raises Malformed, nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from sipmessage import URI, Address, AuthCredentials, Message, Request, Response

MAX_BYTES = 65535
MAX_HEADER_LINES = 200
MAX_LINE = 8192

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, REFER, NOTIFY, SUBSCRIBE, MESSAGE, REGISTER"
SUPPORTED = "100rel, replaces, timer, norefersub"

PHRASES = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress",
    200: "OK", 202: "Accepted", 301: "Moved Permanently", 302: "Moved Temporarily", 305: "Use Proxy",
    400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required",
    408: "Request Timeout", 410: "Gone", 413: "Request Entity Too Large", 415: "Unsupported Media Type",
    416: "Unsupported URI Scheme", 420: "Bad Extension", 422: "Session Interval Too Small",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    482: "Loop Detected", 483: "Too Many Hops", 484: "Address Incomplete", 486: "Busy Here",
    487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 504: "Server Time-out",
    513: "Message Too Large", 600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}  # fmt: skip

Headers = Iterable[tuple[str, str]]

_FOLD = re.compile(r"\r\n[ \t]+")
_TAG = re.compile(r";\s*tag\s*=\s*([^;\s,>\"]+)", re.IGNORECASE)
_BRANCH = re.compile(r";\s*branch\s*=\s*([^;\s,]+)", re.IGNORECASE)
_ADDR_SPEC = re.compile(r'^\s*(?:"(?:[^"\\]|\\.)*+"|[^"<]*+)\s*<([^>]*)>')
_SENT_BY = re.compile(r"^SIP\s*/\s*2\.0\s*/\s*(\S+)\s+([^;,\s]+)", re.IGNORECASE)
# Possessive on purpose: sipmessage's own pattern takes exponential time on `a="",a="",... !`.
_CREDENTIALS = re.compile(
    r'^\s*Digest\s+(?:[\w.!%*+`\'~-]++\s*+=\s*+(?:"(?:[^"\\]|\\.)*+"|[\w.!%*+`\'~-]++)\s*+(?:,\s*+|$))++$',
    re.IGNORECASE,
)


class Malformed(ValueError):
    """Bytes that are no SIP message we accept; the text says what was expected."""


def parse(data: bytes) -> Request | Response:
    """One whole message from bytes (RFC 3261 section 7). Raises Malformed only."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"message of {len(data)} bytes: expected at most {MAX_BYTES}")
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        raise Malformed("no empty line after the headers")
    try:
        text = _FOLD.sub(" ", head.decode("utf-8"))
        lines = text.split("\r\n")
        if len(lines) > MAX_HEADER_LINES or max(map(len, lines)) > MAX_LINE:
            raise Malformed(f"{len(lines)} header lines, longest {max(map(len, lines))}: over the limits")
        message = Message.parse("\r\n".join(map(_trim_name, lines)).encode() + b"\r\n\r\n" + body)
        _check_mandatory(message)
        _cut_body(message)
    except Malformed:
        raise
    except Exception as error:  # the parser also leaks TypeError, KeyError and IndexError
        raise Malformed(f"{type(error).__name__}: {error}") from error
    return message


def _trim_name(line: str) -> str:
    """`Via : x` is legal (RFC 3261 section 7.3.1) but the parser keeps the blank in the name."""
    name, colon, value = line.partition(":")
    return f"{name.rstrip()}:{value}" if colon and " " in name and not name.startswith("SIP/") else line


def _check_mandatory(message: Request | Response) -> None:
    headers = message.headers
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        if headers.get(name) is None:
            raise Malformed(f"no {name} header")
    if not message.via:
        raise Malformed("empty Via header")
    cseq = message.cseq
    if cseq.sequence >= 2**31:
        raise Malformed("CSeq: expected below 2**31")
    if isinstance(message, Request) and cseq.method != message.method:
        raise Malformed(f"CSeq method {cseq.method} in a {message.method}")
    if isinstance(message, Response) and not 100 <= message.code <= 699:
        raise Malformed(f"status {message.code}: expected 100 to 699")
    # Parsed here once so that every later use is known to succeed.
    _ = message.from_address, message.to_address, message.contact if _star(message) is False else None
    _ = message.expires, message.max_forwards


def _star(message: Request | Response) -> bool:
    return (message.headers.get("Contact") or "").strip() == "*"


def _cut_body(message: Request | Response) -> None:
    length = message.content_length
    if length is None:
        return
    if length < 0 or length > len(message.body):
        raise Malformed(f"Content-Length {length} but {len(message.body)} bytes of body")
    message.body = message.body[:length]


def credentials(request: Request, header: str = "Authorization") -> AuthCredentials | None:
    """The Digest credentials of a request, or None if there are none that can be read."""
    value = request.headers.get(header)
    if value is None or not _CREDENTIALS.match(value):
        return None
    try:
        return AuthCredentials.parse(value)
    except (ValueError, TypeError):
        return None


def tag_of(value: str) -> str | None:
    """The tag parameter of a raw From or To value."""
    found = _TAG.search(value.rpartition(">")[2] if ">" in value else value)
    return found.group(1) if found else None


def uri_text(value: str) -> str:
    """The URI inside a raw name-addr or addr-spec value, as it came."""
    found = _ADDR_SPEC.match(value)
    return found.group(1) if found else value.split(";", 1)[0].strip()


def user_of(value: str) -> str:
    """The user part of a raw header value or URI; empty when there is none."""
    try:
        return URI.parse(uri_text(value).split("?", 1)[0]).user or ""
    except (ValueError, TypeError):
        return ""


def branch_of(message: Request | Response) -> str:
    """The branch of the topmost Via; empty when absent."""
    found = _BRANCH.search(message.headers["Via"].split(",", 1)[0])
    return found.group(1) if found else ""


def sent_by(message: Request | Response) -> str:
    """host[:port] of the topmost Via, lower case: half of the server transaction key (section 17.2.3)."""
    found = _SENT_BY.match(message.headers["Via"])
    return found.group(2).lower() if found else ""


def user_part(number: str) -> str:
    """A number or name as the user part of a URI: whatever a phone dialled, it cannot break out of the header."""
    return quote(number, safe="+*.-_~!")


def option_tags(message: Request | Response, header: str) -> set[str]:
    """The option tags of Supported, Require, ... in lower case."""
    tags = ",".join(message.headers.getlist(header)).split(",")
    return {tag.strip().lower() for tag in tags if tag.strip()}


def address(uri: str, name: str = "") -> str:
    """A name-addr header value; the display name may be any text and is quoted."""
    return str(Address(uri=URI.parse(uri), name=name.replace("\r", " ").replace("\n", " ")))


def new_request(method: str, uri: str, headers: Headers = (), body: bytes = b"", content_type: str = "") -> Request:
    """A request without Via (the transaction layer adds it). Raises ValueError on a bad URI."""
    request = Request(method=method, uri=URI.parse(uri), body=body)
    request.headers.add("Via", "")  # its place is first; the transaction layer fills it in
    request.headers.add("Max-Forwards", "70")
    for name, value in headers:
        request.headers.add(name, value)
    if body:
        request.headers.set("Content-Type", content_type or "application/sdp")
    return request


def new_response(
    request: Request,
    code: int,
    headers: Headers = (),
    *,
    phrase: str = "",
    body: bytes = b"",
    content_type: str = "application/sdp",
    to_tag: str = "",
) -> Response:
    """A response to `request` by RFC 3261 section 8.2.6, with `to_tag` added where the request has none."""
    words = "".join(letter for letter in phrase if letter >= " ") or PHRASES.get(code, "Response")
    response = Response(code=code, phrase=words, body=body)
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        for value in request.headers.getlist(name):
            response.headers.add(name, value)
    to_value = request.headers["To"]
    if code > 100 and to_tag and tag_of(to_value) is None:
        response.headers.set("To", f"{to_value};tag={to_tag}")
    if request.method in ("INVITE", "SUBSCRIBE") and code < 300:
        for value in request.headers.getlist("Record-Route"):
            response.headers.add("Record-Route", value)
    for name, value in headers:
        response.headers.add(name, value)
    if body:
        response.headers.set("Content-Type", content_type)
    return response


def to_bytes(message: Request | Response) -> bytes:
    """The message for the wire, Content-Length last."""
    message.headers.remove("Content-Length")
    message.headers.add("Content-Length", str(len(message.body)))
    return bytes(message)


def first_line(message: Request | Response) -> str:
    """Request line or status line, for logs and assertions."""
    if isinstance(message, Request):
        return f"{message.method} {message.uri} SIP/2.0"
    return f"SIP/2.0 {message.code} {message.phrase}"
