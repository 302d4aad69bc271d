"""Reads a memcheck log and fails on what concerns us: an error in our extension or in pjsip called by it, or a leak
of memory that our extension took. What Python and the loader do between themselves is not our business.

Usage: valgrind_report.py LOG
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

OURS = "deskphone_sipext"
PJSIP = "_pjsua2."
INTERPRETER = "_PyEval_"
"""A stack is read from the top to here: below it is who called Python, not who made the mistake."""


def blocks(log: str) -> list[list[str]]:
    """The paragraphs of a memcheck log without the process numbers."""
    lines = [re.sub(r"^==\d+== ?", "", line) for line in log.splitlines() if line.startswith("==")]
    return [block.split("\n") for block in "\n".join(lines).split("\n\n") if block.strip()]


def concerns_us(block: list[str]) -> bool:
    """Whether an error or a leak is ours to explain."""
    frames = [line for line in block if re.match(r"\s+(at|by) 0x", line)]
    top = next((i for i, frame in enumerate(frames) if INTERPRETER in frame), len(frames))
    stack = frames[:top]
    if re.search(r"definitely lost", block[0]):
        return any(OURS in frame for frame in stack)
    return any(OURS in frame or PJSIP in frame for frame in stack)


def main(path: str) -> int:
    """Print the blocks that concern us; 0 when there are none."""
    log = Path(path).read_text(errors="replace")
    if "ERROR SUMMARY" not in log or "Memcheck" not in log:
        print(f"native-check: {path} is not a whole memcheck log", file=sys.stderr)
        return 1
    found = [block for block in blocks(log) if len(block) > 1 and concerns_us(block)]
    for block in found:
        print("\n".join(block), end="\n\n")
    print(f"native-check: {len(found)} memory errors or leaks in our extension")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
