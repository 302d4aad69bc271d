"""Whether the program and its C extension are of one tree: extension_check.py TARGET. Exit code 1 and a line, if not.

Buildroot compiles what has changed only where it is told to; a program that asks an older extension for a function that
it has not yet ends at each start.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path

STUBS = Path(__file__).resolve().parents[2] / "firmware/native/deskphone_sipext.pyi"


def missing(target: Path) -> list[str]:
    """The functions that the program is promised and the target's extension has no name of; none without one."""
    promised = [node.name for node in ast.parse(STUBS.read_text()).body if isinstance(node, ast.FunctionDef)]
    found = target.glob("usr/lib/python3.*/site-packages/deskphone_sipext.so")
    code = b"".join(path.read_bytes() for path in found)
    # Only what is behind a name: of two texts that end alike a linker keeps one.
    return [name for name in promised if code and name.encode() + b"\0" not in code]


def main() -> int:
    gone = missing(Path(sys.argv[1]))
    if gone:
        print(f"deskphone_sipext.so: expected {', '.join(gone)}: compiled from older sources", file=sys.stderr)
    return 1 if gone else 0


if __name__ == "__main__":
    sys.exit(main())
