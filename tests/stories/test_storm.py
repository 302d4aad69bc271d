"""A floor of phones comes back to its server: no two runs of the same storm, and nobody is left behind."""

from __future__ import annotations

import pytest

from tests.bench.storm import storm


@pytest.mark.parametrize("outage", [3.0, 10.0])
@pytest.mark.long
def test_a_server_that_is_away_for_seconds_gets_no_wall_of_them_either(outage: float) -> None:
    sent = storm(1000, outage)
    assert max(sent.values()) <= 0.035 * 1000, "of all phones in one second, before and after its return"
    assert max(sent) <= 105 + outage, "the last one is home"


def test_a_server_that_returns_gets_every_phone_and_no_wall_of_them() -> None:
    sent = storm(300, 120.0)
    after = [sent[second] for second in range(120, 260)]
    assert sum(after) == 300, "each phone is home with its first REGISTER after the return"
    assert max(after) <= 0.05 * 300, "of all phones in one second"
