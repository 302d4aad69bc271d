"""`make bench`: measure and print the table.

Law: arguments in, table out; exit code 0 however the numbers are, for a missed target is printed, not asserted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.run import FULL, QUICK, Bench, say
from tests.bench.table import lines
from tests.bench.usage import machine


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="deskphone beside pjsua and baresip")
    parser.add_argument("--quick", action="store_true", help="20 calls, 3 s windows: that it runs, not what it says")
    parser.add_argument("--markdown", metavar="FILE", type=Path, help="also write the table to FILE")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deskphone-bench-") as folder:
        result = Bench(QUICK if args.quick else FULL, Path(folder)).run()
    say("done")
    text = "\n".join([f"Machine: {machine()}.", *result.remarks, "", *lines(result.rows)]) + "\n"
    print(text, end="")
    if args.markdown:
        args.markdown.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
