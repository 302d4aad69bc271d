"""Registrations over time: what is asked of each server when, and what is known of it meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.schema.words import RedundancyMode
from deskphone.config.settings import Settings
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.event import Network
from deskphone.core.lines import sites
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.way_state import Way
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from tests.layers import of_file
from tests.unit.core.turns import NOW, turn, wait

DEFAULT = Settings()
ACCOUNT = replace(DEFAULT.line[0], enabled=True, id="1502", auth_name="a1502")
SETTINGS = replace(
    DEFAULT, line=(ACCOUNT, *DEFAULT.line[1:]), proxy=replace(DEFAULT.proxy, use_proxy=True, address="10.0.0.1")
)
ALIVE = replace(SETTINGS, keep_alive=replace(SETTINGS.keep_alive, enabled=True, period=60))


def phone(status: LineStatus = LineStatus.IDLE, settings: Settings = SETTINGS, **fields: object) -> Phone:
    """A phone with one server, in that state."""
    line = Line(0, "10.0.0.1:5060", status, **fields)  # type: ignore[arg-type]
    return Phone(layers=of_file(settings), powered=True, now=NOW, lines=(line,))


def sent(done: tuple[fx.Effect, ...]) -> list[str]:
    """The orders about registrations, by name."""
    kinds = fx.Register | fx.Unregister | fx.KeepAlive
    return [type(each).__name__ for each in done if isinstance(each, kinds)]


def test_power_on_registers_and_gives_each_server_five_seconds() -> None:
    on, done = turn(Phone(now=NOW), ev.PowerOn(of_file(SETTINGS)))
    assert sent(done) == ["Register"]
    assert (on.lines[0].status, on.lines[0].answer_by) == (LineStatus.REGISTERING, on.now.mono + 5)
    [register] = [each for each in done if isinstance(each, fx.Register)]
    assert (register.account.server, register.account.auth_user) == (0, "a1502")
    silent, done = wait(on, 5)
    line = silent.lines[0]
    assert (line.status, line.code, line.reason, line.failures) == (LineStatus.FAILED, 408, "", 1)
    assert line.answer_by == NEVER and line.register_at > silent.now.mono


def test_a_200_ends_every_wait_and_clears_the_cause() -> None:
    before = phone(
        LineStatus.FAILED, code=503, reason="Busy", failures=3, register_at=NOW.mono + 9, answer_by=NOW.mono + 5
    )
    after, done = turn(before, ev.Registered(0, 300))
    line = after.lines[0]
    assert (line.status, line.code, line.reason, line.failures, line.expires) == (
        LineStatus.REGISTERED,
        200,
        "",
        0,
        300,
    )
    assert (line.since, line.register_at, line.answer_by, line.keep_alive_at) == (NOW.mono, NEVER, NEVER, NEVER)
    assert sent(done) == []
    again, _ = turn(after, ev.Registered(0, 300), 100)
    assert again.lines[0].since == NOW.mono, "a refresh is no new registration"


def test_out_of_service_since_when_and_why() -> None:
    before = phone(
        LineStatus.REGISTERED, ALIVE, since=5.0, expires=300, keep_alive_at=NOW.mono + 9, answer_by=NOW.mono + 5
    )
    after, _ = turn(before, ev.RegistrationFailed(0, 503, "Busy"))
    line = after.lines[0]
    assert (line.status, line.code, line.reason, line.failures, line.expires) == (LineStatus.FAILED, 503, "Busy", 1, 0)
    assert (line.since, line.answer_by, line.keep_alive_at) == (NOW.mono, NEVER, NEVER)


def test_the_keep_alive_goes_out_each_period_while_registered() -> None:
    up, _ = turn(phone(settings=ALIVE), ev.Registered(0, 3600))
    after, done = wait(up, 59)
    assert sent(done) == []
    for _ in range(3):
        after, done = wait(after, 1.5)
        assert sent(done) == ["KeepAlive"]
        after, _ = turn(after, ev.ServerHeard(0))
        after, done = wait(after, 58.4)
        assert sent(done) == []
    down, _ = turn(after, ev.RegistrationFailed(0, 403, "Forbidden"))
    _, done = wait(down, 30)
    assert sent(done) == []


@pytest.mark.parametrize(
    ("code", "failures", "pause"),
    [
        (503, 0, 5), (503, 1, 10), (503, 2, 20), (503, 3, 40), (503, 4, 60), (503, 10, 60),
        (503, 11, 120), (503, 30, 120), (403, 0, 60), (403, 11, 60), (401, 0, 60), (404, 3, 60), (407, 0, 60),
    ],
)  # fmt: skip
def test_the_pauses_between_tries(code: int, failures: int, pause: int) -> None:
    slow = replace(SETTINGS, registrar=replace(SETTINGS.registrar, failed_timeout=60))
    after, _ = turn(phone(LineStatus.FAILED, slow, failures=failures), ev.RegistrationFailed(0, code, "No"))
    assert after.lines[0].register_at - NOW.mono == pytest.approx(pause)
    assert after.lines[0].failures == failures + 1


@pytest.mark.parametrize(("configured", "pause"), [(60, 120), (200, 300), (400, 400)])
def test_after_a_dozen_failures_the_pause_doubles_up_to_five_minutes(configured: int, pause: int) -> None:
    slow = replace(SETTINGS, registrar=replace(SETTINGS.registrar, failed_timeout=configured))
    after, _ = turn(phone(LineStatus.FAILED, slow, failures=11), ev.RegistrationFailed(0, 503, "No"))
    assert after.lines[0].register_at - NOW.mono == pytest.approx(pause)


def test_the_network_is_back_and_only_who_is_out_of_service_is_asked_at_once() -> None:
    out, up = Line(0, "a:5060", LineStatus.FAILED, register_at=NOW.mono + 99), Line(1, "b:5060", LineStatus.REGISTERED)
    both = replace(
        SETTINGS,
        redundant=replace(SETTINGS.redundant, mode=RedundancyMode.SIMULTANEOUS, enabled=True),
        secondary=replace(SETTINGS.secondary, address="sips-b"),
    )
    before = replace(phone(settings=both), lines=(out, up))
    after, done = turn(before, ev.NetworkChanged(Network("10.0.0.7")))
    assert [each.account.server for each in done if isinstance(each, fx.Register)] == [0]
    assert after.lines[0].register_at == NEVER and after.lines[1] == up


def test_a_binding_that_was_given_back_is_asked_for_anew_where_the_line_is_wanted() -> None:
    before = phone(LineStatus.REGISTERED, code=200, reason="x", expires=300, keep_alive_at=NOW.mono + 9)
    after, done = turn(before, ev.Unregistered(0))
    line = after.lines[0]
    assert sent(done) == ["Register"]
    assert (line.status, line.code, line.reason, line.expires) == (LineStatus.REGISTERING, 0, "", 0)
    assert line.keep_alive_at == NEVER


def test_one_of_a_server_that_is_wanted_no_more_is_simply_gone() -> None:
    before = phone(LineStatus.REGISTERED)
    after, done = turn(before, ev.Unregistered(1))
    assert after.lines == before.lines and sent(done) == []


@pytest.mark.parametrize("event", [ev.Registered(7, 300), ev.RegistrationFailed(7, 503, "")])
def test_an_answer_of_a_server_nobody_asked_is_illegal(event: ev.Event) -> None:
    before = phone(LineStatus.REGISTERED)
    after, done = turn(before, event)
    assert [type(each) for each in done] == [fx.Illegal] and after.lines == before.lines


def test_a_number_that_changed_is_given_back_before_the_new_one_is_asked_for() -> None:
    before = phone(LineStatus.REGISTERED)
    other = replace(SETTINGS, line=(replace(ACCOUNT, id="1777"), *DEFAULT.line[1:]))
    after, done = turn(before, ev.SettingsLoaded(of_file(other), "x.cfg"))
    assert sent(done) == ["Unregister"]
    assert (after.lines[0].unregistering, after.lines[0].register_at) == (True, after.now.mono + 4)
    gone, done = turn(after, ev.Unregistered(0))
    assert sent(done) == ["Register"] and not gone.lines[0].unregistering
    [register] = [each for each in done if isinstance(each, fx.Register)]
    assert register.account.aor.startswith("sip:1777@")
    slow, done = wait(after, 4)
    assert sent(done) == ["Register"] and not slow.lines[0].unregistering, "a server that does not answer to it"


def test_another_change_meanwhile_waits_for_the_first_to_be_let_go() -> None:
    other = replace(SETTINGS, line=(replace(ACCOUNT, id="1777"), *DEFAULT.line[1:]))
    third = replace(SETTINGS, line=(replace(ACCOUNT, id="1888"), *DEFAULT.line[1:]))
    after, _ = turn(phone(LineStatus.REGISTERED), ev.SettingsLoaded(of_file(other), "x.cfg"))
    after, done = turn(after, ev.SettingsLoaded(of_file(third), "x.cfg"))
    assert sent(done) == [] and after.lines[0].unregistering
    _, done = turn(after, ev.Unregistered(0))
    [register] = [each for each in done if isinstance(each, fx.Register)]
    assert register.account.aor.startswith("sip:1888@")


@pytest.mark.parametrize(
    ("uri", "server"),
    [
        ("sip:2001@10.0.0.2:5070", 1),
        ("sip:2001@10.0.0.2:5070;transport=udp", 1),
        ("sip:2001@10.0.0.1", 0),
        ("sip:2001@10.0.0.2", 7),
        ("sip:2001@elsewhere.example:5070", 7),
        ("sip:10.0.0.2:5070", 7),
        ("", 7),
    ],
)
def test_a_redirect_to_a_site_goes_by_its_own_registration(uri: str, server: int) -> None:
    up = LineStatus.REGISTERED
    both = (Line(0, "10.0.0.1:5060", up), Line(1, "sips-b.example:5070", up, way=Way(("10.0.0.2:5070",))))
    assert sites.meant(replace(phone(), lines=both), uri, otherwise=7) == server
    down = tuple(replace(each, status=LineStatus.FAILED) for each in both)
    assert sites.meant(replace(phone(), lines=down), uri, otherwise=7) == 7
