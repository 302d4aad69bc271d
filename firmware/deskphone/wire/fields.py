"""The grammar inside one SIP header value: parameters, lists, name-addr, URIs (RFC 3261 sections 19, 20, 25).

Law: strings in, frozen values or WireError out; tolerant where RFC 4475 asks for it, and linear in time.
No header has a name here: what a header means is the business of the module that acts on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from deskphone.wire.errors import MAX_DISPLAY, MAX_LIST, MAX_PARAMS, MAX_URI, MAX_VALUE, WireError, bounded, clip

TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
HOST: Final = re.compile(r"\[[0-9A-Fa-f:.%A-Za-z]+\]|[A-Za-z0-9._\-]+")  # `_` is no host character, yet it is used
SPECIAL: Final = re.compile(r'["\\<>;,]')  # what `split` looks at
CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Params:
    """`;name=value` parameters in order; names in lower case, values unquoted, None where there is no `=`."""

    items: tuple[tuple[str, str | None], ...] = ()

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.items)

    def get(self, name: str, default: str = "") -> str:
        """The first value of that lower-case name; "" for a parameter without a value, `default` where it is absent."""
        return next((value or "" for key, value in self.items if key == name), default)


@dataclass(frozen=True, slots=True)
class Valued:
    """A header value of the form `value *(;param)`: Event, Subscription-State, Content-Type, Answer-Mode, Reason."""

    value: str
    params: Params = Params()


@dataclass(frozen=True, slots=True)
class Uri:
    """A sip, sips or tel URI. scheme: lower case. user: percent-decoded, without a password; of tel the number, and
    host is "". headers: those embedded behind `?`, names in lower case, values percent-decoded."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    params: Params = Params()
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def number(self) -> str:
        """The user part as a person dials it: no parameters (RFC 3966 `;phone-context`), no visual separators."""
        number = self.user.partition(";")[0]
        return re.sub(r"[-.()]", "", number) if re.fullmatch(r"\+?[0-9*#().\-]+", number) else number


@dataclass(frozen=True, slots=True)
class Address:
    """name-addr or addr-spec with its header parameters. display: readable. uri: the text between angle brackets."""

    display: str
    uri: str
    params: Params = Params()


def readable(text: str, size: int = MAX_DISPLAY) -> str:
    """Text for a screen: printable characters, each run of blanks one space, at most `size` characters.

    Control characters and direction overrides (they forge names), unassigned and private characters fall out.
    """
    kept = (char for char in text[: 4 * size] if char.isprintable() or char.isspace())
    return " ".join("".join(kept).split())[:size]


def split(text: str, separator: str, most: int = MAX_LIST) -> tuple[str, ...]:
    """Split at `separator` outside quoted strings and angle brackets; pieces are trimmed, empty ones kept.

    WireError for more than MAX_VALUE characters, more than `most` separators, a quoted string that does not end.
    """
    bounded(len(text), MAX_VALUE, "header value", "characters")
    pieces: list[str] = []
    start = escaped = 0
    quoted = angled = False
    for found in SPECIAL.finditer(text):
        at, char = found.start(), found[0]
        if quoted:
            if char == "\\" and at >= escaped:
                escaped = at + 2  # the character behind it stands for itself
            quoted = char != '"' or at < escaped
        elif char == '"':
            quoted = True
        elif angled:
            angled = char != ">"
        elif char == "<":
            angled = True
        elif char == separator:
            pieces.append(text[start:at].strip())
            start = at + 1
            bounded(len(pieces), most, f"header value split at {separator!r}", "pieces")
    if quoted:
        raise WireError("a quoted string that does not end", "header value", "a closing quote")
    pieces.append(text[start:].strip())
    return tuple(pieces)


def unquoted(text: str) -> str:
    """The text of a quoted-string (RFC 3261 section 25.1), or the text itself where it is not quoted."""
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)
    return text


def percent_decoded(text: str) -> str:
    """%xx decoded (RFC 3986 section 2.1) as UTF-8, or as ISO-8859-1 where it is not UTF-8."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return unquote(text, encoding="iso-8859-1")


def params(pieces: tuple[str, ...]) -> Params:
    """The parameters of `name=value` pieces; empty ones (a stray semicolon) left out. WireError above MAX_PARAMS."""
    bounded(len(pieces), MAX_PARAMS, "parameters", "of them")
    items: list[tuple[str, str | None]] = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if piece:
            items.append((name.strip().lower(), unquoted(value) if equals else None))
    return Params(tuple(items))


def valued(text: str) -> Valued:
    """`value;param=...`; the value may be empty or several words, which the caller judges. WireError as `split`."""
    head, *rest = split(text, ";", MAX_PARAMS)
    return Valued(head, params(tuple(rest)))


def token(text: str, where: str) -> str:
    """The text itself where it is one token (RFC 3261 section 25.1) of at most 255 characters, else WireError."""
    if not TOKEN.fullmatch(text) or len(text) > 255:
        raise WireError(f"{clip(text)!r}", where, "a token")
    return text


@lru_cache(maxsize=32)  # From and To of a message are asked for several times while a caller waits
def address(text: str) -> Address:
    """name-addr or addr-spec (RFC 3261 section 20.10): quoted or plain display name, `<uri>`, parameters.

    The `;` parameters of a bare addr-spec are the header's, as section 20 rules. WireError where there is no URI or it
    cannot be told from what is around it; the URI itself is not parsed.
    """
    head, *rest = split(text, ";", MAX_PARAMS)
    opening = _opening(head)
    if opening < 0:
        display, uri = "", head
    else:
        closing = head.find(">", opening)
        if closing < 0:
            raise WireError("no `>` after `<`", "address", "display-name <uri>")
        if head[closing + 1 :].strip():
            raise WireError("text after `>`", "address", "a semicolon or the end")
        display, uri = unquoted(head[:opening]), head[opening + 1 : closing].strip()
    if not uri or len(uri) > MAX_URI or CONTROLS.search(uri) or " " in uri:
        raise WireError(f"URI {clip(uri)!r} of {len(uri)} characters", "address", f"a URI up to {MAX_URI} characters")
    return Address(readable(display), uri, params(tuple(rest)))


def _opening(head: str) -> int:
    """Where the `<` of the URI is: after the display name, whose quotes may hold brackets of their own."""
    if not head.startswith('"'):
        return head.find("<")
    at = 1
    while at < len(head) and head[at] != '"':
        at += 2 if head[at] == "\\" else 1
    return head.find("<", at + 1)


@lru_cache(maxsize=32)  # the Request-URI of each call is our own Contact
def uri(text: str) -> Uri:
    """A sip, sips or tel URI with parameters and embedded headers (RFC 3261 section 19.1, RFC 3966), else WireError."""
    bounded(len(text), MAX_URI, "URI", "characters")
    scheme, colon, rest = text.partition(":")
    scheme = scheme.lower()
    if not colon or scheme not in ("sip", "sips", "tel"):
        raise WireError(f"scheme {clip(scheme)!r}", "URI", "sip, sips or tel")
    if CONTROLS.search(text) or " " in text or "<" in text or ">" in text:
        raise WireError("a blank, control or angle character", "URI", "none of these")
    if scheme == "tel":
        number, *pieces = rest.split(";", MAX_PARAMS + 1)
        if not re.fullmatch(r"\+?[0-9A-Fa-f*#().\-]+", number):
            raise WireError("no telephone number", "tel URI", "digits and visual separators")
        return Uri(scheme, number, "", None, params(tuple(pieces)))
    user, at, where = rest.partition("@")  # the user part may hold ; and ? but no @ (RFC 3261 section 25.1)
    if not at:
        user, where = "", rest
    where, question, embedded = where.partition("?")
    hostport, *pieces = where.split(";", MAX_PARAMS + 1)
    host, port = _host_port(hostport)
    name = percent_decoded(user.partition(":")[0])  # user:password is deprecated; the password goes no further
    if CONTROLS.search(name):
        raise WireError("a control character in the user part", "SIP URI", "printable characters")
    return Uri(scheme, name, host, port, params(tuple(pieces)), _embedded(embedded) if question else ())


def _host_port(text: str) -> tuple[str, int | None]:
    matched = HOST.match(text)
    if matched is None or len(matched[0]) > 255:
        raise WireError(f"host {clip(text)!r}", "URI", "a name, an IPv4 address or [an IPv6 address]")
    rest = text[matched.end() :]
    if not rest:
        return matched[0], None
    if rest[0] != ":" or not (rest[1:].isascii() and rest[1:].isdigit()) or not 0 < int(rest[1:6]) < 65_536:
        raise WireError(f"port {clip(rest)!r}", "URI", "1 to 65535")
    if len(rest) > 6:
        raise WireError("a port of more than five digits", "URI", "1 to 65535")
    return matched[0], int(rest[1:])


def _embedded(text: str) -> tuple[tuple[str, str], ...]:
    """`?name=value&...`, percent-decoded (RFC 3261 section 19.1.1). A decoded line end would smuggle headers in."""
    pieces = text.split("&", 17)
    bounded(len(pieces), 16, "headers embedded in a URI", "of them")
    headers: list[tuple[str, str]] = []
    for piece in pieces:
        name, _, value = piece.partition("=")
        name, value = percent_decoded(name).lower(), percent_decoded(value)
        if not TOKEN.fullmatch(name) or CONTROLS.search(value):
            raise WireError(f"embedded header {clip(name)!r}", "URI", "name=value without control characters")
        headers.append((name, value))
    return tuple(headers)
