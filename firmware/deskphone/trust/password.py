"""Passwords and tokens of who manages the phone: kept as hashes only, compared in constant time.

Law: text to hash and back to yes or no; keeps nothing. A password that a vendor ships is none, and neither is a short
one: until the owner sets another, nobody gets in by network.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

SHORTEST, LONGEST = 8, 256  # characters; NIST SP 800-63B section 5.1.1.2
SHIPPED = frozenset(("1234", "admin", "password", "12345678", "123456789", "1234567890", "password1", "admin1234"))
_COST, _BLOCK, _LANES = 2**14, 8, 1  # 16 MiB and some 50 ms of a desktop: a Pi has both


def refused(password: str) -> str:
    """Why this is no password for the network, or "" where it is one."""
    if password.casefold() in SHIPPED:
        return "this password is in everybody's list"
    if not SHORTEST <= len(password) <= LONGEST:
        return f"expected a password of {SHORTEST} to {LONGEST} characters, got {len(password)}"
    return "" if password.isprintable() else "expected printable characters"


def hashed(password: str) -> str:
    """What may be kept of a password: `scrypt$SALT$HASH` (RFC 7914), both in hex."""
    salt = secrets.token_bytes(16)
    return f"scrypt${salt.hex()}${_scrypt(password, salt).hex()}"


def is_hash(text: str) -> bool:
    """Whether `hashed` can have written it."""
    kind, _, rest = text.partition("$")
    salt, _, digest = rest.partition("$")
    return kind == "scrypt" and _hex(salt, 16) and _hex(digest, 32)


def matches(password: str, kept: str) -> bool:
    """Whether it is the password of a hash; False for a text that is no hash. Takes as long for both answers."""
    good = is_hash(kept)
    salt, digest = (bytes.fromhex(part) for part in (kept if good else _NOBODY).split("$")[1:])
    return hmac.compare_digest(_scrypt(password[: LONGEST + 1], salt), digest) and good


def token() -> tuple[str, str]:
    """A new token for programs, and what may be kept of it; 256 drawn bits need no slow hash."""
    text = secrets.token_urlsafe(32)
    return text, hashed_token(text)


def hashed_token(text: str) -> str:
    """What may be kept of a token: `sha256$HASH`."""
    return f"sha256${hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def is_token_hash(text: str) -> bool:
    """Whether `hashed_token` can have written it."""
    kind, _, digest = text.partition("$")
    return kind == "sha256" and _hex(digest, 32)


def token_matches(text: str, kept: str) -> bool:
    """Whether it is the token of a hash."""
    return is_token_hash(kept) and hmac.compare_digest(hashed_token(text), kept)


def _scrypt(password: str, salt: bytes) -> bytes:
    word = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(word, salt=salt, n=_COST, r=_BLOCK, p=_LANES, maxmem=2**26, dklen=32)


def _hex(text: str, size: int) -> bool:
    return len(text) == 2 * size and all(each in "0123456789abcdef" for each in text)


_NOBODY = f"scrypt${bytes(16).hex()}${bytes(32).hex()}"
