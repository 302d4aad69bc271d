"""Digest authentication as a server asks for it (RFC 3261 section 22, RFC 8760, RFC 7616): qop=auth, MD5 and SHA-256.

A nonce carries its own birth time under an HMAC, so nothing is stored for it; each (nonce, nc) is taken once.
Passwords are compared only as hashes and never logged.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum

from sipmessage import AuthChallenge, AuthParameters, Request

from centre.message import credentials

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
_REMEMBERED = 5000


class Verdict(Enum):
    """What the credentials of a request are worth."""

    GOOD = "good"
    MISSING = "missing"
    STALE = "stale"
    WRONG = "wrong"


class Digest:
    """The challenger of one realm."""

    def __init__(self, realm: str, algorithms: tuple[str, ...], nonce_life: float) -> None:
        unknown = [name for name in algorithms if name not in HASHES]
        if unknown or not algorithms:
            raise ValueError(f"digest algorithms {algorithms}: expected some of {', '.join(HASHES)}")
        self.realm, self.algorithms, self.nonce_life = realm, algorithms, nonce_life
        self.now: Callable[[], float] = time.monotonic
        self._key = secrets.token_bytes(16)
        self._seen: OrderedDict[tuple[str, str, str], None] = OrderedDict()

    def challenges(self, stale: bool = False) -> list[tuple[str, str]]:
        """WWW-Authenticate headers, one per algorithm in the configured order."""
        nonce = self._new_nonce()
        extra = {"stale": "true"} if stale else {}
        return [
            (
                "WWW-Authenticate",
                str(
                    AuthChallenge(
                        "Digest",
                        AuthParameters(realm=self.realm, nonce=nonce, algorithm=name, qop="auth", **extra),
                    )
                ),
            )
            for name in self.algorithms
        ]

    def check(self, request: Request, user: str, password: str) -> Verdict:
        """Judge the Authorization header of `request` for one user."""
        given = credentials(request)
        if given is None or given.parameters is None:
            return Verdict.MISSING
        fields = given.parameters
        algorithm = fields.get("algorithm", "MD5").upper()
        nonce, nc, cnonce = fields.get("nonce", ""), fields.get("nc", ""), fields.get("cnonce", "")
        if algorithm not in self.algorithms or fields.get("realm") != self.realm or fields.get("qop") != "auth":
            return Verdict.MISSING
        if fields.get("username") != user:
            return Verdict.WRONG
        hashed = HASHES[algorithm]
        secret = hashed(f"{user}:{self.realm}:{password}".encode()).hexdigest()  # A1 and A2 of RFC 7616 section 3.4
        asked = hashed(f"{request.method}:{fields.get('uri', '')}".encode()).hexdigest()
        expected = hashed(f"{secret}:{nonce}:{nc}:{cnonce}:auth:{asked}".encode()).hexdigest()
        if not hmac.compare_digest(expected.encode(), fields.get("response", "").encode()):
            return Verdict.WRONG if self._ours(nonce) else Verdict.STALE
        if not self._fresh(nonce) or (nonce, nc, cnonce) in self._seen:
            return Verdict.STALE
        self._seen[(nonce, nc, cnonce)] = None
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return Verdict.GOOD

    def _new_nonce(self) -> str:
        born = f"{int(self.now() * 1000):x}.{secrets.token_hex(4)}"
        return f"{born}.{self._seal(born)}"

    def _seal(self, born: str) -> str:
        return hmac.new(self._key, born.encode(), hashlib.sha256).hexdigest()[:16]

    def _ours(self, nonce: str) -> bool:
        born, _, seal = nonce.rpartition(".")
        return hmac.compare_digest(self._seal(born).encode(), seal.encode())

    def _fresh(self, nonce: str) -> bool:
        if not self._ours(nonce):
            return False
        age = self.now() - int(nonce.split(".", 1)[0], 16) / 1000
        return age <= self.nonce_life
