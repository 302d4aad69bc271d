"""What fails in a part of the suite is tried once more by itself, and told whatever comes of it (tests/again.py)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests import again

pytestmark = pytest.mark.slow
QUICK = ("-q", "--noconftest", "-p", "no:hypothesispytest", "-p", "no:asyncio")

TESTS = """
import pathlib
import pytest

SEEN = pathlib.Path({folder!r})

def test_steady():
    pass

def test_fails_once():
    mark = SEEN / "seen"
    if not mark.exists():
        mark.touch()
        raise AssertionError("the machine stood still")

@pytest.fixture
def untidy():
    yield
    mark = SEEN / "left"
    if not mark.exists():
        mark.touch()
        raise AssertionError("left something behind, once")

def test_leaves_something(untidy):
    pass

@pytest.mark.parametrize("value", range({broken}))
def test_always_fails(value):
    assert False
"""


@pytest.fixture(autouse=True)
def _results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(again, "RESULTS", tmp_path / "results")


def suite(folder: Path, broken: int) -> str:
    """A file of tests of which two fail once and `broken` always."""
    path = folder / "test_little.py"
    path.write_text(TESTS.format(folder=str(folder), broken=broken))
    return str(path)


def test_what_passes_by_itself_is_named_and_does_not_fail_the_run(tmp_path: Path) -> None:
    outcome = again.tried("little", [*QUICK, suite(tmp_path, 0), "-k", "not always"])
    assert (outcome.code, outcome.tests, outcome.failed) == (0, 3, 0)
    assert [each.rpartition("::")[2] for each in outcome.unsteady] == ["test_fails_once", "test_leaves_something"]


def test_what_fails_twice_has_failed(tmp_path: Path) -> None:
    outcome = again.tried("little", [*QUICK, suite(tmp_path, 2)])
    assert (outcome.code, outcome.tests, outcome.failed, len(outcome.unsteady)) == (1, 5, 2, 2)


def test_many_failures_are_not_tried_again(tmp_path: Path) -> None:
    outcome = again.tried("little", [*QUICK, suite(tmp_path, again.FEW + 1)])
    assert (outcome.code, outcome.failed, outcome.unsteady) == (1, again.FEW + 3, ())


def test_two_parts_side_by_side_are_told_one_after_the_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Each waits for the other to be there: they do run at the same time."""
    meet = """
import pathlib, time

def test_meets_the_other():
    here = pathlib.Path({folder!r})
    (here / {own!r}).touch()
    end = time.monotonic() + 60
    while not (here / {other!r}).exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    print("said by", {own!r})
"""
    for own, other in (("first", "second"), ("second", "first")):
        (tmp_path / f"test_{own}.py").write_text(meet.format(folder=str(tmp_path), own=own, other=other))
    outcomes = again.side_by_side(
        {
            own: partial(again.tried, own, [*QUICK, "-s", str(tmp_path / f"test_{own}.py")], (), ())
            for own in ("first", "second")
        }
    )
    assert {name: (each.code, each.tests) for name, each in outcomes.items()} == {"first": (0, 1), "second": (0, 1)}
    said = capfd.readouterr().out
    assert said.index("said by first") < said.index("1 passed") < said.index("said by second")


def test_a_suite_that_leaves_no_results_has_failed(tmp_path: Path) -> None:
    outcome = again.tried("little", [*QUICK, "--no-such-option"])
    assert outcome.code != 0
    assert outcome.failed == 1
