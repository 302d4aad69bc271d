"""The agent's states both ways: Ready, Not Ready with its reason, After-Call Work, and the server's word on each."""

from __future__ import annotations

import pytest

from deskphone.core.documents import AS_FEATURE, HOTELING
from tests.stories.agent import READY_AFTER, REASONS, log_in, power_on
from tests.stories.bench import Story


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


def test_a_notify_before_its_200_counts(phone: Story) -> None:
    phone.agent_server().notify_first = True
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready", "agent7001")


@pytest.mark.bench("core")  # else it is chance whose command comes first: the desktop's, or the phone's second
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


def test_the_status_page_tells_who_where_and_how(phone: Story) -> None:
    power_on(phone, **REASONS)
    log_in(phone)
    phone.large("Not Ready")
    phone.desktop.not_ready("500")
    phone.press("menu", "4", "4")
    phone.shows("Agent", "agent7001", "Not Ready", "Lunch break")
    phone.press("up")
    phone.shows("Agent events", "active", "Seat")


def test_a_reason_chosen_after_the_desktop_has_logged_the_agent_out_is_not_lost_in_silence(phone: Story) -> None:
    power_on(phone, **REASONS, **READY_AFTER)
    log_in(phone)
    phone.large("Ready")
    phone.press("soft1")
    phone.shows("Lunch break")
    phone.desktop.log_out()
    phone.server_sees("", "logged off")
    phone.pass_time(0.5)
    phone.press("ok")
    phone.shows("Not accepted")
    phone.large("Logged Out", "Login", within=8)
