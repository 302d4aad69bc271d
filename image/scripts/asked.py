"""Whether a configuration became what was asked for: `asked.py GOT ASKED...`, each line that did not with file:line.

For Kconfig files: Buildroot's .config against our defconfig, and the kernel's against the fragments. The last word on
a symbol counts, as in Kconfig. Standard library only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

LINE = re.compile(r"^(?:(?P<name>[A-Z0-9_a-z]+)=(?P<value>.*)|# (?P<off>[A-Z0-9_a-z]+) is not set)$")


def symbols(path: Path) -> dict[str, tuple[str, int]]:
    """Symbol -> (value, line number); "n" where it is not set."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = LINE.match(line)
        if match:
            found[match["name"] or match["off"]] = (match["value"] if match["name"] else "n", number)
    return found


def differences(got: Path, asked: Iterable[Path]) -> list[str]:
    """One sentence for each line asked for that is not so. A symbol that is not there at all is not set."""
    have = symbols(got)
    wanted: dict[str, tuple[str, Path, int]] = {}
    for path in asked:
        for name, (value, number) in symbols(path).items():
            wanted[name] = (value, path, number)
    said = []
    for name, (value, path, number) in wanted.items():
        found = have.get(name, ("n", 0))[0]
        if found != value:
            said.append(f"{path}:{number}: {name}: expected {value}, got {found}")
    return said


def main(arguments: list[str]) -> int:
    """0 when all is as asked."""
    lines = differences(Path(arguments[0]), map(Path, arguments[1:]))
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
