"""Import time by part, from Python's own -X importtime.

Law: what a library imports first counts for that library, for it would be gone with it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass

from tests.bench.phones import environment

PARTS = {
    "pjsua2": ("pjsua2", "_pjsua2", "deskphone_sipext"),
    "PIL": ("PIL",),
    "h11, wsproto": ("h11", "wsproto"),
    "config": ("deskphone.config",),
    "ours": ("deskphone",),
}
OTHER = "Python's own"
OURS = ("config", "ours")
"""Parts that own only their own modules: the standard library they import stays, whoever goes."""
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)")
IMPORTED = "import deskphone.app.__main__, deskphone.app.run_command, deskphone.sim.copper, deskphone.sim.panel"
"""What `deskphone run --sim` imports before it can register."""


@dataclass(frozen=True, slots=True)
class _Line:
    self_us: int
    depth: int
    name: str


def by_part(runs: int = 3) -> dict[str, float]:
    """Milliseconds of each part, from the fastest of so many runs; "total" is their sum."""
    fastest: dict[str, float] = {}
    for _ in range(runs + 1):  # one more to warm the caches
        result = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", IMPORTED],
            check=True, stderr=subprocess.PIPE, text=True, env=environment(),
        )  # fmt: skip
        found = _attributed(result.stderr)
        if not fastest or found["total"] < fastest["total"]:
            fastest = found
    return fastest


def _attributed(text: str) -> dict[str, float]:
    entries = [
        _Line(int(found[1]), (len(found[3]) - 1) // 2, found[4])
        for found in map(_LINE.match, text.splitlines())
        if found
    ]
    sums = dict.fromkeys([*PARTS, OTHER], 0.0)
    owners: list[tuple[int, str]] = []  # a module comes after what it imported, so read from the end
    for entry in reversed(entries):
        while owners and owners[-1][0] >= entry.depth:
            owners.pop()
        own = _part(entry.name)
        above = owners[-1][1] if owners else OTHER
        part = above if own == OTHER and above not in OURS else own
        owners.append((entry.depth, part))
        sums[part] += entry.self_us / 1000
    return {**sums, "total": sum(sums.values())}


def _part(name: str) -> str:
    return next(
        (part for part, roots in PARTS.items() if any(name == root or name.startswith(f"{root}.") for root in roots)),
        OTHER,
    )
