"""One phone for a file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manage.plane import Plane


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    """A phone without an account, and its control socket."""
    found = Plane(Path(tmp_path_factory.mktemp("plane")))
    found.start()
    yield found
    found.end()
