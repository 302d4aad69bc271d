"""`python -m tests.soak [HOURS] [CALLS]`: a day on a desk in virtual time, and its calls at the real program."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.soak import day, process
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench


def main() -> None:
    """Both tables on standard output."""
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 720
    began = time.monotonic()
    print("| hour | calls | illegal | state, kB | heap, kB |\n|---|---|---|---|---|")
    for row in day.live(Story(CoreBench()), hours):
        print(f"| {row.number} | {row.calls} | {row.illegal} | {row.state / 1e3:.1f} | {row.heap / 1e3:.0f} |")
    print(f"\n{time.monotonic() - began:.0f} s\n\n| calls | RSS, MB | descriptors | threads | files fetched |")
    print("|---|---|---|---|---|")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for each in process.live(Path(folder), calls, 12):
            print(
                f"| {each.calls} | {each.memory:.1f} | {each.descriptors} | {each.threads} | {each.checks} |",
                flush=True,
            )
    print(f"\n{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
