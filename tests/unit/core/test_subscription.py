"""Subscriptions: every stage with every happening, and what each answer of a server means."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from deskphone.config.settings import Settings
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.agent.state import Presence
from deskphone.core.documents import (
    AS_FEATURE,
    HOTELING,
    MESSAGE_SUMMARY,
    AgentReadyEvent,
    RequestedAgentState,
    SetAgentState,
)
from deskphone.core.lines import subscription
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.lines.subscription import JITTER
from deskphone.core.lines.subscription_table import TABLE, Action, Happening, Stage, Subscription
from deskphone.core.moment import NEVER
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.layers import of_file
from tests.unit.core.turns import NOW, turn, wait

SETTINGS = Settings()
ON = replace(SETTINGS, acd=replace(SETTINGS.acd, enabled=True))
READY = SetAgentState(RequestedAgentState.READY)

# What should follow, told apart from the table under test. One letter a stage; a dot changes nothing.
LETTERS = {
    "o": Stage.OFF, "a": Stage.ASKING, "e": Stage.EARLY, "w": Stage.WAITING, "A": Stage.ACTIVE,
    "b": Stage.BUSY, "p": Stage.PAUSED, "k": Stage.BACKOFF, "r": Stage.REFUSED,
}  # fmt: skip
EXPECTED = """
         start stop leave accepted notified command refresh silence retry repeat not_accepted refused lost dropped
off      a     .    .     .        .        .       .       .       .     .      .            .       .    .
asking   a     o    o     w        e        .       .       .       .     k      k            r       k    a
early    a     o    o     A        .        .       .       .       .     k      k            r       k    a
waiting  a     o    o     .        A        .       .       k       .     .      .            r       k    a
active   a     o    o     .        .        b       b       k       .     .      .            r       k    a
busy     a     o    o     A        .        .       .       k       .     p      A            r       k    a
paused   a     o    o     .        .        .       .       k       b     .      .            r       k    a
backoff  a     o    o     .        .        .       .       .       a     .      .            .       .    .
refused  a     o    o     .        .        .       .       .       .     .      .            .       .    .
"""
HEAD, *ROWS = [line.split() for line in EXPECTED.strip().splitlines()]
PAIRS = [
    (Stage(row[0]), Happening[name.upper()], cell) for row in ROWS for name, cell in zip(HEAD, row[1:], strict=True)
]
# What goes to the server on the way to a stage, where anything does.
SPOKEN = {"ask": fx.Subscribe, "end": fx.Resubscribe, "send": fx.Resubscribe, "refresh": fx.Resubscribe,
          "again": fx.Resubscribe}  # fmt: skip


def phone(stage: Stage = Stage.ACTIVE, package: str = AS_FEATURE, registered: bool = True, **fields: object) -> Phone:
    """A phone whose only subscription is in that stage."""
    known = {"expires": 3600, "granted": 3600, "since": NOW.mono - 100, **fields}
    sub = Subscription(0, package, stage, **known)  # type: ignore[arg-type]
    others = tuple(Subscription(0, each, Stage.ACTIVE, 3600) for each in (AS_FEATURE, HOTELING) if each != package)
    line = Line(0, "sips-a:5060", LineStatus.REGISTERED if registered else LineStatus.FAILED)
    return Phone(layers=of_file(ON), powered=True, now=NOW, lines=(line,), subscriptions=(sub, *others))


def sub_of(state: Phone, package: str = AS_FEATURE) -> Subscription:
    found = subscription.find(state, 0, package)
    assert found is not None
    return found


def happened(stage: Stage, happening: Happening) -> tuple[Subscription, list[fx.Effect]]:
    queue = (READY,) if happening is Happening.COMMAND else ()
    so_far = Turn(phone(stage, queue=queue, under_way=None))
    subscription.happen(so_far, sub_of(so_far.phone), happening, 30.0)
    return sub_of(so_far.phone), so_far.effects


def test_the_list_of_pairs_is_complete() -> None:
    assert {(stage, happening) for stage, happening, _ in PAIRS} == {(s, h) for s in Stage for h in Happening}
    assert {(s, h) for s, row in TABLE.items() for h in row} == {(s, h) for s in Stage for h in Happening}
    assert set(subscription.ACTIONS) == set(Action)


@pytest.mark.parametrize(("stage", "happening", "cell"), PAIRS, ids=str)
def test_every_happening_in_every_stage(stage: Stage, happening: Happening, cell: str) -> None:
    after, effects = happened(stage, happening)
    assert after.stage is (stage if cell == "." else LETTERS[cell])
    spoken = [each for each in effects if isinstance(each, fx.Subscribe | fx.Resubscribe)]
    action = TABLE[stage][happening][0]
    assert [type(each) for each in spoken] == ([SPOKEN[action]] if action in SPOKEN else [])
    lifetime = 0 if action is Action.END else 3600
    assert all((each.server, each.package, each.expires) == (0, AS_FEATURE, lifetime) for each in spoken)
    if after.stage is Stage.BACKOFF and stage is not Stage.BACKOFF:
        assert after.retry_at > NOW.mono
    if after.stage in (Stage.OFF, Stage.REFUSED):
        assert after.queue == () and after.under_way is None


def test_a_late_answer_or_notify_of_a_dialog_gone_is_no_illegal_event() -> None:
    for stage in Stage:
        for event in (
            ev.NotifyBody(0, AS_FEATURE, ()),
            ev.SubscriptionAnswered(0, AS_FEATURE, 200, expires=3600),
            ev.SubscriptionAnswered(0, AS_FEATURE, 500),
            ev.SubscriptionEnded(0, AS_FEATURE, 481, ""),
        ):
            _, effects = turn(phone(stage, registered=stage is not Stage.OFF), event)
            assert not any(isinstance(each, fx.Illegal) for each in effects), (stage, event)


def test_what_was_never_subscribed_is_illegal() -> None:
    _, effects = turn(phone(), ev.NotifyBody(1, AS_FEATURE, ()))
    assert isinstance(effects[0], fx.Illegal)


# --- what the server's answers mean ------------------------------------------------------------------


def answer(code: int, reason: str = "", stage: Stage = Stage.BUSY, **more: int) -> Subscription:
    before = phone(
        stage, under_way=READY if stage is Stage.BUSY else None, since=NOW.mono - 100 if stage is Stage.BUSY else 0.0
    )
    return sub_of(turn(before, ev.SubscriptionAnswered(0, AS_FEATURE, code, reason, **more))[0])


def ended(code: int, reason: str, retry_after: int = 0, **fields: object) -> Subscription:
    return sub_of(turn(phone(**fields), ev.SubscriptionEnded(0, AS_FEATURE, code, reason, retry_after))[0])  # type: ignore[arg-type]


def least(after: Subscription) -> float:
    """The earliest the pause may be over, jitter and all: in the middle of what is drawn here, the pause is longer by
    a quarter over three."""
    pause = after.retry_at - NOW.mono
    return round(pause if after.stage is Stage.PAUSED else pause * (1 - JITTER), 6)


@pytest.mark.parametrize("code", [489, 404, 405, 501])
@pytest.mark.parametrize("stage", [Stage.ASKING, Stage.BUSY])
def test_a_server_without_the_package_is_not_asked_again(code: int, stage: Stage) -> None:
    assert answer(code, stage=stage).stage is Stage.REFUSED


def test_403_is_tried_again_or_not_as_configured() -> None:
    assert answer(403, stage=Stage.ASKING).stage is Stage.BACKOFF
    never = replace(ON, subscription=replace(ON.subscription, retry_after_403=False))
    after, _ = turn(replace(phone(Stage.ASKING), layers=of_file(never)), ev.SubscriptionAnswered(0, AS_FEATURE, 403))
    assert sub_of(after).stage is Stage.REFUSED


def test_491_repeats_the_command_after_a_second_in_the_same_dialog() -> None:
    after = answer(491, "Request Pending")
    assert after.stage is Stage.PAUSED and least(after) == 1
    again, effects = wait(phone(Stage.PAUSED, under_way=READY, retry_at=NOW.mono + 1), 1)
    assert fx.Resubscribe(0, AS_FEATURE, 3600, READY) in effects and sub_of(again).stage is Stage.BUSY


def test_cseq_too_small_repeats_after_thirty_seconds() -> None:
    after = answer(500, "CSeq too small")
    assert after.stage is Stage.PAUSED and least(after) == 30
    assert answer(500, "Server Internal Error").stage is Stage.BACKOFF


def test_a_server_that_always_wants_a_moment_gets_a_new_dialog() -> None:
    before = phone(Stage.BUSY, under_way=READY, repeats=SETTINGS.subscription.retries)
    after, _ = turn(before, ev.SubscriptionAnswered(0, AS_FEATURE, 491))
    assert sub_of(after).stage is Stage.BACKOFF


def test_491_where_the_stack_has_lost_the_dialog_keeps_the_command() -> None:
    after = ended(491, "Request Pending", stage=Stage.BUSY, under_way=READY)
    assert after.stage is Stage.BACKOFF and 1 <= least(after) < 2
    state, effects = wait(phone(Stage.BACKOFF, under_way=READY, queue=(), retry_at=NOW.mono + 1), 1)
    assert sub_of(state).queue == (READY,) and any(isinstance(each, fx.Subscribe) for each in effects)


def test_423_asks_for_what_the_server_wants() -> None:
    before = phone(Stage.ASKING, since=0)
    after, effects = turn(before, ev.SubscriptionAnswered(0, AS_FEATURE, 423, "Interval Too Brief", min_expires=7200))
    assert sub_of(after).stage is Stage.ASKING
    assert [each.expires for each in effects if isinstance(each, fx.Subscribe)] == [7200]


def test_415_drops_the_command_and_keeps_the_subscription() -> None:
    after = answer(415)
    assert after.stage is Stage.ACTIVE and after.under_way is None
    assert NOW.mono < after.refresh_at < NEVER


def test_415_where_the_stack_has_lost_the_dialog_drops_the_command_and_begins_anew_at_once() -> None:
    before = phone(Stage.BUSY, under_way=READY)
    after, effects = turn(before, ev.SubscriptionEnded(0, AS_FEATURE, 415, "Unsupported Media Type"))
    assert sub_of(after).stage is Stage.ASKING and sub_of(after).queue == () and sub_of(after).under_way is None
    assert any(isinstance(each, fx.Subscribe) for each in effects)
    assert after.notice is not None and after.notice.title == "not_accepted"
    again, _ = turn(
        replace(before, now=replace(NOW, mono=NOW.mono - 95)), ev.SubscriptionEnded(0, AS_FEATURE, 415, "No")
    )
    assert sub_of(again).stage is Stage.ASKING  # the first trouble may hurry
    tired = phone(Stage.BUSY, under_way=READY, failures=1, since=NOW.mono - 1)
    assert sub_of(turn(tired, ev.SubscriptionEnded(0, AS_FEATURE, 415, "No"))[0]).stage is Stage.BACKOFF


def test_503_obeys_retry_after() -> None:
    after = answer(503, retry_after=120, stage=Stage.ASKING)
    assert after.stage is Stage.BACKOFF and least(after) >= 120


def test_481_begins_anew_at_once() -> None:
    assert ended(481, "Call/Transaction Does Not Exist").stage is Stage.ASKING


@pytest.mark.parametrize(
    ("reason", "retry_after", "stage", "seconds"),
    [
        ("deactivated", 0, Stage.ASKING, 0),
        ("timeout", 0, Stage.ASKING, 0),
        ("", 0, Stage.ASKING, 0),
        ("probation", 45, Stage.BACKOFF, 45),
        ("giveup", 7, Stage.BACKOFF, 7),
        ("probation", 0, Stage.BACKOFF, 30),
        ("rejected", 0, Stage.BACKOFF, 300),
        ("noresource", 0, Stage.BACKOFF, 300),
        ("rejected", 600, Stage.BACKOFF, 600),
        ("invariant", 0, Stage.REFUSED, 0),
        ("somethingnew", 0, Stage.BACKOFF, 30),
    ],
)
def test_each_reason_of_a_terminated_subscription(reason: str, retry_after: int, stage: Stage, seconds: int) -> None:
    after = ended(0, reason, retry_after)
    assert after.stage is stage
    if stage is Stage.BACKOFF:
        assert seconds <= least(after) < seconds + 1


def test_silence_after_the_200_is_the_end_of_the_dialog() -> None:
    state, _ = turn(phone(Stage.ASKING), ev.SubscriptionAnswered(0, AS_FEATURE, 200, expires=3600))
    state, _ = wait(state, 31.9)
    assert sub_of(state).stage is Stage.WAITING
    state, _ = wait(state, 0.1)
    assert sub_of(state).stage is Stage.BACKOFF and sub_of(state).reason == "no NOTIFY"


def test_a_refresh_answered_without_a_notify_dies_as_well() -> None:
    state, _ = turn(phone(Stage.BUSY), ev.SubscriptionAnswered(0, AS_FEATURE, 200, expires=3600))
    assert sub_of(wait(state, 32)[0]).stage is Stage.BACKOFF
    state, _ = turn(state, ev.NotifyBody(0, AS_FEATURE, ()))
    assert sub_of(wait(state, 32)[0]).stage is Stage.ACTIVE


def test_the_refresh_comes_at_half_of_what_the_server_granted() -> None:
    state, _ = turn(phone(Stage.EARLY, heard=True), ev.SubscriptionAnswered(0, AS_FEATURE, 200, expires=600))
    assert sub_of(state).refresh_at == NOW.mono + 300


def test_one_subscribe_at_a_time_the_rest_waits_in_order() -> None:
    so_far = Turn(phone())
    other = SetAgentState(RequestedAgentState.NOT_READY, "500")
    for each in (READY, other):
        subscription.command(so_far, 0, AS_FEATURE, each)
    assert so_far.effects == [fx.Resubscribe(0, AS_FEATURE, 3600, READY)]
    assert sub_of(so_far.phone).queue == (other,)
    _, effects = turn(so_far.phone, ev.SubscriptionAnswered(0, AS_FEATURE, 200, expires=3600))
    assert fx.Resubscribe(0, AS_FEATURE, 3600, other) in effects


def test_an_order_that_nobody_answers_keeps_no_dialog_busy_for_ever() -> None:
    so_far = Turn(phone())
    subscription.command(so_far, 0, AS_FEATURE, READY)
    state, _ = wait(so_far.phone, 31)
    assert sub_of(state).stage is Stage.BUSY
    state, _ = wait(state, 2)
    assert sub_of(state).stage is Stage.BACKOFF


def test_a_server_that_always_fails_is_asked_ever_more_rarely_and_never_within_thirty_seconds() -> None:
    state, asked = phone(Stage.ASKING, since=0.0), [NOW.mono]
    for _ in range(12):
        state, _ = turn(state, ev.SubscriptionAnswered(0, AS_FEATURE, 500, "No"))
        state, effects = wait(state, sub_of(state).retry_at - state.now.mono)
        assert any(isinstance(each, fx.Subscribe) for each in effects)
        asked.append(state.now.mono)
    gaps = [round((after - before) * (1 - JITTER)) for before, after in itertools.pairwise(asked)]
    assert gaps == [30, 60, 120, 240, *[300] * 8]


def test_a_server_that_accepts_and_ends_at_once_is_not_stormed() -> None:
    state, subscribes = phone(Stage.ACTIVE, since=NOW.mono - 100), 0
    for _ in range(20):
        state, effects = turn(state, ev.SubscriptionEnded(0, AS_FEATURE, 0, "deactivated"))
        subscribes += sum(isinstance(each, fx.Subscribe) for each in effects)
        for event in (
            ev.SubscriptionAnswered(0, AS_FEATURE, 200, expires=3600),
            ev.NotifyBody(0, AS_FEATURE, ()),
        ):
            state, effects = turn(state, event)
            subscribes += sum(isinstance(each, fx.Subscribe) for each in effects)
    assert subscribes == 1


# --- which subscriptions there are ---------------------------------------------------------------------


def starts(settings: Settings) -> set[str]:
    before = Phone(layers=of_file(settings), powered=True, lines=(Line(0, "a", LineStatus.REGISTERING),))
    _, effects = turn(before, ev.Registered(0, 300))
    return {each.package for each in effects if isinstance(each, fx.Subscribe)}


def test_each_setting_brings_its_packages() -> None:
    sync = replace(SETTINGS, feature_key_sync=replace(SETTINGS.feature_key_sync, enabled=True))
    mail = replace(SETTINGS, mwi=replace(SETTINGS.mwi, subscribe=True))
    assert starts(SETTINGS) == set()
    assert starts(ON) == {AS_FEATURE, HOTELING}
    assert starts(sync) == {AS_FEATURE}
    assert starts(mail) == {MESSAGE_SUMMARY}


def test_how_long_each_package_is_asked_for() -> None:
    settings = replace(
        ON, acd=replace(ON.acd, expires=1800), mwi=replace(ON.mwi, subscribe=True, expires=0),
    )  # fmt: skip
    assert subscription.packages(Phone(layers=of_file(settings))) == {
        AS_FEATURE: 1800, HOTELING: 1800, MESSAGE_SUMMARY: 3600,
    }  # fmt: skip
    settings = replace(SETTINGS, mwi=replace(SETTINGS.mwi, subscribe=True, expires=600))
    assert subscription.packages(Phone(layers=of_file(settings))) == {MESSAGE_SUMMARY: 600}
    off = replace(settings, mwi=replace(settings.mwi, mode=type(settings.mwi.mode).DISABLE))
    assert subscription.packages(Phone(layers=of_file(off))) == {}


@pytest.mark.parametrize("stage", [Stage.OFF, Stage.BACKOFF, Stage.REFUSED])
def test_a_notify_of_a_dialog_that_is_gone_says_nothing_of_the_agent(stage: Stage) -> None:
    state, _ = turn(
        phone(stage, registered=stage is not Stage.OFF),
        ev.NotifyBody(0, AS_FEATURE, (AgentReadyEvent("1502", "7001"),)),
    )
    assert state.agent.presence is Presence.UNKNOWN
    state, _ = turn(phone(), ev.NotifyBody(0, AS_FEATURE, (AgentReadyEvent("1502", "7001"),)))
    assert state.agent.presence is Presence.READY


def test_a_line_that_goes_takes_them_along_and_brings_new_ones() -> None:
    state, _ = turn(phone(), ev.RegistrationFailed(0, 408, "Timeout"))
    assert sub_of(state).stage is Stage.OFF
    state, effects = turn(state, ev.Registered(0, 300))
    assert {each.package for each in effects if isinstance(each, fx.Subscribe)} == {AS_FEATURE, HOTELING}


def test_a_mere_refresh_of_the_registration_changes_nothing_but_a_new_connection_does() -> None:
    _, effects = turn(phone(), ev.Registered(0, 300))
    assert not any(isinstance(each, fx.Subscribe) for each in effects)
    _, effects = turn(phone(), ev.Registered(0, 300, fresh=True))
    assert {each.package for each in effects if isinstance(each, fx.Subscribe)} == {AS_FEATURE, HOTELING}


def test_a_feature_switched_off_is_unsubscribed() -> None:
    _, effects = turn(phone(), ev.SettingsLoaded(of_file(SETTINGS), "test"))
    ends = {each.package for each in effects if isinstance(each, fx.Resubscribe) and each.expires == 0}
    assert ends == {AS_FEATURE, HOTELING}


def test_voice_mail_counts_as_the_notify_of_its_subscription() -> None:
    mail = replace(SETTINGS, mwi=replace(SETTINGS.mwi, subscribe=True))
    before = replace(phone(Stage.WAITING, MESSAGE_SUMMARY), layers=of_file(mail))
    state, _ = turn(before, ev.MessageWaiting(0, True, 2))
    assert sub_of(state, MESSAGE_SUMMARY).stage is Stage.ACTIVE
    assert state.mail[0][1].new == 2
