"""`python -m tests.mutants [ROOM ...] [--sample DIGIT | --all]`: does a test fail when the product says something else?

mutmut changes one thing at a time in functions of `core` and `wire` and runs the unit tests and core stories that come
by there. A sample is a tenth: the mutants whose number ends in that digit. What no test noticed is printed, unless
accepted.tsv has it with a reason. Tables are not changed by mutmut: each has its matrix in `tests/unit/core`.

Law: works on a copy below build/mutants; fails where fewer than 90 % of what changes something are noticed.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "build" / "mutants"
ACCEPTED = Path(__file__).with_name("accepted.tsv")
WANTED = 0.9
# The tests that say what a room does. Those that read the repository's files have nothing to read on the bench.
TESTS = {
    "wire": ("tests/unit/wire",),
    "core": (
        "tests/unit/core", "tests/stories", "tests/unit/view/test_golden.py",
        "--ignore=tests/unit/core/test_states_page.py",
    ),
}  # fmt: skip
SURVIVED, UNSEEN = 0, 33  # mutmut's exit codes: all tests passed; no test comes by
LEFT_OUT = shutil.ignore_patterns("__pycache__", "hil", "boot", "mutants", ".pytest_cache")


@dataclass(frozen=True)
class Mutant:
    """One changed place. function: `wire.errors.clip`; old and new: the lines that differ, joined."""

    name: str
    function: str
    old: str
    new: str


def lay_out(room: str) -> Path:
    """A bench of its own for mutmut: the package beside the tests, and its configuration."""
    bench = BENCH / room
    shutil.rmtree(bench, ignore_errors=True)
    shutil.copytree(ROOT / "firmware" / "deskphone", bench / "deskphone", ignore=LEFT_OUT)
    shutil.copytree(ROOT / "tests", bench / "tests", ignore=LEFT_OUT)
    options = tomllib.loads((ROOT / "firmware" / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    lines = [
        "[pytest]", "pythonpath = . tests/centre", f"asyncio_mode = {options['asyncio_mode']}", "timeout = 60",
        f"asyncio_default_fixture_loop_scope = {options['asyncio_default_fixture_loop_scope']}",
        "markers =", *(f"    {each}" for each in options["markers"]),
    ]  # fmt: skip
    (bench / "pytest.ini").write_text("\n".join(lines) + "\n")
    fast = "not (sip or slow or peer or browser or netns or hil or boot)"
    lines = [
        "[mutmut]", f"source_paths =\n    deskphone/{room}/", "also_copy =\n    deskphone\n    tests\n    pytest.ini",
        "pytest_add_cli_args_test_selection =", *(f"    {each}" for each in TESTS[room]),
        "pytest_add_cli_args =", "    -q", "    -p", "    no:cacheprovider", "    --import-mode=importlib", "    -m",
        f"    {fast}",
    ]  # fmt: skip
    (bench / "setup.cfg").write_text("\n".join(lines) + "\n")
    return bench


def run(room: str, digit: str) -> Path:
    """Make the mutants of a room and try them; digit: the sample, or "" for all. Returns the bench."""
    bench = lay_out(room)
    command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", str(os.cpu_count() or 2),
               f"deskphone.{room}.*__mutmut_*{digit}"]  # fmt: skip
    log = bench / "mutmut.log"
    with log.open("wb") as file:
        code = subprocess.run(command, cwd=bench, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
    if code != 0:
        raise SystemExit(f"mutmut ended with {code}:\n{log.read_text(errors='replace')[-3000:]}")
    return bench


def outcomes(bench: Path) -> dict[str, int]:
    """Exit code by name of every mutant that was tried."""
    found: dict[str, int] = {}
    for meta in sorted((bench / "mutants").rglob("*.meta")):
        codes = json.loads(meta.read_text())["exit_code_by_key"]
        found.update({name: code for name, code in codes.items() if code is not None})
    return found


def told(bench: Path, names: list[str]) -> Iterator[Mutant]:
    """What these mutants change."""
    script = (
        "import json, sys; from mutmut.mutation.diff_apply import get_diff_for_mutant as diff\n"
        "print(json.dumps([diff(name) for name in json.load(sys.stdin)]))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=bench, input=json.dumps(names), text=True,
                          capture_output=True, check=True)  # fmt: skip
    for name, diff in zip(names, json.loads(done.stdout), strict=True):
        lines = [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
        old, new = (" ".join(line[1:].strip() for line in lines if line[0] == sign) for sign in "-+")
        module, _, function = name.removeprefix("deskphone.").rpartition("__mutmut_")[0].rpartition(".")
        yield Mutant(name, f"{module}.{function.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}", old, new)


def accepted(mutant: Mutant) -> bool:
    """Whether the list has it: function (a pattern), old and new text (each a part of the line)."""
    with ACCEPTED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return any(
        fnmatch.fnmatchcase(mutant.function, row["function"]) and row["old"] in mutant.old and row["new"] in mutant.new
        for row in rows
    )


def judge(room: str, bench: Path) -> bool:
    """Print the counts and what nobody noticed; whether enough was noticed."""
    codes = outcomes(bench)
    lived = list(told(bench, [name for name, code in codes.items() if code in (SURVIVED, UNSEEN)]))
    open_ones = [mutant for mutant in lived if not accepted(mutant)]
    for mutant in open_ones:
        print(f"{mutant.function}\n    - {mutant.old}\n    + {mutant.new}")
    count = len(codes) - len(lived) + len(open_ones)
    share = 1 - len(open_ones) / count if count else 0.0
    print(f"{room}: {len(codes)} mutants, {len(codes) - len(lived)} noticed, {len(open_ones)} not, "
          f"{len(lived) - len(open_ones)} accepted: {share:.1%}", flush=True)  # fmt: skip
    return share >= WANTED


def main() -> int:
    """Each room in turn."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("rooms", nargs="*", help="wire, core; both where none is named")
    parser.add_argument("--sample", default="7", choices=list("0123456789"), help="last digit of the mutants tried")
    parser.add_argument("--all", action="store_true", help="all of them (an hour or more)")
    asked = parser.parse_args()
    if unknown := set(asked.rooms) - set(TESTS):
        parser.error(f"no room {', '.join(sorted(unknown))}: {', '.join(TESTS)}")
    good = [judge(room, run(room, "" if asked.all else asked.sample)) for room in asked.rooms or TESTS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
