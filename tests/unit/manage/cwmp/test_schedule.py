"""When sessions are due, in virtual time: periodic informs, retries by TR-069's table, a server that is down."""

from __future__ import annotations

import random

import pytest

from deskphone.manage.cwmp.memory import Memory, Transfer
from deskphone.manage.cwmp.schedule import Schedule, retry_range, until_periodic

UNIX = 1_800_000_000.0
TABLE = [(5, 10), (10, 20), (20, 40), (40, 80), (80, 160), (160, 320), (320, 640), (640, 1280), (1280, 2560),
         (2560, 5120), (2560, 5120), (2560, 5120)]  # fmt: skip
"""TR-069 table 3: the wait before the first, second ... retry."""


def test_the_waits_are_those_of_the_specification() -> None:
    assert [retry_range(count) for count in range(1, 13)] == TABLE


def test_informs_are_in_step_with_the_time_the_acs_names() -> None:
    assert until_periodic(3600, "0001-01-01T00:00:00Z", UNIX) == 3600 == until_periodic(3600, "soon", UNIX)
    assert until_periodic(3600, "2027-01-15T08:10:00Z", UNIX) == 600, "UNIX is 08:00"
    assert until_periodic(3600, "2020-01-01T00:00:00", UNIX) == 3600
    assert until_periodic(86400, "2027-01-01T07:00:00+01:00", UNIX) == 22 * 3600


class Line:
    """A phone's schedule against a server that is there or not, second by second of virtual time."""

    def __init__(self, interval: float = 3600, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.now, self.memory = 1000.0, Memory()
        self.schedule = Schedule().obey(interval, "", self.now, self.unix)
        self.tries: list[tuple[float, bool, tuple[str, ...]]] = []

    @property
    def unix(self) -> float:
        return UNIX + self.now

    def live(self, until: float, up: bool) -> None:
        """As the agent does: wait, tick, and a session where one is due."""
        while True:
            self.schedule, self.memory = self.schedule.tick(self.memory, self.now, self.unix)
            if self.schedule.due(self.memory, self.now):
                self.tries.append((self.now, up, tuple(code for code, _ in self.memory.events)))
                if up:
                    self.schedule, self.memory = self.schedule.anew(), self.memory.without(self.memory.events)
                else:
                    self.schedule = self.schedule.failed(self.now, self.chance.random())
            wait = self.schedule.wait(self.memory, self.now, self.unix)
            assert wait > 0, "it would never sleep"
            if self.now + wait > until:
                self.now = until
                return
            self.now += wait


def test_an_acs_that_is_down_for_a_day_is_asked_ever_less_and_told_once_when_it_is_back() -> None:
    line = Line()
    line.live(1000 + 3 * 3600, up=True)
    assert [events for _, _, events in line.tries] == [("2 PERIODIC",)] * 3
    line.tries.clear()
    began = line.now
    line.live(began + 86400, up=False)
    waits = [later - earlier for (earlier, _, _), (later, _, _) in zip(line.tries, line.tries[1:], strict=False)]
    assert 25 < len(waits) < 50, "a day of waits that end at 2560 to 5120 s"
    for count, wait in enumerate(waits, 1):
        low, high = TABLE[min(count, len(TABLE)) - 1]
        assert low <= wait <= high, count
    assert all(events == ("2 PERIODIC",) for _, _, events in line.tries), "what waits is told once"
    retries, last = line.schedule.retries, line.tries[-1][0]
    line.live(line.now + 5120, up=True)
    assert retries == len(waits) + 1 and line.schedule.retries == 0
    assert line.tries[-1][1] and line.tries[len(waits) + 1][0] - last <= 5120
    line.tries.clear()
    line.live(line.now + 86400, up=True)
    assert len(line.tries) == 24


def test_a_fleet_does_not_come_back_as_one() -> None:
    first = set()
    for seed in range(50):
        line = Line(interval=60, seed=seed)
        line.live(1000 + 70, up=False)
        first.add(round(line.schedule.not_before, 3))
    assert len(first) == 50


def test_a_connection_request_is_not_kept_waiting_by_a_retry() -> None:
    line = Line(interval=60)
    line.live(1000 + 4000, up=False)
    assert not line.schedule.due(line.memory, line.now)
    line.memory = line.memory.with_event("6 CONNECTION REQUEST")
    assert line.schedule.knocked(line.now).due(line.memory, line.now)


def test_what_is_scheduled_comes_at_its_time_and_once() -> None:
    line = Line(interval=0)
    line.memory = Memory(scheduled=((UNIX + 1300, "b"), (UNIX + 1200, "a")))
    line.live(2000, up=True)
    assert [(at, events) for at, _, events in line.tries] == [
        (1200.0, ("3 SCHEDULED", "M ScheduleInform")), (1300.0, ("3 SCHEDULED", "M ScheduleInform"))]  # fmt: skip
    assert line.memory.scheduled == ()


def test_without_an_interval_there_is_no_periodic_inform_and_a_new_one_counts_from_now() -> None:
    line = Line(interval=0)
    line.live(100_000, up=True)
    assert line.tries == []
    line.schedule = line.schedule.obey(600, "", line.now, line.unix)
    line.live(100_000 + 1300, up=True)
    assert [at for at, _, _ in line.tries] == [100_600.0, 101_200.0]


@pytest.mark.parametrize(("due", "wait"), [(UNIX + 30, 30.0), (UNIX - 30, 0.0)])
def test_a_transfer_that_is_put_off_wakes_the_agent(due: float, wait: float) -> None:
    memory = Memory(transfers=(Transfer("Download", "k", "3", "http://x/", due=due),))
    assert Schedule().wait(memory, 5.0, UNIX) == wait
