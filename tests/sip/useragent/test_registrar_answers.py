"""What a registrar may answer to REGISTER beside yes and no: other lives, other places, no binding at all."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from deskphone import http_challenge
from deskphone.core import failure
from deskphone.core.effects import Register
from deskphone.core.events import Registered, RegistrationFailed
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, granting
from tests.sip.useragent.peer import Peer

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def test_a_server_that_wants_longer_lives_gets_them(make_phone: Make, peer: Peer) -> None:
    peer.automatic.pop("REGISTER")
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    first = peer.request("REGISTER")
    peer.reply(first, 423, "Interval Too Brief", (("Min-Expires", "900"),))
    again = peer.request("REGISTER")
    assert again.headers.get("expires") == "900"
    peer.reply(again, 200, "OK", (("Contact", again.headers.get("contact")), ("Expires", "900")))
    assert phone.expect(Registered).expires == 900


@pytest.mark.parametrize("least", ["", "0", "99999999999", "soon", "4294967295", "900"])
def test_a_423_that_leads_nowhere_is_a_refusal_and_no_storm(make_phone: Make, peer: Peer, least: str) -> None:
    peer.automatic["REGISTER"] = lambda request: peer.reply(
        request, 423, "Interval Too Brief", (("Min-Expires", least),) if least else ()
    )
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    assert phone.expect(RegistrationFailed).code == 423
    asked = len([each for each in peer.seen if isinstance(each, Request)])
    assert asked <= 3, f"REGISTER sent {asked} times"


def test_a_server_that_wants_ever_longer_lives_is_not_asked_for_ever(make_phone: Make, peer: Peer) -> None:
    longer = itertools.count(900, 600)
    peer.automatic["REGISTER"] = lambda request: peer.reply(
        request, 423, "Interval Too Brief", (("Min-Expires", str(next(longer))),)
    )
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    assert phone.expect(RegistrationFailed).code == 423
    assert next(longer) <= 900 + 3 * 600  # 20 a second, and no end


@pytest.mark.parametrize("contact", ["*", "*, {ours};expires=40", "<<>>, *"])
def test_a_star_in_an_answer_is_no_binding(make_phone: Make, peer: Peer, contact: str) -> None:
    """pjsip 2.17 ended the process for it."""

    def grant(request: Request) -> None:
        asked = request.headers.get("contact").partition(";expires")[0]
        life = "0" if request.headers.get("expires") == "0" else "40"
        peer.reply(request, 200, "OK", (("Contact", contact.format(ours=asked)), ("Expires", life)))

    peer.automatic["REGISTER"] = grant
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    assert phone.expect(Registered).expires == 40


SEEN = (
    ";received=2001:db8::1;rport=7", ";received=192.0.2.5:60571;rport=50459", ";received=a-b;rport=99999",
    ";received=[::1];rport=5000", ";received=a~b!c;rport=1", ";received;rport=-5", ";rport=70000",
)  # fmt: skip
BESIDE = (
    ("Service-Route", ""),
    ("Service-Route", "<tel:1>"),
    ("Service-Route", "*"),
    ("Path", "<"),
    ("Flow-Timer", "-1"),
)


def test_what_a_registrar_has_seen_or_names_beside_a_binding_ends_nothing(make_phone: Make, peer: Peer) -> None:
    """pjsip 2.17 ended the process for an address in another form, and for a Service-Route without one."""
    said = [("", ("X", "y"))]

    def grant(request: Request) -> None:
        via, beside = said[-1]
        life = "0" if request.headers.get("expires") == "0" else "300"
        binding = (("Contact", request.headers.get("contact")), ("Expires", life))
        peer.answer_raw(request, 200, request.headers.get("via").replace(";rport", "") + via, (*binding, beside))

    peer.automatic["REGISTER"] = grant
    phone = make_phone()
    for each in (*((via, ("X", "y")) for via in SEEN), *(("", beside) for beside in BESIDE)):
        said.append(each)
        phone.do(Register(account_at(peer)))
        phone.expect(Registered)
        phone.nothing(RegistrationFailed, 0.05)
    contacts = [each.headers.get("contact") for each in peer.seen if isinstance(each, Request)]
    assert all(each.startswith("<sip:1502@127.0.0.1:") for each in contacts), contacts


@pytest.mark.parametrize("code", [301, 302, 305])
def test_a_register_follows_nobody_elsewhere(make_phone: Make, peer: Peer, code: int) -> None:
    """Calls and agent of a number must not be had for one forged datagram."""
    elsewhere = Peer()
    peer.automatic["REGISTER"] = lambda request: peer.reply(
        request, code, "Elsewhere", (("Contact", f"<sip:{elsewhere.host}:{elsewhere.port}>"),)
    )
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    failed = phone.expect(RegistrationFailed)
    assert (failed.code, failed.answered) == (code, True)
    elsewhere.nothing("REGISTER")
    elsewhere.close()


@pytest.mark.parametrize(("granted", "told"), [(60, 60), (10, 10), (2, 2)])
def test_a_server_may_shorten_the_life_however_much(make_phone: Make, peer: Peer, granted: int, told: int) -> None:
    granting(peer, granted)
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    assert phone.expect(Registered).expires == told
    if granted < 5:
        phone.expect(Registered)
        phone.expect(Registered)


@pytest.mark.parametrize("general", [False, True])
def test_a_200_that_keeps_no_binding_is_no_registration(make_phone: Make, peer: Peer, general: bool) -> None:
    def keep_none(register: Request) -> None:
        contact = register.headers.get("contact")
        said = (("Contact", contact), ("Expires", "0")) if general else (("Contact", f"{contact};expires=0"),)
        peer.reply(register, 200, "OK", said)

    peer.automatic["REGISTER"] = keep_none
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    phone.expect(RegistrationFailed)
    phone.nothing(Registered)


NONCE = 'realm="site", nonce="n1"'


@pytest.mark.parametrize(
    ("challenges", "algorithm", "qop"),
    [
        ((f'Digest {NONCE}, qop="auth "',), "", "auth"),
        ((f'Digest {NONCE}, qop=" auth-int , AUTH "',), "", "auth"),
        ((f'Digest {NONCE}, qop="auth-int;auth"',), "", "auth"),
        ((f'Digest {NONCE}, qop="auth-int"', f'Digest {NONCE}, qop="auth"'), "", "auth"),
        ((f'Digest {NONCE}, algorithm=MD5-sess, qop="auth"', f'Digest {NONCE}, qop="auth"'), "", "auth"),
        (
            (f'Digest {NONCE}, algorithm=SHA-256, qop="auth"', 'Digest realm="site", nonce="n2", algorithm=MD5'),
            "sha-256",
            "auth",
        ),
        ((f"Digest {NONCE}0, algorithm=SHA-1", f"Digest {NONCE}, algorithm=SHA-512-256"), "sha-512-256", ""),
        (('Basic realm="site"', f'Digest {NONCE}, qop="auth"'), "", "auth"),
    ],
)  # fmt: skip
def test_the_first_challenge_that_can_be_answered_is(
    make_phone: Make, peer: Peer, challenges: tuple[str, ...], algorithm: str, qop: str
) -> None:
    """RFC 8760 section 2.4: the topmost. Lists of qop as servers write them."""
    peer.automatic.pop("REGISTER")
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", tuple(("WWW-Authenticate", each) for each in challenges))
    request = peer.request("REGISTER")
    (given,) = request.headers.every("authorization")
    said = http_challenge.read([given])[0]
    assert (said.get("nonce"), said.get("algorithm").lower(), said.get("qop")) == ("n1", algorithm, qop)
    peer.reply(request, 200, "OK", (("Contact", request.headers.get("contact")), ("Expires", "300")))
    phone.expect(Registered)


@pytest.mark.parametrize(
    "challenge",
    [
        f'Digest {NONCE}, qop="auth-int"',
        f'Digest {NONCE}, algorithm=MD5-sess, qop="auth"',
        f"Digest {NONCE}, algorithm=SHA-1",
        'Basic realm="site"',
        'NTLM realm="site"',
    ],
)
def test_a_server_that_asks_in_a_way_we_do_not_know_is_no_wrong_password(
    make_phone: Make, peer: Peer, challenge: str
) -> None:
    peer.automatic["REGISTER"] = lambda request: peer.reply(
        request, 401, "Unauthorized", (("WWW-Authenticate", challenge),)
    )
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    failed = phone.expect(RegistrationFailed)
    assert (failed.code, failed.reason) == (401, "auth:unknown")


@pytest.mark.parametrize("reason", ["tls:wrong_name", "auth:unknown", "TLS: no"])
def test_a_servers_own_words_are_none_of_ours(make_phone: Make, peer: Peer, reason: str) -> None:
    peer.automatic["REGISTER"] = lambda request: peer.reply(request, 403, reason)
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    failed = phone.expect(RegistrationFailed)
    assert failure.word(failed.code, failed.reason) == "failure:403"
    assert reason in failed.reason
