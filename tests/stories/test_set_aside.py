"""A call comes while somebody types and is answered: what was typed is there again when it is over."""

from __future__ import annotations

import pytest

from tests.stories.agent import READY_AFTER, power_on
from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core
from tests.stories.in_service import on
from tests.stories.test_forms import fields
from tests.stories.test_third_party import TALK

pytestmark = pytest.mark.bench("core")
DURING = 60.0


def a_call(phone: Story, key: str = "soft1") -> Customer:
    """A customer calls and is answered."""
    customer: Customer = phone.customer("0301234567", "Jane Customer")
    customer.call()
    phone.shows("Jane Customer", "Answer")
    phone.press(key)
    phone.in_call()
    phone.pass_time(DURING)
    return customer


def over(phone: Story, customer: Customer, key: str = "") -> None:
    """The call ends, by the person's key or the customer; then the hand and the eye have come back."""
    if key:
        phone.press(key)
    else:
        customer.hang_up()
    phone.pass_time(2)


def caret(phone: Story) -> tuple[int, int]:
    """The field, and the place in it."""
    page = core(phone).phone.pages[-1]
    return page.cursor, page.fields[page.cursor].caret


@pytest.mark.parametrize("end", ["", "cancel"])
@pytest.mark.parametrize("answer", ["soft1", "headset", "ok"])
def test_a_contact_half_filled_in_is_there_again_after_the_call(ready: Story, answer: str, end: str) -> None:
    ready.press("contacts", "ok")
    ready.type("Anna")
    ready.press("down")
    ready.type("2001")
    ready.press("left")
    over(ready, a_call(ready, answer), end)
    assert fields(ready) == [("Anna", "Abc"), ("2001", "123")]
    assert caret(ready) == (1, 3)
    ready.type("7")
    ready.press("ok")
    ready.shows("Directory", "Anna")


def test_a_log_in_half_typed_is_there_again_and_the_password_stays_hidden(phone: Story) -> None:
    power_on(phone, **READY_AFTER)
    phone.press("soft1")
    phone.type("agent7001")
    phone.press("down")
    phone.type("12")
    over(phone, a_call(phone))
    phone.shows("agent7001", "**")
    assert "12" not in phone.screen().text.replace("agent7001", "")
    phone.type("34")
    phone.press("soft1")
    phone.large("Ready")
    phone.server_sees("agent7001", "ready")


def test_a_log_in_that_the_desktop_has_done_meanwhile_is_not_asked_for_again(phone: Story) -> None:
    power_on(phone)
    phone.press("soft1")
    customer = a_call(phone)
    phone.desktop.log_in("agent7001")
    over(phone, customer)
    phone.shows("agent7001")
    assert core(phone).phone.pages == ()


@pytest.mark.parametrize("end", ["", "cancel"])
def test_digits_half_dialled_are_there_again(ready: Story, end: str) -> None:
    ready.press(*"916", "left")
    over(ready, a_call(ready), end)
    ready.shows("916", "Dial")
    ready.press("9")
    ready.shows("9196")
    ready.press("soft1")
    ready.in_call()


@pytest.mark.parametrize("key", ["headset", "speaker"])
def test_the_lamp_of_the_calls_device_goes_out(ready: Story, key: str) -> None:
    ready.press(*"916")
    customer = a_call(ready, key)
    ready.lamp(key, "on")
    over(ready, customer)
    ready.shows("916", "Dial")
    ready.lamp(key, "off")


def test_digits_are_not_dialled_by_themselves_after_the_call(ready: Story) -> None:
    ready.lift()
    ready.press(*"240")
    over(ready, a_call(ready))
    ready.pass_time(120)
    ready.shows("240", "Dial")
    assert not core(ready).phone.calls


def test_the_handset_put_down_at_the_end_leaves_them(ready: Story) -> None:
    ready.press(*"240")
    customer = ready.customer()
    customer.call()
    ready.lift()
    ready.in_call()
    ready.pass_time(DURING)
    ready.put_down()
    ready.pass_time(2)
    ready.shows("240", "Dial")


def test_nothing_comes_back_between_two_calls_and_all_of_it_after_them(ready: Story) -> None:
    ready.press("contacts", "ok")
    ready.type("Anna")
    first = a_call(ready)
    second = ready.customer("0409876", "Otto Second")
    second.call()
    ready.press("soft1")
    ready.pass_time(2)
    over(ready, first)
    assert core(ready).phone.pages == ()
    over(ready, second)
    assert fields(ready)[0][0] == "Anna"


def test_a_call_answered_over_the_second_form_leaves_the_first_alone(ready: Story) -> None:
    """What was typed last is what comes back: the person left the first one by the call they answered."""
    ready.press(*"2401")
    first = a_call(ready)
    ready.press("contacts", "ok")
    ready.type("Ben")
    second = ready.customer("0409876", "Otto Second")
    second.call()
    ready.press("soft1")
    ready.pass_time(2)
    first.hang_up()
    over(ready, second)
    assert fields(ready)[0][0] == "Ben"


def test_the_number_of_a_consultation_is_there_again_while_its_call_waits(ready: Story) -> None:
    customer = a_call(ready)
    ready.press("transfer", *"200")
    second = ready.customer("0409876", "Otto Second")
    second.call()
    ready.press("soft1")
    ready.pass_time(20)
    over(ready, second)
    ready.shows("200")
    ready.press("1", "soft1")
    ready.pass_time(1)
    call = core(ready).phone.focused
    assert call is not None and (call.remote.number, call.partner) == ("2001", customer.call_id)


def test_nothing_typed_leaves_nothing(ready: Story) -> None:
    ready.lift()
    over(ready, a_call(ready))
    ready.put_down()
    ready.idle()
    ready.press("menu", "1")
    over(ready, a_call(ready))
    ready.idle()


def test_a_number_to_send_a_ringing_call_to_goes_with_that_call(phone: Story) -> None:
    ready = on(phone, voip__talk_event__enabled="1")
    first = ready.customer()
    first.call()
    ready.press("soft3", *"20")
    second = ready.customer("0409876", "Otto Second")
    second.call()
    ready.desktop.answer(second)
    ready.pass_time(1)
    first.hang_up()
    ready.pass_time(2)
    over(ready, second)
    assert core(ready).phone.pages == ()


@pytest.mark.parametrize("key", ["soft1", "soft2", "soft3", "soft4", "cancel", "ok"])
def test_a_key_on_its_way_to_the_call_does_nothing_to_what_comes_back(ready: Story, key: str) -> None:
    ready.press("contacts", "ok")
    ready.type("Anna")
    ready.press("down")
    ready.type("2001")
    customer = a_call(ready)
    customer.hang_up()
    ready.pass_time(0.05)
    ready.press(key)
    assert fields(ready) == [("Anna", "Abc"), ("2001", "123")]


@pytest.mark.parametrize("key", ["soft1", "soft4", "cancel", "ok"])
def test_nor_to_what_a_caller_who_gives_up_leaves(ready: Story, key: str) -> None:
    ready.press("contacts", "ok")
    ready.type("Anna")
    ready.press("down")
    ready.type("2001")
    customer = ready.customer()
    customer.call()
    ready.pass_time(2)
    customer.hang_up()
    ready.pass_time(0.05)
    ready.press(key)
    assert fields(ready) == [("Anna", "Abc"), ("2001", "123")]


def test_lifting_the_handset_for_a_caller_who_gives_up_dials_nothing(ready: Story) -> None:
    ready.press(*"916", "left")
    customer = ready.customer()
    customer.call()
    ready.pass_time(2)
    customer.hang_up()
    ready.pass_time(0.05)
    ready.lift()
    ready.pass_time(1)
    assert not core(ready).phone.calls
    ready.shows("916", "Dial")


@pytest.mark.parametrize("key", ["headset", "speaker", "menu", "transfer"])
def test_no_key_of_the_call_dials_the_number_that_it_leaves(ready: Story, key: str) -> None:
    ready.press(*"916", "left")
    customer = a_call(ready, "headset")
    customer.hang_up()
    ready.pass_time(0.05)
    ready.press(key)
    ready.pass_time(1)
    assert not core(ready).phone.calls
    ready.shows("916", "Dial")


def test_who_leaves_by_a_key_leaves_for_good(ready: Story) -> None:
    ready.press(*"2401")
    customer = a_call(ready)
    over(ready, customer)
    ready.press("soft4")
    ready.idle()
    over(ready, a_call(ready))
    ready.idle()


def test_an_agents_call_by_the_desktop_sets_a_form_aside_too(phone: Story) -> None:
    ready = on(phone, **TALK)
    ready.press("contacts", "ok")
    ready.type("Anna")
    ready.desktop.make_call("2001")
    ready.in_call()
    ready.press("cancel")
    ready.pass_time(2)
    assert fields(ready)[0][0] == "Anna"


def test_a_number_chosen_from_the_directory_brings_no_page_back(ready: Story) -> None:
    ready.press("contacts", "ok")
    ready.type("Anna")
    ready.press("down")
    ready.type("9196")
    ready.press("ok", "ok", "ok")
    ready.pass_time(3)
    ready.in_call()
    ready.press("cancel")
    ready.pass_time(2)
    ready.idle()
