"""Hot seating: a phone without an account until an agent signs in with number and password."""

from __future__ import annotations

import pytest

from tests.stories.agent import ACD, log_in
from tests.stories.bench import Story

HOT = {"system__login_sk_before_signed_in": "1", "voip__line__0__id": "", "voip__line__0__auth_password": ""}


def sign_in(phone: Story, number: str = "1777", password: str = "secret") -> None:
    """Login softkey, number, password, Login."""
    phone.press("soft1")
    assert phone.shows("Sign In", "Number", "Password").softkeys[0] == "Login"
    phone.type(number)
    phone.press("down")
    phone.type(password)
    phone.press("soft1")


@pytest.mark.bench("core")
def test_without_an_account_the_phone_waits_for_a_person(phone: Story) -> None:
    phone.power_on(**HOT)
    phone.pass_time(60)
    assert phone.shows("Please sign in").softkeys == ("Login", "", "", "")
    assert phone.state()["servers"] == []
    phone.dial("9196")
    phone.shows("Not registered")


def test_sign_in_registers_with_the_number_and_sign_out_gives_it_back(phone: Story) -> None:
    phone.power_on(**HOT)
    sign_in(phone)
    phone.registered()
    phone.shows("1777", "Directory")
    assert phone.lines() == {"1777"}
    phone.dial("9196")
    phone.in_call()
    phone.press("cancel")
    phone.idle()
    phone.press("soft4")
    phone.shows("Command Menu")
    phone.press("up")
    phone.shows("Sign out")
    phone.press("ok")
    phone.shows("Please sign in", "Login")
    assert phone.lines() == set()


def test_a_wrong_password_says_so_and_the_phone_waits_again(phone: Story) -> None:
    phone.power_on(**HOT)
    sign_in(phone, password="wrong")
    phone.shows("Wrong password")
    phone.pass_time(5)
    phone.shows("Please sign in", "Login")
    sign_in(phone)
    phone.registered()


@pytest.mark.bench("core")
def test_a_password_that_goes_bad_later_does_not_throw_the_person_out(phone: Story) -> None:
    phone.power_on(**HOT)
    sign_in(phone)
    phone.registered()
    phone.server_lost(0)
    phone.pass_time(60)
    phone.shows("1777")
    phone.server_back(0)
    phone.registered(within=60)


def test_number_and_agent_are_two_things_and_sign_out_logs_the_agent_out_first(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**HOT, **ACD)
    sign_in(phone)
    phone.large("Logged Out")
    log_in(phone)
    phone.large("Not Ready", "1777")
    phone.press("soft4")
    phone.press("up", "ok")
    phone.shows("Please sign in")
    phone.server_sees("", "logged off")


def test_sign_out_works_even_where_the_server_ignores_the_agents_logout(phone: Story) -> None:
    phone.agents(agent7001="")
    phone.power_on(**HOT, **ACD)
    sign_in(phone)
    phone.large("Logged Out")
    phone.press("soft1")
    phone.type("agent7001")
    phone.press("soft1")
    phone.large("Not Ready")
    phone.agent_server().deaf = True
    phone.press("soft4", "up", "ok")
    phone.pass_time(6)
    phone.shows("Please sign in")


@pytest.mark.bench("core")
def test_the_seat_is_not_kept_over_a_power_off(phone: Story) -> None:
    phone.power_on(**HOT)
    sign_in(phone)
    phone.registered()
    assert all("1777" not in text for text in phone.bench.stored.values())  # type: ignore[attr-defined]
    assert "secret" not in repr(phone.bench.phone.hot_seat)  # type: ignore[attr-defined]
