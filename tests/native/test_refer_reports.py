"""The reports on an accepted REFER: NOTIFY after NOTIFY, until either side, time or the library's end ends them."""

from __future__ import annotations

from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native.native_peer import Peer
from tests.native.native_phone import Phone, refused_in_another_thread
from tests.native.native_referral import Referred, nothing_more, report, subscribe


def test_notify_after_the_last_report_is_a_clean_error(phone: Phone) -> None:
    referral, _ = Referred(phone).accepted()
    referral.notify(486, "Busy Here", True)
    with pytest.raises(sipext.Error, match="has ended"):
        referral.notify(200, "OK", True)
    assert report(phone).body == b"SIP/2.0 486 Busy Here\r\n"
    nothing_more(phone, "NOTIFY")


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


def test_a_referrer_cannot_have_the_password_proved_to_him(phone: Phone, peer: Peer) -> None:
    referred = Referred(phone)
    referral, _ = referred.accepted()
    referral.notify(200, "OK", True)
    peer.challenge(phone.take("NOTIFY"), "nonce-1")
    nothing_more(phone, "NOTIFY")
    assert referred.events == [] and not referral.live


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
    words = refused_in_another_thread(lambda: referral.notify(200, "OK", True))
    assert "foreign thread" in words and referral.live
