"""Whether the image has known holes: `known_cves.py SBOM LEVEL ACCEPTED`, after Buildroot's own cve-check wrote
what it found into the bill of materials (CycloneDX). Ends with 1 where one of LEVEL (CVSS base score, 0 to 10) or more
is open in what runs on the phone and is not accepted. Build tools are told and stop nothing. Standard library only.

ACCEPTED (cves-accepted.tsv): CVE or PYSEC, last day it is accepted on (YYYY-MM-DD), why; another form is an error.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Hole:
    """One CVE in one component. score: the highest CVSS base score that is given, 10.0 where there is none: what nobody
    judged yet is not harmless. target: it is in the image, not only on the machine that builds it."""

    cve: str
    component: str
    version: str
    score: float
    target: bool

    def __str__(self) -> str:
        return f"{self.cve} {self.score:4.1f} {self.component} {self.version}"


def holes(bill: Mapping[str, Any]) -> Iterator[Hole]:
    """What is open in the bill. What a patch mends or Buildroot's maintainers judged is not."""
    components = {each.get("bom-ref"): each for each in bill.get("components", [])}
    for found in bill.get("vulnerabilities", []):
        if found.get("analysis", {}).get("state") != "exploitable":
            continue
        scores = [float(rating["score"]) for rating in found.get("ratings", []) if "score" in rating]
        for affected in found.get("affects", []):
            component = components.get(affected["ref"], {"name": affected["ref"]})
            kinds = [each["value"] for each in component.get("properties", []) if each["name"] == "BR_TYPE"]
            yield Hole(
                found["id"],
                component["name"],
                component.get("version", ""),
                max(scores, default=10.0),
                kinds != ["host"],
            )


def accepted(text: str, today: datetime.date) -> set[str]:
    """The CVEs that stop nothing today. Raises ValueError for a line that is none."""
    names = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = re.fullmatch(r"(CVE-\d{4}-\d{4,}|PYSEC-\d{4}-\d+)\t(\d{4}-\d\d-\d\d)\t(\S.*)", line)
        if match is None:
            raise ValueError(f"line {number}: expected CVE, last day, why, with tabs between them")
        if today <= datetime.date.fromisoformat(match[2]):
            names.add(match[1])
    return names


def told(found: list[Hole], level: float, passed: set[str], name: str) -> int:
    """Print each, the worst first, and how many there are; 1 where one stops the build."""
    stop = [hole for hole in found if hole.target and hole.score >= level and hole.cve not in passed]
    for hole in sorted(found, key=lambda hole: (-hole.score, str(hole))):
        word = "OPEN" if hole in stop else "accepted" if hole.cve in passed else "below" if hole.target else "host"
        print(f"{word:8} {hole}")
    above = f" of {level} or more" if level else ""
    print(f"{name}: {len(found)} found, {len(stop)}{above} in the image and not accepted")
    return 1 if stop else 0


def main(arguments: list[str], today: datetime.date | None = None) -> int:
    """0 where nothing stops the build, 1 where something does, 64 where it was called wrongly."""
    try:
        bill, level, list_path = Path(arguments[0]), float(arguments[1]), Path(arguments[2])
        passed = accepted(list_path.read_text(), today or datetime.datetime.now(tz=datetime.UTC).date())
        found = list(holes(json.loads(bill.read_text())))
    except (IndexError, KeyError, OSError, ValueError) as error:
        print(f"known CVEs: {error!r}", file=sys.stderr)
        return 64
    return told(found, level, passed, "known CVEs")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
