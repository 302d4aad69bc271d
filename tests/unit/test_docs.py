"""The pages for people: what they point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
TEST = re.compile(r"\btests/[\w./*-]*[\w*]")
SKIPPED = {"node_modules", "build", "dist", "out"}


def pages() -> list[Path]:
    """Every page in the tree, those of tools and of what was built left out."""
    found = ROOT.rglob("*.md")
    return sorted(
        each
        for each in found
        if not any(part.startswith(".") or part in SKIPPED for part in each.relative_to(ROOT).parts)
    )


PAGES = [str(each.relative_to(ROOT)) for each in pages()]


def named(pattern: str) -> bool:
    """Whether a test file, a folder of tests or at least one of a pattern is there; `.py` may be left out."""
    name = pattern.rstrip(".")
    return (ROOT / name).exists() or (ROOT / f"{name}.py").exists() or any(ROOT.glob(name))


@pytest.mark.parametrize("page", PAGES)
def test_a_link_leads_to_a_file(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [each for each in LINK.findall(text) if not ((ROOT / page).parent / each).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_is_named_as_a_proof_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [each for each in TEST.findall(text) if not named(each)] == []


def test_the_pages_are_found() -> None:
    assert len(PAGES) > 50 and "docs/provisioning.md" in PAGES
