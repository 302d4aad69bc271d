"""To whom the line's password is proved: the realms REGISTER was challenged in, at the server that did so."""

from __future__ import annotations

import pytest

from deskphone.sip.policy.realms import MOST, Realms

HERE, ELSEWHERE = "192.0.2.1", "192.0.2.9"


def challenge(method: str, *realms: str, proxy: bool = False) -> bytes:
    """A 401 (407) to a request, one line for each realm."""
    name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
    lines = [f'{name}: Digest realm="{realm}", nonce="n"' for realm in realms]
    head = f"SIP/2.0 {407 if proxy else 401} x\r\nVia: SIP/2.0/UDP h;branch=1\r\nCSeq: 7 {method}\r\n"
    return (head + "".join(line + "\r\n" for line in lines) + "\r\n").encode()


@pytest.fixture
def realms() -> Realms:
    """A phone that the server asked for a proof at REGISTER."""
    known = Realms()
    assert known.may_prove(challenge("REGISTER", "site"), HERE)
    return known


@pytest.mark.parametrize("method", ["INVITE", "SUBSCRIBE", "REFER", "OPTIONS", "UPDATE"])
@pytest.mark.parametrize("proxy", [False, True])
def test_the_servers_own_realm_is_proved_to_it(realms: Realms, method: str, proxy: bool) -> None:
    assert realms.may_prove(challenge(method, "site", proxy=proxy), HERE)
    assert not realms.may_prove(challenge(method, "site", proxy=proxy), ELSEWHERE, registered=False)
    assert not realms.may_prove(challenge(method, "other", proxy=proxy), HERE)
    assert not realms.may_prove(challenge(method, "site", "other", proxy=proxy), HERE)
    assert not realms.may_prove(challenge(method, proxy=proxy), HERE)


@pytest.mark.parametrize("method", ["BYE", "NOTIFY", "INFO", "CANCEL", "FOO"])
def test_what_another_can_make_us_send_proves_nothing(realms: Realms, method: str) -> None:
    assert not realms.may_prove(challenge(method, "site"), HERE)


def test_a_server_that_registers_without_a_proof_may_ask_in_one_realm_later() -> None:
    known = Realms()
    assert not known.may_prove(challenge("INVITE", "site"), ELSEWHERE, registered=False)
    assert known.may_prove(challenge("INVITE", "site"), HERE)
    assert known.may_prove(challenge("SUBSCRIBE", "site"), HERE)
    assert not known.may_prove(challenge("INVITE", "a far end's"), HERE)


def test_a_server_with_a_new_realm_each_time_is_not_believed_for_ever(realms: Realms) -> None:
    told = [realms.may_prove(challenge("REGISTER", f"realm {number}"), HERE) for number in range(2 * MOST)]
    assert told == [True] * (MOST - 1) + [False] * (MOST + 1)
    assert realms.may_prove(challenge("REGISTER", "site"), HERE)


@pytest.mark.parametrize("raw", [b"", b"junk", challenge("REGISTER", "x").replace(b"CSeq: 7 REGISTER\r\n", b"")])
def test_what_cannot_be_read_is_not_proved_to(realms: Realms, raw: bytes) -> None:
    assert not realms.may_prove(raw, HERE)
