"""REFER outside a dialog (click to dial): accepted by the hook, reported on with NOTIFYs, ended by either side."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import Message, Peer, digest_is_right
from tests.native.native_phone import Call, Phone, answer
from tests.native.test_hook import ring

Headers = Sequence[tuple[str, str]]
TARGET = ("Refer-To", "<sip:2001@sips-a.example.com>")


class Referred:
    """A phone whose hook accepts every REFER: the referrals it got, and what became of them."""

    def __init__(self, phone: Phone, **arguments: Any) -> None:
        self.phone = phone
        self.referrals: list[sipext.Referral] = []
        self.events: list[sipext.Event] = []
        self.problems: list[str] = []
        self.arguments = arguments
        phone.decide = self.decide

    def decide(self, message: bytes) -> Any:
        """Accept a REFER; what is wrong with it is answered 400."""
        if not message.startswith(b"REFER "):
            return None
        arguments = {"account": self.phone.account.getId(), "callback": self.events.append, **self.arguments}
        try:
            self.referrals.append(sipext.accept_refer(**arguments))
        except (sipext.Error, ValueError, TypeError) as error:
            self.problems.append(str(error))
            return 400, "", []
        return None

    def accepted(self, *headers: tuple[str, str], call_id: str = "click") -> tuple[sipext.Referral, Message]:
        """Send a REFER with further headers and see it accepted; the referral and the 202."""
        refer(self.phone.peer, self.phone, [TARGET, *headers], call_id)
        answer = self.phone.take("REFER", 202)
        return self.referrals[-1], answer


def refer(peer: Peer, phone: Phone, headers: Headers, call_id: str = "click", to_tag: str = "") -> bytes:
    """Send a REFER; its bytes."""
    fixed = [
        ("From", "<sip:1502@sips-a.example.com>;tag=server"),
        ("To", "<sip:1502@sips-a.example.com>" + to_tag),
        ("Call-ID", call_id),
        ("CSeq", "7 REFER"),
    ]
    return peer.request("REFER", phone.port, [*fixed, *headers])


def subscribe(phone: Phone, accepted: Message, expires: int, cseq: int = 8) -> None:
    """Refresh or end the subscription of a REFER."""
    headers = [(name, accepted.get(name)) for name in ("From", "To", "Call-ID")]
    headers += [("CSeq", f"{cseq} SUBSCRIBE"), ("Event", "refer"), ("Expires", str(expires))]
    phone.peer.request("SUBSCRIBE", phone.port, headers)


def report(phone: Phone) -> Message:
    """The next NOTIFY, answered 200."""
    notify = phone.take("NOTIFY")
    phone.peer.answer(notify, 200, "OK")
    return notify


def nothing_more(phone: Phone, method: str, code: int = 0) -> None:
    """No further such message: what was sent before the answer to an OPTIONS has arrived with it."""
    phone.decide = lambda _message: None
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "probe"), ("CSeq", "1 OPTIONS")]
    phone.peer.request("OPTIONS", phone.port, headers)
    phone.take("OPTIONS", 200)
    assert phone.peer.take(method, code) is None


def test_a_click_to_dial_is_accepted_and_its_call_reported_on(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone, headers=[("X-Line", "0")])
    referral, accepted = referred.accepted()
    assert referral.live and not referral.quiet and referral.call_id == "click"
    assert accepted.first_line == "SIP/2.0 202 Accepted" and accepted.tag("To") and accepted.get("X-Line") == "0"
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


def test_notify_after_the_last_report_is_a_clean_error(phone: Phone) -> None:
    referral, _ = Referred(phone).accepted()
    referral.notify(486, "Busy Here", True)
    with pytest.raises(sipext.Error, match="has ended"):
        referral.notify(200, "OK", True)
    assert report(phone).body == b"SIP/2.0 486 Busy Here\r\n"
    nothing_more(phone, "NOTIFY")


def test_a_referrer_that_wants_no_reports_gets_none(phone: Phone) -> None:
    referred = Referred(phone)
    referral, accepted = referred.accepted(("Refer-Sub", "False ;x=y"))
    assert accepted.get("Refer-Sub") == "false" and not accepted.get("Expires")
    assert referral.quiet and not referral.live
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


def test_a_referrer_that_forgot_ends_the_referral(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone)
    referral, _ = referred.accepted()
    referral.notify(100, "Trying")
    peer.answer(phone.take("NOTIFY"), 481, "Gone Long Ago")
    phone.until(lambda: referred.events)
    (end,) = referred.events
    assert (end.kind, end.code, end.reason) == ("TERMINATED", 481, "Gone Long Ago")
    assert end.message.startswith(b"SIP/2.0 481 ") and not referral.live
    with pytest.raises(sipext.Error, match="has ended"):
        referral.notify(200, "OK", True)


def test_a_referrer_that_asks_again_later_keeps_its_referral(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone)
    referral, _ = referred.accepted()
    referral.notify(180)
    peer.answer(phone.take("NOTIFY"), 503, "Busy Server", [("Retry-After", "5")])
    referral.notify(200, "OK", True)
    assert report(phone).body == b"SIP/2.0 200 OK\r\n"
    assert referred.events == []


def test_a_report_is_sent_again_with_the_accounts_password(phone: Phone, peer: Peer) -> None:
    referral, _ = Referred(phone).accepted()
    referral.notify(200, "OK", True)
    peer.challenge(phone.take("NOTIFY"), "nonce-1")
    again = phone.take("NOTIFY")
    assert digest_is_right(again, "nonce-1") and again.body == b"SIP/2.0 200 OK\r\n"
    peer.answer(again, 200, "OK")


def test_a_refresh_repeats_the_last_report(phone: Phone) -> None:
    referred = Referred(phone)
    referral, accepted = referred.accepted()
    subscribe(phone, accepted, 300, cseq=8)
    phone.take("SUBSCRIBE", 200)
    assert report(phone).body == b"SIP/2.0 100 Trying\r\n"
    referral.notify(183, "Session Progress")
    report(phone)
    subscribe(phone, accepted, 300, cseq=9)
    phone.take("SUBSCRIBE", 200)
    again = report(phone)
    assert again.body == b"SIP/2.0 183 Session Progress\r\n"
    assert again.get("Subscription-State").startswith("active")
    assert referral.live and referred.events == []


def test_a_referrer_may_end_the_reports(phone: Phone) -> None:
    referred = Referred(phone)
    referral, accepted = referred.accepted()
    referral.notify(180, "Ringing")
    report(phone)
    subscribe(phone, accepted, 0)
    phone.take("SUBSCRIBE", 200)
    last = report(phone)
    assert last.body == b"SIP/2.0 180 Ringing\r\n"
    assert last.get("Subscription-State") == "terminated;reason=timeout"
    (end,) = referred.events
    assert (end.kind, end.code, end.reason) == ("TERMINATED", 0, "timeout")
    assert not referral.live


def test_a_referral_ends_by_time(phone: Phone) -> None:
    referred = Referred(phone)
    referred.accepted(("Expires", "1"))
    last = report(phone)
    assert last.get("Subscription-State") == "terminated;reason=timeout"
    assert [(event.kind, event.reason) for event in referred.events] == [("TERMINATED", "timeout")]


def test_stop_ends_a_live_referral_with_a_last_report(phone: Phone) -> None:
    referred = Referred(phone)
    one, _ = referred.accepted(call_id="one")
    two, _ = referred.accepted(call_id="two")
    sipext.stop(timeout_ms=0)
    reports = {each.get("Call-ID"): each for each in (phone.take("NOTIFY"), phone.take("NOTIFY"))}
    for call_id in ("one", "two"):
        assert reports[call_id].body == b"SIP/2.0 503 Service Unavailable\r\n"
        assert reports[call_id].get("Subscription-State") == "terminated;reason=noresource"
    assert [(event.kind, event.code, event.reason) for event in referred.events] == [
        ("TERMINATED", 0, "noresource")
    ] * 2
    for referral in (one, two):
        with pytest.raises(sipext.Error, match="has ended"):
            referral.notify(200, "OK", True)


def test_the_library_may_go_with_a_live_referral(phone: Phone) -> None:
    referred = Referred(phone)
    referral, _ = referred.accepted()
    referral.notify(100)
    phone.endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
    assert not referral.live and referred.events == []
    with pytest.raises(sipext.Error, match="has ended"):
        referral.notify(200, "OK", True)
    sipext.stop()


def test_a_forgotten_referral_goes_on(phone: Phone) -> None:
    referred = Referred(phone)
    _, accepted = referred.accepted()
    referred.referrals.clear()
    subscribe(phone, accepted, 0)
    phone.until(lambda: referred.events)


def test_notify_from_inside_its_own_callback_is_a_clean_error(phone: Phone, peer: Peer) -> None:
    refusals: list[str] = []

    def ended(_event: sipext.Event) -> None:
        try:
            referred.referrals[0].notify(200, "OK", True)
        except sipext.Error as error:
            refusals.append(str(error))

    referred = Referred(phone, callback=ended)
    referral, _ = referred.accepted()
    referral.notify(100)
    peer.answer(phone.take("NOTIFY"), 481, "Gone")
    phone.until(lambda: refusals)
    assert "has ended" in refusals[0]


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
        ({"code": 603}, "200 to 299"),
        ({"headers": [("A", "b\r\nEvil: 1")]}, "line ends"),
        ({"headers": 7}, "sequence"),
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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((99,), "100 to 699"), ((700,), "100 to 699"), ((200, "a\r\nEvil: 1"), "line ends")],
)
def test_a_report_of_nonsense_is_refused(phone: Phone, arguments: tuple[Any, ...], words: str) -> None:
    referral, _ = Referred(phone).accepted()
    with pytest.raises(ValueError, match=words):
        referral.notify(*arguments)
    assert referral.live


def test_a_long_reason_is_cut_between_characters(phone: Phone) -> None:
    referral, _ = Referred(phone).accepted()
    referral.notify(480, "x" + "\u00fc" * 99, True)
    assert report(phone).body == ("SIP/2.0 480 x" + "\u00fc" * 49 + "\r\n").encode()


def test_a_foreign_thread_cannot_report(phone: Phone) -> None:
    referral, _ = Referred(phone).accepted()
    refusals: list[str] = []

    def foreign() -> None:
        try:
            referral.notify(200, "OK", True)
        except sipext.Error as error:
            refusals.append(str(error))

    thread = threading.Thread(target=foreign)
    thread.start()
    thread.join()
    assert "foreign thread" in refusals[0] and referral.live


def test_a_referral_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError):
        sipext.Referral()
