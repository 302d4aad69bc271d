"""The challenges of an HTTP server (RFC 9110 section 11.6.1) and the answer to the best of them: Digest, else Basic.
For provision and manage alike.

Law: text and values; chance is an argument. Servers put several challenges into one header or several, in any order;
one that is not understood is skipped. A password goes in and leaves only as the answer.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final


def _sha512_256(data: bytes) -> hashlib._Hash:
    return hashlib.new("sha512_256", data)  # FIPS 180-4, not SHA-512 cut off, which RFC 7616 section 3.9.2 prints


HASHES: Final[Mapping[str, Callable[[bytes], hashlib._Hash]]] = {
    **({"SHA-512-256": _sha512_256} if "sha512_256" in hashlib.algorithms_available else {}),
    "SHA-256": hashlib.sha256,
    "MD5": hashlib.md5,
}
"""By algorithm, the best first (RFC 7616 section 6.1)."""

MAX_PARAMS: Final = 64  # of one challenge
MAX_HEADERS: Final = 16  # WWW-Authenticate headers read
MAX_VALUE: Final = 4_096  # characters read of each
_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z\-]{1,64}"
_PARAM: Final = re.compile(rf'({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*))')
_WORD: Final = re.compile(rf"({_TOKEN})(?=[\s,;]|\Z)")
_BETWEEN: Final = re.compile(r"[\s,;]*")  # a comma; servers forget it, or have another sign for it
QUALITIES: Final = ("auth", "auth-int")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One challenge: scheme and parameter names in lower case, values unquoted."""

    scheme: str
    params: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The first parameter of that name, "" where there is none."""
        return next((value for each, value in self.params if each == name), "")

    @property
    def algorithm(self) -> str:
        """Of Digest: a key of HASHES, also of its -sess variant; MD5 where none is named, "" for another one."""
        name = (self.get("algorithm") or "MD5").upper().removesuffix("-SESS")
        return next((each for each in HASHES if each.replace("-", "") == name.replace("-", "")), "")

    @property
    def session(self) -> bool:
        """Of Digest, whether it is a -sess variant (RFC 7616 section 3.4.2)."""
        return self.get("algorithm").upper().endswith("-SESS")

    @property
    def quality(self) -> str | None:
        """Of Digest, the qop to answer with: auth before auth-int, "" for none offered (RFC 2069), None for others."""
        offered = {word.lower() for word in re.split(r"[\s,;]+", self.get("qop")) if word}
        return "" if not offered else next((each for each in QUALITIES if each in offered), None)

    @property
    def stale(self) -> bool:
        """Whether only the nonce of the request was too old (RFC 7616 section 3.3)."""
        return self.get("stale").lower() == "true"

    @property
    def rank(self) -> int:
        """Order of preference, the highest first: Digest by HASHES, then Basic 1; 0 for one that cannot be answered."""
        if self.scheme == "basic":
            return 1
        usable = self.scheme == "digest" and self.algorithm and self.quality is not None and self.get("nonce")
        return 1 + len(HASHES) - tuple(HASHES).index(self.algorithm) if usable else 0


def read(headers: Sequence[str]) -> tuple[Challenge, ...]:
    """Every challenge of these WWW-Authenticate headers, in order; what is no challenge is left out."""
    return tuple(found for value in headers[:MAX_HEADERS] for found in _challenges(value[:MAX_VALUE]))


def best(challenges: Sequence[Challenge]) -> Challenge | None:
    """The one of the highest rank, of equal ones the first; None where none can be answered."""
    usable = [each for each in challenges if each.rank]
    return max(usable, key=lambda each: each.rank, default=None)


def answer(
    challenge: Challenge, user: str, password: str, uri: str, cnonce: str, *, method: str = "GET", body: bytes = b"",
    count: int = 1,
) -> str:  # fmt: skip
    """The value of Authorization (RFC 7616 section 3.4, RFC 7617). challenge: of rank above 0. uri: path and query as
    they are sent. cnonce: drawn anew for each challenge. count: how often its nonce is used, this time included.

    Bytes of a header that are no UTF-8 (a realm in Latin-1) are hashed as they came, and cannot be sent back."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    new, quality = _hash_of(challenge), challenge.quality or ""
    realm, nonce = challenge.get("realm"), challenge.get("nonce")
    a1 = new(f"{user}:{realm}:{password}")
    if challenge.session:
        a1 = new(f"{a1}:{nonce}:{cnonce}")
    whole = ":" + HASHES[challenge.algorithm](body).hexdigest() if quality == "auth-int" else ""
    a2 = new(f"{method}:{uri}{whole}")
    middle = f"{nonce}:{count:08x}:{cnonce}:{quality}" if quality else nonce
    hashed = challenge.get("userhash").lower() == "true"
    name = new(f"{user}:{realm}") if hashed else user
    said = {"username": name, "realm": realm, "nonce": nonce, "uri": uri,
            "response": new(f"{a1}:{middle}:{a2}")}  # fmt: skip
    if challenge.get("opaque"):
        said["opaque"] = challenge.get("opaque")
    parts = [f"{name}={_quoted(value)}" for name, value in said.items()]
    if challenge.get("algorithm"):
        parts.append(f"algorithm={challenge.get('algorithm')}")
    if quality:
        parts += [f"qop={quality}", f"nc={count:08x}", f'cnonce="{cnonce}"']
    elif challenge.session:
        parts.append(f'cnonce="{cnonce}"')
    if hashed:  # RFC 7616 section 3.4.4: who is on the way reads no user name
        parts.append("userhash=true")
    return "Digest " + ", ".join(parts)


def _hash_of(challenge: Challenge) -> Callable[[str], str]:
    """The hexadecimal digest of a text by the algorithm of a challenge of rank above 0."""
    new = HASHES[challenge.algorithm]
    return lambda text: new(text.encode("utf-8", "surrogateescape")).hexdigest()


def _challenges(value: str) -> Iterator[Challenge]:
    scheme, params, at = "", list[tuple[str, str]](), 0
    while (at := _end(_BETWEEN.match(value, at), at)) < len(value):
        if found := _PARAM.match(value, at):
            if scheme and len(params) < MAX_PARAMS:
                quoted = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
                params.append((found[1].lower(), quoted))
        elif (found := _WORD.match(value, at)) and params and params[-1][0] == "qop" and found[1].lower() in QUALITIES:
            params[-1] = ("qop", f"{params[-1][1]},{found[1]}")  # a list without the quotes it must have
        elif found:
            if scheme:
                yield Challenge(scheme, tuple(params))
            scheme, params = found[1].lower(), []
        at = _end(found, at + 1)
    if scheme:
        yield Challenge(scheme, tuple(params))


def _end(found: re.Match[str] | None, otherwise: int) -> int:
    return found.end() if found is not None else otherwise


def _quoted(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", "", value)) + '"'
