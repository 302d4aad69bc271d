"""Feature keys against a server that keeps every kind by itself, answers late, out of step, or another thing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import pytest

from deskphone.core import events as ev
from deskphone.core.agent import featuresync
from deskphone.core.documents import (
    AS_FEATURE,
    DoNotDisturbEvent,
    ForwardingEvent,
    ForwardingType,
    SetForwarding,
)
from deskphone.core.state import Phone
from deskphone.core.turn import Turn
from tests.unit.core.test_featuresync import commands, phone
from tests.unit.core.turns import NOW, turn, wait

ALWAYS, BUSY, LATER = ForwardingType.IMMEDIATE, ForwardingType.BUSY, ForwardingType.NO_ANSWER
KINDS = {"always": ALWAYS, "busy": BUSY, "no_reply": LATER}
NUMBERS = {"always": "2001", "busy": "2002", "no_reply": "2003"}
Act = Callable[[Turn], None]


def does(of: Phone, *acts: Act) -> Turn:
    """The person does these."""
    doing = Turn(of if of.now.mono else replace(of, now=NOW))
    for act in acts:
        act(doing)
    return doing


def told(of: Phone, *documents: object) -> Phone:
    """The server says these, one NOTIFY each."""
    for each in documents:
        of, _ = turn(of, ev.NotifyBody(0, AS_FEATURE, (each,)))
    return of


def on(kind: str, number: str = "") -> ForwardingEvent:
    return ForwardingEvent("1502", KINDS[kind], True, number or NUMBERS[kind])


def off(kind: str) -> ForwardingEvent:
    return ForwardingEvent("1502", KINDS[kind], False, "")


def dnd(to: bool) -> DoNotDisturbEvent:
    return DoNotDisturbEvent("1502", to)


def shown(of: Phone) -> tuple[str, ...]:
    """The kinds in force."""
    return tuple(each.kind for each in of.forwards)


def settled(of: Phone) -> Phone:
    """Every command has gone out and got its 200, and no more is heard of them."""
    while commands(Turn(of)):
        of, _ = turn(of, ev.SubscriptionAnswered(0, AS_FEATURE, 200, "OK", expires=3600))
    of, _ = wait(of, 6)
    assert of.sync_wishes == ()
    return of


@pytest.mark.parametrize("kinds", [*product(KINDS, KINDS), ("busy", "always", "no_reply")])
def test_every_kind_of_the_server_is_kept_and_ended_by_itself(kinds: tuple[str, ...]) -> None:
    now = told(phone(), *(on(kind) for kind in kinds))
    strongest = [kind for kind in ("always", "busy", "no_reply") if kind in kinds]
    assert shown(now) == tuple(strongest)
    assert [each.number for each in now.forwards] == [NUMBERS[kind] for kind in strongest]
    for kind in dict.fromkeys(kinds):
        now = told(now, off(kind))
        strongest.remove(kind)
        assert shown(now) == tuple(strongest)
        assert now.forward.kind == (strongest[0] if strongest else "")


@pytest.mark.parametrize("own", KINDS)
@pytest.mark.parametrize("theirs", KINDS)
def test_where_the_phone_shows_none_none_is_left_at_the_server(own: str, theirs: str) -> None:
    by_key = does(phone(), lambda doing: featuresync.set_forward(doing, own, NUMBERS[own])).phone
    both = told(by_key, on(own), on(theirs))
    ending = does(both, lambda doing: featuresync.set_forward(doing, "", ""))
    assert shown(ending.phone) == ()
    ended = [each for each in commands(ending) if isinstance(each, SetForwarding) and not each.active]
    assert {each.type for each in ended} == {KINDS[own], KINDS[theirs]}
    assert len(ended) == len({own, theirs})


def test_a_kind_whose_number_is_taken_away_ends_alone() -> None:
    both = told(phone(), on("always"), on("no_reply"))
    ending = does(both, lambda doing: featuresync.set_forward(doing, "always", ""))
    assert shown(ending.phone) == ("no_reply",)
    assert commands(ending) == [SetForwarding("1502", ALWAYS, False, "2001")]


def test_busy_and_no_reply_both_count_for_a_call() -> None:
    both = told(phone(), on("no_reply"), on("busy"), dnd(False))
    assert (both.forward_of("busy").number, both.forward_of("no_reply").number) == ("2002", "2003")
    assert both.forward_of("always").kind == ""


PRESSES = [(True, False), (True, False, True), (True, False, True, False)]


@pytest.mark.parametrize("presses", PRESSES)
def test_the_echo_of_an_older_press_overturns_no_newer_one(presses: tuple[bool, ...]) -> None:
    doing = does(phone(), *(lambda doing, to=to: featuresync.set_dnd(doing, to) for to in presses))  # type: ignore[misc]
    now = doing.phone
    for echo in presses:
        now = told(now, dnd(echo))
        assert now.dnd is presses[-1]
    assert now.sync_wishes == ()
    assert told(now, dnd(not presses[-1])).dnd is not presses[-1], "from then on the server's word counts again"


def test_the_echo_of_an_older_number_overturns_no_newer_one() -> None:
    doing = does(
        phone(),
        lambda doing: featuresync.set_forward(doing, "always", "2001"),
        lambda doing: featuresync.set_forward(doing, "always", "2009"),
        lambda doing: featuresync.set_forward(doing, "busy", "2002"),
    )
    now = doing.phone
    for echo in (on("always", "2001"), on("always", "sip:2009@site"), off("always"), on("busy", "<sip:2002@site;x=1>")):
        now = told(now, echo)
        assert shown(now) == ("busy",)
    assert now.sync_wishes == ()


def test_a_server_that_answers_the_last_press_only_has_answered() -> None:
    doing = does(phone(), *[lambda doing: featuresync.set_dnd(doing, not doing.phone.dnd)] * 3)
    now = settled(told(doing.phone, dnd(True)))
    assert now.dnd and now.notice is None


def test_another_key_is_not_waited_for() -> None:
    doing = does(phone(), lambda doing: featuresync.set_dnd(doing, True))
    assert shown(told(doing.phone, on("busy"))) == ("busy",)


def test_a_server_that_says_otherwise_in_the_end_is_right() -> None:
    doing = does(phone(), lambda doing: featuresync.set_dnd(doing, True))
    now = told(doing.phone, dnd(False))
    assert now.dnd, "it may be the state of before"
    now = settled(now)
    assert not now.dnd
    assert now.notice is not None and now.notice.title == "not_accepted"


def test_a_press_that_waits_for_its_turn_is_not_given_up() -> None:
    """The dialog is busy for longer than a wish is waited for."""
    doing = does(phone(), *[lambda doing: featuresync.set_dnd(doing, not doing.phone.dnd)] * 2)
    now, _ = wait(doing.phone, 20)
    assert told(now, dnd(True)).dnd is False
