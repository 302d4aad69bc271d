"""Who is no registered server has to prove that it knows the line's password: nonces, and what an answer is worth.

Law: time and chance are arguments. Holds the secret of the nonces and what was used up, all of it bounded; sends
nothing. A nonce is unguessable, good for one host, once, and for LIFE seconds: nothing overheard is worth anything
later. No text tells user or password.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from enum import Enum

from deskphone.core.effects import Account
from deskphone.wire import digest, fields
from deskphone.wire.errors import WireError
from deskphone.wire.message import Request

LIFE = 30.0  # seconds from a challenge to its answer
REMEMBERED = 64  # nonces that were used up; only who knows the password can fill this
WRONG = 5  # wrong answers of one host in PENANCE seconds, then none of it is looked at
PENANCE = 60.0
HOSTS = 256  # hosts with wrong answers that are remembered; a wrong answer needs a nonce that came to its host
ALL = 20  # wrong answers of all hosts in PENANCE seconds, then those alone are looked at who answered right before
KNOWN = 16  # hosts that answered right


class Proof(Enum):
    """What a request proves about its sender."""

    GOOD = "good"
    MISSING = "missing"  # no answer to a challenge of ours
    STALE = "stale"  # the right password, and a nonce that is used up, too old, or of another phone's life
    WRONG = "wrong"
    BLOCKED = "blocked"  # too many wrong answers of this host


class Challenger:
    """One phone's challenges. key: 32 bytes of chance. now: seconds that only go forward, at each call."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._used: OrderedDict[str, float] = OrderedDict()  # nonce -> when it is too old anyway
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()  # host -> how many, the first of them when
        self._all: tuple[int, float] = (0, 0.0)  # the same of all hosts
        self._known: OrderedDict[str, None] = OrderedDict()

    def headers(
        self, account: Account, host: str, now: float, drawn: str, *, stale: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """The WWW-Authenticate headers of a 401 to this host: an algorithm each, the better one first.

        drawn: 128 bits of chance in hexadecimal.
        """
        nonce = self._nonce(host, now, drawn)
        named = (digest.challenge(realm(account), nonce, algorithm, stale) for algorithm in digest.HASHES)
        return tuple(("WWW-Authenticate", value) for value in named)

    def judge(self, request: Request, account: Account, host: str, now: float) -> Proof:
        """What the request proves. A good proof is used up by this."""
        given = _credentials(request, realm(account))
        if given is None:
            return Proof.MISSING
        if not self._ours(given.nonce, host):
            return (
                Proof.STALE
            )  # whatever the password: else who made the nonce up would learn it, or have others blocked
        if self._blocked(host, now):
            return Proof.BLOCKED
        right = digest.expected(given, request.method, account.auth_password.reveal())
        same_user = hmac.compare_digest(given.user.encode(), account.auth_user.encode())
        if not hmac.compare_digest(right, given.response) or not same_user:
            self._count(host, now)
            return Proof.WRONG
        self._wrong.pop(host, None)
        if given.nc != 1 or not self._take(given.nonce, now):
            return Proof.STALE
        self._known[host] = None
        self._known.move_to_end(host)
        if len(self._known) > KNOWN:
            self._known.popitem(last=False)
        return Proof.GOOD

    # --- nonces ------------------------------------------------------------------------------------

    def _nonce(self, host: str, now: float, drawn: str) -> str:
        born = f"{int(now * 1000):x}.{drawn}"
        return f"{born}.{self._seal(born, host)}"

    def _seal(self, born: str, host: str) -> str:
        return hmac.new(self._key, f"{born} {host}".encode(), hashlib.sha256).hexdigest()

    def _ours(self, nonce: str, host: str) -> bool:
        """Whether this host had the nonce of us."""
        born, _, seal = nonce.rpartition(".")
        return hmac.compare_digest(self._seal(born, host).encode(), seal.encode())

    def _take(self, nonce: str, now: float) -> bool:
        """Use a nonce of ours up; False where it is too old, or used up already."""
        born = nonce.rpartition(".")[0]
        over = int(born.partition(".")[0], 16) / 1000 + LIFE
        while self._used and next(iter(self._used.values())) <= now:
            self._used.popitem(last=False)
        if now >= over or nonce in self._used or len(self._used) >= REMEMBERED:
            return False
        self._used[nonce] = now + LIFE  # not before `over`, and in the order of the queue
        return True

    # --- wrong answers -------------------------------------------------------------------------------

    def _blocked(self, host: str, now: float) -> bool:
        if _many(self._wrong.get(host, (0, 0.0)), WRONG, now):
            return True
        return host not in self._known and _many(self._all, ALL, now)

    def _count(self, host: str, now: float) -> None:
        self._wrong[host] = _one_more(self._wrong.pop(host, (0, now)), now)
        self._all = _one_more(self._all, now)
        if len(self._wrong) > HOSTS:
            self._wrong.popitem(last=False)


def _many(counted: tuple[int, float], most: int, now: float) -> bool:
    """Whether so many wrong answers came in this minute."""
    return counted[0] >= most and now < counted[1] + PENANCE


def _one_more(counted: tuple[int, float], now: float) -> tuple[int, float]:
    """The count with one more wrong answer; it begins anew after a minute."""
    count, since = counted
    return (count + 1, since) if now < since + PENANCE else (1, now)


def realm(account: Account) -> str:
    """The protection space: the domain of the address-of-record, for which a server has the line's password."""
    return fields.uri(account.aor).host


def _credentials(request: Request, space: str) -> digest.Credentials | None:
    """The answer to a challenge of this realm, None where there is none that can be read."""
    for name, value in request.headers.fields:
        if name != "authorization":
            continue
        try:
            given = digest.credentials(value)
        except WireError:
            continue
        if given.realm == space:
            return given
    return None
