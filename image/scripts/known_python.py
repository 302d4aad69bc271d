"""Whether the image's Python packages have known holes: `known_python.py SBOM DIRECTORY ACCEPTED`. Most of them have no
CPE, so no feed of CVEs ever names them (known_cves.py).

DIRECTORY: a clone of github.com/pypa/advisory-database (files of the OSV form, one hole each). Ends with 1 where a hole
in what runs on the phone is open and not accepted, and where the newest advisory is older than OLDEST: such a feed says
nothing of the image's versions, and its silence means nothing. ACCEPTED as for known_cves.py. Standard library only.
"""

from __future__ import annotations

import datetime
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import recipe
from known_cves import Hole, accepted, told

OLDEST = datetime.timedelta(days=45)
UNJUDGED = 10.0  # the feed seldom has a score; what nobody judged yet is not harmless
PYPI_NAMES = {ours: theirs for theirs, ours in recipe.BUILDROOT_NAMES.items()}


@dataclass(slots=True)
class Affected:
    """Versions of one package: listed, or from `introduced` to before `fixed` or up to `last_affected`."""

    package: str = ""
    versions: set[str] = field(default_factory=set)
    ranges: list[dict[str, str]] = field(default_factory=list)

    def covers(self, version: str) -> bool:
        return version in self.versions or any(_within(each, version) for each in self.ranges)


@dataclass(slots=True)
class Advisory:
    """One hole. modified: as the file has it, a date and time of UTC."""

    name: str = ""
    aliases: list[str] = field(default_factory=list)
    modified: str = ""
    withdrawn: bool = False
    affected: list[Affected] = field(default_factory=list)


def read(text: str) -> Advisory:
    """A file of the database: block YAML as its keepers' program writes it, and of that only what is needed here."""
    advisory, section, part, counts = Advisory(), "", "", False
    for line in text.splitlines():
        key, _, value = line.strip().removeprefix("- ").partition(":")
        value = value.strip().strip("'\"")
        if line and line[0] not in " -":
            section = key
            if key == "id":
                advisory.name = value
            elif key == "modified":
                advisory.modified = value
            advisory.withdrawn |= key == "withdrawn"
        elif section == "aliases" and line.startswith("- "):
            advisory.aliases.append(line[2:].strip().strip("'\""))
        elif section == "affected":
            if line.startswith("- "):
                advisory.affected.append(Affected())
            if key in ("package", "ranges", "versions", "events"):
                part = key
            elif not advisory.affected:
                continue
            elif part == "package" and key == "name":
                advisory.affected[-1].package = recipe.normalised(value)
            elif part == "versions" and line.lstrip() != line:
                advisory.affected[-1].versions.add(line.strip().removeprefix("- ").strip("'\""))
            elif key == "type":
                counts = value == "ECOSYSTEM"  # the other kind counts commits
            elif counts and key == "introduced":
                advisory.affected[-1].ranges.append({key: value})
            elif counts and key in ("fixed", "last_affected") and advisory.affected[-1].ranges:
                advisory.affected[-1].ranges[-1][key] = value
    return advisory


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version: what comes before a letter (PEP 440's release segment), without zeros at its end."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", version)
    numbers = [int(number) for number in found[1].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _within(affected: Mapping[str, str], version: str) -> bool:
    now = _release(version)
    if now < _release(affected["introduced"]):
        return False
    if "fixed" in affected:
        return now < _release(affected["fixed"])
    return "last_affected" not in affected or now <= _release(affected["last_affected"])


def packages(bill: Mapping[str, Any]) -> Iterator[tuple[str, str, str, bool]]:
    """Component, PyPI name, version, whether it is in the image."""
    for component in bill.get("components", []):
        name = component["name"].removeprefix("host-")
        if name.startswith("python-"):
            kinds = [each["value"] for each in component.get("properties", []) if each["name"] == "BR_TYPE"]
            pypi = PYPI_NAMES.get(name, recipe.normalised(name.removeprefix("python-")))
            yield component["name"], pypi, component.get("version", ""), kinds != ["host"]


def holes(bill: Mapping[str, Any], folder: Path) -> Iterator[Hole]:
    """What the database says of the bill's packages, under the CVE's name where it has one."""
    for component, pypi, version, target in packages(bill):
        for path in sorted((folder / "vulns" / pypi).glob("*.yaml")):
            advisory = read(path.read_text())
            if advisory.withdrawn:
                continue
            if any(each.package == pypi and each.covers(version) for each in advisory.affected):
                names = [each for each in advisory.aliases if each.startswith("CVE-")]
                yield Hole(names[0] if names else advisory.name, component, version, UNJUDGED, target)


def newest(folder: Path) -> datetime.date:
    """The day of the newest advisory. Raises ValueError where there is none."""
    days = [
        re.search(r"(?m)^modified: '?\"?(\d{4}-\d\d-\d\d)", path.read_text()) for path in folder.glob("vulns/*/*.yaml")
    ]
    return max(datetime.date.fromisoformat(day[1]) for day in days if day)


def main(arguments: list[str], today: datetime.date | None = None) -> int:
    """0 where nothing stops the build, 1 where something does, 64 where it was called wrongly."""
    today = today or datetime.datetime.now(tz=datetime.UTC).date()
    try:
        bill, folder = json.loads(Path(arguments[0]).read_text()), Path(arguments[1])
        passed, day = accepted(Path(arguments[2]).read_text(), today), newest(folder)
        count, found = sum(target for *_, target in packages(bill)), list(holes(bill, folder))
    except (IndexError, KeyError, OSError, ValueError) as error:
        print(f"known holes of Python packages: {error!r}", file=sys.stderr)
        return 64
    status = told(found, 0, passed, f"known holes of {count} Python packages (advisories up to {day})")
    if today - day > OLDEST:
        print(f"known holes of Python packages: the newest advisory is of {day}: of newer versions it says nothing")
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
