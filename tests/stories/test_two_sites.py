"""Two sites, and one of them dies: what the person notices of it, and how soon. Killed and frozen alike.

Law: the phone is told nothing; it has to find out by what it asks. Seconds in these stories are the phone's promise.
"""

from __future__ import annotations

import itertools

import pytest

from deskphone.core.events import RegistrationFailed, ServerHeard, ServerSilent, ServerSpoke
from deskphone.core.screen.status import PAGES
from tests.stories.agent import ACD, READY_AFTER, TWO_SERVERS, fill_in, log_in, power_on
from tests.stories.bench import Story

KEEP_ALIVE = {
    "voip__signalling__sip__registrar_ka__enabled": "1",
    "voip__signalling__sip__registrar_ka__timeout": "40",
}
WAYS = ("server_dies", "server_freezes")


def two(phone: Story, **settings: str) -> None:
    """Two sites in service, the agent Ready at the first."""
    power_on(phone, **TWO_SERVERS, **READY_AFTER, **settings)
    phone.wait("both sites", lambda state: [each["registered"] for each in state["servers"]] == [True, True])
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.server_sees("agent7001", "ready", server=0)


@pytest.mark.parametrize("way", WAYS)
def test_the_same_call_goes_on_at_the_other_site_without_a_key(phone: Story, way: str) -> None:
    phone.power_on(**TWO_SERVERS)
    phone.registered_everywhere()
    getattr(phone, way)(0)
    phone.dial("2001")
    phone.in_call(within=5)
    assert phone.call_server() == 1
    assert len(phone.state()["calls"]) == 1, "the person sees one call"


@pytest.mark.parametrize("way", WAYS)
def test_a_key_of_the_agent_at_a_dead_site_is_obeyed_at_the_other(phone: Story, way: str) -> None:
    two(phone)
    getattr(phone, way)(0)
    phone.press("soft1")  # Not Ready
    phone.shows("Not Ready")
    phone.press("ok")
    phone.large("Not Ready", within=10)
    phone.server_sees("agent7001", "not ready", server=1)


@pytest.mark.parametrize("way", WAYS)
def test_after_the_first_sign_the_agent_is_ready_at_the_other_site(phone: Story, way: str) -> None:
    two(phone)
    getattr(phone, way)(0)
    phone.dial("2001")  # the sign
    phone.in_call(within=5)
    phone.press("cancel")
    phone.idle()
    phone.wait("the log in at the other site", lambda state: not state["servers"][0]["registered"], within=10)
    phone.server_sees("agent7001", "ready", server=1)
    phone.large("Ready", within=10)


@pytest.mark.bench("core")
@pytest.mark.parametrize("way", WAYS)
def test_without_any_sign_the_keep_alive_finds_it(phone: Story, way: str) -> None:
    two(phone, **KEEP_ALIVE)
    getattr(phone, way)(0)
    phone.large("Ready", "agent7001", within=45)
    phone.wait("the other site", lambda state: not state["servers"][0]["registered"], within=45)
    phone.large("Ready", within=5)
    phone.server_sees("agent7001", "ready", server=1)


def test_a_log_in_at_a_dead_site_goes_on_at_the_other(phone: Story) -> None:
    power_on(phone, **TWO_SERVERS, **READY_AFTER)
    phone.registered_everywhere()
    phone.server_freezes(0)
    fill_in(phone)
    phone.press("soft1")
    phone.large("Ready", within=10)
    phone.server_sees("agent7001", "ready", server=1)


def test_an_agent_of_a_dead_site_can_log_out(phone: Story) -> None:
    two(phone)
    phone.server_freezes(0)
    phone.press("soft2")
    phone.large("Logged Out", within=10)
    phone.server_sees("", "logged off", server=1)


def test_a_frozen_site_that_thaws_is_no_second_place_for_the_agent(phone: Story) -> None:
    two(phone, voip__signalling__sip__registration_failed_timeout="1")
    phone.server_freezes(0)
    phone.press("soft1")
    phone.shows("Not Ready")
    phone.press("ok")
    phone.server_sees("agent7001", "not ready", server=1)
    phone.server_lives(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=15)
    phone.server_sees("agent7001", "not ready", server=1)
    phone.large("Not Ready")


@pytest.mark.bench("core")  # a frozen site is found by the keep-alive, and back by the pause of a failed REGISTER
@pytest.mark.parametrize("again", ["agent7001", "a7002"])
@pytest.mark.parametrize("how", ["desktop", "power cut"])
def test_nor_for_one_whose_log_in_the_phone_only_found_there(phone: Story, how: str, again: str) -> None:
    """The desktop made it, or it was there after a power cut: here is no password, and the person logs in anew."""
    sites = {**TWO_SERVERS, **KEEP_ALIVE, **READY_AFTER}
    power_on(phone, **sites)
    phone.registered_everywhere()
    if how == "desktop":
        phone.desktop.log_in("agent7001")
    else:
        log_in(phone)
        phone.large("Ready", "agent7001")
        phone.power_cut()
        phone.power_on(**ACD, **sites)
    phone.wait("agent7001 to be found there", lambda state: state["agent"]["id"] == "agent7001")
    phone.registered_everywhere()
    phone.server_freezes(0)
    phone.large("Logged Out", within=50)
    phone.press("soft1")
    phone.press(*["soft3"] * 10)
    fill_in_here(phone, again, "1234" if again == "agent7001" else "")
    phone.server_sees(again, "ready", server=1)
    phone.server_lives(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=100)
    phone.server_sees("", "logged off", server=0)
    phone.server_sees(again, "ready", server=1)
    phone.large("Ready", again)


def fill_in_here(phone: Story, user: str, password: str) -> None:
    """User name and password into the form that is open, and Login."""
    phone.type(user)
    phone.press("down")
    phone.type(password)
    phone.press("soft1")


@pytest.mark.bench("core")
def test_a_server_that_lost_its_state_is_noticed_within_the_keep_alive(phone: Story) -> None:
    two(phone, **KEEP_ALIVE)
    phone.server_dies(0)
    phone.server_lives(0)
    phone.large("Logged Out", within=45)
    at = phone.agent_server(0)
    assert {"as-feature-event", "x-broadworks-hoteling"} <= at.open, "it is told of the agent again"


def test_the_one_site_left_is_said_once_and_the_way_home_too(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS)
    phone.registered_everywhere()
    phone.server_freezes(0)
    phone.dial("2001")
    phone.in_call(within=5)
    phone.press("cancel")
    phone.shows("Now at 127.0.0.2", within=10)


@pytest.mark.bench("core")
@pytest.mark.long
def test_a_flapping_site_moves_nothing_more_than_once_a_minute(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS, **KEEP_ALIVE)
    phone.pass_time(70)
    places = []
    for _ in range(60):
        phone.server_freezes(0)
        phone.pass_time(7)
        phone.server_lives(0)
        phone.pass_time(8)
        phone.dial("2001")
        phone.in_call(within=5)
        places.append(phone.call_server())
        phone.press("cancel")
        phone.idle()
    changes = sum(before != after for before, after in itertools.pairwise(places))
    assert changes <= 60 * 20 / 60


@pytest.mark.bench("core")
@pytest.mark.slow
def test_both_sites_dead_for_a_day_and_back(phone: Story) -> None:
    two(phone, **KEEP_ALIVE)
    phone.server_freezes(0)
    phone.server_freezes(1)
    phone.pass_time(120)
    phone.shows("No answer from server")
    tries = len(phone.bench.effects_at)
    phone.pass_time(86_400)
    asked = len(phone.bench.effects_at) - tries
    assert asked < 6_000, "a dead server is asked seldom"
    phone.dial("2001")
    phone.shows("Not registered")
    phone.press("cancel")
    phone.server_lives(1)
    phone.large("Logged Out", "agent7001 was logged in", within=400)  # who left yesterday does not sit here today
    phone.server_sees("", "logged off", server=1)
    phone.press("soft1")
    phone.type("1234")
    phone.press("soft1")
    phone.large("Ready", "agent7001")


@pytest.mark.bench("core")
@pytest.mark.slow
def test_both_sites_dead_for_a_night_shift_and_the_first_one_back_has_the_agent(phone: Story) -> None:
    two(phone, **KEEP_ALIVE)
    phone.server_freezes(0)
    phone.server_freezes(1)
    phone.pass_time(11 * 3600)
    phone.server_lives(1)
    phone.large("Ready", "agent7001", within=400)
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
@pytest.mark.parametrize(("asked", "setting", "passed_over"), [(45, 0, 45), (0, 20, 20), (0, 0, 0)])
def test_a_site_that_refuses_a_call_gets_no_new_ones_for_as_long_as_it_says(
    phone: Story, asked: int, setting: int, passed_over: int
) -> None:
    retry = {"voip__signalling__sip__redundant_proxy__call_retry_after": str(setting)}
    phone.power_on(**TWO_SERVERS, **retry)
    phone.registered_everywhere()

    def calls() -> int:
        phone.dial("2001")
        phone.in_call()
        where = phone.call_server()
        phone.press("cancel")
        phone.idle()
        return where

    phone.server_answers("INVITE", 503, "Overloaded", retry_after=asked)
    assert calls() == 1
    if passed_over:
        phone.pass_time(passed_over - 5)
        assert calls() == 1
        phone.pass_time(6)
    assert calls() == 0


@pytest.mark.bench("core")
def test_a_site_that_wants_to_be_left_alone_is_called_all_the_same_where_there_is_no_other(phone: Story) -> None:
    phone.power_on()
    phone.server_answers("INVITE", 503, "Overloaded", retry_after=600)
    phone.dial("2001")
    phone.shows("Service unavailable")
    phone.press("cancel")
    phone.dial("2001")
    phone.in_call()


@pytest.mark.bench("core")
def test_who_touches_the_phone_does_not_wait_for_the_pause_of_a_whole_floor(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.bench.chance = 0.99  # the longest pause
    phone.server_freezes(0)
    phone.bench.post(ServerSilent(0, "no answer"))
    phone.shows("No answer from server")
    phone.server_lives(0)
    phone.pass_time(30)
    assert not phone.state()["servers"][0]["registered"]
    phone.press("up")
    phone.registered(within=1)


@pytest.mark.bench("core")
def test_but_he_does_wait_for_what_the_server_asked_for(phone: Story) -> None:
    phone.power_on()
    phone.pass_time(1)
    phone.server_answers("REGISTER", 503, "Overloaded", retry_after=100)
    phone.bench.post(RegistrationFailed(0, 503, "Overloaded", 100, answered=True))
    for _ in range(9):
        phone.pass_time(10)
        phone.press("up")
    assert not phone.state()["servers"][0]["registered"]


@pytest.mark.bench("core")
def test_a_site_that_speaks_is_asked_soon_whether_it_takes_the_phone_back(phone: Story) -> None:
    two(phone)
    phone.bench.chance = 0.99
    phone.server_freezes(0)
    phone.bench.post(ServerSilent(0, "no answer"))
    phone.pass_time(5)
    phone.server_lives(0)
    phone.pass_time(20)
    assert not phone.state()["servers"][0]["registered"]
    phone.bench.post(ServerSpoke(0))
    phone.registered_everywhere(within=3)


@pytest.mark.bench("core")
def test_a_call_at_a_dead_site_goes_on_and_another_can_be_made(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS)
    phone.pass_time(1)
    phone.dial("2001")
    phone.in_call()
    phone.server_freezes(0)
    phone.press("hold")
    phone.pass_time(5)
    phone.in_call()
    phone.press("soft1")
    phone.pass_time(0.1)


@pytest.mark.bench("core")
def test_the_servers_page_tells_by_which_site_calls_go(phone: Story) -> None:
    def marked() -> str:
        labels = [row.label for row in PAGES["sip_status"](phone.bench.phone, "")]
        return next(label for label in reversed(labels[: labels.index("calls_go_here")]) if ":" in label)

    two(phone)
    assert marked() == "127.0.0.1:5060"
    phone.server_freezes(0)
    phone.bench.post(ServerSilent(0, "no answer to REGISTER"))
    phone.pass_time(10)
    assert marked() == "127.0.0.2:5060"


def test_a_503_of_one_site_sends_the_call_to_the_other(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS)
    phone.registered_everywhere()
    phone.server_answers("INVITE", 503, "Overloaded")
    phone.dial("2001")
    phone.in_call()
    assert phone.call_server() == 1


def test_a_503_named_in_no_switch_on_code_is_the_last_word(phone: Story) -> None:
    phone.power_on(**TWO_SERVERS, voip__signalling__sip__redundant_proxy__no_switch_on_code="503")
    phone.registered_everywhere()
    phone.server_answers("INVITE", 503, "Overloaded")
    phone.dial("2001")
    phone.shows("Service unavailable")


@pytest.mark.bench("core")
def test_a_lost_refresh_is_no_dead_site(phone: Story) -> None:
    two(phone)
    phone.bench.post(RegistrationFailed(0, 408, "Request Timeout", answered=False))  # as packets are lost
    phone.pass_time(10)
    assert phone.state()["servers"][0]["registered"]
    phone.server_sees("agent7001", "ready", server=0)
    phone.server_sees("", "logged off", server=1)


@pytest.mark.bench("core")
def test_a_refresh_that_is_lost_twice_is_a_dead_site(phone: Story) -> None:
    two(phone)
    phone.server_freezes(0)
    phone.bench.post(RegistrationFailed(0, 408, "Request Timeout", answered=False))
    phone.wait("the other site", lambda state: not state["servers"][0]["registered"], within=6)
    phone.server_sees("agent7001", "ready", server=1)


@pytest.mark.bench("core")
def test_an_answer_of_a_site_that_the_settings_name_no_more_is_nothing(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.bench.post(ServerHeard(1, 200))
    phone.pass_time(1)
    assert not phone.bench.illegal
