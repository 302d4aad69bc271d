"""A floor of phones comes back to its server: no two runs of the same storm, and nobody is left behind."""

from __future__ import annotations

from tests.bench.storm import storm


def test_a_server_that_returns_gets_every_phone_and_no_wall_of_them() -> None:
    sent = storm(300, 120.0)
    after = [sent[second] for second in range(120, 260)]
    assert sum(after) == 300, "each phone is home with its first REGISTER after the return"
    assert max(after) <= 0.05 * 300, "of all phones in one second"
