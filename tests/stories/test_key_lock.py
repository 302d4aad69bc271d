"""Key lock (voip/block_non_numeric_key): digits only, two menus, no directory."""

from __future__ import annotations

from tests.stories.bench import Story

LOCK = {"voip__block_non_numeric_key": "1"}


def power_on(phone: Story, **settings: str) -> None:
    phone.power_on(**LOCK, **settings)
    phone.registered()


def test_the_menu_has_status_and_administration_only(phone: Story) -> None:
    power_on(phone)
    phone.press("menu")
    seen = phone.shows("Menu", "Status", "Administration")
    assert len(seen.rows) == 2


def test_there_is_no_directory_anywhere(phone: Story) -> None:
    power_on(phone, voip__services__ACD__enabled="1")
    phone.large("Logged Out")
    assert "Directory" not in phone.screen().text
    phone.press("contacts")
    assert "Directory" not in phone.screen().text
    phone.press("soft4")
    assert "Directory" not in phone.shows("Command Menu", "Fwd").text


def test_letters_can_be_typed_neither_by_key_nor_by_keyboard(phone: Story) -> None:
    power_on(phone)
    phone.press("9")
    assert "A/a/1" not in phone.shows("Dial").softkeys
    phone.press("soft2", "2")
    phone.type("sip:x1@y")
    phone.shows("921")


def test_a_number_is_dialled_as_ever(phone: Story) -> None:
    power_on(phone)
    phone.dial("9196")
    phone.in_call()


def test_user_names_are_numeric(phone: Story) -> None:
    phone.agents(**{"7003": "99"})
    power_on(phone, voip__services__ACD__enabled="1")
    phone.large("Logged Out")
    phone.press("soft1")
    assert phone.shows("Log In").softkeys == ("Login", "", "Del", "Cancel")
    phone.press(*"7003", "down", *"99", "soft1")
    phone.large("Not Ready", "7003")


def test_without_the_lock_everything_is_there(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("menu")
    phone.shows("Call log", "Directory", "Settings", "Status")
    phone.press("cancel", "9")
    assert "A/a/1" in phone.shows("Dial").softkeys
