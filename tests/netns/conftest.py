"""A laboratory for a test: a server, a cable and a phone in network namespaces of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.lab import Lab, needs_namespaces, run


@pytest.fixture(autouse=True)
def _this_machine_keeps_its_addresses() -> Iterator[None]:
    """The law of this room: outside its namespaces nothing changes, least of all the address of a person's laptop."""
    before = _addresses()
    yield
    assert _addresses() == before, "this machine's own IPv4 addresses and routes changed"


def _addresses() -> list[str]:
    """Interface and address of each, and the default routes, without lifetimes."""
    shown = run("ip", "-oneline", "-4", "address").splitlines()
    return [" ".join(line.split()[1:4]) for line in shown] + run("ip", "-4", "route", "show", "default").splitlines()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Switched off, with nothing on its server."""
    needs_namespaces()
    with Lab(tmp_path) as made:
        tmp_path.chmod(0o755)
        yield made
