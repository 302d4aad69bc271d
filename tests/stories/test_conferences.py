"""Three talk: joined by the person's word, held and taken back as one, titles true at each step."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story


@pytest.fixture
def customer(phone: Story) -> Customer:
    """A customer, the agent and 2001 in a conference."""
    phone.power_on()
    phone.registered()
    who: Customer = phone.customer()
    who.call()
    phone.shows("Answer")
    phone.press("soft1")
    who.answered()
    phone.in_call()
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2")
    phone.shows("Conference?", "Jane Customer", "2001", "All hear each other")
    phone.press("soft1")
    phone.shows("Conference", "2001", "Jane Customer", "Conf")
    holds(phone, False, False)
    return who


def holds(phone: Story, *calls: bool) -> None:
    phone.wait(f"holds {calls}", lambda state: [each["local_hold"] for each in state["calls"]] == list(calls))


@pytest.mark.parametrize("key", ["hold", "soft1"])
def test_hold_holds_all_and_resume_takes_all_back(phone: Story, customer: Customer, key: str) -> None:
    phone.press(key)
    holds(phone, True, True)
    phone.shows("Conference held", "2001", "Jane Customer", "On hold", "Resume")
    phone.lamp("ring", "slow")
    phone.press(key)
    holds(phone, False, False)
    phone.shows("Conference", "Conf", "Hold")


def test_who_is_left_alone_is_in_no_conference(phone: Story, customer: Customer) -> None:
    customer.hang_up()
    phone.in_call(1)
    phone.shows("Talking", "2001", "Hold", "Trans")


def test_one_can_be_dropped_and_the_other_goes_on(phone: Story, customer: Customer) -> None:
    phone.press("soft4", "soft1")
    phone.in_call(1)
    phone.shows("Talking", "Jane Customer")


def test_end_ends_both(phone: Story, customer: Customer) -> None:
    phone.press("soft4", "soft3")
    assert customer.ended() == 200
    phone.idle()


def test_split_goes_on_with_the_one_that_is_shown(phone: Story, customer: Customer) -> None:
    phone.press("soft2")
    holds(phone, True, False)
    phone.shows("Talking", "2001", "Jane Customer", "On hold")


def test_a_third_caller_answered_meanwhile_holds_the_conference(phone: Story, customer: Customer) -> None:
    third = phone.customer("0409876", "Otto Third")
    third.call()
    phone.shows("Call waiting", "Otto Third")
    phone.press("soft1")
    third.answered()
    holds(phone, True, True, False)
    phone.shows("Talking 3/3", "Otto Third", "Swap")
    phone.press("soft1")
    holds(phone, False, False, True)
    phone.shows("Conference")


def test_mute_cuts_the_microphone_for_both(phone: Story, customer: Customer) -> None:
    phone.press("mute")
    phone.shows("Conference", "MUTED")
    assert phone.state()["audio"]["muted"]


def test_a_consultation_that_was_answered_merges_by_no_key_alone(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2", "soft2", "transfer", "transfer")
    holds(phone, True, False)
    phone.shows("Conference?")
