"""A bucket: so many at once, then so many a second."""

from __future__ import annotations

from deskphone.sip.policy.rate import Rate


def test_so_many_at_once_then_as_they_come_back() -> None:
    rate = Rate(2.0, 3.0)
    assert [rate.admits(1000.0) for _ in range(5)] == [True, True, True, False, False]
    assert [rate.admits(1000.5), rate.admits(1000.5), rate.admits(1000.9)] == [True, False, False]
    assert [rate.admits(5000.0) for _ in range(4)] == [True, True, True, False]


def test_a_clock_that_stands_still_gives_nothing() -> None:
    rate = Rate(100.0, 1.0)
    assert [rate.admits(0.0), rate.admits(0.0)] == [True, False]
