"""`python -m tests.mutants [ROOM ...] [--sample PERCENT] [--seed N]`: does a test fail when the product errs?

Each room is tried by the unit tests and core stories that come by the changed line. What no test noticed is printed,
unless accepted.tsv has it with a reason; fails where fewer than 90 % of what changes something are noticed.
"""

from __future__ import annotations

import argparse
import csv
import fnmatch
import json
import os
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.mutate import Mutant, Sample, mutants_of
from tests.mutants.trial import KILLED, Trial

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "firmware" / "deskphone"
ACCEPTED = Path(__file__).with_name("accepted.tsv")
LAST = ROOT / "build" / "mutants"  # what nobody noticed in the last run of a room
WANTED = 0.9
# The tests that say what a room does.
TESTS = {
    "wire": ("tests/unit/wire",),
    "core": ("tests/unit/core", "tests/stories", "tests/unit/view/test_golden.py"),
}
FAST = "not (sip or slow or peer or browser or netns or hil or boot)"


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with ACCEPTED.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def accepted(mutant: Mutant) -> bool:
    """Whether the list has it: function (a pattern), old and new text (each a part of the line)."""
    return any(
        fnmatch.fnmatchcase(mutant.function, row["function"]) and row["old"] in mutant.old and row["new"] in mutant.new
        for row in _rows()
    )


def judge(room: str, sample: Sample, again: bool) -> bool:
    """Try a room or a part of it (`core/calls`), print what nobody noticed and the counts; whether enough was."""
    fates: Counter[str] = Counter()
    start = time.monotonic()
    lived: list[tuple[str, str, str]] = []
    last = LAST / f"{room.replace('/', '.')}.json"
    mutants = list(mutants_of(PACKAGE, room, sample))
    if again:
        kept = {tuple(each) for each in json.loads(last.read_text(encoding="utf-8"))}
        mutants = [each for each in mutants if (each.function, each.old, each.new) in kept]

    def seen(mutant: Mutant, fate: str) -> None:
        fates[fate if fate == KILLED or not accepted(mutant) else "accepted"] += 1
        if fates.total() % 100 == 0:
            print(f"{fates.total()} of {len(mutants)} tried", file=sys.stderr, flush=True)
        if fate != KILLED and not accepted(mutant):
            lived.append((mutant.function, mutant.old, mutant.new))
            print(f"{mutant.function} ({fate})\n    - {mutant.old}\n    + {mutant.new}", flush=True)

    trial = Trial(PACKAGE, room, mutants, seen)
    os.chdir(ROOT)
    code = pytest.main(
        ["-qq", "-c", "firmware/pyproject.toml", "--rootdir", ".", "-p", "no:cacheprovider", "-p", "no:warnings",
         "-o", "timeout=0", "--assert=plain", "-m", FAST, *TESTS[room.partition("/")[0]]],
        plugins=[trial],
    )  # fmt: skip
    if code != pytest.ExitCode.OK:
        raise SystemExit(f"{room}: pytest ended with {code}")
    for name in trial.failed:
        print(f"{name} fails without any mutant", flush=True)
    last.parent.mkdir(parents=True, exist_ok=True)
    last.write_text(json.dumps(lived), encoding="utf-8")
    count, noticed = fates.total(), fates[KILLED]
    changing = count - fates["accepted"]
    if again:  # no share: it is drawn from what was not noticed, and from what stands there in the same words
        print(f"{room}: of {count} tried again {changing - noticed} are still not noticed", flush=True)
        return changing == noticed and not trial.failed
    share = noticed / changing if changing else 1.0
    print(f"{room}: {count} mutants, {noticed} noticed, {changing - noticed} not, {fates['accepted']} accepted: "
          f"{share:.1%} in {time.monotonic() - start:.0f} s", flush=True)  # fmt: skip
    return share >= WANTED and not trial.failed


def main() -> int:
    """Each room in turn."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("rooms", nargs="*", help="wire, core or a part as core/calls; both rooms where none is named")
    parser.add_argument("--sample", type=int, default=10, help="how many of a hundred mutants are tried (10)")
    parser.add_argument("--seed", type=int, default=0, help="another number draws another sample (0)")
    parser.add_argument(
        "--again", action="store_true", help="only those of the same sample that nobody noticed last time"
    )
    asked = parser.parse_args()
    for room in asked.rooms:
        if room.partition("/")[0] not in TESTS or not any((PACKAGE / f"{room}{end}").exists() for end in ("", ".py")):
            parser.error(f"no room {room}: {', '.join(TESTS)}, or a part of one, as core/calls or core/turn")
    good = [judge(room, Sample(asked.sample, asked.seed), asked.again) for room in asked.rooms or TESTS]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
