"""Ways of logging in that a server may ask for (RFC 7616, RFC 8760): what can be answered is, and the rest is named."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Callable

import pytest

from deskphone.core import failure
from deskphone.core.effects import Dial, Register
from deskphone.core.events import CallEnded, Registered, RegistrationFailed
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at
from tests.sip.useragent.peer import Fields, Peer

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]

HASHES = {
    "MD5": lambda data: hashlib.md5(data).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "SHA-512-256": lambda data: hashlib.new("sha512_256", data).hexdigest(),
}


def asks(algorithm: str = "", qop: str = "", nonce: str = "n", realm: str = "pbx", scheme: str = "Digest") -> str:
    """One challenge; algorithm and qop as they stand, quotes and all."""
    parts = [f'{scheme} realm="{realm}"', f'nonce="{nonce}"']
    parts += [f"algorithm={algorithm}"] if algorithm else []
    parts += [f"qop={qop}"] if qop else []
    return ", ".join(parts)


def www(*challenges: str) -> Fields:
    return tuple(("WWW-Authenticate", each) for each in challenges)


def proofs(request: Request) -> list[dict[str, str]]:
    """What its Authorization fields say, by name."""
    found = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
    lines = request.headers.every("authorization")
    return [{name: quoted or bare for name, quoted, bare in found.findall(line)} for line in lines]


def proves(said: dict[str, str], password: str = "secret", method: str = "REGISTER") -> bool:
    """Whether this is the answer of who knows the password (RFC 7616 section 3.4.1)."""
    digest = HASHES[said.get("algorithm", "MD5").upper()]
    a1 = digest(f"{said['username']}:{said['realm']}:{password}".encode())
    a2 = digest(f"{method}:{said['uri']}".encode())
    middle = f":{said['nc']}:{said['cnonce']}:{said['qop']}" if "qop" in said else ""
    return digest(f"{a1}:{said['nonce']}{middle}:{a2}".encode()) == said["response"]


ANSWERED: dict[str, tuple[Fields, str]] = {
    "a blank behind auth": (www(asks(qop='"auth "')), "MD5"),
    "a blank before it": (www(asks(qop='" auth"')), "MD5"),
    "blanks around the commas": (www(asks(qop='"auth-int , auth , other"')), "MD5"),
    "auth-int first": (www(asks(qop='"auth-int,auth"')), "MD5"),
    "in capitals": (www(asks(qop='"AUTH-INT, AUTH"')), "MD5"),
    "without quotes": (www(asks(qop="auth")), "MD5"),
    "an empty one": (www(asks(qop='""')), "MD5"),
    "an algorithm in quotes": (www(asks('"MD5"', '"auth"')), "MD5"),
    "an algorithm in small letters": (www(asks("sha-256", '"auth"')), "SHA-256"),
    "SHA-256": (www(asks("SHA-256", '"auth"')), "SHA-256"),
    "SHA-512-256": (www(asks("SHA-512-256", '"auth"')), "SHA-512-256"),
    "the better one first, another nonce each": (
        www(asks("SHA-256", '"auth"', "one"), asks("MD5", '"auth"', "two")), "SHA-256"
    ),
    "the better one first, one nonce": (www(asks("SHA-256", '"auth"'), asks("MD5", '"auth"')), "SHA-256"),
    "the first that is known": (
        www(asks("SHA3-512", '"auth"', "one"), asks("MD5", '"auth"', "two"), asks("SHA3-256", '"auth"', "three")), "MD5"
    ),
    "one with a session key beside one without": (
        www(asks("MD5-sess", '"auth"', "one"), asks("MD5", '"auth"', "two")), "MD5"
    ),
    "one that is for bodies only behind one that is not": (
        www(asks("MD5", '"auth"', "one"), asks("SHA-256", '"auth-int"', "two")), "MD5"
    ),
    "keys of a SIM card first, as of a mobile core": (
        www(asks("AKAv1-MD5", nonce="one"), asks("MD5", '"auth"', "two")), "MD5"
    ),
    "another scheme beside": (www('Bearer realm="pbx", authz_server="https://a.test"', asks("MD5", '"auth"')), "MD5"),
    "another scheme behind": (www(asks("MD5", '"auth"'), "Negotiate"), "MD5"),
}  # fmt: skip

REFUSED: dict[str, Fields] = {
    "bodies only": www(asks("MD5", '"auth-int"')),
    "with a session key": www(asks("MD5-sess", '"auth"')),
    "an algorithm of later": www(asks("SHA3-512", '"auth"')),
    "keys of a SIM card": www(asks("AKAv1-MD5", '"auth"')),
    "several, none known": www(asks("SHA3-512", '"auth"', "one"), asks("MD5", '"auth-int"', "two")),
    "another scheme": www('Bearer realm="pbx", authz_server="https://a.test"'),
    "two other schemes": www("Negotiate", 'Basic realm="pbx"'),
}


@pytest.mark.parametrize("what", ANSWERED)
def test_what_the_phone_has_is_answered_once(make_phone: Make, peer: Peer, what: str) -> None:
    fields, algorithm = ANSWERED[what]
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", fields)
    request = peer.request("REGISTER")
    (said,) = proofs(request)
    assert said.get("algorithm", "MD5").upper() == algorithm
    assert proves(said)
    peer.reply(request, 200, "OK", (("Contact", request.headers.get("contact")), ("Expires", "120")))
    phone.expect(Registered)


@pytest.mark.parametrize("what", REFUSED)
def test_what_it_has_not_is_named_and_no_wrong_password(make_phone: Make, peer: Peer, what: str) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", REFUSED[what])
    event = phone.expect(RegistrationFailed)
    assert failure.word(event.code, event.reason) == "auth:unknown"
    peer.nothing("REGISTER", 0.2)


def test_a_wrong_password_stays_one(make_phone: Make, peer: Peer) -> None:
    """Refused in a way it has: the second challenge is as good as the first."""
    numbers = itertools.count()

    def refuse(request: Request) -> None:
        stale = www(asks("SHA-256", '"auth"', f"{next(numbers)}"), asks("MD5", '"auth "', f"{next(numbers)}"))
        peer.reply(request, 401, "Unauthorized", stale)

    peer.automatic["REGISTER"] = refuse
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    event = phone.expect(RegistrationFailed)
    assert failure.word(event.code, event.reason) == "failure:401"


def test_a_call_that_wants_such_a_way_says_so(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    asked = (("Proxy-Authenticate", asks("MD5", '"auth-int"')),)
    peer.reply(peer.request("INVITE"), 407, "Proxy Authentication Required", asked)
    peer.request("ACK")
    event = phone.expect(CallEnded)
    assert failure.word(event.code, event.reason) == "auth:unknown"
