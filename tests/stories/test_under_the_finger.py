"""What the screen offers changes by itself while a finger is on its way: the key does nothing it cannot have meant."""

from __future__ import annotations

import pytest

from deskphone.core import effects as fx
from tests.stories.agent import READY_AFTER, log_in, power_on
from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core
from tests.stories.in_service import on

pytestmark = pytest.mark.bench("core")  # instants: no other bench can hit them
AFTER_3 = (("call-info", "<sip:sips-a.example.com>;answer-after=3"),)
INSTANT = 0.05


def ringing(phone: Story, number: str = "0301234567", name: str = "Jane Customer") -> Customer:
    customer: Customer = phone.customer(number, name)
    customer.call()
    phone.shows("Answer", name)
    return customer


def talking(phone: Story) -> Customer:
    customer = ringing(phone)
    phone.press("soft1")
    phone.in_call()
    phone.pass_time(2)
    return customer


def done(phone: Story, *kinds: type[fx.Effect]) -> list[fx.Effect]:
    return [each for each in core(phone).effects if isinstance(each, kinds)]


# --- a call comes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["soft4", "cancel"])
@pytest.mark.parametrize("busy_with", ["nothing", "a number", "a call", "a menu"])
def test_a_key_on_its_way_refuses_no_call_that_comes_up_under_it(phone: Story, key: str, busy_with: str) -> None:
    on(phone)
    if busy_with == "a number":
        phone.press(*"0301")
    elif busy_with == "a call":
        talking(phone)
    elif busy_with == "a menu":
        phone.press("menu", "1")
    phone.pass_time(2)
    other = ringing(phone, "0409876", "Otto Second")
    phone.press(key)
    phone.pass_time(1)
    phone.shows("Otto Second", "Reject")
    phone.press(key)
    assert other.ended() == 603


def test_such_a_call_is_answered_at_once(phone: Story) -> None:
    on(phone)
    ringing(phone)
    phone.press("soft1")
    phone.in_call()


# --- a call goes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["soft1", "soft2", "soft3"])
@pytest.mark.parametrize("answered", [False, True])
def test_a_key_meant_for_a_caller_who_has_gone_leaves_the_agents_state_alone(
    phone: Story, key: str, answered: bool
) -> None:
    power_on(phone, **READY_AFTER)
    log_in(phone)
    phone.server_sees("agent7001", "ready")
    customer = talking(phone) if answered else ringing(phone)
    phone.pass_time(2)
    customer.hang_up()
    phone.pass_time(INSTANT)
    assert phone.state()["calls"] == []
    core(phone).effects.clear()
    phone.press(key)
    phone.pass_time(1)
    assert not done(phone, fx.Resubscribe)
    phone.server_sees("agent7001", "ready")
    phone.press("soft1")  # a moment later it is meant
    phone.server_sees("agent7001", "not ready")


def test_a_key_meant_for_a_caller_who_has_gone_keeps_no_calls_away(phone: Story) -> None:
    on(phone)
    customer = talking(phone)
    phone.shows("Conf")
    customer.hang_up()
    phone.pass_time(INSTANT)
    phone.press("soft3")  # where DnD is now
    assert not core(phone).phone.dnd


@pytest.mark.parametrize("key", ["hold", "soft1"])
def test_who_is_held_hears_nothing_because_the_other_one_has_gone(phone: Story, key: str) -> None:
    """Hold was meant for who talked; Answer for who rang."""
    on(phone)
    talking(phone)
    if key == "hold":
        other = ringing(phone, "0409876", "Otto Second")
        phone.press("ok")
        phone.in_call(2)
    else:
        phone.press("hold")
        other = ringing(phone, "0409876", "Otto Second")
    phone.pass_time(2)
    other.hang_up()
    phone.pass_time(INSTANT)
    phone.shows("On hold", "Jane Customer")
    phone.press(key)
    phone.pass_time(1)
    phone.shows("On hold", "Jane Customer")
    assert phone.heard() == set()


@pytest.mark.parametrize("key", ["soft1", "soft4", "ok", "cancel"])
def test_an_answer_to_a_question_whose_caller_has_gone_does_nothing_to_the_other_one(phone: Story, key: str) -> None:
    on(phone)
    customer = talking(phone)
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("transfer")
    phone.shows("Transfer?", "Jane Customer", "2001")
    phone.pass_time(2)
    customer.hang_up()
    core(phone).effects.clear()
    phone.press(key)
    phone.pass_time(1)
    phone.shows("Talking", "2001")
    assert not done(phone, fx.Hold, fx.Hangup)


# --- a call is answered by itself ----------------------------------------------------------------------


@pytest.mark.parametrize("by", ["header", "desktop"])
@pytest.mark.parametrize("key", ["soft1", "soft2", "soft3", "soft4", "ok", "speaker"])
def test_a_key_meant_to_answer_does_nothing_to_a_call_that_is_answered_in_that_moment(
    phone: Story, key: str, by: str
) -> None:
    on(phone, voip__auto_answer__enabled="1", voip__talk_event__enabled="1")
    customer = phone.customer()
    customer.call(headers=AFTER_3 if by == "header" else ())
    phone.pass_time(2.8)
    phone.shows("Answer")
    if by == "desktop":
        phone.desktop.answer(customer)
    phone.in_call()
    core(phone).effects.clear()
    phone.press(key)
    phone.pass_time(1)
    phone.in_call()
    phone.shows("Talking", "Jane Customer")
    assert not done(phone, fx.Hold, fx.Hangup)
    phone.press("hold")
    phone.shows("On hold")


def test_who_refuses_a_call_that_is_answered_in_that_moment_is_rid_of_it(phone: Story) -> None:
    on(phone, voip__auto_answer__enabled="1")
    customer = phone.customer()
    customer.call(headers=AFTER_3)
    phone.pass_time(2.8)
    phone.in_call()
    phone.press("cancel")
    customer.ended()


# --- digits ------------------------------------------------------------------------------------------


def test_the_rest_of_a_pin_is_nobodys_number(phone: Story) -> None:
    """An announcement asks for a PIN, and the server hangs up in the middle of it."""
    on(phone)
    bank = phone.callee("9408")
    phone.dial("9408")
    phone.in_call()
    phone.press(*"12")
    bank.hang_up()
    phone.pass_time(INSTANT)
    core(phone).effects.clear()
    for key in "34#":
        phone.press(key)
        phone.shows("Call has gone")
        phone.pass_time(0.8)
    assert not done(phone, fx.Dial)
    phone.pass_time(2)
    phone.press(*"2001")  # another number
    phone.shows("Dial", "2001")


def test_the_rest_of_a_number_to_forward_to_is_not_called(phone: Story) -> None:
    on(phone)
    customer = ringing(phone)
    phone.press("soft3")
    phone.shows("Forward call")
    phone.press(*"24")
    customer.hang_up()
    phone.pass_time(INSTANT)
    phone.press(*"24")
    phone.shows("Call has gone")
    phone.press("ok")
    assert not done(phone, fx.Dial)


def test_who_hangs_up_himself_dials_at_once(phone: Story) -> None:
    on(phone)
    phone.callee("9408")
    phone.dial("9408")
    phone.in_call()
    phone.press(*"12", "cancel", *"34")
    phone.shows("Dial", "34")
