"""Status > SIP servers and Status > Agent: since when, and why not."""

from __future__ import annotations

import pytest

from deskphone.view.render import render
from tests.stories.agent import ACD, READY_AFTER, REASONS, TWO_SERVERS, log_in, power_on
from tests.stories.bench import Story

pytestmark = pytest.mark.bench("core")


def rows(phone: Story, page: str) -> list[str]:
    """All rows of a Status page, from the idle screen."""
    phone.press("menu", "4", page)
    seen = [row.strip() for row in phone.screen().rows]
    while render(phone.bench.phone).screen.more[1]:  # type: ignore[attr-defined]
        phone.press("down")
        seen.append(phone.screen().rows[-1].strip())
    phone.press("menu")
    return seen


def servers(phone: Story) -> list[str]:
    return rows(phone, "3")


def agent(phone: Story) -> list[str]:
    return rows(phone, "4")


def test_a_server_in_service_says_since_when(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.pass_time(3 * 3600)
    assert servers(phone) == ["127.0.0.1:5060", "Registered  3h"]


def test_a_server_that_refuses_says_why_since_when_and_when_it_is_tried_again(phone: Story) -> None:
    phone.server_answers("REGISTER", 403, "Forbidden", times=99)
    phone.power_on(voip__signalling__sip__registration_failed_timeout="60")
    phone.pass_time(10 * 60 + 20)
    seen = servers(phone)
    assert seen[1:3] == ["Not allowed  403", "Out since  10m"]
    assert seen[3].startswith("Next try  in ")


def test_the_seconds_until_the_next_try_run_while_one_looks(phone: Story) -> None:
    phone.server_answers("REGISTER", 403, "Forbidden", times=99)
    phone.power_on(voip__signalling__sip__registration_failed_timeout="60")
    phone.pass_time(10)
    phone.press("menu", "4", "3")
    said = []
    for _ in range(30):
        said.append(int(phone.screen().rows[3].split()[-2]))
        phone.pass_time(1)
    assert said == list(range(said[0], said[0] - 30, -1))


def test_a_silent_server_is_out_since_it_was_lost_however_often_it_was_tried(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS)
    phone.pass_time(1)
    phone.server_lost(1)
    phone.pass_time(7200)
    seen = servers(phone)
    assert seen[:2] == ["127.0.0.1:5060", "Registered  2h"]
    assert seen[2] == "Calls go by it"
    assert seen[3:7] == ["127.0.0.2:5060", "No answer from", "server", "Out since  2h"]
    phone.server_back(1)
    phone.pass_time(600)
    assert len([row for row in servers(phone) if row.startswith("Registered")]) == 2


def test_without_an_account_the_page_says_why_there_is_none(phone: Story) -> None:
    phone.power_on(voip__line__0__id="")
    assert servers(phone) == ["No account"]


def test_an_empty_seat_says_that_somebody_has_to_sign_in(phone: Story) -> None:
    phone.power_on(system__login_sk_before_signed_in="1", voip__line__0__id="")
    assert servers(phone) == ["Please sign in"]


def test_the_agent_says_since_when_in_this_state_and_for_what_reason(phone: Story) -> None:
    power_on(phone, **READY_AFTER, **REASONS)
    log_in(phone)
    phone.large("Ready")
    phone.pass_time(3600)
    assert agent(phone)[:3] == ["Agent  agent7001", "State  Ready", "Since  1h"]
    phone.press("soft1", "ok")
    phone.large("Not Ready")
    phone.pass_time(600)
    assert agent(phone)[:4] == ["Agent  agent7001", "State  Not Ready", "Reason  Lunch break", "Since  10m"]


def test_a_state_that_is_asked_for_and_not_granted_yet_is_said(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.agent_server().deaf = True
    phone.press("soft1")
    assert "Asked for  Ready" in agent(phone)


@pytest.mark.parametrize(
    ("server_does", "said"),
    [
        ("same nonce", "Wrong password"),
        ("new nonce", "Wrong password"),
        ("empty", "Log in refused"),
        ("silence", "Log in unanswered"),
    ],
)
def test_why_a_log_in_failed_is_still_said_an_hour_later(phone: Story, server_does: str, said: str) -> None:
    power_on(phone)
    phone.agent_server().on_wrong_password = server_does
    log_in(phone, password="9")
    phone.shows("Login failed", within=60)
    phone.pass_time(3600)
    assert f"{said}  1h" in agent(phone)


def test_a_log_in_that_nobody_answered_is_said(phone: Story) -> None:
    power_on(phone)
    phone.agent_server().deaf = True
    log_in(phone)
    phone.shows("Login failed", within=60)
    assert "Log in unanswered now" in " ".join(agent(phone))


def test_a_log_in_under_way_is_said(phone: Story) -> None:
    power_on(phone)
    phone.agent_server().deaf = True
    log_in(phone)
    phone.pass_time(1)
    assert "Logging in..." in agent(phone)


def test_who_logged_out_is_said(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.pass_time(300)
    assert "Logged out here  5m" in agent(phone)
    log_in(phone, user="")
    phone.large("Not Ready")
    assert not [row for row in agent(phone) if row.startswith(("Logged out", "Out by"))]
    phone.desktop.log_out()
    phone.large("Logged Out")
    phone.pass_time(300)
    assert "Out by server  5m" in agent(phone)


def test_a_phone_whose_log_in_is_not_set_up_says_so(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    assert agent(phone)[:3] == ["Agent  -", "State  -", "Log in not set up"]


def test_a_phone_without_a_server_says_so_and_not_that_a_password_is_wrong(phone: Story) -> None:
    phone.server_silent(True)
    phone.power_on(**ACD)
    phone.pass_time(10)
    assert "Not registered" in agent(phone)


def test_a_server_that_knows_no_agents_is_named_so(phone: Story) -> None:
    phone.server_answers("SUBSCRIBE", 489, "Bad Event", times=9)
    phone.power_on(**ACD)
    phone.registered()
    phone.pass_time(2)
    assert "Server has no agents" in agent(phone)


def test_the_reason_of_a_failed_subscription_is_read_to_its_end(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.server_answers("SUBSCRIBE", 503, "Maintenance until ten o'clock", times=99)
    phone.power_on(**ACD)
    phone.pass_time(2)
    seen = agent(phone)
    assert "Error" in seen
    assert "503 Maintenance" in [row.strip() for row in seen]
    assert "until ten o'clock" in [row.strip() for row in seen]
