"""Hold: what a person asked for counts from the key press on, and is shown as pending until the far end agreed."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story


@pytest.fixture
def customer(phone: Story) -> Customer:
    """A customer in a call on the handset."""
    phone.power_on(voip__talk_event__enabled="1")
    phone.registered()
    who: Customer = phone.customer()
    who.call()
    phone.shows("Incoming call")
    phone.lift()
    who.answered()
    phone.in_call()
    return who


def held(phone: Story, *calls: bool) -> None:
    phone.wait(f"holds {calls}", lambda state: [each["local_hold"] for each in state["calls"]] == list(calls), within=8)


def test_hold_is_drawn_as_pending_until_the_far_end_agreed(phone: Story, customer: Customer) -> None:
    phone.hold_waits()
    phone.press("hold")
    phone.shows("On hold...", "Resume")
    phone.lamp("ring", "slow")
    held(phone, True)
    assert "..." not in phone.shows("On hold").title
    phone.hold_waits()
    phone.press("hold")
    phone.shows("Talking...", "Hold")
    phone.lamp("ring", "slow")
    held(phone, False)
    phone.lamp("ring", "on")
    assert "..." not in phone.shows("Talking").title


def test_the_handset_put_down_before_the_answer_to_the_hold_keeps_the_customer(
    phone: Story, customer: Customer
) -> None:
    phone.hold_waits()
    phone.press("hold")
    phone.put_down()
    held(phone, True)
    phone.shows("On hold", "Jane Customer", "Resume")
    phone.lift()
    phone.press("hold")
    held(phone, False)
    phone.shows("Talking")
    phone.wait("voice on the handset", lambda state: state["audio"]["path"] == "handset")


def test_the_handset_put_down_while_the_customer_is_taken_back_ends_the_call(phone: Story, customer: Customer) -> None:
    phone.press("hold")
    held(phone, True)
    phone.hold_waits()
    phone.press("hold")
    phone.shows("Talking...")
    phone.put_down()
    assert customer.ended(within=8) == 200
    phone.idle()


def test_hold_pressed_again_before_the_answer_takes_it_back(phone: Story, customer: Customer) -> None:
    phone.hold_waits()
    phone.press("hold")
    phone.shows("On hold...")
    phone.press("hold")
    phone.shows("Talking")
    held(phone, False)
    phone.press("hold")
    held(phone, True)


def test_no_digit_is_sent_into_a_call_that_is_about_to_be_held(phone: Story, customer: Customer) -> None:
    phone.press("1")
    phone.hold_waits()
    phone.press("hold", "2")
    held(phone, True)
    phone.press("hold")
    held(phone, False)
    phone.press("3")
    phone.wait("two digits", lambda state: customer.digits == "13")


@pytest.mark.parametrize("key", ["soft1", "hold"])
def test_a_refused_hold_says_so_and_the_key_works_again(phone: Story, customer: Customer, key: str) -> None:
    phone.server_answers("INVITE" if phone.bench.name == "sip" else "re-INVITE", 488, "Not Acceptable Here")
    phone.press(key)
    phone.shows("Hold refused", "488")
    phone.shows("Talking", within=6)
    phone.press(key)
    held(phone, True)
    phone.shows("On hold", "Resume")


def test_a_call_waiting_answered_while_the_first_is_about_to_be_held(phone: Story, customer: Customer) -> None:
    second = phone.customer("0409876", "Otto Second")
    second.call()
    phone.shows("Call waiting")
    phone.hold_waits()
    phone.press("soft1")
    second.answered()
    phone.put_down()
    assert second.ended(within=8) == 200
    held(phone, True)
    phone.shows("On hold", "Jane Customer", "Resume")


def test_who_is_talked_to_is_held_by_the_key_while_another_one_rings(phone: Story, customer: Customer) -> None:
    other = phone.customer("0409876", "Otto Second")
    other.call()
    phone.shows("Call waiting", "Otto Second")
    phone.press("hold")
    phone.shows("Call waiting", "Otto Second", "Jane Customer  On hold")
    phone.press("hold")
    phone.wait("Jane to be talked to", lambda state: not state["calls"][0]["local_hold"])
    other.hang_up()
    phone.shows("Talking", "Jane Customer")


def test_digits_reach_who_is_talked_to_while_another_one_rings(phone: Story, customer: Customer) -> None:
    other = phone.customer("0409876", "Otto Second")
    phone.press("1")
    other.call()
    phone.shows("Call waiting", "Otto Second")
    phone.press(*"23")
    phone.wait("three digits", lambda state: customer.digits == "123")
    phone.shows("Call waiting", "Otto Second")
