"""The current goes while an agent is logged in: what the phone knows of it when it is back, and what it does."""

from __future__ import annotations

import pytest

from deskphone.core.documents import SetHoteling
from deskphone.core.events import SettingsLoaded
from tests.stories.agent import ACD, READY_AFTER, TWO_SERVERS, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_sip import SipBench
from tests.stories.configuration import configuration, file_of

KEEP = {"deskphone__acd__keep_session": "1"}
PASSWORD = "8841-word-7752"


def cut(phone: Story, *, forgets: bool = True) -> None:
    """The power goes, of the site too where it forgets: nobody is logged in there any more."""
    phone.power_cut()
    if forgets:
        phone.server_dies(0)
        phone.server_lives(0)


def claims(phone: Story) -> int:
    return sum(isinstance(each, SetHoteling) and bool(each.guest) for each in phone.agent_server(0).heard)


def begin(phone: Story, **settings: str) -> None:
    """An agent Not Ready with a reason, and a password that stands nowhere else."""
    phone.agents(kim=PASSWORD)
    power_on(phone, **READY_AFTER, **settings)
    log_in(phone, "kim", PASSWORD)
    phone.large("Ready", "kim")
    phone.desktop.not_ready("501")
    phone.large("Not Ready", "501")


def again(phone: Story, **settings: str) -> None:
    phone.power_on(**ACD, **READY_AFTER, **settings)


@pytest.mark.bench("core", "sip")
def test_with_keep_session_the_phone_logs_in_again_by_itself_in_the_state_of_before(phone: Story) -> None:
    begin(phone, **KEEP)
    if isinstance(phone.bench, SipBench):
        written = phone.bench.folder / "data"
        state, sealed = written / "session.json", written / "session.sealed"
        phone.wait("the password and the state on the card",
                   lambda _: sealed.exists() and state.exists() and '"501"' in state.read_text(), 15)  # fmt: skip
        for path in (each for each in written.rglob("*") if each.is_file()):
            assert PASSWORD.encode() not in path.read_bytes(), f"the password lies open in {path.name}"
        assert PASSWORD not in phone.journal()
    cut(phone)
    again(phone, **KEEP)
    phone.large("Not Ready", "501", within=20)
    phone.server_sees("kim", "not ready", "501")


@pytest.mark.bench("core", "sip")
def test_else_the_screen_says_who_it_was_and_the_password_only_is_asked_for(phone: Story) -> None:
    begin(phone)
    cut(phone)
    again(phone)
    phone.large("Logged Out", "kim was logged in")
    phone.press("soft1")
    phone.type(PASSWORD)
    phone.press("soft1")
    phone.large("Ready", "kim")
    phone.server_sees("kim", "ready")
    if isinstance(phone.bench, SipBench):
        assert not list((phone.bench.folder / "data").glob("*.sealed"))


@pytest.mark.bench("core")
def test_who_logged_out_before_it_is_nobody_after_it(phone: Story) -> None:
    begin(phone, **KEEP)
    phone.press("soft2")
    phone.large("Logged Out")
    cut(phone)
    again(phone, **KEEP)
    phone.pass_time(30)
    phone.large("Logged Out")
    assert "kim" not in phone.screen().text
    assert not phone.bench.secrets["session"]


@pytest.mark.bench("core")
def test_a_site_that_still_has_the_agent_is_asked_for_nothing(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone, forgets=False)
    asked = claims(phone)
    again(phone, **KEEP)
    phone.large("Not Ready", "501")
    phone.pass_time(60)
    assert claims(phone) == asked


@pytest.mark.bench("core")
def test_and_when_that_site_dies_the_agent_goes_to_the_other_all_the_same(phone: Story) -> None:
    begin(phone, **KEEP, **TWO_SERVERS)
    cut(phone, forgets=False)
    again(phone, **KEEP, **TWO_SERVERS)
    phone.large("Not Ready", "501")
    phone.server_lost(0)
    phone.server_freezes(0)
    phone.server_sees("kim", "not ready", "501", server=1)


@pytest.mark.bench("core")
def test_an_agent_who_sits_at_the_other_site_by_now_stays_there(phone: Story) -> None:
    begin(phone, **KEEP, **TWO_SERVERS)
    cut(phone)
    phone.desktop.log_in("kim", server=1)
    again(phone, **KEEP, **TWO_SERVERS)
    phone.pass_time(30)
    phone.large("Not Ready", "kim")
    phone.server_sees("", "logged off", server=0)


@pytest.mark.bench("core")
def test_the_phone_of_another_agent_by_now_forgets_the_one_of_before(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone)
    phone.desktop.log_in("agent7001")
    asked = claims(phone)
    again(phone, **KEEP)
    phone.large("Not Ready", "agent7001")
    phone.pass_time(60)
    assert claims(phone) == asked
    assert not phone.bench.secrets["session"]
    assert not phone.bench.phone.agent.password


@pytest.mark.bench("core")
def test_a_password_that_is_another_by_now_is_asked_for(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone)
    phone.agents(kim="new")
    again(phone, **KEEP)
    phone.shows("Login failed", within=60)
    asked = claims(phone)
    phone.pass_time(600)
    assert claims(phone) == asked, "one wrong password is enough"
    assert not phone.bench.secrets["session"]
    phone.large("Logged Out", "kim was logged in")


@pytest.mark.bench("core")
def test_who_was_there_yesterday_does_not_sit_here_today(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone)
    phone.bench.now += 13 * 3600.0
    asked = claims(phone)
    again(phone, **KEEP)
    phone.pass_time(60)
    phone.large("Logged Out")
    assert claims(phone) == asked
    assert not phone.bench.secrets["session"]


@pytest.mark.bench("core")
def test_nor_where_the_clock_is_set_only_after_the_start(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone)
    asked = claims(phone)
    again(phone, **KEEP)
    phone.bench.set_clock(13 * 3600.0)
    phone.pass_time(60)
    phone.large("Logged Out")
    assert claims(phone) == asked
    assert not phone.bench.secrets["session"]


@pytest.mark.bench("core")
def test_a_phone_that_is_told_not_to_keep_it_erases_what_it_kept(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone)
    again(phone)
    phone.pass_time(30)
    phone.large("Logged Out", "kim was logged in")
    assert not phone.bench.secrets["session"]


@pytest.mark.bench("core")
def test_a_site_that_does_not_answer_yet_is_asked_again(phone: Story) -> None:
    begin(phone, **KEEP)
    cut(phone)
    phone.agent_server(0).deaf = True
    again(phone, **KEEP)
    phone.pass_time(14)
    phone.agent_server(0).deaf = False
    phone.large("Not Ready", "501", within=30)


@pytest.mark.bench("core")
def test_the_card_is_not_written_at_each_call(phone: Story) -> None:
    begin(phone, **KEEP)
    phone.press("soft1")
    phone.large("Ready")
    phone.bench.effects.clear()
    for _ in range(20):
        phone.desktop.after_call_work()
        phone.desktop.ready()
        phone.pass_time(1)
    written = [each for each in phone.bench.effects if type(each).__name__ in ("Store", "KeepSecret")]
    assert written == []


@pytest.mark.bench("core")
def test_a_site_that_is_slow_to_speak_may_have_the_agent_all_the_same(phone: Story) -> None:
    begin(phone, **KEEP, **TWO_SERVERS)
    cut(phone)
    phone.desktop.log_in("kim", server=1)
    asked = claims(phone)
    phone.agent_server(1).slow = 4.0
    again(phone, **KEEP, **TWO_SERVERS)
    phone.pass_time(60)
    phone.large("Not Ready", "kim")
    assert claims(phone) == asked, "he is at the other site"
    phone.server_sees("", "logged off", server=0)


@pytest.mark.bench("core")
@pytest.mark.parametrize("trouble", ["dead", "dumb"])
def test_a_site_that_never_speaks_is_not_waited_for_for_ever(phone: Story, trouble: str) -> None:
    begin(phone, **KEEP, **TWO_SERVERS)
    cut(phone)
    other = phone.agent_server(1)
    other.down, other.mute = trouble == "dead", trouble == "dumb"
    again(phone, **KEEP, **TWO_SERVERS)
    phone.large("Not Ready", "501", within=60)
    phone.server_sees("kim", "not ready", "501")


@pytest.mark.bench("core")
def test_settings_that_come_after_the_start_forbid_it_too(phone: Story) -> None:
    """The phone starts with the settings of before; those of now come from their server a moment later."""
    begin(phone, **KEEP)
    cut(phone)
    asked = claims(phone)
    again(phone, **KEEP)
    phone.bench.turn(SettingsLoaded(file_of(configuration(**ACD, **READY_AFTER)), "new.cfg", kept=True))
    phone.pass_time(60)
    phone.large("Logged Out", "kim was logged in")
    assert claims(phone) == asked
    assert not phone.bench.secrets["session"]


@pytest.mark.bench("core")
def test_who_logs_out_and_pulls_the_plug_is_gone(phone: Story) -> None:
    begin(phone, **KEEP)
    phone.agent_server(0).deaf = True
    phone.press("soft2")
    assert not phone.bench.secrets["session"], "before the server has said a word"
    cut(phone)
    phone.agent_server(0).deaf = False
    again(phone, **KEEP)
    phone.pass_time(60)
    phone.large("Logged Out")
    assert "kim" not in phone.screen().text


@pytest.mark.bench("core")
@pytest.mark.parametrize("first", [0, 1])
def test_a_site_that_lost_the_agent_before_the_power_cut_gets_no_second_one_out_of_it(phone: Story, first: int) -> None:
    """He went over to the other site; the one that was frozen still has him when it thaws: one of them must not."""
    begin(phone, **KEEP, **TWO_SERVERS)
    phone.server_lost(0)
    phone.server_freezes(0)
    phone.server_sees("kim", "not ready", "501", server=1)
    phone.power_cut()
    phone.agent_server(1 - first).slow = 3.0
    phone.server_lives(0)
    again(phone, **KEEP, **TWO_SERVERS)
    phone.pass_time(30)
    sees = [phone.agent_server(server).guest for server in (0, 1)]
    assert sorted(sees) == ["", "kim"], "at one site, and at one only"
    phone.large("Not Ready", "501")


@pytest.mark.bench("core")
@pytest.mark.parametrize("way", ["by itself", "typed", "desktop"])
def test_nor_does_a_site_that_was_not_heard_since_the_power_cut(phone: Story, way: str) -> None:
    """Frozen while the phone starts, it has the agent of before when it thaws; somebody sits at the other one."""
    settings = {**TWO_SERVERS, **(KEEP if way == "by itself" else {})}
    who = "robin" if way == "desktop" else "kim"
    begin(phone, **settings)
    phone.power_cut()
    phone.server_freezes(0)
    again(phone, **settings)
    phone.registered()
    if way == "typed":
        phone.pass_time(1)
        phone.press("soft1")
        phone.shows("Log In", "kim")
        phone.type(PASSWORD)
        phone.press("soft1")
    elif way == "desktop":
        phone.desktop.log_in(who, server=1)
    phone.wait(f"{who} at the other site", lambda state: state["agent"]["id"] == who, within=100)
    phone.server_lives(0)
    phone.wait("the first site again", lambda state: state["servers"][0]["registered"], within=100)
    phone.pass_time(10)
    assert [phone.agent_server(server).guest for server in (0, 1)] == ["", who]
    assert phone.state()["agent"]["id"] == who


@pytest.mark.bench("core")
def test_the_current_goes_in_the_middle_of_a_log_out(phone: Story) -> None:
    """The site has logged the agent out, and still has his name in the seat."""
    begin(phone)
    at = phone.agent_server(0)
    at.become("logged off")
    cut(phone, forgets=False)
    again(phone)
    phone.pass_time(20)
    assert (at.guest, at.state) == ("kim", "logged off")
    phone.large("Logged Out", "Login")
    assert phone.state()["agent"]["id"] == ""
    phone.desktop.log_in("kim")
    phone.large("Not Ready", "kim")
