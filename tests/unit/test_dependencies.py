"""docs/dependencies.md says of every package why it is there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "dependencies.md"
PROJECTS = ("firmware/pyproject.toml", "tests/centre/pyproject.toml")


def debian() -> set[str]:
    """Every package of firmware/packages.txt: lines `purpose package`."""
    lines = (ROOT / "firmware" / "packages.txt").read_text("utf-8").splitlines()
    return {line.split()[1] for line in lines if line.strip() and not line.startswith("#")}


def python() -> set[str]:
    """Every package that a pyproject.toml or a requirements*.in asks for itself."""
    found = set[str]()
    for each in PROJECTS:
        found.update(tomllib.loads((ROOT / each).read_text("utf-8"))["project"]["dependencies"])
    for path in (ROOT / "firmware").glob("requirements*.in"):
        lines = path.read_text("utf-8").splitlines()
        found.update(line.split("==")[0] for line in lines if line.strip() and line[0] not in "#-")
    return found


def unexplained(packages: set[str], page: str) -> list[str]:
    """The packages that the page does not name as a word of its own."""
    return sorted(
        each for each in packages if not re.search(rf"(?<![\w+.-]){re.escape(each)}(?![\w+-])", page, re.IGNORECASE)
    )


@pytest.mark.parametrize("packages", [debian, python])
def test_each_package_is_explained(packages: Callable[[], set[str]]) -> None:
    found = packages()
    assert len(found) > 9
    assert unexplained(found, PAGE.read_text("utf-8")) == []


def test_a_package_within_another_name_is_not_named() -> None:
    assert unexplained({"rauc", "mosquitto", "g++"}, "| mosquitto-clients, g++ | RAUC |") == ["mosquitto"]
