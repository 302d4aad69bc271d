"""The trial of mutants, inside one pytest session: which test comes by a line, and what fails without it.

Law: one process, no copy of the tree. A mutant lives as the `__code__` of the function that is there already, so that
every table and import has it; after the trial the old code is back and caches are empty.
"""

from __future__ import annotations

import functools
import gc
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage

from tests.mutants.mutate import Mutant

KILLED, SURVIVED, UNSEEN, UNTRIED = "killed", "survived", "unseen", "untried"


class TooLongError(BaseException):
    """The mutant never ends."""


class Trial:
    """A pytest plugin instead of the test loop: every test once, then each mutant by the tests that come by it.

    package: the product's folder; room: below it; mutants: to try; seen: told each mutant and its fate.
    """

    def __init__(
        self, package: Path, room: str, mutants: Sequence[Mutant], seen: Callable[[Mutant, str], None]
    ) -> None:
        self.package, self.room, self.mutants, self.seen = package, room, mutants, seen
        self.seconds: dict[str, float] = {}
        self.contexts: dict[Path, dict[int, list[str]]] = {}
        self.failed: list[str] = []
        self.killers: dict[str, list[str]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """The whole of it. A test that fails without any mutant can notice none, and is left out."""
        items = {item.nodeid: item for item in session.items}
        self._look(items)
        functions = _functions(self.package)
        gc.collect()
        gc.freeze()
        for mutant in self.mutants:
            self._try(mutant, items, functions)
        return True

    def _look(self, items: dict[str, pytest.Item]) -> None:
        """Run every test, and write down the lines it comes by."""
        coverage = Coverage(
            data_file=None,
            config_file=False,
            include=[f"{self.package}/{self.room}/**", f"{self.package}/{self.room}.py"],
        )
        coverage.start()
        for name, item in items.items():
            _forget()  # a test that finds its answer in a cache comes by the same lines
            coverage.switch_context(name)
            start = time.perf_counter()
            if not _passes(item):
                self.failed.append(name)
            self.seconds[name] = time.perf_counter() - start
        coverage.stop()
        data = coverage.get_data()
        self.contexts = {Path(file): data.contexts_by_lineno(file) for file in data.measured_files()}

    def _try(
        self, mutant: Mutant, items: dict[str, pytest.Item], functions: dict[tuple[Path, str], list[types.FunctionType]]
    ) -> None:
        names = self._tests(mutant)
        if not names:
            self.seen(mutant, UNSEEN)
            return
        try:
            changed = mutant.code(sys.modules[_module(self.package, mutant.path)])
        except SyntaxError:
            self.seen(mutant, KILLED)
            return
        fate = SURVIVED
        try:
            with _changed(functions[mutant.path, mutant.qualname], changed):
                for name in names:
                    if not _passes(items[name], 3 + 20 * self.seconds[name]):
                        self.killers.setdefault(mutant.function, []).append(name)
                        fate = KILLED
                        break
        except ValueError:
            fate = UNTRIED
        self.seen(mutant, fate)

    def _tests(self, mutant: Mutant) -> list[str]:
        """The tests that come by: those first that noticed something in this function, then one case of each
        parametrized test, the quickest first, then a second one of each ...
        """
        by_line = self.contexts.get(mutant.path, {})
        first, last = mutant.lines
        names = {name for line in range(first, last + 1) for name in by_line.get(line, ()) if name} - set(self.failed)
        killers = self.killers.get(mutant.function, [])
        cases: Counter[str] = Counter()
        place: dict[str, int] = {}
        for name in sorted(names, key=self.seconds.__getitem__):
            test = name.partition("[")[0]
            place[name] = cases[test]
            cases[test] += 1
        return sorted(names, key=lambda name: (-killers.count(name), place[name], self.seconds[name]))


def _module(package: Path, path: Path) -> str:
    return ".".join((package.name, *path.relative_to(package).with_suffix("").parts))


def _functions(package: Path) -> dict[tuple[Path, str], list[types.FunctionType]]:
    """Every function of the product that is alive, by file and by the qualified name of the outermost one: a table may
    hold what a function made when the module was read.
    """
    found: dict[tuple[Path, str], list[types.FunctionType]] = {}
    for each in gc.get_objects():
        if type(each) is types.FunctionType and each.__code__.co_filename.startswith(str(package)):
            outermost = each.__code__.co_qualname.partition(".<locals>")[0]
            found.setdefault((Path(each.__code__.co_filename), outermost), []).append(each)
    return found


@contextmanager
def _changed(functions: list[types.FunctionType], other: types.FunctionType) -> Iterator[None]:
    """The functions with the code and the defaults of a changed one, those that the old one made included."""
    kept: list[tuple[types.FunctionType, str, Any]] = []
    _forget()
    try:
        for each in functions:
            inner = "<locals>" in each.__code__.co_qualname
            code = _twin(each.__code__, other.__code__) if inner else other.__code__
            for name in ("__code__",) if inner else ("__code__", "__defaults__", "__kwdefaults__"):
                kept.append((each, name, getattr(each, name)))
                setattr(each, name, code if name == "__code__" else getattr(other, name))
        yield
    finally:
        for each, name, value in kept:
            setattr(each, name, value)
        _forget()


def _twin(inner: types.CodeType, outer: types.CodeType) -> types.CodeType:
    """The code inside a changed one that stands where `inner` does; itself where the change took it away.

    ValueError where the change leaves it without a variable of the outer function, for a living closure has all.
    """
    for name in inner.co_qualname.split(".<locals>.")[1:]:
        found = (each for each in outer.co_consts if isinstance(each, types.CodeType) and each.co_name == name)
        outer = next(found, inner)
    if outer.co_freevars != inner.co_freevars:
        raise ValueError(f"{inner.co_qualname} needs {inner.co_freevars}")
    return outer


@functools.cache
def _caches() -> list[Callable[[], None]]:
    """Asked for first before gc.freeze, which hides what is there from gc.get_objects."""
    kind = type(functools.lru_cache(_module))
    return [
        each.cache_clear
        for each in gc.get_objects()
        if isinstance(each, kind)
        and str(getattr(each, "__module__", "")).startswith(("deskphone.core", "deskphone.wire"))
    ]


def _forget() -> None:
    for clear in _caches():
        clear()


def _passes(item: pytest.Item, seconds: float = 0) -> bool:
    """Run one test with its fixtures; False for whatever it raises, and where it takes longer than that."""

    def late(_number: int, _frame: object) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    good = True
    try:
        item._initrequest()
        for step in (item.ihook.pytest_runtest_setup, item.ihook.pytest_runtest_call):
            step(item=item)
    except KeyboardInterrupt:
        raise
    except BaseException:
        good = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    try:
        item.ihook.pytest_runtest_teardown(item=item, nextitem=None)
    except Exception:
        good = False
    finally:
        signal.signal(signal.SIGALRM, before)
        item.funcargs = None
        item._request = False
    return good
