"""The agent's session over time and over two servers: which one takes a log in, moving on, wishes, the banner."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.schema.words import LoginState
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings
from deskphone.core import documents as doc
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.agent import agent, moves, session, wishes
from deskphone.core.agent.state import AgentState, Place, Presence, Seat
from deskphone.core.agent.table import Happening
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.subscription_table import Stage, Subscription
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.layers import of_file
from tests.unit.core.turns import NOW, turn

DEFAULT = Settings()
ON = replace(DEFAULT, acd=replace(DEFAULT.acd, enabled=True))
EVERY = moves.MOVE_SECONDS
UP, DOWN = LineStatus.REGISTERED, LineStatus.FAILED


def phone(
    *seats: Seat, stages: tuple[Stage, Stage] = (Stage.ACTIVE, Stage.ACTIVE),
    lines: tuple[LineStatus, LineStatus] = (UP, UP),
    settings: Settings = ON, since: float = 5.0, **fields: object,
) -> Phone:  # fmt: skip
    """A phone with two servers."""
    known = {"user": "agent7001", "password": Secret("1234"), **fields}
    return Phone(
        now=NOW, layers=of_file(settings), powered=True,
        lines=tuple(Line(each, f"s{each}:5060", lines[each], since=since) for each in (0, 1)),
        subscriptions=tuple(
            Subscription(each, package, stages[each], 3600, 3600)
            for each in (0, 1) for package in (doc.AS_FEATURE, doc.HOTELING)
        ),
        agent=AgentState(seats, **known),  # type: ignore[arg-type]
    )  # fmt: skip


def said(effects: tuple[fx.Effect, ...] | list[fx.Effect]) -> list[tuple[int, doc.Command]]:
    return [(each.server, each.command) for each in effects if isinstance(each, fx.Resubscribe) and each.command]


A, N, K, R, B = Stage.ACTIVE, Stage.OFF, Stage.BACKOFF, Stage.REFUSED, Stage.BUSY


@pytest.mark.parametrize(
    ("stages", "lines", "but", "server"),
    [
        ((A, A), (UP, UP), -1, 0),
        ((A, A), (UP, UP), 0, 1),
        ((A, A), (DOWN, UP), -1, 1),
        ((K, A), (UP, UP), -1, 1),
        ((A, K), (UP, UP), -1, 0),
        ((K, K), (UP, UP), -1, 0),
        ((K, A), (UP, UP), 1, 0),
        ((R, A), (UP, UP), -1, 1),
        ((R, B), (UP, UP), -1, 1),
        ((N, R), (UP, UP), -1, None),
        ((A, A), (DOWN, DOWN), -1, None),
    ],
)
def test_the_server_that_takes_a_log_in(
    stages: tuple[Stage, Stage], lines: tuple[LineStatus, LineStatus], but: int, server: int | None
) -> None:
    assert moves.target(phone(stages=stages, lines=lines), but) == server


# --- the server went ---------------------------------------------------------------------------------

READY = Seat(0, Place.IN, guest="agent7001", presence=Presence.READY)


def lost(before: Phone) -> tuple[Phone, tuple[fx.Effect, ...]]:
    after, done = turn(before, ev.RegistrationFailed(0, 408, ""))
    return replace(after, lines=tuple(replace(line, register_at=NEVER) for line in after.lines)), done


@pytest.mark.parametrize(
    ("presence", "code", "asked"),
    [
        (Presence.READY, "", doc.SetAgentState(doc.RequestedAgentState.READY, "")),
        (Presence.NOT_READY, "501", doc.SetAgentState(doc.RequestedAgentState.NOT_READY, "501")),
        (Presence.LOGGED_ON, "", doc.SetAgentState(doc.RequestedAgentState.NOT_READY, "")),
    ],
)
def test_the_session_goes_on_at_the_other_server_in_the_state_it_had(
    presence: Presence, code: str, asked: doc.Command
) -> None:
    after, done = lost(phone(replace(READY, presence=presence, code=code)))
    assert said(done) == [(1, doc.SetHoteling("agent7001"))]
    assert (after.agent.lost, after.agent.at(1).place) == (0, Place.CLAIMING), "until the other one has the agent"
    _, done = turn(after, ev.SubscriptionAnswered(1, doc.HOTELING, 200, "OK", expires=3600))
    after, done = turn(after, ev.NotifyBody(1, doc.HOTELING, (doc.HotelingEvent("agent7001"),)))
    assert said(done) == [(1, asked)]
    assert (after.agent.server, after.agent.resume, after.agent.resume_code) == (1, Presence.UNKNOWN, "")
    assert (after.agent.lost, after.agent.moves) == (-1, 0)


def test_with_no_other_server_it_is_tried_again_and_again_and_the_old_one_may_come_back() -> None:
    after, done = lost(phone(READY, lines=(UP, DOWN)))
    assert said(done) == []
    assert (after.agent.lost, after.agent.move_at) == (0, NOW.mono + EVERY)
    assert after.agent.password == Secret("1234"), "it is needed there"
    after, done = turn(after, ev.Elapsed(), EVERY)
    assert (said(done), after.agent.move_at) == ([], NOW.mono + 2 * EVERY)
    back, _ = turn(after, ev.Registered(0, 300))
    back, done = turn(back, ev.Elapsed(), EVERY)
    assert [each for each in said(done) if isinstance(each[1], doc.SetHoteling)] == []
    assert back.agent.lost == 0, "it has not said yet whether the agent is there"


def test_after_an_outage_of_both_the_one_that_is_back_first_waits_for_the_other() -> None:
    waiting = phone(lost=0, lost_at=NOW.mono - 20, move_at=NOW.mono, lines=(DOWN, UP), since=NOW.mono - 10)
    after, done = turn(waiting, ev.Elapsed())
    assert (said(done), after.agent.move_at) == ([], NOW.mono + EVERY)
    after, done = turn(
        replace(after, lines=(after.lines[0], replace(after.lines[1], since=NOW.mono - 30 + EVERY))), ev.Elapsed(), 5
    )
    assert said(done) == [(1, doc.SetHoteling("agent7001"))], "for half a minute, and no longer"


@pytest.mark.parametrize("user", ["", "agent7001"])
def test_whom_the_desktop_logged_in_is_not_moved(user: str) -> None:
    settings = ON if not user else replace(ON, acd=replace(ON.acd, enabled=False))
    so_far = Turn(phone(READY, user=user, settings=settings))
    session.happen(so_far, 0, Happening.LOST)
    assert so_far.phone.agent.lost == -1 and said(so_far.effects) == []


def test_a_log_in_under_way_elsewhere_or_a_seat_that_was_found_ends_the_search() -> None:
    for found in (Seat(1, Place.CLAIMING), Seat(1, Place.PROVING), Seat(1, Place.IN)):
        waiting = phone(found, lost=0, lost_at=NOW.mono - 20, move_at=NOW.mono, lines=(DOWN, UP))
        after, done = turn(waiting, ev.Elapsed())
        assert (said(done), after.agent.move_at) == ([], NEVER)


def test_a_state_that_was_just_asked_for_is_asked_for_at_the_other_server_too() -> None:
    so_far = Turn(phone(READY))
    wishes.wish(so_far, Presence.NOT_READY, "501")
    after, _ = lost(so_far.phone)
    assert (after.agent.resume, after.agent.resume_code, after.agent.wanted) == (
        Presence.NOT_READY, "501", Presence.UNKNOWN,
    )  # fmt: skip
    assert after.agent.wanted_code == ""


def test_what_the_lost_server_says_when_it_is_back_ends_the_search() -> None:
    waiting = phone(lost=0, lost_at=NOW.mono - 20, move_at=NOW.mono + 3)
    after, _ = turn(waiting, ev.NotifyBody(0, doc.AS_FEATURE, (doc.AgentLoggedOffEvent("1502"),)))
    assert (after.agent.lost, after.agent.move_at, after.agent.password) == (-1, NEVER, Secret())
    after, _ = turn(waiting, ev.NotifyBody(0, doc.AS_FEATURE, ()))
    assert after.agent.lost == 0, "an empty NOTIFY says nothing"
    after, _ = turn(waiting, ev.NotifyBody(1, doc.AS_FEATURE, (doc.AgentLoggedOffEvent("1502"),)))
    assert after.agent.lost == 0


def test_a_search_that_a_new_log_in_has_ended_does_not_begin_again() -> None:
    after, done = turn(phone(lost=-1, move_at=NOW.mono), ev.Elapsed())
    assert (said(done), after.agent.move_at) == ([], NEVER)


# --- wishes ------------------------------------------------------------------------------------------


def test_a_wish_is_pending_for_five_seconds_and_then_given_up() -> None:
    so_far = Turn(phone(READY))
    wishes.wish(so_far, Presence.NOT_READY, "501")
    wished = so_far.phone
    assert said(so_far.effects) == [(0, doc.SetAgentState(doc.RequestedAgentState.NOT_READY, "501"))]
    assert (wished.agent.wanted, wished.agent.wish_until) == (Presence.NOT_READY, NOW.mono + 5)
    granted, _ = turn(wished, ev.NotifyBody(0, doc.AS_FEATURE, (doc.AgentNotReadyEvent("1502", "agent7001", "501"),)))
    assert (granted.agent.wanted, granted.agent.wish_until, granted.notice) == (Presence.UNKNOWN, NEVER, None)
    other, _ = turn(wished, ev.NotifyBody(0, doc.AS_FEATURE, (doc.AgentWorkingAfterCallEvent("1502", "agent7001"),)))
    assert other.agent.wanted is Presence.NOT_READY, "another state is no answer"
    elsewhere, _ = turn(wished, ev.NotifyBody(1, doc.AS_FEATURE, (doc.AgentNotReadyEvent("1502", "agent7001", "501"),)))
    assert elsewhere.agent.wanted is Presence.NOT_READY, "nor is what another server says"
    over, _ = turn(wished, ev.Elapsed(), 5)
    assert (over.agent.wanted, over.agent.presence) == (Presence.UNKNOWN, Presence.READY)
    assert over.notice is not None and over.notice.title == "not_accepted"


def test_a_wish_that_was_given_up_before_it_went_out_is_never_sent() -> None:
    so_far = Turn(phone(READY, stages=(Stage.BUSY, Stage.ACTIVE)))
    wishes.wish(so_far, Presence.NOT_READY)
    assert so_far.phone.subscriptions[0].queue == (doc.SetAgentState(doc.RequestedAgentState.NOT_READY, ""),)
    over, _ = turn(so_far.phone, ev.Elapsed(), 5)
    assert over.subscriptions[0].queue == ()


@pytest.mark.parametrize("place", [Place.OUT, Place.CLAIMING, Place.LEAVING])
def test_there_is_nothing_to_wish_for_whoever_is_not_logged_in(place: Place) -> None:
    so_far = Turn(phone(Seat(0, place)))
    for server in (None, 0):
        wishes.wish(so_far, Presence.READY, server=server)
    assert so_far.effects == [] and so_far.phone.agent.wanted is Presence.UNKNOWN


# --- log in and log out ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after_login", "state"),
    [(LoginState.READY, doc.RequestedAgentState.READY), (LoginState.NOT_READY, doc.RequestedAgentState.NOT_READY)],
)
def test_after_the_log_in_the_state_of_the_settings_is_asked_for(
    after_login: LoginState, state: doc.RequestedAgentState
) -> None:
    settings = replace(ON, acd=replace(ON.acd, state_after_login=after_login))
    so_far = Turn(phone(Seat(1, Place.CLAIMING, claimed="agent7001", answer_by=NOW.mono + 3), settings=settings))
    session.happen(so_far, 1, Happening.SEATED)
    seat = so_far.phone.agent.at(1)
    assert said(so_far.effects) == [(1, doc.SetAgentState(state, ""))]
    assert (seat.place, seat.presence, seat.since, seat.answer_by) == (Place.IN, Presence.LOGGED_ON, NOW.mono, NEVER)


def test_a_claim_without_an_answer_fails_at_its_time() -> None:
    settings = replace(ON, acd=replace(ON.acd, login_timeout=8))
    so_far = Turn(phone(settings=settings))
    assert agent.log_in(so_far, "agent7001", Secret("1234"))
    assert said(so_far.effects) == [(0, doc.SetHoteling("agent7001"))]
    assert so_far.phone.agent.at(0).answer_by == NOW.mono + 8
    silent = replace(so_far.phone, subscriptions=phone().subscriptions)
    after, _ = turn(silent, ev.Elapsed(), 8)
    assert (after.agent.at(0).place, after.agent.at(0).answer_by) == (Place.OUT, NEVER)
    assert (after.agent.at(0).claimed, after.agent.password) == ("", Secret())
    assert after.notice is not None and after.notice.title == "login_failed"


def test_the_next_log_in_meets_a_challenge_whatever_was_answered_before() -> None:
    so_far = Turn(phone(Seat(0, nonce="n1", proofs=2)))
    assert agent.log_in(so_far, "agent7001", Secret("1234"))
    claimed = replace(so_far.phone, subscriptions=phone().subscriptions)
    after, done = turn(claimed, ev.NotifyBody(0, doc.HOTELING, (doc.HotelingEvent(None, doc.Challenge("n1")),)))
    assert after.agent.at(0).place is Place.PROVING
    assert [type(each) for _, each in said(done)] == [doc.SetHoteling]


def test_a_log_out_frees_the_seat_and_one_that_the_server_ignores_leaves_it() -> None:
    so_far = Turn(phone(replace(READY, code="501", reason="Lunch"), wanted=Presence.NOT_READY, wish_until=NOW.mono + 2))
    agent.log_out(so_far)
    leaving = so_far.phone
    assert said(so_far.effects) == [(0, doc.SetAgentState(doc.RequestedAgentState.LOGGED_OFF))]
    assert (leaving.agent.wanted, leaving.agent.at(0).answer_by) == (Presence.UNKNOWN, NOW.mono + 5)
    off, done = turn(
        replace(leaving, subscriptions=phone().subscriptions),
        ev.NotifyBody(0, doc.AS_FEATURE, (doc.AgentLoggedOffEvent("1502"),)),
    )
    assert said(done) == [(0, doc.SetHoteling(""))]
    seat = off.agent.at(0)
    assert (seat.place, seat.presence, seat.code, seat.reason, seat.answer_by) == (
        Place.OUT,
        Presence.LOGGED_OFF,
        "",
        "",
        NEVER,
    )
    ignored, _ = turn(leaving, ev.Elapsed(), 5)
    assert (ignored.agent.at(0).place, ignored.agent.at(0).answer_by) == (Place.IN, NEVER)
    assert ignored.notice is not None and ignored.notice.title == "not_accepted"


@pytest.mark.parametrize(
    ("seconds", "shown", "until"), [(20, True, NOW.mono + 20), (0, False, NEVER), (-1, True, NEVER)]
)
def test_logged_out_is_said_for_as_long_as_the_settings_want(seconds: int, shown: bool, until: float) -> None:
    settings = replace(ON, acd=replace(ON.acd, logged_out_timer=seconds))
    after, _ = turn(
        phone(READY, settings=settings, banner=False), ev.NotifyBody(0, doc.AS_FEATURE, (doc.AgentLoggedOffEvent(""),))
    )
    assert (after.agent.banner, after.agent.banner_until) == (shown, until)
    if until != NEVER:
        over, _ = turn(after, ev.Elapsed(), seconds)
        assert (over.agent.banner, over.agent.banner_until) == (False, NEVER)


def test_who_is_logged_in_at_none_cannot_log_out() -> None:
    so_far = Turn(phone(Seat(0, Place.CLAIMING)))
    agent.log_out(so_far)
    assert so_far.effects == [] and so_far.phone.agent.at(0).place is Place.CLAIMING


def test_the_echo_of_an_older_wish_is_not_that_of_the_newest() -> None:
    """Ready, Not Ready, Ready, each before the one before is answered."""
    after = phone(Seat(0, Place.IN, "agent7001", presence=Presence.NOT_READY))
    for wanted in (Presence.READY, Presence.NOT_READY, Presence.READY):
        doing = Turn(after)
        wishes.wish(doing, wanted)
        after = doing.phone
    pending = list[Presence]()
    for echo in (doc.AgentReadyEvent("1502"), doc.AgentNotReadyEvent("1502"), doc.AgentReadyEvent("1502")):
        after, _ = turn(after, ev.SubscriptionAnswered(0, doc.AS_FEATURE, 200, "OK"))
        after, _ = turn(after, ev.NotifyBody(0, doc.AS_FEATURE, (echo,)))
        pending.append(after.agent.wanted)
    assert pending == [Presence.READY, Presence.READY, Presence.UNKNOWN]
    assert after.agent.wish_until == NEVER
