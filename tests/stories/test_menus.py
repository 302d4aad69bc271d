"""The menus row by row: what each row says, and what choosing it does."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deskphone.config.layers import SECTIONS, Layer
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.state import Contact
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench, core
from tests.stories.provisioning_server import on, server_of

pytestmark = pytest.mark.bench("core")
MENU, SETTINGS = ("menu",), ("menu", "3")


def rows(phone: Story) -> list[str]:
    """All rows of the list that is open, in their order."""
    found: list[str] = []
    for _ in range(12):
        found += [row for row in phone.screen().rows if row not in found]
        phone.press("down")
    return found


def add_contact(phone: Story, name: str, number: str) -> None:
    """Directory, its last row, name and number."""
    phone.press("contacts")
    phone.press("up", "ok")
    phone.shows("Name", "Number")
    phone.type(name)
    phone.press("down")
    phone.type(number)
    phone.press("soft1", "menu")


# --- contacts ----------------------------------------------------------------------------------------


def test_a_contact_is_added_called_changed_given_a_tone_and_deleted(ready: Story) -> None:
    add_contact(ready, "Ann", "9196")
    assert [each["name"] for each in json.loads(core(ready).stored["contacts"])] == ["Ann"]
    ready.press("contacts", "ok")
    assert ready.shows("Contact").rows == ("Call  9196", "Edit", "Ring tone", "Delete")
    ready.press("1")
    ready.in_call()
    ready.press("cancel")
    ready.idle()
    ready.press("contacts", "ok", "3")
    assert ready.shows("Ring tone").rows[:2] == ("As the phone  *", "Classic bell")
    ready.press("3")
    assert ready.shows("Contact").rows[2] == "Ring tone  Double"
    ready.press("3")
    assert ready.shows("Ring tone").rows[:3] == ("As the phone", "Classic bell", "Double ring  *")
    ready.press("left", "2")
    ready.shows("Name:", "Ann", "9196")
    ready.type("a")
    ready.press("soft1")
    ready.shows("Directory", "Anna  9196")
    ready.press("ok", "4", "2")
    assert ready.shows("Directory").rows == ("Add contact",)
    assert core(ready).stored["contacts"] == "[]"


def test_contacts_call_log_and_redial_number_outlive_the_power(ready: Story) -> None:
    add_contact(ready, "Ann", "9196")
    ready.dial("9196")
    ready.in_call()
    ready.press("cancel")
    ready.idle()
    again = Story(CoreBench())
    again.bench.stored = dict(core(ready).stored)
    again.power_on()
    again.registered()
    again.press("contacts")
    again.shows("Ann  9196")
    again.press("menu", "menu", "1", "3")
    again.shows("Dialled", "Ann")
    again.press("menu", "redial")
    again.in_call()
    again.shows("9196")


def test_a_section_of_the_store_that_cannot_be_read_costs_itself_and_is_named(phone: Story) -> None:
    core(phone).stored = {"contacts": "{", "calls": '{"log": 7}', "login": '{"user": "a", "mode": "abc"}', "x": "?"}
    phone.power_on()
    phone.registered()
    assert core(phone).phone.contacts == () and core(phone).phone.log == ()
    assert core(phone).phone.last_login.user == "a"
    assert all(f"stored section '{name}' cannot be read" in phone.journal() for name in ("contacts", "calls"))


def test_of_two_contacts_only_the_chosen_one_goes(ready: Story) -> None:
    add_contact(ready, "Ann", "9196")
    add_contact(ready, "Ben", "9664")
    ready.press("contacts", "down", "ok", "4", "2")
    assert ready.shows("Directory").rows == ("Ann  9196", "Add contact")


def test_a_contact_of_the_company_can_only_be_called(ready: Story) -> None:
    core(ready).phone = replace(core(ready).phone, company=(Contact("Carl", "9196"),))
    ready.press("contacts", "ok")
    assert ready.shows("Contact").rows == ("Call  9196",)


def test_half_a_contact_is_not_taken_and_the_form_stays(ready: Story) -> None:
    ready.press("contacts", "ok")
    ready.type("Ann")
    ready.press("soft1")
    ready.shows("Name and number")
    ready.pass_time(5)
    ready.shows("Name:", "Ann")
    assert "contacts" not in core(ready).stored


# --- call log ----------------------------------------------------------------------------------------


def test_the_call_log_by_kind_with_names_ages_and_redial(ready: Story) -> None:
    add_contact(ready, "Ann", "9196")
    ready.dial("9196")
    ready.in_call()
    ready.press("cancel")
    ready.idle()
    missed = ready.customer()
    missed.call()
    missed.hang_up()
    stranger = ready.customer("0409876", "")
    stranger.call()
    stranger.hang_up()
    ready.idle()
    ready.pass_time(3600)
    ready.press("menu", "1", "3")
    assert ready.shows("Dialled").rows == ("Ann  1h",)
    ready.press("left", "1")
    assert ready.shows("Missed").rows == ("0409876  1h", "Jane Customer  1h")
    ready.press("left", "2")
    ready.shows("Received")
    assert "Jane" not in ready.screen().text
    ready.press("left", "1", "2", "ok")
    ready.shows("Unknown number")  # called back: nobody is there in this world
    assert core(ready).server.calls_seen[-1] == "0301234567"


def test_looking_at_the_missed_calls_clears_their_count(ready: Story) -> None:
    missed = ready.customer()
    missed.call()
    missed.hang_up()
    assert "M1" in ready.state()["marks"]
    ready.press("soft2")
    ready.shows("Missed", "Jane Customer")
    ready.press("menu")
    assert "M1" not in ready.state()["marks"]
    assert json.loads(core(ready).stored["calls"])["missed"] == 0


def test_delete_all_empties_the_log_and_forgets_the_redial_number(ready: Story) -> None:
    ready.dial("9196")
    ready.in_call()
    ready.press("cancel")
    ready.idle()
    ready.press("menu", "1")
    assert ready.shows("Call log").rows == ("Missed calls", "Received", "Dialled", "Delete all")
    ready.press("4", "2")
    ready.shows("Menu", "Call log")
    ready.press("1", "3")
    ready.shows("Dialled", "(empty)")
    ready.press("menu", "redial")
    ready.shows("No number yet")
    assert json.loads(core(ready).stored["calls"]) == {"log": [], "missed": 0, "redial": ""}


# --- settings ----------------------------------------------------------------------------------------


def test_the_volumes_go_up_by_one_and_round(ready: Story) -> None:
    ready.press(*SETTINGS, "2")
    before = core(ready).phone.settings.volume
    start = (before.ring, before.handset, before.speaker, before.headset)
    names = ("Ring", "Handset", "Speaker", "Headset")
    assert ready.shows("Volumes").rows == tuple(f"{name}  {value}" for name, value in zip(names, start, strict=True))
    for place, value in enumerate(start):
        for step in range(1, 12):
            ready.press(str(place + 1))
            assert ready.screen().rows[place] == f"{names[place]}  {(value + step) % 11}"
        assert core(ready).phone.volume(names[place].lower()) == value


def test_a_ring_tone_is_heard_for_three_seconds_marked_and_kept(ready: Story) -> None:
    ready.press(*SETTINGS, "1")
    assert ready.shows("Ring tone").rows[0] == "Classic bell  *"
    ready.press("3")
    assert ready.screen().rows[:2] == ("Double ring", "Marimba  *")
    assert ready.state()["tone"]
    ready.pass_time(2.5)
    assert ready.state()["tone"]
    ready.pass_time(1)
    assert ready.state()["tone"] == ""
    assert "marimba" in core(ready).stored[SECTIONS[Layer.PERSON]].lower()


def test_the_language_is_chosen_at_the_phone_and_lives_through_a_power_cut(ready: Story) -> None:
    ready.press(*SETTINGS)
    place = rows(ready).index("Language") + 1
    ready.press(str(place))
    assert ready.shows("Language").rows == ("English  *", "Deutsch")
    ready.press("2")
    assert ready.shows("Sprache").rows == ("English", "Deutsch  *")
    ready.power_cut()
    ready.power_on()
    ready.registered()
    ready.press("menu")
    assert ready.screen().title == "Menü"


def test_the_administrators_language_is_shown_and_its_row_may_be_hidden(phone: Story) -> None:
    phone.power_on(personal_settings__language="German", personal_settings__menu__language__enabled="0")
    phone.registered()
    phone.press(*SETTINGS)
    assert phone.shows("Einstellungen").rows[0] == "Klingelton"
    assert "Sprache" not in rows(phone)


def test_the_network_page_says_voice_vlan_and_802_1x_where_they_are_asked_for(phone: Story) -> None:
    phone.power_on(network__lan__vlan__mode="LLDP", network__lan___802_1x__eap_type="EAP_MD5")
    phone.registered()
    phone.press(*MENU, "4", "1")
    assert {"VLAN  -", "802.1X  No"} <= set(rows(phone))
    core(phone).turn(ev.LanPortTold(120, 5, True))
    assert {"VLAN  120 (5)", "802.1X  Yes"} <= set(rows(phone))


def test_call_waiting_is_switched_off_and_on(ready: Story) -> None:
    ready.press(*SETTINGS)
    assert rows(ready)[2] == "Call waiting  on"
    ready.press("3")
    ready.shows("Settings", "Call waiting  off")
    ready.press("menu")
    ready.dial("9196")
    ready.in_call()
    second = ready.customer()
    second.call()
    assert second.ended() == 486
    ready.press("menu", "3", "3", "menu")
    third = ready.customer("0407777", "Third")
    third.call()
    ready.shows("Call waiting", "Third")


def test_the_rows_of_the_menu(ready: Story) -> None:
    ready.press(*MENU)
    assert rows(ready) == ["Call log", "Directory", "Settings", "Status", "Administration"]
    ready.press("menu", *SETTINGS)
    assert rows(ready) == [
        "Ring tone", "Volumes", "Call waiting  on", "Fwd", "DnD  off", "Auto answer  off", "Restart",
        "Language",
    ]  # fmt: skip
    ready.press("menu", "menu", "4")
    pages = ["Network Status", "Firmware Status", "SIP servers", "Agent", "Audio", "Provisioning"]
    assert rows(ready)[: len(pages)] == pages


def test_do_not_disturb_by_both_menus(ready: Story) -> None:
    ready.press(*SETTINGS, "5")
    ready.shows("Settings")
    assert core(ready).phone.dnd
    ready.press("5")
    assert not core(ready).phone.dnd
    ready.press("menu", "soft4", "2")
    ready.shows("1502", "DnD")
    assert core(ready).phone.dnd and core(ready).phone.pages == ()


def restarts(phone: Story) -> list[fx.Restart]:
    return [each for each in core(phone).effects if isinstance(each, fx.Restart)]


def test_restart_asks_first(ready: Story) -> None:
    ready.press(*SETTINGS, "7")
    assert ready.shows("Restart").rows == ("No", "Yes")
    ready.press("1")
    ready.shows("Settings")
    assert restarts(ready) == []
    ready.press("7", "2")
    assert restarts(ready) == [fx.Restart(False, "menu")]


def test_forward_to_a_contact_of_the_directory_and_end_it(ready: Story) -> None:
    add_contact(ready, "Ann", "9196")
    ready.press("soft4", "1", "2")
    ready.shows("Number to Forward to")
    ready.press("down", "ok")
    assert ready.shows("Directory").rows == ("Ann  9196",)
    ready.press("ok")
    ready.shows("1502")
    forward = core(ready).phone.forward
    assert (forward.kind, forward.number) == ("busy", "9196") and core(ready).phone.pages == ()
    ready.press("soft4", "1")
    assert rows(ready)[:3] == ["Always", "Busy  9196", "No Reply"]
    ready.press("4")
    assert core(ready).phone.forward.kind == "" and core(ready).phone.pages == ()
    ready.press("soft4", "1")
    assert rows(ready) == ["Always", "Busy", "No Reply"]


@pytest.mark.parametrize("password", ["", "4711"])
def test_administration_by_its_password_where_one_is_set(phone: Story, password: str) -> None:
    phone.power_on(**({"system__password": password} if password else {}))
    phone.registered()
    phone.press("menu", "5")
    phone.shows("Password")
    if password:
        phone.type("4712")
        phone.press("soft1")
        phone.shows("Wrong password")
        phone.pass_time(5)
        phone.press(*["soft3"] * 4)
        phone.type(password)
    phone.press("soft1")
    assert phone.shows("Administration").rows == ("SIP servers", "Provisioning", "Restart")
    phone.press("cancel")
    phone.shows("Menu", "Administration")


# --- keys on pages -----------------------------------------------------------------------------------


def test_right_chooses_left_goes_back_and_the_cursor_goes_round(ready: Story) -> None:
    ready.press("menu", "right")
    ready.shows("Call log", "Missed")
    ready.press("left")
    ready.shows("Menu")
    ready.press("up", "right")
    ready.shows("Password")
    ready.press("cancel")
    ready.press("down", "down", "right")
    ready.shows("Directory", "Add contact")


def test_a_digit_beyond_the_rows_chooses_nothing(ready: Story) -> None:
    ready.press("menu", "1", "5", "9", "0", "*")
    ready.shows("Call log", "Missed calls")


def test_a_part_that_works_again_is_out_of_order_no_more(phone: Story) -> None:
    on(phone)
    for part in ("lamps", "ringer"):
        core(phone).turn(ev.DriverFailed(part, "gone"))
    core(phone).turn(ev.DriverRecovered("lamps"))
    assert core(phone).phone.failed_parts == (("ringer", "gone"),)
    assert "lamps works again" in phone.journal()
    assert server_of(phone).asked == 0


def test_a_digit_in_a_call_log_goes_to_its_row_and_calls_nobody(ready: Story) -> None:
    for number, name in (("2001", "Ada"), ("2002", "Ben"), ("2003", "Cleo")):
        customer = ready.customer(number, name)
        customer.call()
        ready.shows(name)
        customer.hang_up()
        ready.idle()
    ready.press("soft2", "0", "3")
    ready.shows("Missed calls", "Cleo", "Ben", "Ada")
    ready.pass_time(2)
    assert ready.state()["calls"] == []
    ready.press("ok")
    ready.in_call()
    ready.shows("2001")
