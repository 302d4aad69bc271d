"""Where the images are, what is left out without them, and the report that `make boot-test` leaves behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.machine import why_not
from tests.boot.report import Report

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = pytest.StashKey[list[str]]()


def images(board: str) -> Path:
    """Of `make image BOARD=board`, or below the folder that BOOT_IMAGES names."""
    return Path(os.environ.get("BOOT_IMAGES") or ROOT / "out") / board / "images"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of a board whose image is not here are left out, with one line a board and not one a test."""
    found = {item: mark.args[0] for item in items if (mark := item.get_closest_marker("boot"))}
    reasons = {board: why_not(images(board), "Image.gz", "sdcard.img") for board in set(found.values())}
    out = [item for item, board in found.items() if reasons[board]]
    items[:] = [item for item in items if item not in out]
    config.hook.pytest_deselected(items=out)
    config.stash[LEFT_OUT] = [f"boot test: {reason} (make image BOARD={b})" for b, reason in reasons.items() if reason]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash.get(LEFT_OUT, []):
        terminalreporter.write_line(f"left out: {line}")


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
    """What was measured; written when all tests are over, if an image was booted and nothing failed or was left out."""
    made = Report(ROOT)
    yield made
    if request.session.testsfailed == 0 and not request.config.getoption("keyword"):
        made.write()
