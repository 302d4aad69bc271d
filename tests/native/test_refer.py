"""REFER outside a dialog (click to dial): what the hook may accept, once, and what it must refuse."""

from __future__ import annotations

from typing import Any

import deskphone_sipext as sipext
import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import Call, Phone, answer, ring
from tests.native.native_referral import TARGET, Headers, Referred, nothing_more, refer, report


def test_a_click_to_dial_is_accepted_and_its_call_reported_on(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone)
    referral, accepted = referred.accepted()
    assert referral.live
    assert accepted.first_line == "SIP/2.0 202 Accepted" and accepted.tag("To")
    assert f"127.0.0.1:{phone.port}" in accepted.contact()

    referral.notify(100, "Trying", False)
    first = report(phone)
    assert first.first_line == f"NOTIFY sip:peer@127.0.0.1:{peer.port} SIP/2.0"
    assert (first.get("Call-ID"), first.tag("To"), first.tag("From")) == ("click", "server", accepted.tag("To"))
    assert (first.get("Event"), first.get("Content-Type")) == ("refer", "message/sipfrag;version=2.0")
    assert first.body == b"SIP/2.0 100 Trying\r\n"
    assert first.get("Subscription-State").startswith("active;expires=")
    assert first.get("User-Agent") == "deskphone-test"

    referral.notify(180)
    assert report(phone).body == b"SIP/2.0 180 Ringing\r\n"
    referral.notify(200, "OK", final=True)
    last = report(phone)
    assert last.body == b"SIP/2.0 200 OK\r\n"
    assert last.get("Subscription-State") == "terminated;reason=noresource"
    numbers = [int(each.get("CSeq").split()[0]) for each in (first, last)]
    assert numbers[1] == numbers[0] + 2
    assert not referral.live and referred.events == []


def test_a_referrer_that_wants_no_reports_gets_none(phone: Phone) -> None:
    referred = Referred(phone)
    referral, accepted = referred.accepted(("Refer-Sub", "False ;x=y"))
    assert accepted.get("Refer-Sub") == "false" and not accepted.get("Expires")
    assert not referral.live
    referral.notify(100, "Trying")
    referral.notify(200, "OK", True)
    referral.notify(200, "OK", True)
    nothing_more(phone, "NOTIFY")
    assert referred.events == []


def test_a_referrer_that_wants_reports_in_so_many_words_gets_them(phone: Phone) -> None:
    referral, accepted = Referred(phone).accepted(("Refer-Sub", "true"), ("Event", "refer"))
    assert referral.live and not accepted.get("Refer-Sub")


def test_a_retransmitted_refer_is_accepted_once(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone)
    datagram = refer(peer, phone, [TARGET])
    first = phone.take("REFER", 202)
    peer.socket.sendto(datagram, ("127.0.0.1", phone.port))
    second = phone.take("REFER", 202)
    assert first == second and len(referred.referrals) == 1


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ([], "exactly one Refer-To"),
        ([TARGET, ("r", "<sip:2002@sips-a.example.com>")], "exactly one Refer-To"),
        ([("Refer-To", "<sip:2001@")], "cannot be read"),
        ([("Refer-To", "<sip:2001@a>, <sip:2002@b>")], "cannot be read"),
        ([("Refer-To", "")], "cannot be read"),
        ([TARGET, ("Event", "presence")], "Event is not refer"),
    ],
)
def test_a_refer_that_cannot_be_read_is_the_hooks_to_refuse(
    phone: Phone, peer: Peer, headers: Headers, words: str
) -> None:
    referred = Referred(phone)
    refer(peer, phone, headers)
    phone.take("REFER", 400)
    assert words in referred.problems[0] and not referred.referrals
    nothing_more(phone, "NOTIFY")


@pytest.mark.parametrize(
    "refer_to", ["<tel:+4930123>", "sip:2001@a", '"Jane" <sips:2001@a:5061;x=y?Replaces=1%40b>;p=q']
)
def test_every_address_of_the_grammar_can_be_referred_to(phone: Phone, peer: Peer, refer_to: str) -> None:
    referred = Referred(phone)
    refer(peer, phone, [("Refer-To", refer_to)])
    phone.take("REFER", 202)
    assert referred.referrals[0].live


def test_a_refer_without_contact_is_refused(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone)
    lines = [
        "REFER sip:1502@127.0.0.1 SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{peer.port};branch=z9hG4bK-no-contact",
        "From: <sip:a@b>;tag=1", "To: <sip:c@d>", "Call-ID: no-contact", "CSeq: 1 REFER", "Refer-To: <sip:2001@a>",
        "Content-Length: 0", "", "",
    ]  # fmt: skip
    peer.socket.sendto("\r\n".join(lines).encode(), ("127.0.0.1", phone.port))
    phone.take("REFER", 400)
    assert "Bad Request" in referred.problems[0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"account": 99}, "no account 99"),
        ({"callback": 5}, "callable"),
    ],
)
def test_bad_arguments_are_refused_with_words(phone: Phone, peer: Peer, arguments: dict[str, Any], words: str) -> None:
    referred = Referred(phone, **arguments)
    refer(peer, phone, [TARGET])
    phone.take("REFER", 400)
    assert words in referred.problems[0]


def test_accept_refer_belongs_into_the_hook_and_counts_once(phone: Phone, peer: Peer) -> None:
    account = phone.account.getId()
    with pytest.raises(sipext.Error, match="belongs into the hook"):
        sipext.accept_refer(account, print)
    refusals: list[str] = []

    def twice(_message: bytes) -> Any:
        sipext.accept_refer(account, print)
        try:
            sipext.accept_refer(account, print)
        except sipext.Error as error:
            refusals.append(str(error))
        return 603, "Decline", []  # comes too late

    phone.decide = twice
    refer(peer, phone, [TARGET])
    phone.take("REFER", 202)
    assert "once" in refusals[0]
    with pytest.raises(sipext.Error, match="belongs into the hook"):
        sipext.accept_refer(account, print)
    nothing_more(phone, "REFER", 603)


def test_another_request_cannot_be_accepted_as_a_referral(phone: Phone, peer: Peer) -> None:
    refusals: list[str] = []

    def decide(_message: bytes) -> Any:
        try:
            sipext.accept_refer(phone.account.getId(), print)
        except sipext.Error as error:
            refusals.append(str(error))
        return 481, "", []

    phone.decide = decide
    refer(peer, phone, [TARGET], to_tag=";tag=inside")
    phone.take("REFER", 481)
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "o"), ("CSeq", "1 OPTIONS"), TARGET]
    peer.request("OPTIONS", phone.port, headers)
    phone.take("OPTIONS", 481)
    assert ["inside a dialog" in refusals[0], "expected a REFER" in refusals[1]] == [True, True]


def test_a_refer_inside_a_call_that_the_hook_leaves_alone_is_pjsuas(
    phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def decline(_call: Call, prm: Any) -> None:
        asked.append(prm.dstUri)
        prm.statusCode = 603

    monkeypatch.setattr(Call, "onCallTransferRequest", decline)
    ringing, call = ring(peer, phone)
    answer(call, 200)
    phone.take("INVITE", 200)
    dialog = [(name, ringing.get(name)) for name in ("From", "To", "Call-ID")]
    peer.request("ACK", phone.port, [*dialog, ("CSeq", "1 ACK")])
    peer.request("REFER", phone.port, [*dialog, ("CSeq", "2 REFER"), TARGET])
    phone.take("REFER", 603)
    assert asked == [TARGET[1]]
    assert phone.seen[-1][0].startswith(b"REFER ")


def test_a_hook_that_raises_after_accepting_has_accepted(
    phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems: list[str] = []
    monkeypatch.setattr("sys.unraisablehook", lambda problem: problems.append(str(problem.exc_value)))

    def decide(_message: bytes) -> Any:
        sipext.accept_refer(phone.account.getId(), print)
        raise ValueError("after the fact")

    phone.decide = decide
    refer(peer, phone, [TARGET])
    phone.take("REFER", 202)
    assert problems == ["after the fact"]
    nothing_more(phone, "REFER", 500)


def test_a_referral_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError):
        sipext.Referral()
