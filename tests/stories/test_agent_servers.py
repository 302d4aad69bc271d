"""An agent with two servers: where the agent sits, and where when one of them dies."""

from __future__ import annotations

import random

import pytest

from deskphone.core.documents import SetHoteling
from deskphone.core.effects import Resubscribe
from deskphone.core.events import Registered
from tests.stories.agent import READY_AFTER, TWO_SERVERS, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import core


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
    phone.large("Not Ready", "501", within=12)  # first the screen says which server it is now
    phone.server_sees("agent7001", "not ready", "501", server=1)
    phone.press("soft1")
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
@pytest.mark.parametrize("spelling", ["[]", "sip:{}@sips-a.example.com", "<sip:{}@10.1.1.5;user=phone>", "{}@sips-a"])
def test_so_he_is_where_the_servers_write_his_name_in_their_own_way(phone: Story, spelling: str) -> None:
    for server in (0, 1):
        phone.agent_server(server).spelling = spelling
    power_on(phone, **TWO_SERVERS, **READY_AFTER)
    phone.pass_time(1)
    log_in(phone)
    phone.large("Ready")
    assert "sip:" not in phone.screen().text
    phone.server_lost(0)
    phone.server_sees("agent7001", "ready", server=1)
    phone.large("Ready")


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
    phone.large("Ready", "agent7001", within=60)
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


@pytest.mark.bench("core")
@pytest.mark.parametrize("late", [0, 10])
def test_a_site_that_is_back_while_the_other_one_is_asked_keeps_the_agent(phone: Story, late: int) -> None:
    two(phone)
    first, second = phone.agent_server(0), phone.agent_server(1)
    second.mute = True
    phone.server_lost(0)
    phone.pass_time(1)
    phone.server_back(0)
    phone.bench.post(Registered(0, 3600))
    phone.large("Ready", within=2)  # first the screen says which server it is now
    phone.pass_time(late)
    second.mute = False
    second._log_on("agent7001")  # late, and true
    phone.pass_time(5)
    assert [first.guest, second.guest] == ["agent7001", ""]
    phone.large("Ready", "agent7001", within=12)
    assert not phone.bench.phone.agent.owed


@pytest.mark.bench("core")
def test_without_a_keep_alive_a_server_that_was_started_anew_is_found_out_with_the_next_registration(
    phone: Story,
) -> None:
    """It takes the REGISTER as ever, and knows nothing of the agent: nobody waits for calls for half an hour."""
    power_on(phone, **READY_AFTER)
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.pass_time(60)
    phone.server_dies(0)
    phone.server_lives(0)
    phone.bench.post(Registered(0, 300))
    phone.large("Logged Out", "Login")
    at = phone.agent_server(0)
    assert {"as-feature-event", "x-broadworks-hoteling"} <= at.open, "it is told of the agent again"
    core(phone).effects.clear()
    for _ in range(40):  # a file that wants a registration every 5 s
        phone.pass_time(2.5)
        phone.bench.post(Registered(0, 5))
    assert 2 <= sum(isinstance(each, Resubscribe) for each in core(phone).effects) <= 8


@pytest.mark.bench("core")
def test_who_logged_out_while_his_site_was_frozen_is_logged_out_when_it_thaws(phone: Story) -> None:
    two(phone)
    phone.server_freezes(0)
    phone.press("soft2")
    phone.large("Logged Out", within=15)
    phone.server_lives(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=60)
    phone.server_sees("", "logged off", server=0)
    phone.large("Logged Out", within=10)


@pytest.mark.bench("core")
def test_a_site_that_flaps_while_the_agent_is_taken_away_from_it_does_not_keep_him(phone: Story) -> None:
    two(phone)
    first, second = phone.agent_server(0), phone.agent_server(1)
    phone.server_lost(0)
    phone.server_sees("agent7001", "ready", server=1)
    phone.server_back(0)
    first.deaf = True  # back, and gone again before it did what it was told
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=60)
    phone.pass_time(1)
    phone.server_lost(0)
    first.deaf = False
    phone.server_back(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=60)
    phone.pass_time(5)
    assert [first.guest, second.guest] == ["", "agent7001"]
    phone.large("Ready", "agent7001")


@pytest.mark.bench("core")
@pytest.mark.parametrize("how", ["deaf", "refuses"])
def test_a_site_that_does_not_log_out_who_sits_elsewhere_is_asked_again_until_it_does(phone: Story, how: str) -> None:
    """Nobody waits for it, and the keys and the screen are those of the site where he sits."""
    two(phone)
    first, second = phone.agent_server(0), phone.agent_server(1)
    phone.server_lost(0)
    phone.server_sees("agent7001", "ready", server=1)
    phone.server_back(0)
    first.deaf = True
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=60)
    phone.pass_time(90)
    phone.large("Ready", "agent7001")
    phone.press("soft1")
    phone.server_sees("agent7001", "not ready", server=1)
    if how == "refuses":
        phone.server_answers("SUBSCRIBE", 415, "Unsupported Media Type", times=1)
    first.deaf = False
    asked = len(first.heard)
    phone.pass_time(90)
    assert [first.guest, second.guest] == ["", "agent7001"]
    assert len(first.heard) - asked < 5
    phone.large("Not Ready", "agent7001")


@pytest.mark.bench("core")
def test_a_site_that_is_back_and_says_nothing_of_the_agent_does_not_keep_him_from_the_other(phone: Story) -> None:
    two(phone)
    first = phone.agent_server(0)
    phone.server_lost(1)
    phone.server_lost(0)
    first.mute = True
    phone.server_back(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=60)
    phone.server_back(1)
    phone.wait("the second site", lambda state: state["servers"][1]["registered"], within=100)
    phone.large("Ready", "agent7001", within=60)
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
def test_who_was_at_both_one_after_the_other_is_at_one_when_both_are_back(phone: Story) -> None:
    two(phone)
    first, second = phone.agent_server(0), phone.agent_server(1)
    phone.server_lost(0)
    phone.server_sees("agent7001", "ready", server=1)
    phone.server_lost(1)
    phone.server_back(0)
    phone.large("Ready", "agent7001", within=60)
    assert phone.bench.phone.agent.server == 0
    phone.server_back(1)
    phone.registered_everywhere(within=60)
    phone.pass_time(5)
    assert [first.guest, second.guest] == ["agent7001", ""]


@pytest.mark.bench("core")
@pytest.mark.parametrize("seed", range(12))
def test_however_both_sites_come_and_go_the_agent_is_at_one_in_the_end(phone: Story, seed: int) -> None:
    lots = random.Random(seed)
    two(phone)

    def storm(steps: int) -> None:
        for _ in range(steps):
            phone.bench.chance = lots.random()
            lots.choice([phone.server_freezes, phone.server_lives, phone.server_lost])(lots.choice([0, 1]))
            phone.pass_time(lots.choice([0.05, 0.5, 2, 8, 20, 40]))

    storm(40)
    out = phone.bench.phone.agent.server is not None and bool(seed % 2)
    if out:
        phone.press("soft2")
        storm(10)
    phone.server_lives(0)
    phone.server_lives(1)
    phone.pass_time(700)
    guests = sorted(phone.agent_server(server).guest for server in (0, 1))
    assert guests == (["", ""] if out else ["", "agent7001"])
    assert (phone.bench.phone.agent.server is None) == out


@pytest.mark.bench("core")
def test_an_agent_whose_site_dies_when_the_other_takes_no_agents_is_there_when_it_does(phone: Story) -> None:
    two(phone)
    phone.ends_subscription("x-broadworks-hoteling", "giveup", retry_after=25, server=1)
    phone.server_lost(0)
    phone.large("Ready", "agent7001", within=90)
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
def test_a_site_that_does_not_answer_the_log_in_of_an_agent_in_need_is_asked_again(phone: Story) -> None:
    two(phone)
    second = phone.agent_server(1)
    second.deaf = True  # a 200, and nothing happens
    phone.server_lost(0)
    phone.server_freezes(0)
    phone.pass_time(12)
    phone.large("Logged Out", within=12)
    second.deaf = False
    phone.large("Ready", "agent7001", within=30)
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
def test_a_site_that_never_answers_it_is_not_asked_for_ever(phone: Story) -> None:
    two(phone)
    second = phone.agent_server(1)
    second.deaf = True
    phone.server_lost(0)
    phone.server_freezes(0)
    phone.pass_time(600)
    claims = [each for each in second.heard if isinstance(each, SetHoteling) and each.guest]
    assert len(claims) == 5
    assert not phone.bench.phone.agent.password, "nobody is logged in, and nobody is about to be"


@pytest.mark.bench("core")
def test_with_both_sites_gone_while_the_agent_moves_he_is_at_the_one_that_is_back_first(phone: Story) -> None:
    two(phone)
    phone.agent_server(1).deaf = True
    phone.server_lost(0)
    phone.server_freezes(0)
    phone.pass_time(1)
    phone.server_lost(1)
    phone.server_freezes(1)
    phone.pass_time(20)
    phone.agent_server(1).deaf = False
    phone.server_lives(1)
    phone.large("Ready", "agent7001", within=90)
    phone.server_sees("agent7001", "ready", server=1)
