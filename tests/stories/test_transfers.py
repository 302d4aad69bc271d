"""Transfers by the person: blind, announced, while the target rings; and every way in which they fail."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story
from tests.stories.in_service import on, talking


@pytest.fixture
def customer(phone: Story) -> Customer:
    """A customer in a call."""
    return talking(on(phone, voip__signalling__sip__transfer_expire_time="5"))


def consult(phone: Story, number: str = "2001") -> None:
    phone.press("transfer", *number, "soft1")


def blind(phone: Story, number: str) -> None:
    phone.press("soft4", "soft1", *number, "soft1")


def talking_to(phone: Story, *words: str) -> None:
    """One established call that is not held, and it is on the screen."""
    phone.wait(
        f"one call, talking: {words}",
        lambda state: [(each["state"], each["local_hold"]) for each in state["calls"]] == [("established", False)],
        within=8,
    )
    phone.shows("Talking", *words, within=8)


# --- attended ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["soft3", pytest.param("transfer", marks=pytest.mark.rig)])
def test_an_announced_transfer_names_both_before_it_connects_them(phone: Story, customer: Customer, key: str) -> None:
    consult(phone)
    phone.shows("Consultation", "2001", "Jane Customer", "On hold")
    phone.in_call(2)
    phone.press(key)
    phone.shows("Transfer?", "Jane Customer", "2001", "Yes", "Back")
    phone.in_call(2)
    phone.press("soft1")
    phone.shows("Transferred")
    phone.idle()
    assert phone.shows("1502", "Directory", within=6).title == "1502"


def test_the_transfer_key_dials_on_the_screen_it_opened(phone: Story, customer: Customer) -> None:
    phone.press("transfer", "transfer")
    phone.shows("Enter a number")
    phone.press(*"2001", "transfer")
    phone.shows("Consultation", "2001", "Jane Customer", "On hold")
    phone.in_call(2)
    phone.press("transfer")
    phone.shows("Transfer?", "Jane Customer", "2001")


def test_the_transfer_key_dials_for_a_blind_transfer_too(phone: Story, customer: Customer) -> None:
    phone.press("soft4", "soft1", *"2001", "transfer")
    phone.shows("Transferred")
    phone.idle()


def test_the_question_can_be_taken_back(phone: Story, customer: Customer) -> None:
    consult(phone)
    phone.in_call(2)
    phone.press("transfer", "soft4")
    phone.shows("Consultation", "2001")
    phone.press("transfer", "cancel")
    phone.shows("Consultation", "2001")
    phone.in_call(2)


def test_the_question_goes_with_a_partner_who_hangs_up(phone: Story, customer: Customer) -> None:
    consult(phone)
    phone.in_call(2)
    phone.press("transfer")
    phone.shows("Transfer?")
    customer.hang_up()
    talking_to(phone, "2001")


@pytest.mark.parametrize(("code", "words"), [(603, "603"), (405, "405")])
def test_a_refused_transfer_leaves_both_calls_as_they_were(
    phone: Story, customer: Customer, code: int, words: str
) -> None:
    consult(phone)
    phone.in_call(2)
    phone.server_answers("REFER", code, "No")
    phone.press("transfer", "ok")
    phone.shows("Transfer failed", words)
    phone.shows("Consultation", "2001", "Jane Customer", "On hold", "Swap", within=6)
    phone.press("soft4")
    talking_to(phone, "Jane Customer")


@pytest.mark.bench("core")
def test_a_server_that_reports_nothing_gives_the_calls_back(phone: Story, customer: Customer) -> None:
    consult(phone)
    phone.in_call(2)
    phone.server_reports_no_transfer()
    phone.press("transfer", "ok")
    phone.shows("Transferring", "2001", "Back")
    phone.shows("Not transferred?", within=6)
    phone.shows("Consultation", "Swap", within=6)
    phone.press("soft1")
    phone.shows("Talking", "Jane Customer")


@pytest.mark.bench("core")
def test_who_does_not_want_to_wait_for_the_report_goes_back(phone: Story, customer: Customer) -> None:
    phone.server_reports_no_transfer()
    blind(phone, "2001")
    phone.shows("Transferring", "Jane Customer")
    phone.press("soft4")
    phone.shows("Talking", "Jane Customer", "Hold")


@pytest.mark.rig
def test_cancel_ends_the_consultation_whichever_call_is_shown(phone: Story, customer: Customer) -> None:
    consult(phone)
    phone.in_call(2)
    phone.press("soft1")
    phone.shows("Jane Customer", "2001", "On hold", "Cancel")
    phone.press("soft4")
    talking_to(phone, "Jane Customer")


@pytest.mark.bench("core")
def test_the_handset_put_down_while_a_transfer_waits_cuts_nobody_off(phone: Story, customer: Customer) -> None:
    phone.lift()
    phone.server_reports_no_transfer()
    blind(phone, "2001")
    phone.shows("Transferring", "Jane Customer")
    phone.put_down()
    phone.shows("Transferring", "Jane Customer")
    phone.shows("Not transferred?", within=6)
    phone.shows("On hold", "Jane Customer", "Resume", within=6)


@pytest.mark.bench("core")
def test_a_customer_who_leaves_while_the_transfer_waits(phone: Story, customer: Customer) -> None:
    phone.server_reports_no_transfer()
    blind(phone, "2001")
    phone.shows("Transferring", "Jane Customer")
    customer.hang_up()
    phone.shows("Caller has left")
    phone.shows("1502", "Directory", within=6)


@pytest.mark.parametrize(("milliseconds", "seconds"), [("4000", 4.0), ("1000", 1.0), ("0", 0.0)])
@pytest.mark.bench("core")
def test_the_screen_says_that_a_call_was_transferred_for_as_long_as_is_set(
    phone: Story, milliseconds: str, seconds: float
) -> None:
    phone.power_on(system__transfer_screen_lifetime=milliseconds)
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.callee("2002", after=0.1)
    blind(phone, "2002")
    phone.idle()
    shown = 0.0
    while phone.screen().text.count("Transferred") and shown < 9:
        phone.pass_time(0.1)
        shown += 0.1
    assert abs(shown - seconds) < 0.3


@pytest.mark.bench("core")
def test_a_second_leg_that_is_kept_is_replaced_while_it_rings(phone: Story) -> None:
    phone.power_on(voip__signalling__sip__semi_transfer_with_no_cancel__enabled="1")
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.callee("2002", "Desk", after=1)
    consult(phone, "2002")
    phone.shows("Ringing", "2002")
    phone.press("transfer", "ok")
    phone.shows("Transferring", "2002")
    assert [each["state"] for each in phone.state()["calls"]] == ["established", "ringing"]
    phone.shows("Transferred", within=8)
    phone.idle()


# --- while it rings ----------------------------------------------------------------------------------


def test_a_transfer_while_the_target_rings(phone: Story, customer: Customer) -> None:
    phone.callee("2002", "Desk", after=None)
    second = phone.callee("2002", "Desk", after=0.2)
    consult(phone, "2002")
    phone.shows("Ringing", "2002", "Jane Customer", "Trans", "Cancel")
    phone.press("transfer")
    phone.shows("Transfer?", "Jane Customer", "2002")
    phone.press("ok")
    phone.shows("Transferred", within=8)
    phone.idle()
    del second


def test_a_target_that_rings_and_turns_out_busy_gives_the_customer_back(phone: Story, customer: Customer) -> None:
    phone.callee("2002", after=None)
    phone.callee("2002", after=0, code=486, reason="Busy Here")
    consult(phone, "2002")
    phone.shows("Ringing", "2002")
    phone.press("soft3", "ok")
    phone.shows("Transfer failed", "486", within=8)
    talking_to(phone, "Jane Customer")


def test_cancel_while_the_target_rings_brings_the_customer_back(phone: Story, customer: Customer) -> None:
    consult(phone, "9408")
    phone.shows("Ringing", "9408", "Cancel")
    phone.press("soft4")
    talking_to(phone, "Jane Customer")


def test_the_handset_put_down_while_the_target_rings_keeps_the_customer(phone: Story, customer: Customer) -> None:
    phone.lift()
    consult(phone, "9408")
    phone.shows("Ringing", "9408")
    phone.put_down()
    phone.shows("On hold", "Jane Customer", "Resume")
    phone.press("soft1")
    talking_to(phone, "Jane Customer")


def test_a_busy_consultation_leaves_the_customer_to_be_resumed(phone: Story, customer: Customer) -> None:
    consult(phone, "9486")
    phone.shows("Busy", "486")
    phone.shows("On hold", "Jane Customer", "Resume", within=6)
    phone.press("soft1")
    talking_to(phone, "Jane Customer")


def test_a_phone_without_semi_attended_transfer_offers_none(phone: Story) -> None:
    phone.power_on(system__semi_attended__enable="0")
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    consult(phone, "9408")
    assert "Trans" not in phone.shows("Ringing", "9408", "Cancel").softkeys
    phone.press("transfer")
    phone.shows("Ringing", "9408")


# --- blind -------------------------------------------------------------------------------------------


def test_a_blind_transfer(phone: Story, customer: Customer) -> None:
    phone.callee("2002", after=0.2)
    blind(phone, "2002")
    phone.shows("Transferred", within=8)
    phone.idle()


@pytest.mark.bench("core")
def test_a_blind_transfer_to_somebody_who_lets_it_ring_for_ever_gives_the_customer_back(
    phone: Story, customer: Customer
) -> None:
    blind(phone, "9408")
    phone.shows("Transferring", "Jane Customer", "Back")
    phone.shows("Not transferred?", within=6)
    talking_to(phone, "Jane Customer")


@pytest.mark.parametrize(("number", "code"), [("9486", "486"), ("9404", "404")])
def test_a_blind_transfer_to_nobody_gives_the_customer_back(
    phone: Story, customer: Customer, number: str, code: str
) -> None:
    blind(phone, number)
    phone.shows("Transfer failed", code, within=8)
    talking_to(phone, "Jane Customer")


def test_the_transfer_key_transfers_blind_where_it_is_set_so(phone: Story) -> None:
    phone.power_on(voip__signalling__sip__hk_blind_transfer__enabled="1")
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.callee("2002", after=0.2)
    phone.press("transfer")
    phone.shows("Transfer to")
    phone.press(*"2002", "soft1")
    phone.shows("Transferred", within=8)


def test_the_blind_softkey_can_be_hidden(phone: Story) -> None:
    phone.power_on(voip__signalling__sip__sk_blind_transfer__enable="0")
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.press("soft4")
    assert phone.shows("New", "End").softkeys[0] == ""


def test_a_transfer_to_a_contact_of_the_directory(phone: Story, customer: Customer) -> None:
    phone.press("contacts", "ok")
    phone.type("Desk")
    phone.press("down", *"2001", "soft1", "menu")
    phone.press("transfer", "contacts", "ok", "1")
    phone.shows("Consultation", "Desk", "Jane Customer")


@pytest.mark.bench("core")
def test_a_transfer_to_a_number_of_the_call_log(phone: Story, customer: Customer) -> None:
    other = phone.customer("2001", "Otto Second")
    other.call()
    other.hang_up()
    phone.press("soft4", "soft1", "menu", "1", "1")
    phone.shows("Missed calls", "Otto Second")
    phone.press("1", "ok")
    phone.shows("Transferred", within=8)
    phone.idle()
