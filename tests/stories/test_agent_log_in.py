"""The agent logs in and out, at the phone or at the desktop, and what fails on the way."""

from __future__ import annotations

import pytest

from deskphone.core.documents import HOTELING
from tests.stories.agent import ACD, READY_AFTER, fill_in, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench


@pytest.mark.rig
def test_log_in_with_the_keypad_and_be_not_ready(phone: Story) -> None:
    power_on(phone)
    assert phone.screen().softkeys == ("Login", "Missed", "Directory", "»")
    phone.press("soft1")
    assert phone.shows("Log In", "Username:", "Password:").softkeys == ("Login", "A/a/1", "Del", "Cancel")
    phone.press(*"2433668")  # a g e n t
    phone.pass_time(1.1)
    phone.press("soft2", "soft2", "soft2")  # ABC, Abc, 123
    phone.press(*"7001")
    phone.shows("agent7001")
    phone.press("down", *"1234")
    phone.shows("***4")
    phone.pass_time(1.1)
    phone.shows("****")
    phone.press("soft1")
    seen = phone.large("Not Ready", "agent7001")
    assert seen.softkeys == ("Ready", "Logout", "ACW", "»")
    phone.server_sees("agent7001", "not ready")
    assert phone.state()["agent"]["id"] == "agent7001"


def test_state_after_login_ready(phone: Story) -> None:
    power_on(phone, **READY_AFTER)
    log_in(phone)
    assert phone.large("Ready", "agent7001").softkeys == ("Not Ready", "Logout", "", "»")
    phone.server_sees("agent7001", "ready")


def test_an_agent_without_a_password_needs_none(phone: Story) -> None:
    power_on(phone)
    log_in(phone, "a7002", "")
    phone.large("Not Ready", "a7002")


def test_logged_in_at_the_desktop_first_the_phone_asks_for_no_password(phone: Story) -> None:
    power_on(phone)
    phone.desktop.log_in("agent7001")
    phone.large("Not Ready", "agent7001")
    phone.press("soft1")
    phone.large("Ready")
    phone.server_sees("agent7001", "ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.server_sees("", "logged off")


def test_a_phone_that_starts_while_the_agent_is_logged_in_shows_it(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.desktop.log_in("agent7001")
    phone.desktop.ready()
    phone.power_on(**ACD)
    phone.large("Ready", "Not Ready", "Logout", "agent7001")


@pytest.mark.rig
def test_log_out_frees_the_seat(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out", "Login")
    phone.server_sees("", "logged off")


@pytest.mark.bench("core")
def test_the_logged_out_message_stays_where_no_time_is_set(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.pass_time(3600)
    phone.large("Logged Out")


@pytest.mark.bench("core")
def test_the_logged_out_message_disappears_after_its_time(phone: Story) -> None:
    power_on(phone, voip__services__ACD__logged_out_message_timer="20")
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.pass_time(21)
    assert "Logged Out" not in phone.screen().text
    phone.shows("1502", "Login")


def test_a_log_out_the_server_ignores_leaves_the_agent_logged_in(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.agent_server().deaf = True
    phone.press("soft2")
    phone.pass_time(5.1)
    phone.large("Not accepted")
    phone.pass_time(5)
    phone.large("Not Ready", "Logout")


@pytest.mark.parametrize("how", ["silence", "empty", "same nonce", "new nonce"])
def test_a_wrong_password_fails_whatever_the_server_does(phone: Story, how: str) -> None:
    power_on(phone)
    phone.agent_server().on_wrong_password = how
    log_in(phone, password="4321")
    phone.large("Login failed", within=11)
    phone.press("cancel")
    phone.large("Logged Out", "Login")
    phone.server_sees("", "logged off")
    log_in(phone, "")  # the user name is still there
    phone.large("Not Ready", "agent7001")


def test_an_unknown_agent_fails(phone: Story) -> None:
    power_on(phone)
    log_in(phone, "nobody")
    phone.large("Login failed")


def test_a_log_in_can_be_given_up(phone: Story) -> None:
    power_on(phone)
    phone.agent_server().deaf = True
    log_in(phone)
    phone.large("Logging in...", "Cancel")
    phone.press("soft1")
    phone.large("Logged Out", "Login")
    phone.pass_time(15)
    assert "failed" not in phone.screen().text


def test_an_empty_user_name_is_not_sent(phone: Story) -> None:
    power_on(phone)
    phone.press("soft1", "soft1")
    phone.large("Enter a user name")
    phone.pass_time(5)
    phone.shows("Log In")


@pytest.mark.bench("core")
def test_without_the_feature_at_the_server_there_is_no_login_softkey(phone: Story) -> None:
    phone.server_answers(f"SUBSCRIBE {HOTELING}", 489, "Bad Event", times=9)
    phone.power_on(**ACD)
    phone.registered()
    phone.pass_time(1)
    assert phone.screen().softkeys == ("Directory", "Missed", "DnD", "»")
    phone.pass_time(4000)
    assert phone.agent_server().dialogs.count((HOTELING, 3600)) == 1


def test_a_feature_that_is_off_shows_nothing_of_it(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.pass_time(1)
    assert "Login" not in phone.screen().text
    assert phone.agent_server().dialogs == []


@pytest.mark.bench("core")
def test_the_password_is_kept_nowhere_but_in_the_session(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    assert "1234" not in repr(phone.bench.phone)  # type: ignore[attr-defined]
    assert "1234" not in repr(phone.bench.effects)  # type: ignore[attr-defined]
    assert phone.bench.phone.agent.password  # type: ignore[attr-defined]
    phone.press("soft2")
    phone.large("Logged Out")
    assert not phone.bench.phone.agent.password  # type: ignore[attr-defined]
    assert all("1234" not in text for text in phone.bench.stored.values())  # type: ignore[attr-defined]


@pytest.mark.parametrize("notify_first", [False, True])
def test_a_log_in_while_the_subscription_begins_anew_waits_for_it(phone: Story, notify_first: bool) -> None:
    power_on(phone)
    fill_in(phone)
    phone.agent_server().notify_first = notify_first
    phone.ends_subscription(HOTELING, "deactivated")
    phone.press("soft1")
    phone.large("Not Ready")
    phone.server_sees("agent7001", "not ready")


@pytest.mark.rig
def test_digits_are_typed_as_digits_from_field_to_field_and_at_the_next_log_in(phone: Story) -> None:
    phone.agents(**{"7001": "1234"})
    phone.power_on(**ACD)
    phone.registered()
    phone.large("Logged Out")
    phone.press("soft1", "soft2", "soft2", "soft2", *"7001", "ok")
    phone.press(*"1234", "ok")
    phone.large("Not Ready", "7001")
    phone.press("soft2")
    phone.large("Logged Out", "Login")
    phone.press("soft1")
    phone.shows("Log In", "7001")
    phone.press("ok", *"1234", "ok")
    phone.large("Not Ready", "7001")


def test_ok_in_the_user_name_field_sends_nothing_yet(phone: Story) -> None:
    power_on(phone)
    phone.press("soft1")
    phone.type("agent7001")
    phone.press("ok")
    phone.type("1234")
    phone.press("ok")
    phone.large("Not Ready")


@pytest.mark.bench("core")
def test_the_last_user_name_stands_there_after_a_power_cut(phone: Story) -> None:
    phone.agents(**{"7001": "1234"})
    phone.power_on(**ACD)
    log_in(phone, "7001")
    phone.large("Not Ready")
    again = Story(CoreBench())
    again.bench.stored.update(phone.bench.stored)  # type: ignore[attr-defined]
    assert "1234" not in str(phone.bench.stored)
    again.agents(**{"7001": "1234"})
    again.power_on(**ACD)
    again.large("Logged Out")
    again.press("soft1")
    again.shows("Log In", "7001")
    again.press(*"1234", "ok")
    again.large("Not Ready")


def test_digits_first_where_the_settings_say_so(phone: Story) -> None:
    phone.agents(**{"7001": "1234"})
    phone.power_on(**ACD, deskphone__login__first_mode="DIGITS")
    phone.registered()
    phone.large("Logged Out")
    phone.press("soft1", *"7001", "ok", *"1234", "ok")
    phone.large("Not Ready", "7001")


def test_with_hot_seating_no_name_is_left_behind(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**ACD, system__login_sk_before_signed_in="1", voip__line__0__id="")
    phone.press("soft1")
    phone.type("1777")
    phone.press("ok")
    phone.type("secret")
    phone.press("ok")
    phone.large("Logged Out")
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.press("soft1")
    assert "agent7001" not in phone.shows("Log In", "Username").text


def test_while_a_log_out_is_pending_no_softkey_asks_for_a_state(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.shows("Logout")
    phone.agent_server(0).deaf = True
    phone.press("soft" + str(phone.screen().softkeys.index("Logout") + 1))
    assert phone.shows("Missed", "Directory").softkeys == ("", "Missed", "Directory", "»")
    phone.shows("Logout", within=10)  # it was not accepted: the agent is still there


@pytest.mark.bench("core")
def test_a_seat_that_a_server_repeats_logs_nobody_on_whom_it_has_logged_off(phone: Story) -> None:
    """A supervisor logs the agent off and leaves the seat; each refresh of the subscription repeats who sits there."""
    power_on(phone)
    log_in(phone)
    phone.shows("Logout")
    server = phone.agent_server(0)
    server.become("logged off")
    phone.large("Logged Out")
    server.seat("agent7001")
    phone.pass_time(1)
    assert phone.state()["agent"]["id"] == ""
    assert phone.screen().softkeys[0] == "Login"
    server.seat("a7002")  # somebody else is news
    phone.wait("a7002 to be logged on", lambda state: state["agent"]["id"] == "a7002")
