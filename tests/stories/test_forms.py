"""Filling in a form with twelve keys: fields, modes, the row under them, and the letter that is still cycling."""

from __future__ import annotations

import pytest

from tests.stories.agent import power_on
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.test_menus import add_contact

pytestmark = pytest.mark.bench("core")


def fields(phone: Story) -> list[tuple[str, str]]:
    """Text and mode of each field of the open form."""
    return [(each.text, str(each.mode)) for each in core(phone).phone.pages[-1].fields]


def test_a_letter_is_taken_a_second_after_its_key(ready: Story) -> None:
    ready.press("contacts", "ok", "2")
    assert fields(ready)[0] == ("A", "Abc")
    ready.pass_time(0.5)
    ready.press("2")
    assert fields(ready)[0][0] == "B"
    ready.pass_time(1.1)
    ready.press("2")
    assert fields(ready)[0] == ("Ba", "abc")


def test_the_next_field_takes_the_letter_too(ready: Story) -> None:
    ready.press("contacts", "ok", "2", "down", "2", "up", "2")
    assert fields(ready) == [("Aa", "abc"), ("2", "123")]


def test_the_fields_go_round_and_ok_goes_on_until_the_last(ready: Story) -> None:
    ready.press("contacts", "ok")
    at = [core(ready).phone.pages[-1].cursor]
    for key in ("down", "down", "up", "up", "ok"):
        ready.press(key)
        at.append(core(ready).phone.pages[-1].cursor)
    assert at == [0, 1, 0, 1, 0, 0], "an empty field is not left by OK, whose owner says what is missing"
    ready.shows("Name and number")
    ready.pass_time(5)
    ready.press("2", "ok")
    assert core(ready).phone.pages[-1].cursor == 1
    ready.press("9", "ok")
    ready.shows("Directory", "A  9")


def test_the_mode_key_changes_the_field_one_is_in(ready: Story) -> None:
    ready.press("contacts", "ok", "soft2", "soft2", "down", "soft2")
    assert [mode for _, mode in fields(ready)] == ["abc", "abc"]


def test_a_log_in_keeps_the_mode_from_field_to_field(phone: Story) -> None:
    power_on(phone)
    phone.press("soft1", "soft2", "down", "2")
    assert fields(phone) == [("", "ABC"), ("A", "ABC")]
    phone.press("down", "3")
    assert fields(phone) == [("D", "ABC"), ("A", "ABC")]


def test_a_keyboard_takes_the_letter_that_still_cycles(ready: Story) -> None:
    ready.press("menu", "2", "ok", "2")
    ready.type("x")
    ready.press("2")
    ready.shows("Axa")


def test_delete_in_a_form_and_a_keyboard(ready: Story) -> None:
    ready.press("contacts", "ok")
    ready.type("Anna")
    ready.press("soft3", "soft3")
    assert fields(ready)[0][0] == "An"
    ready.press("left", "soft3")
    assert fields(ready)[0][0] == "n"


def test_the_number_of_a_contact_is_as_long_as_it_may_be(ready: Story) -> None:
    ready.press("contacts", "ok")
    ready.type("A" * 40)
    ready.press("down")
    ready.type("1" * 70)
    assert [len(text) for text, _ in fields(ready)] == [32, 64]


def test_the_row_under_the_fields_is_no_field(ready: Story) -> None:
    add_contact(ready, "Ann", "2001")
    ready.press("soft4", "1", "1", "1", "down")
    ready.shows("Select from Directory", "Select", "Cancel")
    ready.press("5", "soft3", "soft2")
    ready.type("7")
    assert fields(ready) == [("1", "123")]
    ready.press("down", "2")
    assert fields(ready) == [("12", "123")]
    ready.press("up", "soft1")
    ready.shows("Directory", "Ann")
    ready.press("left")
    ready.shows("Number to Forward to")
    ready.press("up", "up", "ok")
    ready.shows("Directory", "Ann")


def test_a_number_to_forward_to_that_is_missing_is_asked_for(ready: Story) -> None:
    ready.press("soft4", "1", "3", "soft1")
    ready.shows("Enter a number")
    assert core(ready).phone.forward.kind == ""
    ready.pass_time(5)
    ready.type(" 2001 ")
    ready.press("soft1")
    forward = core(ready).phone.forward
    assert (forward.kind, forward.number) == ("no_reply", "2001")
    ready.press("soft4", "1", "3")
    assert fields(ready) == [("2001", "123")], "the number in force stands there"


@pytest.mark.parametrize("key", ["soft1", "ok"])
def test_a_number_to_dial_that_is_missing_is_asked_for(ready: Story, key: str) -> None:
    ready.lift()
    ready.press(key)
    ready.shows("Enter a number")
    ready.press(*"2001")
    assert "Enter a number" not in ready.screen().text
    ready.press(key)
    ready.shows("2001")
    ready.in_call()


def test_cancel_leaves_a_form_as_if_nothing_had_been_typed(ready: Story) -> None:
    ready.press("contacts", "ok")
    ready.type("Ann")
    ready.press("cancel")
    ready.shows("Directory")
    ready.press("ok")
    assert fields(ready) == [("", "Abc"), ("", "123")]


def test_a_ringing_call_is_sent_on_to_the_number_typed(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.press("soft3")
    ready.shows("Number to Forward to")
    ready.press("soft1")
    ready.shows("Incoming call", "Answer")
    ready.press("soft3", *"2001", "soft1")
    assert customer.ended() == 302
    ready.idle()


def test_who_gives_up_while_the_number_is_typed_takes_the_form_along(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.press("soft3", *"20")
    customer.hang_up()
    ready.idle()
    assert core(ready).phone.pages == ()


def test_pages_are_stacked_eight_deep_and_no_deeper(ready: Story) -> None:
    add_contact(ready, "Ann", "2001")
    for _ in range(3):
        ready.press("contacts", "ok", "2")
    pages = [page.name for page in core(ready).phone.pages]
    assert pages == ["directory", "contact", "add_contact"], "a page that is open already is come back to"
