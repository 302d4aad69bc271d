"""The module in front of all others and the one behind: what goes no further, what is proved to nobody, who answers."""

from __future__ import annotations

from typing import Any

import deskphone_sipext as sipext
import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import Phone, Watched, ring

SERVER = "127.0.0.1"


def options(peer: Peer, phone: Phone, call_id: str, via: str = "") -> None:
    """Send an OPTIONS, with parameters of its Via."""
    lines = [
        f"OPTIONS sip:1502@127.0.0.1:{phone.port} SIP/2.0",
        f"Via: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bK-{call_id}{via}", "From: <sip:a@b>;tag=1",
        "To: <sip:c@d>", f"Call-ID: {call_id}", "CSeq: 1 OPTIONS", "Content-Length: 0", "", "",
    ]  # fmt: skip
    peer.socket.sendto("\r\n".join(lines).encode(), ("127.0.0.1", phone.port))


def answered(peer: Peer, phone: Phone, last: str = "last") -> list[str]:
    """The Call-IDs that got an answer, up to that of an OPTIONS sent now."""
    options(peer, phone, last)
    seen: list[str] = []
    while last not in seen:
        seen.append(phone.take("OPTIONS", 200).get("Call-ID"))
    return seen[:-1]


@pytest.mark.parametrize("via", [";maddr=127.0.0.2", ";rport=4;x=y", ';MADDR="127.0.0.2"', ";rport=65535"])
def test_a_request_that_wants_its_answer_elsewhere_gets_none(phone: Phone, peer: Peer, via: str) -> None:
    before = sipext.counts()["via"]
    options(peer, phone, "elsewhere", via)
    assert answered(peer, phone) == [] and sipext.counts()["via"] == before + 1
    assert len(phone.seen) == 1


@pytest.mark.parametrize(
    "via", [";rport", ";received=192.0.2.9", ";rport;received=192.0.2.9", ";ttl=1;maddr=127.0.0.1"]
)
def test_an_answer_goes_to_who_sent_the_request(phone: Phone, peer: Peer, via: str) -> None:
    options(peer, phone, "honest", via)
    assert answered(peer, phone) == ["honest"]


def test_strangers_share_a_rate_and_a_server_has_its_own(phone: Phone, peer: Peer) -> None:
    before = sipext.counts()["rate"]
    sipext.set_limits([], (0.001, 2), (0, 0))
    for number in range(5):
        options(peer, phone, f"stranger-{number}")
    phone.until(lambda: sipext.counts()["rate"] == before + 3)
    sipext.set_limits([SERVER], (0.001, 2), (0.001, 9))
    assert answered(peer, phone) == ["stranger-0", "stranger-1"]
    for number in range(20):
        options(peer, phone, f"server-{number}")
    seen = [phone.take("OPTIONS", 200).get("Call-ID") for _ in range(8)]
    assert seen == [f"server-{number}" for number in range(8)]  # nine at once, and one of them was "last"
    phone.until(lambda: sipext.counts()["rate"] == before + 15)
    sipext.set_limits([], (0, 0), (0, 0))
    assert answered(peer, phone, "no-limit") == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((["x"], (1, 1), (1, 1)), ValueError), ((["::1"] * 65, (1, 1), (1, 1)), ValueError),
        ((5, (1, 1), (1, 1)), TypeError), (([7], (1, 1), (1, 1)), TypeError), (([], 1, (1, 1)), TypeError),
    ],
)  # fmt: skip
def test_limits_that_mean_nothing_are_refused(phone: Phone, arguments: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        sipext.set_limits(*arguments)


@pytest.mark.parametrize(("may", "proofs"), [(True, 1), (False, 0), (ValueError, 0)])
def test_a_challenge_is_answered_only_where_the_judge_says_so(
    phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch, may: Any, proofs: int
) -> None:
    asked: list[tuple[bytes, str, int]] = []
    monkeypatch.setattr("sys.unraisablehook", lambda problem: None)

    def judge(message: bytes, host: str, port: int) -> bool:
        asked.append((message, host, port))
        if may is ValueError:
            raise ValueError("no judge")
        return bool(may)

    sipext.set_challenge_judge(judge)
    watched = Watched(phone)
    peer.challenge(phone.take("SUBSCRIBE"), "nonce-1")
    if proofs:
        assert phone.take("SUBSCRIBE").get("Authorization")
    else:
        assert watched.wait("TERMINATED").code == 401
        assert peer.take("SUBSCRIBE") is None
    assert asked[0][0].startswith(b"SIP/2.0 401 ") and asked[0][1:] == ("127.0.0.1", peer.port)


def test_the_judge_of_a_challenge_is_told_where_the_request_went_whoever_wrote_the_answer(
    phone: Phone, peer: Peer
) -> None:
    asked: list[tuple[str, int]] = []
    sipext.set_challenge_judge(lambda _message, host, port: asked.append((host, port)))
    watched = Watched(phone)
    subscribe = phone.take("SUBSCRIBE")
    elsewhere = Peer()
    elsewhere.challenge(subscribe, "bait")
    assert watched.wait("TERMINATED").code == 401
    elsewhere.challenge(subscribe, "bait once more")  # nothing of ours waits for an answer any more
    assert answered(peer, phone) == []
    assert asked == [("127.0.0.1", peer.port)]
    elsewhere.close()


def test_a_stateless_refusal_keeps_nothing_and_says_the_same_again(phone: Phone, peer: Peer) -> None:
    phone.decide = lambda message: (403, "", [("X-Why", "stranger")], True) if b"INVITE" in message[:6] else None
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "refused"), ("CSeq", "1 INVITE")]
    datagram = peer.request("INVITE", phone.port, headers)
    first = phone.take("INVITE", 403)
    peer.socket.sendto(datagram, ("127.0.0.1", phone.port))
    assert phone.take("INVITE", 403).tag("To") == first.tag("To") and first.get("X-Why") == "stranger"
    options(peer, phone, "after")
    phone.take("OPTIONS", 200)
    assert not peer.take("INVITE", 403) and len(phone.seen) == 3


def test_what_the_hook_drops_gets_no_answer(phone: Phone, peer: Peer) -> None:
    before = sipext.counts()["hook"]
    phone.decide = lambda message: "drop" if b"Call-ID: stranger" in message else None
    options(peer, phone, "stranger")
    assert answered(peer, phone) == [] and sipext.counts()["hook"] == before + 1


@pytest.mark.parametrize("answer", [(405, "", []), (405, "", [], True), None])
def test_every_answer_says_who_wrote_it_and_says_it_once(phone: Phone, peer: Peer, answer: Any) -> None:
    phone.decide = lambda _message: answer
    options(peer, phone, "asked")
    refused = phone.take("OPTIONS", 405 if answer else 200)
    assert refused.all("Server") + refused.all("User-Agent") == ["deskphone-test"]


def test_answers_to_a_call_say_who_wrote_them_once(phone: Phone, peer: Peer) -> None:
    ringing, _ = ring(peer, phone)
    assert len(ringing.all("Server") + ringing.all("User-Agent")) == 1 and len(ringing.all("Allow-Events")) == 1
