"""The company's directory, speed dials, and the functions that a file puts on softkeys, arrows and digits."""

from __future__ import annotations

import pytest

from deskphone.core import events as ev
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench, core
from tests.stories.in_service import caller, on, talking
from tests.stories.provisioning_server import server_of

pytestmark = pytest.mark.bench("core")
SOFT = "personal_settings__soft_key__{}__key_function"
CALL = "personal_settings__soft_keys__ongoing_call__{}__key_function"
ARROW = "personal_settings__navigation_control__{}__key_operation"
DIGIT = "personal_settings__functional_key__{}__{}"


def company(phone: Story, *entries: tuple[str, str]) -> None:
    """The directory file came."""
    core(phone).turn(ev.DirectoryLoaded(entries))


def test_the_company_stands_in_the_directory_and_names_who_calls(phone: Story) -> None:
    on(phone)
    company(phone, ("Anna Meier", "2001"), ("Ben Weber", "9196"))
    phone.press("contacts")
    phone.shows("Directory", "Anna Meier", "Ben Weber")
    phone.press("2")  # A, B or C
    phone.press("down", "ok")
    assert phone.shows("9196").rows == ("Call  9196",), "the company's cannot be changed here"
    phone.press("1")
    phone.in_call()
    phone.shows("Talking", "Ben Weber")
    phone.press("cancel")
    phone.idle()
    caller(phone, "2001", "")
    phone.shows("Incoming call", "Anna Meier")


def test_the_persons_own_word_for_a_number_comes_before_the_companys(phone: Story) -> None:
    on(phone)
    company(phone, ("Aaa Head Office", "2001"))
    phone.press("contacts", "down", "ok")
    phone.type("My Boss")
    phone.press("down")
    phone.type("2001")
    phone.press("ok")
    phone.press("menu")
    caller(phone, "2001", "")
    phone.shows("Incoming call", "My Boss")


NAMED = {"provisioning__corporate_directory_uri": "book.csv", "provisioning__speed_dial_uri": "dials.csv"}


def has_anna(phone: Story) -> bool:
    phone.press("contacts")
    shown = "Anna Meier" in phone.screen().text
    phone.press("cancel")
    return shown


def test_the_company_outlives_the_power_and_goes_when_no_setting_names_it(phone: Story) -> None:
    on(phone, **NAMED)
    company(phone, ("Anna Meier", "2001"))
    again, another = Story(CoreBench()), Story(CoreBench())
    for each in (again, another):
        each.bench.stored = dict(core(phone).stored)
    on(again, **NAMED)
    assert has_anna(again)
    server_of(again).gives()
    assert not has_anna(again) and core(again).stored["company"] == "[]"
    on(another)
    assert not has_anna(another), "the setting went while the phone was off"


def test_two_thousand_numbers_are_turned_over_from_end_to_end(phone: Story) -> None:
    on(phone)
    company(phone, *((f"Name {each:04}", str(10_000 + each)) for each in range(2_000)))
    phone.press("contacts", "up", "up")
    phone.shows("Name 1999")


def test_a_digit_held_down_calls_its_number(phone: Story) -> None:
    on(phone, **{DIGIT.format(2, "speed_dial_number"): "9196", DIGIT.format(2, "key_label"): "Echo"})
    phone.hold_down("3", 1.5)
    phone.in_call()
    phone.shows("Talking", "Echo")
    phone.press("cancel")
    phone.idle()
    phone.hold_down("4", 1.5)
    phone.shows("Dial", "4")
    phone.press("3", "cancel")
    phone.press("1", "3")
    phone.hold_down("3", 1.5)
    phone.shows("Dial", "133")


def test_the_speed_dial_file_fills_the_digits_that_the_settings_leave_empty(phone: Story) -> None:
    on(phone, **NAMED)
    core(phone).turn(ev.DirectoryLoaded((("1", "9664"), ("2", "9664")), speed_dials=True))
    again = Story(CoreBench())
    again.bench.stored = dict(core(phone).stored)
    on(again, **NAMED, **{DIGIT.format(0, "speed_dial_number"): "9196"})
    for digit, number in (("1", "9196"), ("2", "9664")):
        again.hold_down(digit, 1.5)
        again.in_call()
        again.shows("Talking", number)
        again.press("cancel")
        again.idle()


def test_a_digit_held_down_opens_a_page_where_its_key_is_an_event(phone: Story) -> None:
    on(phone, **{DIGIT.format(4, "type"): "EVENT", DIGIT.format(4, "key_event"): "MISSED_CALLS"})
    phone.hold_down("5", 1.5)
    phone.shows("Missed calls")


@pytest.mark.parametrize(
    ("functions", "labels"),
    [
        ((), ("Directory", "Missed", "DnD", "»")),
        (("DIRECTORY", "MISSED_CALLS", "FORWARD_ALL", "DND_ALL"), ("Directory", "Missed", "Fwd", "»")),
        (("REDIAL", "VOICE_MAIL", "CALL_LOG", "MENU"), ("Redial", "VMail", "Calls", "»")),
        (("NONE", "DIALED_CALLS", "NONE", "RECEIVED_CALLS", "NEW_CALL"), ("Dialled", "Recvd", "New", "»")),
        (("REDIAL", "NONE", "NONE", "NONE"), ("Redial", "", "", "»")),
    ],
)
def test_the_idle_softkeys_are_those_of_the_file(
    phone: Story, functions: tuple[str, ...], labels: tuple[str, ...]
) -> None:
    on(phone, **{SOFT.format(place): function for place, function in enumerate(functions)})
    assert phone.screen().softkeys == labels


def test_what_a_file_puts_on_a_softkey_is_done(phone: Story) -> None:
    on(phone, **{SOFT.format(0): "RECEIVED_CALLS", SOFT.format(1): "REDIAL", SOFT.format(2): "VOICE_MAIL"})
    phone.press("soft1")
    phone.shows("Received")
    phone.press("cancel", "soft2")
    phone.shows("No number yet")
    phone.press("soft3")
    phone.shows("No voice mail number")


@pytest.mark.parametrize(
    ("functions", "first", "behind"),
    [
        ((), ("Hold", "Trans", "Conf", "»"), ("BXfer", "New", "End", "»")),
        (("TRANSFER", "BLIND_TRANSFER", "CONF", "END"), ("Trans", "BXfer", "Conf", "»"), ("New", "", "End", "»")),
        (("END", "HOLD", "NONE", "NONE", "NONE", "NONE"), ("Hold", "", "", "»"), ("", "", "End", "»")),
    ],
)
def test_in_a_call_too_and_what_ends_it_stays_behind_the_arrow(
    phone: Story, functions: tuple[str, ...], first: tuple[str, ...], behind: tuple[str, ...]
) -> None:
    more = {CALL.format(4): "NONE"} if functions else {}
    on(phone, **more | {CALL.format(place): function for place, function in enumerate(functions)})
    talking(phone)
    assert phone.screen().softkeys == first
    phone.press("soft4")
    assert phone.screen().softkeys == behind


def test_arrows_and_ok_do_on_the_idle_screen_what_the_file_says(phone: Story) -> None:
    on(phone, **{ARROW.format(0): "DIRECTORY", ARROW.format(1): "CALL_LOG", ARROW.format(4): "MENU"})
    for key, page in (("up", "Directory"), ("down", "Call log"), ("ok", "Menu")):
        phone.press(key)
        phone.shows(page)
        phone.press("cancel")
        phone.idle()
    phone.press("left", "right")
    phone.idle()


def test_no_key_of_the_file_opens_what_the_key_lock_closes_or_switches_on_what_the_owner_has_not(phone: Story) -> None:
    lists = ("DIRECTORY", "CALL_LOG", "RECEIVED_CALLS", "DIALED_CALLS", "DND_ALL")
    keys = {ARROW.format(place): function for place, function in enumerate(lists)}
    keys |= {DIGIT.format(4, "type"): "EVENT", DIGIT.format(4, "key_event"): "DIRECTORY"}
    keys |= {SOFT.format(place): function for place, function in enumerate(lists)}
    on(phone, **keys, voip__block_non_numeric_key="1", voip__services__do_not_disturb__enabled="0")
    assert phone.screen().softkeys == ("", "", "", "»")
    phone.press("up", "down", "left", "right", "ok")
    phone.idle()
    assert not core(phone).phone.dnd
    phone.hold_down("5", 1.5)
    assert "Directory" not in phone.screen().text


def test_a_call_that_comes_while_a_digit_is_held_down_is_what_the_person_faces(phone: Story) -> None:
    on(phone, **{DIGIT.format(4, "speed_dial_number"): "9196"})
    bench = core(phone)
    bench.turn(ev.KeyDown("5"))
    phone.pass_time(0.2)
    phone.customer().call()
    phone.pass_time(1.5)
    bench.turn(ev.KeyUp("5"))
    assert [each.direction for each in bench.phone.calls] == ["in"]
