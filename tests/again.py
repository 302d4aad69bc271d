"""A part of the suite as a pytest process, and what failed in it once more by itself.

Foreign programs, real sound and real clocks share two cores here: a test may fail because the machine stood still for
ten seconds. A second, quiet try tells that from a fault. Law: nothing is hidden. What failed first is printed and named
in the summary whatever the second try says; more than `FEW` failures are a fault of the tree, and are not tried again.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "tests"
FEW = 8
Made = TypeVar("Made")


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


def side_by_side(parts: Mapping[str, Callable[[IO[str] | None], Made]]) -> dict[str, Made]:
    """Do these at the same time, for two that mostly wait take as long as the longer one; what each returned.

    The first is heard at once. Each other one writes into a file of its own, which is printed after those before it.
    """
    RESULTS.mkdir(parents=True, exist_ok=True)
    (first, part), *others = parts.items()
    with ThreadPoolExecutor(len(parts)) as pool, ExitStack() as files:
        begun = []
        for name, other in others:
            told = files.enter_context((RESULTS / f"{_word(name)}.log").open("w+"))
            begun.append((name, told, pool.submit(other, told)))
        made = {first: part(None)}
        for name, told, work in begun:
            made[name] = work.result()
            told.seek(0)
            shutil.copyfileobj(told, sys.stdout)
            sys.stdout.flush()
    return made


def tried(
    name: str,
    arguments: Sequence[str],
    before: Sequence[str] = (),
    again: Sequence[str] = (),
    told: IO[str] | None = None,
) -> Tried:
    """Run pytest with `arguments`, behind the command words `before`; few failures once more, with `again` added.

    told: a file for all that is said; None for where this process writes.
    A process that leaves no results crashed: one failure, and no second try.
    """
    word = _word(name)
    RESULTS.mkdir(parents=True, exist_ok=True)
    keeps = ("-o", f"cache_dir={RESULTS / f'cache-{word}'}")
    code, counts = _pytest(RESULTS / f"{word}.xml", [*keeps, *arguments], before, told)
    if counts is None:
        return Tried(1, 1, 0, (), code or 1)
    if not 0 < len(counts.failed) <= FEW:
        return Tried(counts.tests, len(counts.failed), counts.skipped, (), code)
    print(f"\n== {name}: {len(counts.failed)} once more, by itself", flush=True, file=told)
    last = [*keeps, *arguments, "--last-failed", "--last-failed-no-failures=none", *again]
    second, rest = _pytest(RESULTS / f"{word}-again.xml", last, before, told)
    if rest is None or not rest.tests:
        return Tried(counts.tests, len(counts.failed), counts.skipped, (), code)
    unsteady = tuple(each for each in counts.failed if each not in rest.failed)
    return Tried(counts.tests, len(rest.failed), counts.skipped, unsteady, second)


def _word(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


def _pytest(
    results: Path, arguments: Sequence[str], before: Sequence[str], told: IO[str] | None
) -> tuple[int, _Counts | None]:
    results.unlink(missing_ok=True)
    command = [*before, sys.executable, "-m", "pytest", "-c", "firmware/pyproject.toml", "--rootdir", ".",
               f"--junitxml={results}", *arguments]  # fmt: skip
    code = subprocess.run(command, cwd=ROOT, check=False, stdout=told, stderr=told).returncode
    return code, _counts(results) if results.exists() else None


def _counts(results: Path) -> _Counts:
    """A test that fails and whose teardown fails as well is one."""
    cases = list(ElementTree.parse(results).getroot().iter("testcase"))
    names = {id(case): f"{case.attrib.get('classname', '')}::{case.attrib['name']}" for case in cases}
    failed = {names[id(case)] for case in cases if case.find("failure") is not None or case.find("error") is not None}
    skipped = sum(case.find("skipped") is not None for case in cases)
    return _Counts(len(set(names.values())), skipped, tuple(sorted(failed)))
