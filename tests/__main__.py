"""`python -m tests`: the whole suite in parts, each a pytest process of its own, and one summary.

Parts, because pjsua2 allows one endpoint a process, and because a crash of the C stack in one part must not hide
what the others have to say. Every test is in exactly one part. Two that have one process, and mostly wait, run at the
same time.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import IO

from tests.again import Tried, side_by_side, tried
from tests.chance import SEED, seed_of_checkout

ELSEWHERE = "hil or boot or another_kernel"  # make hil, make boot-test, by hand
HEAVY = "sip or slow or peer or browser or netns"
WHOLE = f"({HEAVY}) and not ({ELSEWHERE})"
ENDPOINTS = ("tests/native", "tests/sip/useragent")  # in this process: where one crashes, xdist waits for ever
FILES = ("-n", "2", "--dist", "loadfile")  # two files at a time
WAITING = ("-n", "3")  # for servers, timers and each other, two thirds of their time: three use two cores
STORIES = "tests/stories"  # each has a phone and a server of its own
FOREIGN = ("tests/peers", "tests/netns")
LONGEST = "tests/sip"  # a minute and more a test: begun first, or one worker ends alone
ALONE = "tests/bench"  # what is measured has the machine to itself
PARTS: dict[str, tuple[str, ...]] = {
    "units and core stories": ("-q", "-n", "2", "--dist", "worksteal", "-m", f"not ({HEAVY} or {ELSEWHERE})", "tests"),
    "the user agent": ("-q", "-m", WHOLE, ENDPOINTS[1]),
    "the C extension": ("-q", "-m", WHOLE, ENDPOINTS[0]),
    "stories on the sip bench": ("-q", *WAITING, "-m", WHOLE, STORIES),
    "peers and networks": ("-q", *FILES, "-m", WHOLE, "--durations=15", *FOREIGN),
    "the bench": ("-q", "-m", WHOLE, ALONE),
    "program, pages, hostile bytes": (
        "-q", *WAITING, "--dist", "loadfile", "--no-loadscope-reorder", "-m", WHOLE, "--durations=15",
        *(f"--ignore={path}" for path in (*ENDPOINTS, STORIES, *FOREIGN, ALONE)), LONGEST, "tests",
    ),
}  # fmt: skip
TOGETHER = ("the user agent", "the C extension")


@dataclass(frozen=True)
class Outcome:
    """What became of one part."""

    name: str
    tried: Tried
    seconds: float

    @property
    def passed(self) -> int:
        """How many, the unsteady ones among them."""
        return self.tried.tests - self.tried.failed - self.tried.skipped


def run(name: str, told: IO[str] | None = None) -> Outcome:
    """Run one part; told: as `again.tried` has it."""
    print(f"\n== {name}", flush=True, file=told)
    began = time.monotonic()
    return Outcome(name, tried(name, PARTS[name], again=("-n", "0"), told=told), time.monotonic() - began)


def run_all() -> list[Outcome]:
    """All parts in their order; those of TOGETHER where the first of them stands."""
    outcomes: list[Outcome] = []
    for name in PARTS:
        if name == TOGETHER[0]:
            outcomes += side_by_side({each: partial(run, each) for each in TOGETHER}).values()
        elif name not in TOGETHER:
            outcomes.append(run(name))
    return outcomes


def main() -> int:
    """Run all parts, whatever fails on the way."""
    print(f"{SEED}={os.environ.setdefault(SEED, str(seed_of_checkout()))}", flush=True)
    outcomes = run_all()
    print("\n== summary")
    for one in outcomes:
        counts = f"{one.passed:5} passed {one.tried.failed:4} failed {one.tried.skipped:4} skipped"
        print(f"{one.name:30} {counts} {one.seconds:7.0f} s")
        for test in one.tried.unsteady:
            print(f"    failed, and passed by itself: {test}")
    passed, failed = sum(one.passed for one in outcomes), sum(one.tried.failed for one in outcomes)
    unsteady = sum(len(one.tried.unsteady) for one in outcomes)
    print(f"{passed} passed ({unsteady} at the second try), {failed} failed, "
          f"{sum(one.tried.skipped for one in outcomes)} skipped", flush=True)  # fmt: skip
    return 1 if failed or any(one.tried.code for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
