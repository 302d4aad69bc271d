"""A part of the suite as a pytest process, and what failed in it once more by itself.

Foreign programs, real sound and real clocks share two cores here: a test may fail because the machine stood still for
ten seconds. A second, quiet try tells that from a fault. Law: nothing is hidden. What failed first is printed and named
in the summary whatever the second try says; more than `FEW` failures are a fault of the tree, and are not tried again.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "tests"
FEW = 8


@dataclass(frozen=True)
class Tried:
    """code: pytest's, of the last try; unsteady: what failed at first and passed by itself."""

    tests: int
    failed: int
    skipped: int
    unsteady: tuple[str, ...]
    code: int


@dataclass(frozen=True)
class _Counts:
    tests: int
    skipped: int
    failed: tuple[str, ...]


def tried(name: str, arguments: Sequence[str], before: Sequence[str] = (), again: Sequence[str] = ()) -> Tried:
    """Run pytest with `arguments`, behind the command words `before`; few failures once more, with `again` added.

    A process that leaves no results crashed: one failure, and no second try.
    """
    word = name.replace(" ", "-").replace(",", "")
    RESULTS.mkdir(parents=True, exist_ok=True)
    keeps = ("-o", f"cache_dir={RESULTS / f'cache-{word}'}")
    code, counts = _pytest(RESULTS / f"{word}.xml", [*keeps, *arguments], before)
    if counts is None:
        return Tried(1, 1, 0, (), code or 1)
    if not 0 < len(counts.failed) <= FEW:
        return Tried(counts.tests, len(counts.failed), counts.skipped, (), code)
    print(f"\n== {name}: {len(counts.failed)} once more, by itself", flush=True)
    last = [*keeps, *arguments, "--last-failed", "--last-failed-no-failures=none", *again]
    second, rest = _pytest(RESULTS / f"{word}-again.xml", last, before)
    if rest is None or not rest.tests:
        return Tried(counts.tests, len(counts.failed), counts.skipped, (), code)
    unsteady = tuple(each for each in counts.failed if each not in rest.failed)
    return Tried(counts.tests, len(rest.failed), counts.skipped, unsteady, second)


def _pytest(results: Path, arguments: Sequence[str], before: Sequence[str]) -> tuple[int, _Counts | None]:
    results.unlink(missing_ok=True)
    command = [*before, sys.executable, "-m", "pytest", "-c", "firmware/pyproject.toml", "--rootdir", ".",
               f"--junitxml={results}", *arguments]  # fmt: skip
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    return code, _counts(results) if results.exists() else None


def _counts(results: Path) -> _Counts:
    """A test that fails and whose teardown fails as well is one."""
    cases = list(ElementTree.parse(results).getroot().iter("testcase"))
    names = {id(case): f"{case.attrib.get('classname', '')}::{case.attrib['name']}" for case in cases}
    failed = {names[id(case)] for case in cases if case.find("failure") is not None or case.find("error") is not None}
    skipped = sum(case.find("skipped") is not None for case in cases)
    return _Counts(len(set(names.values())), skipped, tuple(sorted(failed)))
