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
_ITEM: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')  # what stands between commas
_PARAM: Final = re.compile(rf'\s*({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*')
_SCHEME: Final = re.compile(rf"\s*({_TOKEN})(?:\s+(.*))?", re.DOTALL)


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
        return name if name in HASHES else ""

    @property
    def quality(self) -> str | None:
        """Of Digest, the qop to answer with: auth before auth-int, "" for none offered (RFC 2069), None for others."""
        offered = {word.strip().lower() for word in self.get("qop").split(",") if word.strip()}
        return "" if not offered else next((each for each in ("auth", "auth-int") if each in offered), None)

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
    they are sent. cnonce: drawn anew for each challenge. count: how often its nonce is used, this time included."""
    if challenge.scheme == "basic":
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    new, quality = HASHES[challenge.algorithm], challenge.quality or ""
    realm, nonce = challenge.get("realm"), challenge.get("nonce")
    a1 = new(f"{user}:{realm}:{password}".encode()).hexdigest()
    if challenge.get("algorithm").upper().endswith("-SESS"):
        a1 = new(f"{a1}:{nonce}:{cnonce}".encode()).hexdigest()
    whole = ":" + new(body).hexdigest() if quality == "auth-int" else ""
    a2 = new(f"{method}:{uri}{whole}".encode()).hexdigest()
    middle = f"{nonce}:{count:08x}:{cnonce}:{quality}" if quality else nonce
    hashed = challenge.get("userhash").lower() == "true"
    name = new(f"{user}:{realm}".encode()).hexdigest() if hashed else user
    said = {"username": name, "realm": realm, "nonce": nonce, "uri": uri,
            "response": new(f"{a1}:{middle}:{a2}".encode()).hexdigest()}  # fmt: skip
    if challenge.get("opaque"):
        said["opaque"] = challenge.get("opaque")
    parts = [f"{name}={_quoted(value)}" for name, value in said.items()]
    if challenge.get("algorithm"):
        parts.append(f"algorithm={challenge.get('algorithm')}")
    if quality:
        parts += [f"qop={quality}", f"nc={count:08x}", f'cnonce="{cnonce}"']
    elif challenge.get("algorithm").upper().endswith("-SESS"):
        parts.append(f'cnonce="{cnonce}"')
    if hashed:  # RFC 7616 section 3.4.4: who is on the way reads no user name
        parts.append("userhash=true")
    return "Digest " + ", ".join(parts)


def _challenges(value: str) -> Iterator[Challenge]:
    scheme, params = "", list[tuple[str, str]]()
    for item in _ITEM.findall(value):
        text, begins = item, None
        if not _PARAM.fullmatch(item):
            begins = _SCHEME.fullmatch(item)
            if begins is None:
                continue
            text = begins[2] or ""
        if begins is not None:
            if scheme:
                yield Challenge(scheme, tuple(params))
            scheme, params = begins[1].lower(), []
        found = _PARAM.fullmatch(text)
        if found is not None and scheme and len(params) < MAX_PARAMS:
            quoted = re.sub(r"\\(.)", r"\1", found[2]) if found[2] is not None else found[3]
            params.append((found[1].lower(), quoted))
    if scheme:
        yield Challenge(scheme, tuple(params))


def _quoted(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", re.sub(r"[\x00-\x1f\x7f]", "", value)) + '"'
