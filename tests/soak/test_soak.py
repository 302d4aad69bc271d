"""A short part of the day: nothing illegal, and what the phone keeps does not grow from one hour to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import day, process
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench

HOURS = 3
CALLS = 60


@pytest.mark.slow
def test_hours_on_a_desk_leave_nothing_behind() -> None:
    rows = day.live(Story(CoreBench()), HOURS, deskphone__call_log__size="20")
    assert [row.illegal for row in rows] == [0] * HOURS
    assert rows[-1].calls >= 25 * HOURS
    assert rows[-1].state <= rows[1].state * 1.02, "the call log is full after the first hour"
    assert rows[-1].heap <= rows[1].heap * 1.05 + 20_000


@pytest.mark.sip
@pytest.mark.slow
def test_calls_and_checks_leave_no_descriptor_and_no_thread_behind(tmp_path: Path) -> None:
    rows = process.live(tmp_path, CALLS, 3)
    first, last = rows[0], rows[-1]
    assert last.checks > first.checks, "the phone looked for its file"
    assert last.threads <= first.threads + 1
    assert last.descriptors <= first.descriptors + 2
    assert last.memory <= first.memory + 8
