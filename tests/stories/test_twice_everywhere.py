"""Every key pressed twice quickly on every kind of screen there is a picture of: the second press harms nobody.

Calls are `test_twice`'s; this reaches every situation with every set of softkeys, and each page and form besides.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.documents import RequestedAgentState, SetAgentState
from deskphone.core.screen.commands import softkeys
from deskphone.core.screen.keys import KEYS
from deskphone.core.screen.situation import Situation, situation
from deskphone.core.state import Phone
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.walks import WALKS

pytestmark = pytest.mark.long
PARTS = 12  # of the places, a test each
LOGGED_OFF = RequestedAgentState.LOGGED_OFF
BOTH_MEANT = {("conference", "speaker"), ("conference_held", "speaker"), ("conference_more", "speaker")}
"""The speaker is put down: what leaves two others who hear each other already (`test_twice`)."""


def kind(phone: Phone) -> tuple[str, ...]:
    page = phone.pages[-1].name if phone.pages else ""
    return (situation(phone), *softkeys(phone), page)


@cache
def places() -> dict[str, CoreBench]:
    """One phone for each kind of screen, by the name of its picture."""
    found: dict[tuple[str, ...], tuple[str, CoreBench]] = {}
    for name, go in WALKS.items():
        bench = CoreBench()
        go(Story(bench))
        bench.effects.clear()
        bench.effects_at.clear()
        bench.illegal.clear()
        if bench.phone.powered:
            found.setdefault(kind(bench.phone), (name, bench))
    return dict(found.values())


def at(name: str) -> CoreBench:
    """A phone of one's own there; what is frozen is shared."""
    bench = places()[name].twin()
    for key in bench.phone.keys_down:  # a picture taken with the finger on it
        bench.turn(ev.KeyUp(key))
    return bench


@dataclass(frozen=True)
class Harm:
    """What a person would not want to have done by a press too many."""

    calls_ended: frozenset[str]
    transfers: int
    in_conference: int
    called: int
    restarts: int
    logged_out: int
    heard_again: bool


def harm(name: str, key: str, times: int) -> Harm:
    """What pressing it so often does there."""
    bench = at(name)
    before, muted = {each.id for each in bench.phone.open_calls}, bench.phone.sound.muted
    bench.press(*[key] * times)
    bench.pass_time(1)
    assert not bench.illegal, key
    left = {each.id for each in bench.phone.open_calls}
    done = Counter(type(each) for each in bench.effects)
    commands = [each.command for each in bench.effects if isinstance(each, fx.Resubscribe)]
    out = [each for each in commands if isinstance(each, SetAgentState) and each.state is LOGGED_OFF]
    return Harm(
        frozenset(before - left), done[fx.Transfer], sum(each.conference for each in bench.phone.calls), done[fx.Dial],
        done[fx.Restart], len(out), muted and not bench.phone.sound.muted and key != "mute",
    )  # fmt: skip


def test_every_situation_is_among_them() -> None:
    assert {situation(bench.phone) for bench in places().values()} == set(Situation)
    assert len(places()) > 50


@pytest.mark.parametrize("part", range(PARTS))  # by the places themselves: all would be built at each collection
def test_the_second_press_of_any_key_harms_nobody_whom_the_first_did_not(part: int) -> None:
    for name in list(places())[part::PARTS]:
        press_twice(name)


def press_twice(name: str) -> None:
    ringing = bool(places()[name].phone.incoming)
    for key in sorted(set(KEYS) - set("023456789#")):  # one digit is like another
        once, twice = harm(name, key, 1), harm(name, key, 2)
        answered_and_put_down = key in ("headset", "speaker") and ringing
        if not answered_and_put_down and (name, key) not in BOTH_MEANT:
            assert twice.calls_ended <= once.calls_ended, (name, key)
            assert twice.transfers <= once.transfers, (name, key)
        joined = twice.in_conference > once.in_conference
        assert not joined or twice.in_conference <= harm(name, key, 0).in_conference, (name, key)
        assert twice.called <= max(1, once.called), (name, key)
        assert bool(twice.restarts) <= bool(once.restarts), (name, key)
        assert twice.logged_out <= once.logged_out, (name, key)
        assert twice.heard_again <= once.heard_again, (name, key)


def test_such_a_press_would_be_noticed() -> None:
    """Two presses that are no slip: back out of the question, and later out of the consultation."""
    bench = at("confirm_transfer")
    bench.press("cancel")
    bench.pass_time(1)
    bench.press("cancel")
    assert len(bench.phone.open_calls) == 1
    assert harm("confirm_transfer", "cancel", 2).calls_ended == frozenset()
    assert harm("confirm_transfer", "soft1", 1).transfers == 1
