"""Options that concern all tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--redraw", action="store_true", help="write the golden pictures anew")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The extension's tests run the real SIP stack."""
    for item in items:
        if "/tests/native/" in str(item.path) and "test_build" not in item.path.name:
            item.add_marker(pytest.mark.sip)
