"""Digest proof of who may send check-sync: what a nonce is good for, and what becomes of wrong answers."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field

import pytest

from deskphone.config.secret import Secret
from deskphone.core.effects import Account
from deskphone.sip.policy.challenge import ALL, HOSTS, KNOWN, LIFE, PENANCE, REMEMBERED, WRONG, Challenger, Proof
from deskphone.wire.digest import digest_response
from deskphone.wire.message import Request, parse_request

ACCOUNT = Account(0, "sip:1502@site.example", "", "sip:a:5060", "sip:a:5060", "desk1502", Secret("secret"), 300)
HOST, OTHER = "10.9.9.9", "10.9.9.8"


@dataclass
class Desk:
    """A challenger with a clock in the test's hand, and somebody who answers it."""

    time: float = 100.0
    challenger: Challenger = field(default_factory=lambda: Challenger(secrets.token_bytes(32)))

    def headers(self, host: str = HOST, stale: bool = False) -> tuple[tuple[str, str], ...]:
        return self.challenger.headers(ACCOUNT, host, self.time, secrets.token_hex(16), stale=stale)

    def nonce(self, host: str = HOST) -> str:
        first = self.headers(host)[0][1]
        found = re.search(r'nonce="([^"]+)"', first)
        assert found
        return found[1]

    def judge(self, request: Request, host: str = HOST) -> Proof:
        return self.challenger.judge(request, ACCOUNT, host, self.time)

    def try_password(self, password: str, host: str = HOST) -> Proof:
        return self.judge(answer(self.nonce(host), password=password), host)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def notify(*lines: str, method: str = "NOTIFY") -> Request:
    head = (f"{method} sip:1502@10.1.1.20 SIP/2.0", "Via: SIP/2.0/UDP 10.9.9.9;branch=z9hG4bK1",
            "From: <sip:x@y>;tag=t", "To: <sip:1502@site.example>", "Call-ID: c", f"CSeq: 1 {method}",
            "Event: check-sync;reboot=true")  # fmt: skip
    return parse_request("\r\n".join((*head, *lines, "Content-Length: 0", "", "")).encode())


def answer(  # noqa: PLR0917
    nonce: str, user: str = "desk1502", password: str = "secret", realm: str = "site.example",
    algorithm: str = "SHA-256", nc: str = "00000001",
) -> Request:  # fmt: skip
    uri = "sip:1502@10.1.1.20"
    response = digest_response(algorithm=algorithm, user=user, realm=realm, password=password, method="NOTIFY", uri=uri,
                               nonce=nonce, nc=nc, cnonce="c")  # fmt: skip
    return notify(
        f'Authorization: Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}",'
        f' response="{response}", algorithm={algorithm}, cnonce="c", qop=auth, nc={nc}'
    )


def test_a_challenge_offers_the_better_algorithm_first(desk: Desk) -> None:
    names, values = zip(*desk.headers(), strict=True)
    assert set(names) == {"WWW-Authenticate"}
    assert [value.rpartition("algorithm=")[2] for value in values] == ["SHA-256", "MD5"]
    assert all('realm="site.example"' in value and "stale" not in value for value in values)
    assert all(value.endswith("stale=true") for _, value in desk.headers(stale=True))


@pytest.mark.parametrize("algorithm", ["SHA-256", "MD5"])
def test_the_right_answer_proves_it_once(desk: Desk, algorithm: str) -> None:
    request = answer(desk.nonce(), algorithm=algorithm)
    assert desk.judge(request) is Proof.GOOD
    assert desk.judge(request) is Proof.STALE, "overheard and sent again"
    assert desk.judge(answer(desk.nonce(), algorithm=algorithm)) is Proof.GOOD


def test_without_an_answer_or_with_one_for_somebody_else_nothing_is_proved(desk: Desk) -> None:
    assert desk.judge(notify()) is Proof.MISSING
    assert desk.judge(notify("Authorization: Basic ZGVzazpzZWNyZXQ=")) is Proof.MISSING
    assert desk.judge(answer(desk.nonce(), realm="other.example")) is Proof.MISSING


def test_a_nonce_counts_once_so_its_second_use_is_stale(desk: Desk) -> None:
    nonce = desk.nonce()
    assert desk.judge(answer(nonce, nc="00000002")) is Proof.STALE
    assert desk.judge(answer(nonce)) is Proof.GOOD


def test_an_old_nonce_is_stale(desk: Desk) -> None:
    nonce = desk.nonce()
    desk.time += LIFE - 0.01
    assert desk.judge(answer(nonce)) is Proof.GOOD
    nonce = desk.nonce()
    desk.time += LIFE + 0.01
    assert desk.judge(answer(nonce)) is Proof.STALE


def test_a_used_nonce_is_still_used_up_when_it_is_forgotten(desk: Desk) -> None:
    nonce = desk.nonce()
    desk.time += LIFE - 0.01
    assert desk.judge(answer(nonce)) is Proof.GOOD
    desk.time += 0.005
    assert desk.judge(answer(nonce)) is Proof.STALE
    desk.time += LIFE
    assert desk.judge(answer(desk.nonce())) is Proof.GOOD
    assert desk.judge(answer(nonce)) is Proof.STALE


def test_a_nonce_of_another_host_another_phone_or_made_up_is_stale(desk: Desk) -> None:
    assert desk.judge(answer(desk.nonce(OTHER))) is Proof.STALE
    assert desk.judge(answer(Desk().nonce())) is Proof.STALE
    born, _, seal = desk.nonce().rpartition(".")
    for made_up in (
        "x",
        "..",
        f"{born}.{'0' * len(seal)}",
        f"ffffffffffff.{born.partition('.')[2]}.{seal}",
        f"{born}0.{seal}",
    ):
        assert desk.judge(answer(made_up)) is Proof.STALE, made_up


def test_no_two_nonces_are_alike_and_none_tells_the_next(desk: Desk) -> None:
    made = [desk.nonce() for _ in range(50)]
    assert len(set(made)) == 50
    assert all(len(nonce.split(".")[1]) == 32 for nonce in made), "128 bits of chance"


def test_wrong_user_or_password_is_wrong(desk: Desk) -> None:
    assert desk.judge(answer(desk.nonce(), password="Secret")) is Proof.WRONG
    assert desk.judge(answer(desk.nonce(), user="admin")) is Proof.WRONG


def test_with_a_nonce_that_it_did_not_get_nobody_learns_whether_a_password_is_right(desk: Desk) -> None:
    for nonce in ("made-up", desk.nonce(OTHER), Desk().nonce()):
        told = [desk.judge(answer(nonce, password=password)) for password in ("guess", "secret")]
        assert told == [Proof.STALE, Proof.STALE]


def test_wrong_answers_in_an_honest_hosts_name_do_not_lock_it_out(desk: Desk) -> None:
    """Who writes another's address into his datagrams never sees the nonces that go to it."""
    for number in range(3 * WRONG):
        assert desk.judge(answer(f"guess-{number}", password="guess")) is Proof.STALE
    assert desk.try_password("secret") is Proof.GOOD


def test_many_hosts_together_have_few_guesses_and_who_is_known_goes_on(desk: Desk) -> None:
    assert desk.try_password("secret", OTHER) is Proof.GOOD
    told = [desk.try_password("guess", f"10.0.0.{number}") for number in range(2 * ALL)]
    assert told == [Proof.WRONG] * ALL + [Proof.BLOCKED] * ALL
    assert desk.try_password("secret", OTHER) is Proof.GOOD
    assert desk.try_password("secret") is Proof.BLOCKED
    desk.time += PENANCE
    assert desk.try_password("secret") is Proof.GOOD


def test_who_guesses_is_not_looked_at_for_a_minute_and_nobody_else_suffers(desk: Desk) -> None:
    assert [desk.try_password(f"guess{n}") for n in range(WRONG)] == [Proof.WRONG] * WRONG
    assert desk.try_password("secret") is Proof.BLOCKED
    assert desk.try_password("secret", OTHER) is Proof.GOOD
    desk.time += PENANCE
    assert desk.try_password("secret") is Proof.GOOD
    assert desk.try_password("guess") is Proof.WRONG
    assert desk.try_password("secret") is Proof.GOOD, "the count began anew"


def test_what_is_remembered_is_bounded(desk: Desk) -> None:
    for number in range(HOSTS + 50):
        desk.time += PENANCE / ALL
        desk.try_password("guess", f"10.0.{number // 250}.{number % 250}")
    assert len(desk.challenger._wrong) == HOSTS
    desk.time += PENANCE
    assert [desk.try_password("secret", f"10.1.1.{number}") for number in range(2 * KNOWN)] == [Proof.GOOD] * 2 * KNOWN
    assert len(desk.challenger._known) == KNOWN
    desk.time += LIFE
    first = answer(desk.nonce())
    assert desk.judge(first) is Proof.GOOD
    assert [desk.try_password("secret") for _ in range(REMEMBERED - 1)] == [Proof.GOOD] * (REMEMBERED - 1)
    assert desk.try_password("secret") is Proof.STALE, "full: none is forgotten before its time"
    assert desk.judge(first) is Proof.STALE
    desk.time += LIFE
    assert desk.try_password("secret") is Proof.GOOD


def test_nothing_shows_the_password(desk: Desk) -> None:
    desk.try_password("secret")
    assert "secret" not in repr((desk.headers(), vars(desk.challenger)))
