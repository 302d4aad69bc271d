"""A word of the server that comes when the phone has given up waiting for it, and an agent who is moved meanwhile."""

from __future__ import annotations

import pytest

from tests.stories.agent import READY_AFTER, TWO_SERVERS, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")


def logged_in(phone: Story, **settings: str) -> None:
    power_on(phone, **READY_AFTER, **settings)
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.pass_time(60)


@pytest.mark.parametrize("late", [6.0, 20.0])
def test_a_log_out_that_the_server_does_after_the_phone_gave_it_up_is_a_whole_one(phone: Story, late: float) -> None:
    logged_in(phone)
    core(phone).agent_server().slow = late
    phone.press("soft2")
    phone.large("Not accepted", within=7)
    phone.large("Logged Out", "Login", within=late + 7)
    phone.server_sees("", "logged off")
    assert core(phone).phone.agent.why == "here"


def test_the_seat_is_free_for_somebody_else_then(phone: Story) -> None:
    logged_in(phone)
    core(phone).agent_server().slow = 6.0
    phone.press("soft2")
    phone.pass_time(30)
    core(phone).agent_server().slow = 0.0
    phone.press("soft1", *["soft3"] * 12)
    phone.type("a7002")
    phone.press("soft1")
    phone.large("Ready", "a7002")


def test_a_state_asked_for_meanwhile_is_not_lost_with_it(phone: Story) -> None:
    """The server did the log out: the agent, who went on, sees that he is out, and why."""
    logged_in(phone)
    core(phone).agent_server().slow = 8.0
    phone.press("soft2")
    phone.pass_time(6)
    phone.press("soft1")
    phone.pass_time(40)
    phone.large("Logged Out")
    phone.server_sees("", "logged off")
    assert not core(phone).phone.agent.wanted


def test_a_log_out_by_the_server_much_later_is_the_servers(phone: Story) -> None:
    logged_in(phone)
    core(phone).agent_server().deaf = True
    phone.press("soft2")
    phone.pass_time(600)
    core(phone).agent_server().become("logged off")
    phone.pass_time(1)
    phone.large("Logged Out")
    assert core(phone).phone.agent.why == "by_server"


def test_a_log_out_that_the_server_refuses_is_none_later(phone: Story) -> None:
    logged_in(phone)
    phone.server_answers("SUBSCRIBE as-feature-event", 415, "Unsupported Media Type")
    phone.press("soft2")
    phone.large("Not accepted")
    phone.pass_time(10)
    core(phone).agent_server().become("logged off")
    phone.pass_time(1)
    assert core(phone).phone.agent.why == "by_server"


@pytest.mark.parametrize("order", ["in first", "out first"])
def test_a_desktop_that_moves_the_agent_back_finds_him_there(phone: Story, order: str) -> None:
    logged_in(phone, **TWO_SERVERS)
    phone.server_lost(0)
    phone.large("Ready", within=30)
    phone.server_sees("agent7001", "ready", server=1)
    for each in ("0",):
        core(phone).agent_server(int(each)).forget()
    phone.server_lives(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=130)
    phone.pass_time(5)
    here, there = core(phone).agent_server(0), core(phone).agent_server(1)

    def leave() -> None:
        there.become("logged off")
        there.seat("")

    def arrive() -> None:
        here._log_on("agent7001")
        here.become("ready")

    for act in (arrive, leave) if order == "in first" else (leave, arrive):
        act()
        phone.pass_time(1)
    phone.pass_time(120)
    phone.large("Ready", "agent7001")
    phone.server_sees("agent7001", "ready", server=0)
    phone.server_sees("", "logged off", server=1)
    phone.press("soft1")
    phone.server_sees("agent7001", "not ready", server=0)


def test_so_does_one_that_is_faster_than_the_phone(phone: Story) -> None:
    """The site that is back has him already when the phone first hears of it: it cannot know that from what was."""
    logged_in(phone, **TWO_SERVERS)
    phone.server_lost(0)
    phone.large("Ready", within=30)
    phone.server_sees("agent7001", "ready", server=1)
    here, there = core(phone).agent_server(0), core(phone).agent_server(1)
    here.forget()
    here.guest, here.state = "agent7001", "ready"
    phone.server_lives(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=130)
    phone.pass_time(0.5)
    there.become("logged off")
    there.seat("")
    phone.pass_time(180)
    at = [each.guest for each in (here, there)]
    shown = core(phone).phone.agent.id
    assert [each for each in at if each] == ([shown] if shown else []), (at, shown)
