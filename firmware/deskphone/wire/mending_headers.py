"""One SIP header that the stack's parser refuses, written again so that it is parsed; by the form of its value.

Law: pure and linear; nothing raises. What is written is canonical and taken from the header itself, never invented; a
display name that cannot be read is left out, an address that cannot be read counts as none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from deskphone.wire.errors import MAX_LIST, MAX_VALUE, WireError, decoded
from deskphone.wire.fields import readable, split
from deskphone.wire.message import COMPACT
from deskphone.wire.refusal import Header

Reads = Callable[[str, bytes], bool]

TITLES: Final = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"} | {
    name: name.title()
    for name in ("via", "from", "to", "contact", "route", "record-route", "max-forwards", "content-type",
                 "content-length", "expires", "event", "subscription-state", "replaces", "require", "supported")
}  # fmt: skip
MOST_ITEMS: Final = 31  # of the 32 that the stack keeps of a list
LARGEST: Final = 2**31 - 1  # of a number the stack holds
TOKEN: Final = rb"[A-Za-z0-9\-.!%*_+`'~]+"
PARAM: Final = re.compile(
    rb";\s*(" + TOKEN + rb')\s*(?:=\s*("(?:[^"\\]|\\.){0,512}"|[A-Za-z0-9\-.!%*_+`\'~:\[\]]{1,512}))?'
)


def name_of(line: bytes) -> str:
    """The lower-case long name of a header line, "" where it is none."""
    name = line.partition(b":")[0].rstrip(b" \t")
    if b":" not in line or not re.fullmatch(TOKEN, name) or len(name) > 128:
        return ""
    text = name.decode("ascii").lower()
    return COMPACT.get(text, text)


def value_of(line: bytes) -> bytes:
    """The value of a header line, trimmed; empty where there is no colon."""
    return line.partition(b":")[2].strip()


def plain(value: bytes) -> bytes:
    """A value with control characters but tab as blanks, since they end a header for the stack; trimmed."""
    return re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]+", b" ", value).strip()


def decides(name: str, method: str) -> bool:
    """Whether a request must be refused without this header, since it would ask for something else."""
    return name in ("require", "replaces", "refer-to") or (name == "event" and method in ("NOTIFY", "SUBSCRIBE"))


def mended(name: str, value: bytes, reads: Reads, body: bytes = b"") -> tuple[bytes, ...]:
    """What can be read of a header, as one value or several (a line each); empty where it is to be left out.

    name: lower case, long form. body: of the message, by which a Content-Type is guessed.
    """
    cleaned = plain(value)
    mender = _MENDERS.get(name)
    if cleaned != value and cleaned and reads(name, cleaned):
        return (cleaned,)
    if name == "content-type":
        candidates = _content_type(cleaned, body)
    elif mender is not None:
        candidates = mender(cleaned, name, reads)
    else:
        candidates = (cleaned,) if cleaned else ()
    return tuple(each for each in candidates if reads(name, each))


def shortened(fields: list[Header]) -> list[Header]:
    """The headers with each list of _LISTS on one line, cut to what the stack keeps."""
    short: list[Header] = []
    for name, value in fields:
        if name in _LISTS:
            if not any(name == other for other, _ in short):
                joined = b", ".join(each for other, each in fields if other == name)
                short += [(name, each) for each in _list(joined, name, _anything)]
        else:
            short.append((name, value))
    return short


def plain_uri(uri: bytes) -> bytes:
    """scheme:user@host:port of a sip, sips or tel URI, escaped by RFC 3261 section 25.1; parameters, embedded headers
    and password left out. Empty where there is no host or another scheme."""
    scheme, colon, rest = uri.partition(b":")
    if scheme.lower() not in (b"sip", b"sips", b"tel"):
        if b"@" not in uri or (colon and re.fullmatch(rb"[A-Za-z][A-Za-z0-9+.\-]*", scheme)):
            return b""  # another scheme, or a word
        scheme, rest = b"sip", uri
    if scheme.lower() == b"tel":
        return b"tel:" + re.sub(rb"[^0-9A-Fa-f*#+().\-]", b"", rest.partition(b";")[0])
    user, at, where = rest.rpartition(b"@")
    host = re.match(rb"\[[0-9A-Fa-f:.]{2,64}\]|[A-Za-z0-9._\-]{1,255}", where)
    if host is None:
        return b""
    port = re.match(rb":(\d{1,5})(?!\d)", where[host.end() :])
    user = re.sub(rb"[^A-Za-z0-9\-_.!~*'()&=+$,;?/%]", lambda bad: b"%%%02X" % bad[0][0], user.partition(b":")[0])
    number = int(port[1]) if port else 0
    return scheme.lower() + b":" + user + at + host[0] + (b":%d" % number if 0 < number < 65_536 else b"")


# --- by form; each takes a cleaned value, the name of the header and the stack's parser ------------------------


def _params(text: bytes, left_out: frozenset[bytes] = frozenset()) -> list[bytes]:
    """The `;name=value` that can be read, MAX_LIST at most, each without blanks and none of left_out (lower case); a
    value `.7` is 0.7."""
    return [
        b";" + match[1] + (b"=" + re.sub(rb"^\.(?=\d)", b"0.", match[2]) if match[2] else b"")
        for match in PARAM.finditer(text) if match[1].lower() not in left_out
    ][:MAX_LIST]  # fmt: skip


def _reading(head: bytes, params: list[bytes], name: str, reads: Reads) -> bytes:
    """`head` with those of its parameters that the stack parses; empty where it does not parse `head`."""
    if not head or not reads(name, head):
        return b""
    if reads(name, head + b"".join(params)):
        return head + b"".join(params)
    for param in params:
        if reads(name, head + param):
            head += param
    return head


def _number(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """The number at the beginning, as of `3600 s`, `120 (busy)`, cut to LARGEST (Max-Forwards: to 255, and 70, the
    default of RFC 3261 section 8.1.1.6, where there is none)."""
    digits = re.match(rb"\s*[+=]?\s*(\d{1,32})", value)
    if digits is None:
        return (b"70",) if name == "max-forwards" else ()
    head = b"%d" % min(int(digits[1]), 255 if name == "max-forwards" else LARGEST)
    return (_reading(head, _params(value[digits.end() :]), name, reads),)


def _state(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """Subscription-State: `active, 3600` and `active 3600` mean expires=3600."""
    value = value.lstrip(b'"')
    state = re.match(TOKEN, value)
    if state is None:
        return ()
    rest = value[state.end() :]
    found = dict(re.findall(rb"(?i)\b(expires|reason|retry-after)\s*=\s*\"?([A-Za-z0-9\-]{1,64})", rest))
    params = [b";" + key.lower() + b"=" + text for key, text in found.items()]
    number = re.match(rb"[\s,;:]*(\d{1,10})\b", rest)
    if number and not any(param.startswith(b";expires=") for param in params):
        params.append(b";expires=" + number[1])
    return (_reading(state[0].lower(), params, name, reads),)


def _challenges(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """The Digest challenges among those of one line; another scheme is ignored (RFC 7235 section 2.1)."""
    starts = [match.start(1) for match in re.finditer(rb"(?:^|,)\s*(" + TOKEN + rb")\s+(?=" + TOKEN + rb"\s*=)", value)]
    pieces = [value[at:end].rstrip(b" ,") for at, end in zip(starts, [*starts[1:], len(value)], strict=False)]
    digests = []
    for piece in pieces[:8]:
        scheme, _, rest = piece.partition(b" ")
        if scheme.lower() != b"digest":
            continue
        pairs = re.findall(
            rb"(?:^|[\s,])(" + TOKEN[:-1] + rb'{1,64})\s*=\s*("(?:[^"\\]|\\.){0,1024}"|[^\s,"]{1,1024})', rest
        )
        digests.append(b"Digest " + b", ".join(key + b"=" + text for key, text in pairs))
    return tuple(digests)


def _address(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """name-addr: the display name quoted anew or left out, the URI as it stands, else plain_uri, the parameters that
    can be read."""
    at = value.rfind(b"<")
    if at >= 0:
        display, (uri, _, rest) = value[:at], value[at + 1 :].partition(b">")
    else:
        display, uri, rest = _bare(value)
        if not uri:
            return _nobody(value, name, reads)
    uri = b"".join(uri.split())
    name_part = readable(decoded(display).replace('"', " ").replace("\\", " "))
    quoted = b'"' + name_part.encode() + b'" ' if name_part else b""
    params = _params(rest)
    for shown in (quoted, b""):
        for candidate in (uri, plain_uri(uri)):
            line = _reading(shown + b"<" + candidate + b">", params, name, reads) if candidate else b""
            if line:
                return (line,)
    return _nobody(rest, name, reads)


def _bare(value: bytes) -> tuple[bytes, bytes, bytes]:
    """What stands before, in and behind an address without angle brackets; the address is empty where there is none."""
    found = re.search(rb"(?i)(?:sips?|tel):[^\s;,>\"]+", value)
    if found is not None:
        return value[: found.start()], found[0], value[found.end() :]
    at = value.find(b"@")
    if at < 0:
        return value, b"", b""
    user = re.split(rb"[\s;,<>\"]", value[max(0, at - 256) : at])[-1]
    host = re.match(rb"@[^\s;,<>\"]*", value[at:])
    end = at + (len(host[0]) if host else 0)
    return value[: at - len(user)], value[at - len(user) : end], value[end:]


def _nobody(rest: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """From of a caller whose address cannot be read: anonymous (RFC 3323 section 4.1.1.3) with the tag of the dialog;
    none for another header or without a tag."""
    tag = [param for param in _params(rest) if param.lower().startswith(b";tag=")]
    if name != "from" or not tag:
        return ()
    return (_reading(b"<sip:anonymous@anonymous.invalid>", tag[:1], name, reads),)


def _addresses(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """A list of addresses, one line each; those that cannot be read are left out."""
    pieces = _pieces(value)[:MAX_LIST]
    return tuple(line for piece in pieces for line in _address(piece, name, reads))


def _pieces(value: bytes) -> list[bytes]:
    """The entries of a comma-separated list; where quotes or brackets in it do not end, every comma separates."""
    try:
        return [piece.encode("latin-1") for piece in split(value.decode("latin-1"), ",") if piece]
    except WireError:
        return [piece.strip() for piece in value[:MAX_VALUE].split(b",") if piece.strip()]


def _via(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """`SIP/2.0/UDP host:port;branch=...`, one line each. The branch is not touched: a response is matched to its
    transaction by it (RFC 3261 section 17.1.3)."""
    lines = []
    for piece in value.split(b",")[:MAX_LIST]:
        words = re.match(
            rb"\s*SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9\-]{1,16})\s+([^;\s]+)\s*(?::\s*(\d{1,9}))?", piece, re.I
        )
        if words is None:
            return ()
        host, port = words[2], words[3]
        if port is None and host.count(b":") == 1:
            host, _, port = host.partition(b":")
        elif host.count(b":") > 1 and not host.startswith(b"["):
            host = b"[" + host + b"]"
        number = b":" + port if port and port.isdigit() and 0 < int(port) < 65_536 else b""
        params = _params(piece[words.end() :])
        line = _reading(b"SIP/2.0/" + words[1].upper() + b" " + host + number, params, name, reads)
        if not line or any(param.lower().startswith(b";branch=") and param not in line for param in params):
            return ()
        lines.append(line)
    return tuple(lines)


def _cseq(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """Sequence number and method (RFC 3261 section 20.16); what follows is left out."""
    words = re.match(rb"0*(\d{1,10})\s*(" + TOKEN + rb")", value)
    return (words[1] + b" " + words[2],) if words else ()


def _list(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """Comma-separated words on one line, MOST_ITEMS at most."""
    items = [b" ".join(item.split()) for item in value.split(b",")]
    return (b", ".join([item for item in items if item][:MOST_ITEMS]),)


def _valued(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    """`token;param=value`: Event."""
    head = re.match(rb"[^\s;,]{1,512}", value)
    return (_reading(head[0], _params(value[head.end() :]), name, reads),) if head else ()


def _replaces(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    head = re.match(rb"[^\s;,]{1,512}", value)
    params = _params(value[head.end() :]) if head else []
    return (head[0] + b"".join(params),) if head and params else ()


def _content_type(value: bytes, body: bytes) -> tuple[bytes, ...]:
    """type/subtype with its parameters. Where there is none: application/sdp for a body that begins as SDP, else
    application/octet-stream; nothing without a body."""
    kind = re.match(rb"(" + TOKEN + rb")\s*/\s*(" + TOKEN + rb")", value)
    if kind is not None:
        return (kind[1] + b"/" + kind[2] + b"".join(_params(value[kind.end() :])),)
    if body.lstrip().startswith(b"v=0"):
        return (b"application/sdp",)
    return (b"application/octet-stream",) if body else ()


def _left_out(value: bytes, name: str, reads: Reads) -> tuple[bytes, ...]:
    return ()


def _anything(_name: str, _value: bytes) -> bool:
    return True


_LISTS: Final = frozenset({"allow", "supported", "require", "accept", "unsupported", "proxy-require", "allow-events"})
_MENDERS: Final[dict[str, Callable[[bytes, str, Reads], tuple[bytes, ...]]]] = {
    **dict.fromkeys(("expires", "min-expires", "max-forwards", "session-expires", "min-se", "retry-after"), _number),
    **dict.fromkeys(("www-authenticate", "proxy-authenticate"), _challenges),
    **dict.fromkeys(("authorization", "proxy-authorization"), _left_out),
    **dict.fromkeys(("from", "to"), _address),
    **dict.fromkeys(("contact", "route", "record-route"), _addresses),
    **dict.fromkeys(_LISTS, _list),
    "subscription-state": _state, "via": _via, "cseq": _cseq, "event": _valued, "replaces": _replaces,
}  # fmt: skip
