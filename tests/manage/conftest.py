"""One phone for a file of tests, and its web interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manage.plane import PASSWORD, Plane, Web
from tests.peers.child import wait_until


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A phone without an account, and its control socket."""
    found = Plane(Path(tmp_path_factory.mktemp("plane")))
    try:
        found.start()
        yield found
    finally:
        found.end()


@pytest.fixture(scope="module")
def web(plane: Plane) -> Web:
    """The web interface, with a password set."""
    assert plane.cli("password", "set", given=f"{PASSWORD}\n").returncode == 0
    return plane.manage("--http", "127.0.0.1:0")


@pytest.fixture
def inside(web: Web) -> Web:
    """Logged in."""
    wait_until("the pauses of earlier tests to be over", lambda: web.log_in().status == 303, 60)
    return web
