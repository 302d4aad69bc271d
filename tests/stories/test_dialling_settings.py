"""From digit to call: rules for numbers, the hot line, timers, the key that sends, calls nobody answers, pickup."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Reject
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.in_service import on, talking

pytestmark = pytest.mark.bench("core")  # what goes over the wire is told on the sip bench as well
WIRE = pytest.mark.bench("core", "sip")


@pytest.mark.parametrize(("typed", "called"), [("4501", "2001"), ("00", "9196"), ("9196", "9196")])
def test_a_number_is_rewritten_before_it_is_called_and_kept_as_it_was_typed(
    phone: Story, typed: str, called: str
) -> None:
    on(phone, voip__signalling__sip__number_rules="4xxx=20\\\\;00=9196")
    phone.callee(called, "Otto")
    phone.dial(typed)
    phone.in_call()
    phone.press("cancel")
    phone.idle()
    phone.press("menu", "1", "3")
    phone.shows("Dialled", typed)


@WIRE
def test_a_blind_transfer_goes_to_the_rewritten_number(phone: Story) -> None:
    on(phone, voip__signalling__sip__number_rules="4xxx=200\\")
    talking(phone)
    phone.callee("2002", after=0.1)
    phone.press("soft4", "soft1", *"4502", "soft1")
    phone.shows("Transferred", within=8)


@pytest.mark.parametrize(
    ("written", "called"),
    [
        ("0301 234-567", "0301234567"), ("+49 (0)30 / 12.34", "+49301234"), ("(030) 1234", "0301234"), ("*97", "*97"),
        ("+49\u00a030", "+4930"), ("sip:a.b-c@sips-b", "sip:a.b-c@sips-b"), ("a-b", "a-b"),
    ],
)  # fmt: skip
def test_a_number_is_called_without_what_people_write_between_its_digits(
    phone: Story, written: str, called: str
) -> None:
    on(phone, voip__services__msg_waiting_ind__voice_mail_number=written)
    phone.press("voicemail")
    assert core(phone).server.calls_seen == [called]


def test_a_number_to_forward_to_and_that_of_a_contact_are_kept_as_they_are_dialled(phone: Story) -> None:
    on(phone)
    phone.press("contacts", "ok")
    phone.type("Otto")
    phone.press("down")
    phone.type("0409 87-6")
    phone.press("soft1", "menu")
    caller = phone.customer("0409876", "")
    caller.call()
    phone.shows("Incoming call", "Otto")
    phone.pass_time(1)
    phone.press("soft3")
    phone.type("030 (12) 34")
    phone.press("soft1")
    assert [each.contact for each in core(phone).effects if isinstance(each, Reject)] == ["0301234"]
    phone.press("soft4", "1", "1")
    phone.type("+49 30")
    phone.press("soft1")
    phone.shows("Fwd +4930")


HOT = {"voip__dialing__auto_dialing__enabled": "1", "voip__dialing__auto_dialing__destination": "9196"}


@pytest.mark.parametrize(("delay", "waits"), [("0", False), ("2", True)])
def test_the_hot_line_is_called_for_who_lifts_the_handset(phone: Story, delay: str, waits: bool) -> None:
    on(phone, **HOT, voip__dialing__auto_dialing__timeout=delay)
    phone.lift()
    if waits:
        phone.hears("dial")
    phone.in_call(within=5)
    phone.shows("Talking", "9196")


def test_who_dials_another_number_is_not_taken_to_the_hot_line(phone: Story) -> None:
    on(phone, **HOT, voip__dialing__auto_dialing__timeout="1", voip__dialing__timeout="3")
    phone.lift()
    phone.press(*"9664")
    phone.in_call(within=8)
    phone.shows("Talking", "9664")


MAP = {"voip__signalling__sip__digit_map": "91xx;91xx.;12T"}


@pytest.mark.parametrize(("typed", "seconds"), [("9196", 2.0), ("91", 5.0), ("12", 2.0)])
def test_a_number_that_is_whole_is_sent_sooner(phone: Story, typed: str, seconds: float) -> None:
    on(phone, **MAP, voip__dialing__interdigit_short_timeout="2", voip__dialing__timeout="5")
    phone.lift()
    phone.press(*typed)
    phone.pass_time(seconds - 0.3)
    phone.shows("Dial", typed, within=0)
    phone.pass_time(0.4)
    assert phone.state()["calls"] or "Unknown number" in phone.screen().text


@pytest.mark.parametrize("off", ["-1", "0"])
def test_without_a_digit_timer_a_number_waits_for_its_key(phone: Story, off: str) -> None:
    on(phone, voip__dialing__timeout=off, voip__dialing__interdigit_short_timeout="0")
    phone.lift()
    phone.press(*"9196")
    phone.pass_time(60)
    phone.shows("Dial", "9196", within=0)


def test_the_key_that_sends_a_number_can_be_the_star(phone: Story) -> None:
    on(phone, voip__dialing__dial_complete_key__key="*")
    phone.lift()
    phone.press(*"9196", "*")
    phone.in_call()


@WIRE
def test_our_call_that_nobody_answers_is_given_up(phone: Story) -> None:
    on(phone, voip__dialing__unanswered_call_timeout="2")
    phone.dial("9408")
    phone.shows("Ringing", "9408")
    phone.shows("No answer", within=5)
    phone.idle()
    phone.dial("9196")
    phone.in_call()
    phone.pass_time(3)
    phone.in_call()


def test_a_consultation_that_nobody_answers_leads_back_to_the_customer(phone: Story) -> None:
    on(phone, voip__dialing__unanswered_call_timeout="2")
    talking(phone)
    phone.press("transfer", *"9408", "soft1")
    phone.shows("No answer", within=5)
    phone.shows("On hold", "Jane Customer", "Resume", within=6)


@WIRE
def test_a_call_that_rings_elsewhere_is_taken(phone: Story) -> None:
    on(phone, voip__services__call_pickup__enabled="1", voip__services__call_pickup__access_code="*8")
    phone.callee("*82001")
    phone.press("soft4")
    phone.shows("Command Menu", "Take a call")
    phone.press("3")
    phone.shows("Take a call of")
    phone.press(*"2001", "soft1")
    phone.in_call()


def test_without_pickup_there_is_no_such_row(phone: Story) -> None:
    on(phone)
    phone.press("soft4")
    assert "Take a call" not in phone.shows("Command Menu").text
