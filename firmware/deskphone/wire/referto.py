"""REFER: the refer target, the dialog to replace, and the referrer (RFC 3515, 3891, 3892, 4488).

Law: header fields to one frozen value, or WireError (the response is 400). Nothing from inside the URI reaches a
header of ours unread: of the embedded headers only Replaces is kept, parsed and built again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from deskphone.core.events import Party
from deskphone.wire import fields, identity
from deskphone.wire.errors import MAX_URI, WireError, clip
from deskphone.wire.fields import Uri
from deskphone.wire.message import Headers
from deskphone.wire.replaces import Replaces, parse_replaces

MAX_USER: Final = 128  # characters of a user part


@dataclass(frozen=True, slots=True)
class Refer:
    """One REFER. target: the URI to call, without embedded headers. replaces: for our INVITE (attended transfer).
    referred_by: the referrer, for the screen. silent: no implicit subscription is wanted (Refer-Sub: false)."""

    target: str
    replaces: Replaces | None = None
    referred_by: Party | None = None
    silent: bool = False


def parse(headers: Iterable[tuple[str, str]]) -> Refer:
    """A REFER from its header fields (lower-case name, value); WireError where it asks for no INVITE we could send."""
    found = Headers(tuple(headers))
    target = fields.uri(fields.address(found.one("refer-to")).uri)
    method = target.params.get("method", "INVITE").upper()
    if method != "INVITE":
        raise WireError(f"method {clip(method)}", "header refer-to", "INVITE")
    embedded = [value for name, value in target.headers if name == "replaces"]
    if len(embedded) > 1:
        raise WireError(f"{len(embedded)} Replaces", "header refer-to", "at most one")
    return Refer(
        _text(target), parse_replaces(embedded[0]) if embedded else None,
        _referred_by(found), _silent(found),
    )  # fmt: skip


def _text(uri: Uri) -> str:
    """The URI built from what was read: scheme, escaped user, host, port, a transport parameter of udp, tcp or tls, and
    the parameters by which its server knows it again; WireError for a user part above MAX_USER."""
    user = "".join(char if char.isascii() and (char.isalnum() or char in SAFE) else _escaped(char) for char in uri.user)
    if len(uri.user) > MAX_USER or not (uri.user or uri.host):
        raise WireError(f"a user part of {len(uri.user)} characters", "header refer-to", f"at most {MAX_USER}")
    if uri.scheme == "tel":
        return f"tel:{user}"
    port = f":{uri.port}" if uri.port else ""
    transport = uri.params.get("transport").lower()
    kept = f";transport={transport}" if transport in ("udp", "tcp", "tls") else ""
    plain = f"{uri.scheme}:{user}{'@' if user else ''}{uri.host}{port}{kept}"
    known = plain + _parameters(uri)
    return known if len(known) <= MAX_URI else plain  # the escapes of a user part may take their room


# Where and how a request goes (RFC 3261 section 19.1.1): that is not for the referrer to say, and transport is read.
ROUTING: Final = frozenset({"transport", "method", "maddr", "ttl", "lr"})
# paramchar (RFC 3261 section 25.1), but for escaped control characters
PARAMETER: Final = re.compile(r"(?:[A-Za-z0-9\-_.!~*'()\[\]/:&+$]|%[2-9A-Fa-f][0-9A-Fa-f]){1,255}")


def _parameters(uri: Uri) -> str:
    """The other URI parameters, as `;gr=...` (RFC 5627) and those by which a server that hides its topology knows whose
    address it is; what is no paramchar is left out."""
    kept = ((name, value) for name, value in uri.params.items if name not in ROUTING and PARAMETER.fullmatch(name))
    return "".join(
        f";{name}" if value is None else f";{name}={value}"
        for name, value in kept if value is None or PARAMETER.fullmatch(value)
    )  # fmt: skip


SAFE: Final = "-_.!~*'()&=+$,;?/#"  # RFC 3261 user-unreserved and mark; # is in use for feature codes


def _escaped(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", errors="replace"))


def _referred_by(headers: Headers) -> Party | None:
    """The referrer (Referred-By, RFC 3892); a header that cannot be read counts as absent."""
    try:
        return identity.party(fields.address(headers.get("referred-by")))
    except WireError:
        return None


def _silent(headers: Headers) -> bool:
    """Whether the referrer wants no implicit subscription (RFC 4488): `Refer-Sub: false` or, without that header,
    norefersub in Require."""
    wanted = fields.valued(headers.get("refer-sub")).value.lower()
    required = {tag.lower() for tag in headers.listed("require")}
    return wanted == "false" or (not wanted and "norefersub" in required)
