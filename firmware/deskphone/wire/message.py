"""A SIP message from raw bytes: request or status line, header fields, body (RFC 3261 section 7).

Law: shape only; compact names become long, folded lines one line, names lower case. Typed access to the headers
every method needs is here, each of which raises WireError where its header is bad; a header that one feature acts on is
read by that feature's module.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from deskphone.wire import fields
from deskphone.wire.errors import (
    MAX_BODY,
    MAX_HEADER_BLOCK,
    MAX_HEADERS,
    MAX_MESSAGE,
    MAX_TOKEN,
    MAX_URI,
    MAX_VALUE,
    TooLong,
    WireError,
    bounded,
    clip,
    decoded,
    whole_number,
)
from deskphone.wire.fields import Address, Valued

HeaderFields = tuple[tuple[str, str], ...]

# RFC 3261 section 7.3.3 and the IANA table of compact forms.
COMPACT: Final = {
    "a": "accept-contact", "b": "referred-by", "c": "content-type", "d": "request-disposition",
    "e": "content-encoding", "f": "from", "i": "call-id", "j": "reject-contact", "k": "supported",
    "l": "content-length", "m": "contact", "n": "identity-info", "o": "event", "r": "refer-to", "s": "subject",
    "t": "to", "u": "allow-events", "v": "via", "x": "session-expires", "y": "identity",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in order: lower-case long name and unfolded value. The same name may come many times."""

    fields: HeaderFields = ()

    def get(self, name: str, default: str = "") -> str:
        """The first value of that lower-case name, `default` where there is none."""
        return next((value for key, value in self.fields if key == name), default)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of that name, one a header line."""
        return tuple(value for key, value in self.fields if key == name)

    def listed(self, name: str) -> tuple[str, ...]:
        """All entries of a comma-separated header, over all its lines, empty ones left out. WireError as `split`."""
        return tuple(entry for value in self.every(name) for entry in fields.split(value, ",") if entry)

    def one(self, name: str) -> str:
        """The value of a header that must be there exactly once, or several times alike; else WireError."""
        values = self.every(name)
        if len(set(values)) != 1:
            raise WireError(f"{len(values)} of them", f"header {name}", "exactly one")
        return values[0]


@dataclass(frozen=True, slots=True)
class Via:
    """One Via: the sender's own transport (lower case), host and port, "" or None where a part is missing."""

    transport: str
    host: str
    port: int | None
    branch: str
    received: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    headers: Headers
    body: bytes

    @property
    def call_id(self) -> str:
        """The Call-ID as it stands, at most MAX_TOKEN characters (RFC 3261 section 20.8: compared byte by byte)."""
        call_id = self.headers.one("call-id")
        if len(call_id) > MAX_TOKEN:  # not TooLong: a shorter message would not help
            raise WireError(f"{len(call_id)} characters", "header call-id", f"at most {MAX_TOKEN} characters")
        return call_id

    @property
    def cseq(self) -> tuple[int, str]:
        """Sequence number and method of CSeq (RFC 3261 section 20.16; the number is below 2**31)."""
        words = self.headers.one("cseq").split()
        if len(words) != 2:
            raise WireError(f"{len(words)} words", "header cseq", "number method")
        return whole_number(words[0], "header cseq", 2**31 - 1), fields.token(words[1], "header cseq")

    @property
    def from_(self) -> Address:
        """The From address with its parameters (RFC 3261 section 20.20)."""
        return fields.address(self.headers.one("from"))

    @property
    def to(self) -> Address:
        """The To address with its parameters (RFC 3261 section 20.39)."""
        return fields.address(self.headers.one("to"))

    @property
    def from_tag(self) -> str:
        """The tag of From, "" where there is none (RFC 2543)."""
        return self.from_.params.get("tag")

    @property
    def to_tag(self) -> str:
        """The tag of To; "" in a request outside a dialog."""
        return self.to.params.get("tag")

    @property
    def via(self) -> Via:
        """The topmost Via (RFC 3261 section 20.42)."""
        return parse_via(self.headers.get("via"))

    @property
    def event(self) -> Valued:
        """Event (RFC 6665 section 8.2.1): package in lower case, with parameters; `check-sync;reboot=true`."""
        return parse_event(self.headers.one("event"))

    @property
    def content_type(self) -> Valued:
        """Content-Type: lower-case `type/subtype` and parameters; an empty value where there is no header."""
        return parse_content_type(self.headers.get("content-type"))

    @property
    def retry_after(self) -> int | None:
        """Seconds of Retry-After, None where the header is missing."""
        value = self.headers.get("retry-after")
        return parse_retry_after(value) if value else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(_Message):
    """A SIP request (RFC 3261 section 7.1). method: case-sensitive. uri: the Request-URI as it stands."""

    method: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response(_Message):
    """A SIP response (RFC 3261 section 7.2). code: 100 to 699. reason: the reason phrase, readable."""

    code: int
    reason: str


@lru_cache(maxsize=4)  # an INVITE is judged and then announced: the same bytes twice, 0.15 ms each
def parse_request(raw: bytes) -> Request:
    """A request from the bytes of one datagram or one framed stream message; WireError where it is none."""
    start, headers, body = _parse(raw)
    words = start.split(" ")
    if len(words) != 3 or words[2].upper() != "SIP/2.0":
        raise WireError(f"{len(words)} words", "request line", "method, Request-URI, SIP/2.0")
    if not words[1] or len(words[1]) > MAX_URI or ":" not in words[1] or fields.CONTROLS.search(words[1]):
        raise WireError(f"a Request-URI of {len(words[1])} characters", "request line", f"a URI up to {MAX_URI}")
    return Request(method=fields.token(words[0], "request line"), uri=words[1], headers=headers, body=body)


def parse_response(raw: bytes) -> Response:
    """A response from the bytes of one message; WireError where it is none."""
    start, headers, body = _parse(raw)
    code, reason = status_line(start)
    return Response(code=code, reason=reason, headers=headers, body=body)


def status_line(line: str) -> tuple[int, str]:
    """`SIP/2.0 200 OK` to (200, "OK") (RFC 3261 section 7.2), else WireError; the reason phrase may be empty."""
    version, code, reason = (*line.split(None, 2), "", "", "")[:3]
    if version.upper() != "SIP/2.0" or len(code) != 3:
        raise WireError(f"{clip(line)!r}", "status line", "SIP/2.0, a code of three digits, a reason")
    number = whole_number(code, "status line", 699)
    if number < 100:
        raise WireError(f"code {code}", "status line", "100 to 699")
    return number, fields.readable(reason)


def parse_headers(raw: bytes) -> Headers:
    """Header lines without a start line, to the end of `raw`, as of a multipart's part; WireError where one is bad."""
    bounded(len(raw), MAX_HEADER_BLOCK, "header fields")
    return _headers(raw.replace(b"\r\n", b"\n"))


def _parse(raw: bytes) -> tuple[str, Headers, bytes]:
    bounded(len(raw), MAX_MESSAGE, "SIP message")
    raw = raw.lstrip(b"\r\n")  # RFC 3261 section 7.5: CRLF before the start line is ignored
    head, body = _head_and_body(raw)
    bounded(len(head), MAX_HEADER_BLOCK, "header fields")
    start, _, block = head.replace(b"\r\n", b"\n").partition(b"\n")
    headers = _headers(block)
    return decoded(start).strip(), headers, _body(headers, body)


def _head_and_body(raw: bytes) -> tuple[bytes, bytes]:
    """Bytes before and behind the first empty line, CRLF or bare LF, whichever comes first; WireError without one."""
    ends = [(at, at + len(blank)) for blank in (b"\r\n\r\n", b"\n\n") if (at := raw.find(blank)) >= 0]
    if not ends:
        raise WireError("no empty line", "SIP message", "an empty line after the header fields")
    end, begin = min(ends)
    return raw[:end], raw[begin:]


def _headers(block: bytes) -> Headers:
    return _plain_headers(block) or _any_headers(block.split(b"\n"))


ODD: Final = re.compile(rb"(?:\A|\n)[ \t]|[\r\x00]")  # a folded line; what no value may hold


def _plain_headers(block: bytes) -> Headers | None:
    """The usual block in one go, while a caller waits: all in UTF-8, nothing folded, nothing odd.

    None for any other, which `_any_headers` reads or refuses line by line.
    """
    if block.count(b"\n") >= MAX_HEADERS or ODD.search(block):
        return None
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        return None
    found: list[tuple[str, str]] = []
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if not colon or len(name) > USUAL or len(value) > MAX_VALUE:
            return None
        found.append((_usual_name(name), value.strip()))
    return Headers(tuple(found))


def _any_headers(lines: list[bytes]) -> Headers:
    unfolded: list[bytes | bytearray] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):  # RFC 3261 section 7.3.1: a folded line is one blank
            if not unfolded:
                raise WireError("a folded line before any header", "header fields", "name: value")
            if line.strip():
                if isinstance(unfolded[-1], bytes):  # else a header of many lines would be copied as often
                    unfolded[-1] = bytearray(unfolded[-1])
                unfolded[-1] += b" " + line.strip()
        elif line:
            unfolded.append(line)
    bounded(len(unfolded), MAX_HEADERS, "header fields", "of them")
    return Headers(tuple(_header(bytes(line)) for line in unfolded))


def _name(text: str) -> str:
    """The long name of a header, lower case; WireError where it is no name."""
    name = text.rstrip(" \t").lower()
    if not fields.TOKEN.fullmatch(name):
        raise WireError(f"{clip(name, 20)!r}", "header name", "a token and a colon")
    return COMPACT.get(name, name)


_usual_name = lru_cache(maxsize=256)(_name)  # the same thirty names, spelt as each server spells them
USUAL: Final = 32  # characters: a stranger's kilobytes are not kept


def _header(line: bytes) -> tuple[str, str]:
    text, colon, value = decoded(line).partition(":")
    if not colon:
        raise WireError(f"{clip(text, 20)!r}", "header name", "a token and a colon")
    name = _usual_name(text) if len(text) <= USUAL else _name(text)
    if len(value) > MAX_VALUE:
        raise TooLong(f"{len(value)} characters", f"header {clip(text.lower())}", f"at most {MAX_VALUE} characters")
    value = value.strip()
    if "\x00" in value or "\r" in value:
        raise WireError("NUL or bare CR", f"header {clip(text.lower())}", "text")
    return name, value


def _body(headers: Headers, body: bytes) -> bytes:
    """The body by Content-Length (RFC 3261 section 18.3): a shorter datagram is an error, surplus is dropped."""
    lengths = set(headers.every("content-length"))
    if len(lengths) > 1:
        raise WireError("several that differ", "header content-length", "one")
    if lengths:
        length = whole_number(lengths.pop(), "header content-length")
        if length > len(body):
            raise WireError(f"{len(body)} bytes", "SIP body", f"the {length} bytes of Content-Length")
        body = body[:length]
    bounded(len(body), MAX_BODY, "SIP body")
    return body


# --- values of headers that arrive alone (from the stack, without their message) -----------------------


def parse_event(value: str) -> Valued:
    """Event (RFC 6665 section 8.2.1): the event package in lower case, with parameters; else WireError."""
    event = fields.valued(value)
    return Valued(fields.token(event.value.lower(), "header event"), event.params)


def parse_content_type(value: str) -> Valued:
    """Content-Type (RFC 3261 section 20.15): lower-case `type/subtype` and parameters, an empty value for "". WireError
    for another form."""
    parsed = fields.valued(value)
    kind, slash, subtype = parsed.value.lower().partition("/")
    if not value.strip():
        return Valued("")
    if not slash:
        raise WireError(f"{clip(parsed.value)!r}", "header content-type", "type/subtype")
    kind, subtype = fields.token(kind.strip(), "media type"), fields.token(subtype.strip(), "media subtype")
    return Valued(f"{kind}/{subtype}", parsed.params)


def parse_retry_after(value: str) -> int:
    """Seconds of Retry-After: `18000;duration=3600`, `120 (I'm in a meeting)` (RFC 3261 section 20.33).

    WireError for another form and above MAX_SECONDS.
    """
    return whole_number(value.partition(";")[0].partition("(")[0].strip(), "header retry-after")


def parse_via(value: str) -> Via:
    """The first entry of a Via value, `SIP/2.0/UDP host:port;branch=...` (RFC 3261 section 20.42); else WireError."""
    parsed = fields.valued(fields.split(value, ",")[0])
    words = " ".join(parsed.value.split())  # blanks first: a pattern with blanks on both sides is quadratic
    protocol, *sent_by = words.replace(" /", "/").replace("/ ", "/").split() or [""]
    name = protocol.upper().split("/")
    if len(name) != 3 or name[:2] != ["SIP", "2.0"] or not sent_by:
        raise WireError(f"{clip(parsed.value)!r}", "header via", "SIP/2.0/transport host")
    place = fields.uri("sip:" + "".join(sent_by))
    return Via(
        fields.token(name[2].lower(), "header via"), place.host, place.port,
        parsed.params.get("branch"), parsed.params.get("received"),
    )  # fmt: skip
