"""The agent: log in, states both ways, reasons, log out, two servers. The words are the guide's."""

from __future__ import annotations

import pytest

from deskphone.core.documents import AS_FEATURE, HOTELING
from tests.stories.bench import Story

ACD = {"voip__services__ACD__enabled": "1"}
REASONS = {
    "voip__services__ACD__unavailable_reason__0__code": "500",
    "voip__services__ACD__unavailable_reason__0__name": "Lunch break",
    "voip__services__ACD__unavailable_reason__1__code": "501",
    "voip__services__ACD__unavailable_reason__1__name": "Coffee break",
    "voip__services__ACD__unavailable_reason__2__code": "777",
}
READY_AFTER = {"voip__services__ACD__state_after_login": "READY"}
TWO_SERVERS = {
    "voip__signalling__sip__redundant_proxy__mode": "SIMULTANEOUS",
    "voip__signalling__sip__secondary_proxy__address": "127.0.0.2",
}


def power_on(phone: Story, **settings: str) -> None:
    """A phone of the contact centre, in service, nobody logged in."""
    phone.agents(agent7001="1234", a7002="", **{"7003": "99"})
    phone.power_on(**ACD, **settings)
    phone.registered()
    phone.large("Logged Out", "Login")


def log_in(phone: Story, user: str = "agent7001", password: str = "1234") -> None:
    """Login softkey, user name, password, Login."""
    phone.press("soft1")
    phone.shows("Log In", "Username")
    phone.type(user)
    phone.press("down")
    phone.type(password)
    phone.press("soft1")


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
    phone.press("down", "soft2", "soft2", "soft2", *"1234")
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


@pytest.mark.rig
def test_ready_not_ready_and_after_call_work(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft1")
    phone.large("Ready", "Logout")
    phone.server_sees("agent7001", "ready")
    phone.press("soft1")
    phone.large("Not Ready", "ACW")
    phone.press("soft3")
    assert phone.large("After-Call Work").softkeys == ("Ready", "Not Ready", "Logout", "»")
    phone.server_sees("agent7001", "after-call work")
    phone.press("soft2")
    phone.server_sees("agent7001", "not ready")


def test_the_acw_softkey_can_be_hidden(phone: Story) -> None:
    power_on(phone, voip__services__ACD__show_acw_softkey__enabled="0")
    log_in(phone)
    assert phone.large("Not Ready").softkeys == ("Ready", "Logout", "", "»")


@pytest.mark.rig
def test_not_ready_asks_for_the_reason(phone: Story) -> None:
    power_on(phone, **REASONS, **READY_AFTER)
    log_in(phone)
    phone.large("Ready")
    phone.press("soft1")
    phone.shows("Not Ready", "Lunch break", "Coffee break", "777", "Select")
    phone.press("down", "ok")
    phone.shows("1502", "Not Ready", "Coffee break")
    phone.server_sees("agent7001", "not ready", "501")
    phone.desktop.not_ready("777")
    phone.large("Not Ready", "777")
    phone.desktop.not_ready("4711")
    phone.large("Not Ready", "4711")
    phone.desktop.ready()
    phone.press("soft1", "cancel")
    phone.large("Ready", "Logout")
    phone.server_sees("agent7001", "ready")


def test_fifty_reasons_can_be_scrolled(phone: Story) -> None:
    many = {f"voip__services__ACD__unavailable_reason__{n}__code": str(600 + n) for n in range(50)}
    power_on(phone, **many, **READY_AFTER)
    log_in(phone)
    phone.large("Ready")
    phone.press("soft1", "up")
    phone.shows("649")
    phone.press("ok")
    phone.server_sees("agent7001", "not ready", "649")


def test_the_desktop_changes_the_state_at_any_moment(phone: Story) -> None:
    power_on(phone, **READY_AFTER)
    log_in(phone)
    phone.large("Ready")
    phone.desktop.not_ready("0")
    phone.large("Not Ready", "agent7001")
    phone.desktop.after_call_work()
    phone.large("After-Call Work")
    phone.desktop.ready()
    phone.large("Ready", "Logout")
    phone.desktop.log_out()
    phone.large("Logged Out", "Login")


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


def test_a_wish_is_shown_as_pending_and_given_up_after_five_seconds(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.agent_server().deaf = True
    phone.press("soft1")
    phone.large("Ready...")
    assert phone.state()["agent"] == {"id": "agent7001", "state": "not_ready", "reason": "", "wanted": "ready"}
    phone.pass_time(5.1)
    phone.large("Not accepted")
    phone.pass_time(5)
    phone.large("Not Ready", "agent7001")


def test_a_command_the_server_refuses_says_so_and_the_subscription_lives(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.server_answers(f"SUBSCRIBE {AS_FEATURE}", 415, "Unsupported Media Type")
    phone.press("soft1")
    phone.large("Not accepted")
    phone.pass_time(5)
    phone.press("soft1")
    phone.large("Ready")
    phone.server_sees("agent7001", "ready")
    if phone.bench.name == "core":  # pjsip gives up a dialog at any refusal: there the phone has begun another one
        assert phone.agent_server().dialogs == [(AS_FEATURE, 3600), (HOTELING, 3600)]


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


def test_a_notify_before_its_200_counts(phone: Story) -> None:
    phone.agent_server().notify_first = True
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready", "agent7001")


def test_commands_wait_for_the_answer_to_the_one_before(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft1")
    phone.desktop.not_ready("1")
    phone.press("soft1")
    phone.server_sees("agent7001", "ready")


@pytest.mark.bench("core")
def test_the_subscriptions_are_refreshed_at_half_life_and_the_state_comes_again(phone: Story) -> None:
    power_on(phone, voip__services__ACD__expire_time="600")
    log_in(phone)
    phone.large("Not Ready")
    server = phone.agent_server()
    server.mute = True
    phone.desktop.ready()
    server.mute = False
    server.state = "after-call work"
    phone.pass_time(301)
    phone.large("After-Call Work")
    assert server.dialogs == [(AS_FEATURE, 600), (HOTELING, 600)]


def test_a_subscription_that_the_server_ends_is_begun_anew_at_once(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.ends_subscription(AS_FEATURE, "deactivated")
    phone.pass_time(1)
    phone.desktop.ready()
    phone.large("Ready", "Logout")
    assert phone.agent_server().dialogs.count((AS_FEATURE, 3600)) == 2


def test_an_answer_cseq_too_small_is_given_time(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.server_answers(f"SUBSCRIBE {AS_FEATURE}", 491, "Request Pending")
    phone.press("soft1")
    phone.pass_time(0.5)
    phone.large("Ready...")
    phone.large("Ready", "Logout")
    phone.server_sees("agent7001", "ready")


# --- two servers -----------------------------------------------------------------------------------


def two(phone: Story) -> None:
    """Two servers in service, the agent at the first."""
    power_on(phone, **TWO_SERVERS, **READY_AFTER)
    phone.pass_time(1)
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.server_sees("agent7001", "ready", server=0)
    phone.server_sees("", "logged off", server=1)


def test_the_state_is_drawn_from_the_server_where_the_agent_sits(phone: Story) -> None:
    power_on(phone, **TWO_SERVERS)
    phone.pass_time(1)
    phone.desktop.log_in("agent7001", server=1)
    phone.large("Not Ready", "agent7001")
    phone.press("soft1")
    phone.large("Ready")
    phone.server_sees("agent7001", "ready", server=1)
    phone.server_sees("", "logged off", server=0)
    phone.dial("9196")
    phone.in_call()
    assert phone.call_server() == 1


@pytest.mark.bench("core")
def test_when_that_server_dies_the_agent_is_logged_in_at_the_other_in_the_same_state(phone: Story) -> None:
    two(phone)
    phone.desktop.not_ready("501")
    phone.server_lost(0)
    phone.large("Not Ready", "501", within=3)
    phone.server_sees("agent7001", "not ready", "501", server=1)
    phone.press("soft1")
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
def test_when_the_other_server_dies_nothing_happens(phone: Story) -> None:
    two(phone)
    phone.server_lost(1)
    phone.pass_time(60)
    phone.large("Ready", "agent7001")
    phone.server_sees("", "logged off", server=1)


@pytest.mark.bench("core")
def test_after_an_outage_of_both_the_agent_is_not_logged_in_twice(phone: Story) -> None:
    two(phone)
    phone.server_lost(1)
    phone.server_lost(0)
    phone.shows("No answer from server")
    phone.server_back(1)
    phone.server_back(0)
    phone.large("Ready", "agent7001", within=30)
    phone.server_sees("", "logged off", server=1)


@pytest.mark.bench("core")
def test_an_agent_of_the_desktop_is_not_logged_in_elsewhere_by_the_phone(phone: Story) -> None:
    power_on(phone, **TWO_SERVERS)
    phone.pass_time(1)
    phone.desktop.log_in("agent7001")
    phone.large("Not Ready")
    phone.server_lost(0)
    phone.large("Logged Out")
    phone.server_sees("", "logged off", server=1)


def test_the_status_page_tells_who_where_and_how(phone: Story) -> None:
    power_on(phone, **REASONS)
    log_in(phone)
    phone.large("Not Ready")
    phone.desktop.not_ready("500")
    phone.press("menu", "4", "4")
    phone.shows("Agent", "agent7001", "Not Ready", "Lunch break")
    phone.press("down", "down", "down", "down", "down", "down", "down")
    phone.shows("Agent events", "active", "Seat")


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
