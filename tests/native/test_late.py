"""INVITEs that the phone gave up before anybody said a last word, and what is answered to them after all."""

from __future__ import annotations

from collections.abc import Iterator

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import Message, Peer
from tests.native.native_phone import Call, Phone

LIFE, ALWAYS = 200, 32_000  # milliseconds


@pytest.fixture
def given_up(phone: Phone, peer: Peer) -> Iterator[Message]:
    """The INVITE of a call that has ended here, because nobody said anything."""
    sipext.set_timers(20, 0, 0, LIFE)
    call = Call(phone.account)
    call.makeCall("sip:2001@sips-a.example.com", pj.CallOpParam(True))
    invite = phone.take("INVITE")
    phone.until(lambda: not call.isActive())
    peer.poll()
    peer.received.clear()
    yield invite
    sipext.set_timers(500, 0, 0, ALWAYS)


def once(phone: Phone, method: str, seen: set[str]) -> Message:
    """The next request of this method that is none of before, sent again: with T1 of 20 ms that is soon done."""
    while (message := phone.take(method)).get("Via") in seen:
        pass
    seen.add(message.get("Via"))
    return message


def routes(peer: Peer) -> list[tuple[str, str]]:
    """A far end behind a proxy at the same place."""
    place = f"127.0.0.1:{peer.port}"
    return [
        ("Record-Route", f"<sip:{place};lr;one>"), ("Record-Route", f"<sip:{place};lr;two>"),
        ("Contact", f"<sip:2001@{place};who=far>"),
    ]  # fmt: skip


def test_what_begins_to_ring_is_cancelled(phone: Phone, peer: Peer, given_up: Message) -> None:
    peer.answer(given_up, 180, "Ringing")
    cancel = phone.take("CANCEL")
    assert cancel.all("Via") == given_up.all("Via") and cancel.get("CSeq").split()[0] == given_up.get("CSeq").split()[0]
    assert cancel.first_line.split()[1] == given_up.first_line.split()[1]
    assert cancel.all("Route") == given_up.all("Route") and not cancel.tag("To")
    peer.answer(cancel, 200, "OK")
    peer.answer(given_up, 487, "Request Terminated")
    ack = phone.take("ACK")
    assert ack.all("Via") == given_up.all("Via") and ack.tag("To") == "peer"


def test_who_answers_is_let_go(phone: Phone, peer: Peer, given_up: Message) -> None:
    peer.answer(given_up, 200, "OK", routes(peer))
    ack, bye = phone.take("ACK"), phone.take("BYE")
    for each in (ack, bye):
        assert each.first_line.split()[1] == f"sip:2001@127.0.0.1:{peer.port};who=far"
        assert [";two" in route for route in each.all("Route")] == [True, False]
        assert (each.tag("To"), each.tag("From")) == ("peer", given_up.tag("From"))
        assert each.get("Call-ID") == given_up.get("Call-ID")
    number = int(given_up.get("CSeq").split()[0])
    assert (ack.get("CSeq"), bye.get("CSeq")) == (f"{number} ACK", f"{number + 1} BYE")
    peer.answer(bye, 200, "OK")


def test_each_of_those_who_answer_is_let_go_however_often_it_says_so(
    phone: Phone, peer: Peer, given_up: Message
) -> None:
    seen: set[str] = set()
    for tag in ("one", "two", "one"):
        peer.answer(given_up, 200, "OK", routes(peer), to_tag=tag)
        assert (phone.take("ACK").tag("To"), once(phone, "BYE", seen).tag("To")) == (tag, tag)


@pytest.mark.parametrize(("code", "header"), [(401, "WWW-Authenticate"), (407, "Proxy-Authenticate")])
def test_who_asks_for_a_proof_to_be_let_go_gets_none_and_is_told_again_when_he_says_so_again(
    phone: Phone, peer: Peer, given_up: Message, code: int, header: str
) -> None:
    """A proof in a BYE goes to whoever answered; he may be anybody behind the server."""
    seen: set[str] = set()
    for _ in range(2):
        peer.answer(given_up, 200, "OK", routes(peer))
        phone.take("ACK")
        bye = once(phone, "BYE", seen)
        peer.answer(bye, code, "Who are you", [(header, 'Digest realm="sips-a.example.com", nonce="n", qop="auth"')])
    head = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "last"), ("CSeq", "1 OPTIONS")]
    peer.request("OPTIONS", phone.port, head)
    phone.take("OPTIONS", 200)
    assert not bye.get("Authorization") and not bye.get("Proxy-Authorization")
    while again := peer.take("BYE"):
        assert again.get("Via") in seen


def test_a_cancel_that_comes_too_late_is_followed_by_a_bye(phone: Phone, peer: Peer, given_up: Message) -> None:
    peer.answer(given_up, 100, "Trying", to_tag="")
    peer.answer(phone.take("CANCEL"), 481, "No such call")
    peer.answer(given_up, 200, "OK", routes(peer))
    phone.take("ACK")
    peer.answer(phone.take("BYE"), 200, "OK")


def test_an_answer_of_a_call_that_nobody_made_gets_nothing(phone: Phone, peer: Peer, given_up: Message) -> None:
    forged = Message(given_up.first_line, tuple(
        (name, value.replace("branch=z9hG4bK", "branch=z9hG4bKx") if name == "Via" else value)
        for name, value in given_up.headers
    ), b"", given_up.source)  # fmt: skip
    peer.answer(forged, 200, "OK", routes(peer))
    peer.answer(given_up, 486, "Busy Here")  # the last word: what comes now is a stranger's
    phone.take("ACK")
    peer.answer(given_up, 200, "OK", routes(peer))
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "last"), ("CSeq", "1 OPTIONS")]
    peer.request("OPTIONS", phone.port, headers)
    phone.take("OPTIONS", 200)
    assert peer.take("BYE") is None and peer.take("ACK") is None
