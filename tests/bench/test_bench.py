"""The bench runs from end to end and every row has its numbers; what the numbers are is for a person to read."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from tests.bench.run import QUICK, Bench
from tests.bench.table import PHONES, Row, at_most, lines, percentile

OUTAGES = tuple(
    f"one of two sites {fault}: {what}" for fault in ("killed", "frozen") for what in ("called by", "answered by")
)
BESIDE = ("start to registered", "INVITE to", "idle CPU", "CPU of a", "RSS", *OUTAGES)
"""Rows in which all three phones stand; the others are deskphone's own."""


@pytest.mark.slow
@pytest.mark.peer
@pytest.mark.timeout(400)
def test_the_bench_gives_a_number_for_every_phone_in_every_row(tmp_path: Path) -> None:
    result = Bench(QUICK, tmp_path).run()
    assert result.rows
    for row in result.rows:
        phones = PHONES if row.name.startswith(BESIDE) else PHONES[:1]
        assert set(row.values) == set(phones), f"{row.name}: {row.values}; {result.remarks}"
        assert all(math.isfinite(value) for value in row.values.values()), row


def test_a_missed_target_is_said_in_its_row() -> None:
    missed, met = Row("a", {"deskphone": 3.0}, at_most(2, "s")), Row("b", {"deskphone": 1.0}, at_most(2, "s"))
    table = lines([missed, met])
    assert "MISSED" in table[2]
    assert "met" in table[3]


def test_what_did_not_come_is_more_than_was_waited_for() -> None:
    row = Row("a", {"deskphone": 2.0, "pjsua": 40.0}, most=40.0)
    assert row.cells() == ["a", "2.00", "> 40", "-", "< x 0.05", "-", ""]


def test_the_95th_percentile_of_200_calls_is_the_190th() -> None:
    assert percentile([float(value) for value in range(200, 0, -1)], 0.95) == 190
