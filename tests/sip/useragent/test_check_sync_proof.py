"""check-sync of who is no registered server: challenged, obeyed when rightly answered, once an answer."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator

import pytest

from deskphone.core.effects import Register
from deskphone.core.events import CheckSync, Registered, RegistrationFailed
from deskphone.sip.policy.challenge import WRONG
from deskphone.wire.digest import digest_response
from deskphone.wire.message import Response
from tests.sip.useragent.conftest import Phone, account_at, address_of, settings_for
from tests.sip.useragent.peer import Dialog, Fields, Peer

pytestmark = pytest.mark.sip
SYNC: Fields = (("Event", "check-sync;reboot=true"),)
OBEYED = CheckSync(-1, True)


@pytest.fixture
def manager(peer: Peer, phone: Phone) -> Iterator[Peer]:
    """A device manager on a host of its own, which knows the line's password."""
    made = Peer("127.0.0.3")
    made.phone = peer.phone
    yield made
    made.close()


def outside(phone: Phone, cseq: int = 1) -> Dialog:
    return Dialog("sync", "<sip:manager@site>;tag=m", "<sip:1502@site>", address_of(phone), cseq)


def challenged(manager: Peer, phone: Phone) -> Response:
    manager.send("NOTIFY", outside(phone), SYNC)
    return manager.response(401, "NOTIFY")


def challenges(refusal: Response) -> list[str]:
    return [value for name, value in refusal.headers.fields if name == "www-authenticate"]


def answer(challenge: Response, phone: Phone, password: str = "secret", user: str = "1502", place: int = 0) -> Fields:
    """The lines of a NOTIFY that answers one of the challenges of a 401."""
    value = challenges(challenge)[place]
    said = dict(re.findall(r'(\w+)="?([^",]+)"?', value))
    uri = address_of(phone)
    response = digest_response(
        algorithm=said["algorithm"], user=user, realm=said["realm"], password=password, method="NOTIFY", uri=uri,
        nonce=said["nonce"], nc="00000001", cnonce="0a4f113b",
    )  # fmt: skip
    proof = (
        f'Digest username="{user}", realm="{said["realm"]}", nonce="{said["nonce"]}", uri="{uri}",'
        f' response="{response}", algorithm={said["algorithm"]}, cnonce="0a4f113b", qop=auth, nc=00000001'
    )
    return (*SYNC, ("Authorization", proof))


@pytest.mark.parametrize("place", [0, 1], ids=["SHA-256", "MD5"])
def test_a_manager_that_knows_the_password_is_obeyed_once(phone: Phone, manager: Peer, place: int) -> None:
    challenge = challenged(manager, phone)
    phone.nothing(CheckSync, 0.05)
    rightly = answer(challenge, phone, place=place)
    manager.send("NOTIFY", outside(phone, 2), rightly)
    manager.response(200, "NOTIFY")
    assert phone.expect(CheckSync) == OBEYED
    manager.send("NOTIFY", outside(phone, 3), rightly)
    again = manager.response(401, "NOTIFY")
    assert "stale=true" in challenges(again)[0]
    phone.nothing(CheckSync, 0.05)
    manager.send("NOTIFY", outside(phone, 4), answer(again, phone, place=place))
    manager.response(200, "NOTIFY")
    assert phone.expect(CheckSync) == OBEYED


def test_a_repeated_packet_is_obeyed_once_and_answered_alike(phone: Phone, manager: Peer) -> None:
    rightly = answer(challenged(manager, phone), phone)
    branch = manager.send("NOTIFY", outside(phone, 2), rightly)
    manager.send("NOTIFY", outside(phone, 2), rightly, cseq=outside(phone, 2).cseq + 1, branch=branch)
    manager.response(200, "NOTIFY")
    manager.response(200, "NOTIFY")
    phone.expect(CheckSync)
    phone.nothing(CheckSync, 0.1)


def test_an_answer_overheard_is_worth_nothing_on_another_host(phone: Phone, manager: Peer) -> None:
    rightly = answer(challenged(manager, phone), phone)
    thief = Peer("127.0.0.4")
    thief.phone = manager.phone
    thief.send("NOTIFY", outside(phone, 2), rightly)
    thief.response(401, "NOTIFY")
    phone.nothing(CheckSync, 0.05)
    thief.close()


def test_wrong_answers_are_refused_and_the_journal_has_no_secret(
    phone: Phone, manager: Peer, caplog: pytest.LogCaptureFixture
) -> None:
    for each in logging.getLogger("deskphone.gate").filters:
        each.forget()  # type: ignore[union-attr]
    for number in range(WRONG):
        challenge = challenged(manager, phone)
        manager.send("NOTIFY", outside(phone, number + 2), answer(challenge, phone, password="guess", user="boss"))
        manager.response(403, "NOTIFY")
    manager.send("NOTIFY", outside(phone, 20), answer(challenged(manager, phone), phone))
    manager.response(403, "NOTIFY")
    phone.nothing(CheckSync, 0.05)
    told = [
        record.getMessage()
        for record in caplog.records
        if record.name == "deskphone.gate" and record.levelno >= logging.WARNING
    ]
    assert told == ["NOTIFY of 127.0.0.3: wrong digest answer"]  # a line a kind and minute
    assert not [line for line in told if re.search("secret|guess|boss|nonce|response", line)]


def test_a_registered_server_needs_no_proof(phone: Phone, peer: Peer) -> None:
    peer.send("NOTIFY", outside(phone), SYNC)
    peer.response(200, "NOTIFY")
    assert phone.expect(CheckSync) == CheckSync(0, True)


def test_where_the_settings_say_so_it_needs_one(make_phone: Callable[..., Phone], peer: Peer) -> None:
    phone = make_phone(settings_for(check_sync={"challenge": True}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    peer.phone = ("127.0.0.1", phone.agent.address[1])
    challenge = challenged(peer, phone)
    phone.nothing(CheckSync, 0.05)
    peer.send("NOTIFY", outside(phone, 2), answer(challenge, phone))
    peer.response(200, "NOTIFY")
    assert phone.expect(CheckSync) == CheckSync(0, True)


def test_a_phone_whose_server_is_down_can_be_told_all_the_same(phone: Phone, peer: Peer, manager: Peer) -> None:
    peer.automatic["REGISTER"] = lambda request: peer.reply(request, 503, "Service Unavailable")
    phone.do(Register(account_at(peer)))
    phone.expect(RegistrationFailed)
    manager.send("NOTIFY", outside(phone, 2), answer(challenged(manager, phone), phone))
    manager.response(200, "NOTIFY")
    assert phone.expect(CheckSync) == OBEYED


def test_a_line_without_a_password_has_nothing_to_ask_for(phone: Phone, peer: Peer, manager: Peer) -> None:
    phone.do(Register(account_at(peer, password="")))
    phone.expect(Registered)
    manager.send("NOTIFY", outside(phone), SYNC)
    manager.response(403, "NOTIFY")
    phone.nothing(CheckSync, 0.05)
