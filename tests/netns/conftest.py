"""A laboratory for a test: a server, a cable and a phone in network namespaces of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.lab import Lab, needs_namespaces


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """Switched off, with nothing on its server."""
    needs_namespaces()
    with Lab(tmp_path) as made:
        tmp_path.chmod(0o755)
        yield made
