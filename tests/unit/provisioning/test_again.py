"""A check never gives up: what failed is asked again, ever more slowly, and at once where something changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deskphone.config.schema.words import PeriodType
from deskphone.core.effects import FetchSettings
from deskphone.core.events import Provisioned
from deskphone.provision import again
from deskphone.provision.problem import Outcome
from tests.unit.provisioning.world import QUICK, World

FAILURES = [each for each in Outcome if each not in again.CONTENT]
SLOW = replace(QUICK, again=1000.0)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.set(period=PeriodType.POWERUP)
    world.bound()
    return world


@pytest.mark.parametrize("outcome", FAILURES)
def test_the_pauses_grow_to_a_bound_and_never_end(outcome: Outcome) -> None:
    bounds = [again.pause(outcome, failures) for failures in range(1, 5000)]
    assert all(each is not None and 0 < each[0] < each[1] <= 3600 for each in bounds)
    highs = [each[1] for each in bounds if each is not None]
    assert highs == sorted(highs) and highs[0] <= 240 and highs[-1] >= 900


def test_what_may_pass_by_itself_is_asked_within_seconds_and_what_must_be_mended_within_minutes() -> None:
    for outcome in FAILURES:
        bounds = again.pause(outcome, 1)
        assert bounds is not None
        assert (bounds[1] < 60) == (outcome not in again.TO_BE_MENDED), outcome


@pytest.mark.parametrize("outcome", FAILURES)
async def test_a_phone_that_looks_at_power_up_only_gets_its_file_however_long_it_takes(
    world: World, outcome: Outcome
) -> None:
    world.outcomes = [*[outcome] * 6, "updated"]
    async with world.running(pace=replace(QUICK, again=0.00001)):
        await world.looked(7)
        assert world.outcomes == []
    told = [each.outcome for each in world.events if isinstance(each, Provisioned)]
    assert told == [*[outcome] * 6, "updated"]


@pytest.mark.parametrize("outcome", again.CONTENT)
async def test_where_all_is_well_nobody_is_asked_again(world: World, outcome: Outcome) -> None:
    world.outcomes = [outcome, "unreachable"]
    async with world.running(pace=SLOW) as driver:
        await world.looked(1)
        assert world.waits == []
        driver.perform(FetchSettings("check-sync"))
        await world.looked(2)
        assert len(world.waits) == 1, "a failure has a pause"


async def test_a_check_that_broke_is_tried_again(world: World) -> None:
    world.fails = True
    async with world.running():
        await world.until(lambda: len(world.looks) >= 2, "a second check")


async def test_a_cable_that_comes_back_is_a_reason_to_ask_at_once_after_a_failure(world: World) -> None:
    world.outcomes = ["unreachable", "updated"]
    async with world.running(pace=SLOW):
        await world.looked(1)
        world.lease.unlink()
        await world.quiet()
        await world.looked(1)
        world.bound()
        await world.looked(2)
        world.lease.unlink()
        await world.quiet()
        world.bound()
        await world.looked(2)  # the file is there: no reason any more


@pytest.mark.parametrize("by", [timedelta(days=20_000), timedelta(minutes=10), timedelta(hours=-2)])
async def test_a_clock_that_is_set_is_a_reason_to_ask_at_once_after_a_failure(world: World, by: timedelta) -> None:
    world.at = datetime(1970, 1, 2, 12, tzinfo=UTC)
    world.outcomes = ["untrusted", "updated"]
    async with world.running(pace=SLOW):
        await world.looked(1)
        await world.until(lambda: world.readings > 3, "some looks at the clock")
        world.at += by
        await world.looked(2)
        world.at += by
        await world.looked(2)


async def test_a_small_step_of_the_clock_is_none(world: World) -> None:
    world.outcomes = ["untrusted", "updated"]
    async with world.running(pace=SLOW):
        await world.looked(1)
        await world.later(seconds=60)
        await world.quiet()
        await world.looked(1)


async def test_a_lease_that_names_another_place_begins_with_short_pauses_again(world: World) -> None:
    world.outcomes = ["unreachable"] * 5
    async with world.running(pace=replace(QUICK, again=0.00001)):
        await world.looked(6)  # the sixth says nothing
        assert world.waits[-1] > again.PASSING.first
        world.outcomes = ["unreachable"]
        world.bound(b"http://other.example.com/")
        await world.until(lambda: world.outcomes == [], "the other place")
        assert world.waits[-1] == again.PASSING.first / 2
