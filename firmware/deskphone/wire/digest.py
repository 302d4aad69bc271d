"""Digest authentication (RFC 7616; in SIP RFC 3261 section 22 and RFC 8760): a challenge, its answer, and the proof.

Law: text and values; no nonce is made or checked here. A password goes in and never comes out, in no error either.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from deskphone.wire import fields
from deskphone.wire.errors import MAX_PARAMS, MAX_TOKEN, WireError, bounded, clip

HASHES: Final[Mapping[str, Callable[[bytes], hashlib._Hash]]] = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}
"""By algorithm, the best first: in this order they are offered (RFC 8760 section 2.4)."""

_HEX: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_COUNT: Final = re.compile(r"[0-9a-f]{8}")
_WHERE: Final = "header authorization"


@dataclass(frozen=True, slots=True)
class Credentials:
    """One Authorization header with qop=auth. nc: nonce count, how often its sender used this nonce, from 1.
    response: in lower case."""

    user: str
    realm: str
    algorithm: str
    nonce: str
    uri: str
    nc: int
    cnonce: str
    response: str


def challenge(realm: str, nonce: str, algorithm: str, stale: bool = False) -> str:
    """The value of a WWW-Authenticate header (RFC 7616 section 3.3). algorithm: a key of HASHES. stale: only the
    nonce was refused."""
    quoted = re.sub(r'["\\\x00-\x1f\x7f]', "", realm)
    end = ", stale=true" if stale else ""
    return f'Digest realm="{quoted}", nonce="{nonce}", qop="auth", algorithm={algorithm}{end}'


def credentials(value: str) -> Credentials:
    """The credentials of an Authorization header; WireError where it cannot be the answer to a challenge made here."""
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() != "digest":
        raise WireError(f"scheme {clip(scheme, 12)!r}", _WHERE, "Digest")
    said = fields.params(fields.split(rest, ",", MAX_PARAMS))
    for name in ("username", "realm", "nonce", "uri", "cnonce"):
        if not said.get(name):
            raise WireError(f"no {name}", _WHERE, "username, realm, nonce, uri, cnonce")
        bounded(len(said.get(name)), MAX_TOKEN, _WHERE, "characters")
    algorithm = said.get("algorithm", "MD5").upper()
    if algorithm not in HASHES or said.get("qop").lower() != "auth":
        raise WireError("another algorithm or qop", _WHERE, f"{' or '.join(HASHES)}, qop=auth")
    response, nc = said.get("response").lower(), said.get("nc").lower()
    if not _HEX.fullmatch(response) or not _COUNT.fullmatch(nc):
        raise WireError("a response or nc of another form", _WHERE, "hexadecimal digits")
    return Credentials(
        said.get("username"), said.get("realm"), algorithm, said.get("nonce"), said.get("uri"), int(nc, 16),
        said.get("cnonce"), response,
    )  # fmt: skip


def digest_response(
    *, algorithm: str, user: str, realm: str, password: str, method: str, uri: str, nonce: str, nc: str, cnonce: str
) -> str:
    """The `response` of RFC 7616 section 3.4.1 for qop=auth, lower-case hexadecimal digits. nc: as it is sent."""
    new = HASHES[algorithm]
    a1 = new(f"{user}:{realm}:{password}".encode()).hexdigest()
    a2 = new(f"{method}:{uri}".encode()).hexdigest()
    return new(f"{a1}:{nonce}:{nc}:{cnonce}:auth:{a2}".encode()).hexdigest()


def expected(given: Credentials, method: str, password: str) -> str:
    """The `response` these credentials must have if their sender knows the password. method: of the request."""
    return digest_response(
        algorithm=given.algorithm, user=given.user, realm=given.realm, password=password, method=method,
        uri=given.uri, nonce=given.nonce, nc=f"{given.nc:08x}", cnonce=given.cnonce,
    )  # fmt: skip
