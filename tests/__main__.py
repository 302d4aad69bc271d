"""`python -m tests`: the whole suite in parts, each a pytest process of its own, and one summary.

Parts, because pjsua2 allows one endpoint a process, and because a crash of the C stack in one part must not hide
what the others have to say. Every test is in exactly one part.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build" / "tests"
ELSEWHERE = "hil or boot"  # make hil, make boot-test
HEAVY = "sip or slow or peer or browser or netns"
WHOLE = f"({HEAVY}) and not ({ELSEWHERE})"
ENDPOINTS = ("tests/native", "tests/sip/useragent")
STORIES = "tests/stories"  # each has a phone and a server of its own: two at a time
PARTS: dict[str, tuple[str, ...]] = {
    "units and core stories": ("-q", "-m", f"not ({HEAVY} or {ELSEWHERE})", "tests"),
    "the C extension": ("-q", "-m", WHOLE, ENDPOINTS[0]),
    "the user agent": ("-q", "-m", WHOLE, ENDPOINTS[1]),
    "stories on the sip bench": ("-q", "-n", "2", "-m", WHOLE, STORIES),
    "program, peers, browser": (
        "-m", WHOLE, *(f"--ignore={path}" for path in (*ENDPOINTS, STORIES)), "--durations=15", "tests",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """The counts of one part."""

    name: str
    passed: int
    failed: int
    skipped: int
    seconds: float
    code: int


def run(name: str, arguments: tuple[str, ...]) -> Outcome:
    """Run one part and read its counts from the JUnit file; without one the part crashed and counts as failed."""
    results = RESULTS / f"{name.replace(' ', '-').replace(',', '')}.xml"
    results.unlink(missing_ok=True)
    print(f"\n== {name}", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-c", "firmware/pyproject.toml", "--rootdir", ".",
               f"--junitxml={results}", *arguments]  # fmt: skip
    code = subprocess.run(command, cwd=ROOT, check=False).returncode
    seconds = time.monotonic() - began
    if not results.exists():
        return Outcome(name, 0, 1, 0, seconds, code or 1)
    suite = ElementTree.parse(results).getroot().find("testsuite")
    assert suite is not None
    total, skipped = int(suite.attrib["tests"]), int(suite.attrib["skipped"])
    failed = int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    return Outcome(name, total - failed - skipped, failed, skipped, seconds, code)


def main() -> int:
    """Run all parts, whatever fails on the way."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    outcomes = [run(name, arguments) for name, arguments in PARTS.items()]
    print("\n== summary")
    for one in outcomes:
        print(f"{one.name:26} {one.passed:5} passed {one.failed:4} failed {one.skipped:4} skipped {one.seconds:7.0f} s")
    passed, failed, skipped = (sum(getattr(one, word) for one in outcomes) for word in ("passed", "failed", "skipped"))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or any(one.code for one in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
