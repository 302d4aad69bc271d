"""Options that concern all tests."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.needs import needs

# The same examples each time, and as long as it takes: a busy machine is no finding. The fuzz targets have their own.
settings.register_profile(
    "daily", max_examples=60, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.register_profile("quick", settings.get_profile("daily"), max_examples=10)
settings.load_profile("daily")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--redraw", action="store_true", help="write the golden pictures anew")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """`@pytest.mark.needs("nft", ...)`: the programs a test cannot do without."""
    for mark in item.iter_markers("needs"):
        needs(*mark.args)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The extension's tests run the real SIP stack; the rig's run where `python -m tests.hil` has made room."""
    if not os.environ.get("DESKPHONE_RIG_NAMESPACE"):
        rig = [item for item in items if item.get_closest_marker("hil")]
        items[:] = [item for item in items if item not in rig]
        config.hook.pytest_deselected(items=rig)
    for item in items:
        if "/tests/native/" in str(item.path) and "test_build" not in item.path.name:
            item.add_marker(pytest.mark.sip)
