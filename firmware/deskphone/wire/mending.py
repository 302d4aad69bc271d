"""A SIP message that the stack's parser would drop: mended where that is harmless, else refused with the header's name.

Law: pure; the stack's own parser is the judge and comes as a value. What we need not read must not cost the message
(RFC 3261 section 16.3 says so of proxies, RFC 4475 of all); what identifies a dialog or transaction is never guessed:
a request gets 400 (section 21.4.1), an ACK and a response nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from deskphone.wire import mending_headers as headers
from deskphone.wire.errors import MAX_HEADERS, MAX_MESSAGE
from deskphone.wire.refusal import Header, Source, refusal

# Mandatory in a request (RFC 3261 section 8.1.1), but for Max-Forwards, which a user agent does not need to receive.
VITAL: Final = ("via", "from", "to", "call-id", "cseq")
SINGLE: Final = frozenset({
    "from", "to", "call-id", "cseq", "max-forwards", "content-type", "expires", "event", "subscription-state",
    "session-expires", "min-se", "retry-after", "min-expires",
})  # fmt: skip
# What the stack or the phone acts on: all that is kept where the whole message still cannot be read.
NEEDED: Final = frozenset({
    *VITAL, *SINGLE, "contact", "route", "record-route", "require", "supported", "allow", "www-authenticate",
    "proxy-authenticate", "authorization", "replaces", "refer-to", "referred-by", "refer-sub", "p-asserted-identity",
    "remote-party-id", "privacy", "rack", "rseq", "call-info", "alert-info", "diversion", "reason", "unsupported",
})  # fmt: skip
START: Final = re.compile(rb"(?:[A-Z]{3,20} [A-Za-z]{2,5}:[^\s]{1,2048} SIP/2\.0|SIP/2\.0 [1-6]\d\d)[^\n]{0,200}\r?\n")


class Parser(Protocol):
    """The stack's parser as a judge."""

    def header(self, name: str, value: bytes) -> bool:
        """Whether it parses this header to the last byte. name: lower case, long form."""

    def message(self, raw: bytes) -> bool:
        """Whether it parses this message, start line and headers."""


@dataclass(frozen=True, slots=True)
class Again:
    """The mended message, for the stack to parse. kinds: names of the headers that were mended or left out, for the
    journal."""

    raw: bytes
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A stateless response to a request that cannot be mended. port: where it goes, at the sender's address. kinds: its
    reason phrase."""

    raw: bytes
    port: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """A message that gets no response and goes no further: a response, an ACK, bytes that are no SIP message."""

    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Framed:
    """A message cut from a stream. raw: with a Content-Length that is right. size: bytes it had in the stream."""

    raw: bytes
    size: int


MOST_QUESTIONS: Final = 400
"""How many headers the parser is asked about for one message; a message that needs more is refused."""


class _Refused(Exception):
    """Nothing can be assembled; args: status code and reason phrase of the response to a request."""


class _Judge:
    """The parser, asked about MOST_QUESTIONS headers at most, then _Refused."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser
        self._left = MOST_QUESTIONS

    def header(self, name: str, value: bytes) -> bool:
        self._left -= 1
        if self._left < 0:
            raise _Refused(400, "Bad Request")
        return self._parser.header(name, value)

    def message(self, raw: bytes) -> bool:
        return self._parser.message(raw)


def mend(raw: bytes, source: Source, parser: Parser, server: str = "") -> Again | Answer | Drop:
    """What to do with a message that the stack's parser has dropped. Never raises.

    source: who sent it. server: the value of the Server header in a response, "" for none.
    """
    if len(raw) > MAX_MESSAGE:
        return Drop(("size",))
    judge = _Judge(parser)
    start, fields, body = _read(raw)
    words = start.split()
    if not words:
        return Drop(("start line",))
    if words[0].upper().startswith(b"SIP/"):
        return _mend_response(words, fields, body, judge)
    try:
        return _mend_request(words, fields, body, judge)
    except _Refused as refused:
        code, phrase = refused.args
        if words[0].upper() == b"ACK":
            return Drop((phrase,))
        answer = refusal(fields, source, code, phrase, server)
        return Drop((phrase,)) if answer is None else Answer(*answer, (phrase,))


def too_large(raw: bytes, source: Source, server: str = "") -> Answer | Drop:
    """The response to a request of which the stack can hold no more than this, its first part (RFC 3261, 21.5.7);
    none to a response, to an ACK, and to what has no head. Never raises."""
    start, fields, _ = _read(raw)
    if not START.match(raw.lstrip(b"\r\n")) or start.startswith((b"ACK ", b"SIP/")):
        return Drop(("size",))
    answer = refusal(fields, source, 513, "Message Too Large", server)
    return Drop(("size",)) if answer is None else Answer(*answer, ("size",))


def frame(raw: bytes) -> Framed | None:
    """The first message of a stream that the stack cannot frame (no usable Content-Length, lines that end in LF only);
    None where no whole message is there yet, or none at all (RFC 3261 section 18.3).

    Without a Content-Length it ends where the next one begins or, without a Content-Type, with its headers.
    """
    ends = [(at, at + len(blank)) for blank in (b"\r\n\r\n", b"\n\n") if (at := raw.find(blank)) >= 0]
    if not ends or not START.match(raw):
        return None
    end, begin = min(ends)
    _, fields, _ = _read(raw[:end])
    following = START.search(raw, begin)
    declared = [value for name, value in fields if name == "content-length" and re.fullmatch(rb"\d{1,6}", value)]
    if declared:
        size = begin + int(declared[0])
        if size > len(raw):
            return None
    elif not any(name == "content-type" for name, _ in fields):
        size = begin
    else:
        size = following.start() if following else len(raw)
    lines = [line for line in raw[:end].splitlines() if headers.name_of(line) != "content-length"]
    head = b"\r\n".join([*lines, b"Content-Length: %d" % (size - begin)])
    return Framed(head + b"\r\n\r\n" + raw[begin:size], size)


def _read(raw: bytes) -> tuple[bytes, list[Header], bytes]:
    """Start line, unfolded headers (lower-case long name, value), body; a line that is no header has the name ""."""
    raw = raw.lstrip(b"\r\n \t")
    ends = [(at, at + len(blank)) for blank in (b"\r\n\r\n", b"\n\n", b"\r\r") if (at := raw.find(blank)) >= 0]
    end, begin = min(ends) if ends else (len(raw), len(raw))
    start, *lines = re.split(rb"\r\n|\n|\r", raw[:end])
    unfolded: list[bytes] = []
    for line in lines[: 2 * MAX_HEADERS]:
        if line[:1] in (b" ", b"\t") and unfolded:
            unfolded[-1] += b" " + line.strip()
        elif line.strip():
            unfolded.append(line)
    return start, [(headers.name_of(line), headers.value_of(line)) for line in unfolded[:MAX_HEADERS]], raw[begin:]


def _mend_response(words: list[bytes], fields: list[Header], body: bytes, parser: _Judge) -> Again | Drop:
    code = words[1] if len(words) > 1 else b""
    if words[0].upper() != b"SIP/2.0" or not re.fullmatch(rb"[1-6]\d\d", code):
        return Drop(("status line",))
    start = b" ".join([b"SIP/2.0", code, headers.plain(b" ".join(words[2:]))]).strip()
    try:
        return _assemble(start, fields, body, parser, request=False)
    except _Refused as refused:
        return Drop((refused.args[1],))


def _mend_request(words: list[bytes], fields: list[Header], body: bytes, parser: _Judge) -> Again:
    method, uri, version = words[0], b"".join(words[1:-1]), words[-1].upper()
    if len(words) < 3 or not version.startswith(b"SIP/"):
        raise _Refused(400, "Bad request line")
    if version != b"SIP/2.0":
        raise _Refused(505, "Version Not Supported")
    if len(words) > 3 or not re.fullmatch(rb"[A-Za-z0-9\-.!%*_+`'~]{1,32}", method):
        raise _Refused(400, "Bad request line")
    uri = uri.strip(b"<>")
    scheme = re.match(rb"([A-Za-z][A-Za-z0-9+.\-]*):", uri)
    if scheme is not None and scheme[1].lower() not in (b"sip", b"sips", b"tel"):
        raise _Refused(416, "Unsupported URI Scheme")
    for candidate in (uri, headers.plain_uri(uri)):
        start = b" ".join([method, candidate, b"SIP/2.0"])
        if candidate and parser.message(start + b"\r\nSubject: x\r\n\r\n"):
            return _assemble(start, fields, body, parser, request=True)
    raise _Refused(400, "Bad Request-URI")


def _assemble(start: bytes, fields: list[Header], body: bytes, parser: _Judge, request: bool) -> Again:
    """The message from what can be parsed; _Refused where a header of VITAL or one that decides cannot."""
    kept: list[Header] = []
    kinds: list[str] = []
    method = start.split(b" ", 1)[0].decode("ascii", "replace")
    for name, value in fields:
        if name == "content-length":
            body = _body(value, body, request, kinds)
            continue
        if name in SINGLE and any(name == other for other, _ in kept):
            if name in VITAL and (name, value) not in kept:
                raise _Refused(400, f"Several {headers.TITLES.get(name, name)} headers")
            kinds.append(name)
        elif parser.header(name, value) if name else False:
            kept.append((name, value))
        else:
            again = headers.mended(name, value, parser.header, body) if name else ()
            if not again and (name in VITAL[1:] or (name == "via" and _needs_via(request, kept)) or
                              (request and headers.decides(name, method))):  # fmt: skip
                raise _Refused(400, f"Bad {headers.TITLES.get(name, name)} header")
            kept += [(name, each) for each in again]
            kinds.append(name or "line")
    for name in VITAL:
        if not any(name == other for other, _ in kept):
            raise _Refused(400, f"Missing {headers.TITLES.get(name, name)} header")
    for chosen in (kept, headers.shortened(kept), headers.shortened([each for each in kept if each[0] in NEEDED])):
        raw = _print(start, chosen, body)
        if parser.message(raw):
            return Again(raw, tuple(kinds) or ("form",))
    raise _Refused(400, "Bad Request")


def _needs_via(request: bool, kept: list[Header]) -> bool:
    """Whether this Via may not be left out: each of a request, for our response copies them all (RFC 3261 section
    8.2.6.2); the topmost of a response."""
    return request or not any(name == "via" for name, _ in kept)


def _body(value: bytes, body: bytes, request: bool, kinds: list[str]) -> bytes:
    """The body by Content-Length (RFC 3261 section 18.3), also of one up to two bytes short: a line end was counted.

    _Refused where more is missing or the length is negative; one that is no number counts as absent.
    """
    if value.startswith(b"-"):
        raise _Refused(400, "Bad Content-Length header")  # RFC 4475 section 3.1.2.3: nobody can know what was meant
    if not re.fullmatch(rb"\d{1,6}", value):
        kinds.append("content-length")
        return body
    length = int(value)
    if length > len(body):
        if length > len(body) + 2:
            raise _Refused(400, "Bad Content-Length header")
        kinds.append("content-length")
    return body[:length]


def _print(start: bytes, fields: list[Header], body: bytes) -> bytes:
    lines = [start, *(headers.TITLES.get(name, name).encode() + b": " + value for name, value in fields)]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body
