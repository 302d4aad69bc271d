"""The pages for people: what they point at is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ANCHOR = re.compile(r"\]\(([^)#:\s]*)#([^)\s]+)\)")
COMMAND = re.compile(r"(?:^ {4}|`)make (?:[A-Z]+=\S+ )*([a-z][a-z-]*)", re.MULTILINE)
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


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_a_link_into_a_page_leads_to_a_heading(page: str) -> None:
    here = ROOT / page
    links = ANCHOR.findall(here.read_text("utf-8"))
    pages = [(here.parent / name if name else here, anchor) for name, anchor in links]
    assert [anchor for file, anchor in pages if anchor not in anchors(file.read_text("utf-8"))] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_command_of_make_is_in_the_makefile(page: str) -> None:
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(COMMAND.findall((ROOT / page).read_text("utf-8"))) - known == set()


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_is_named_as_a_proof_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [each for each in TEST.findall(text) if not named(each)] == []


def test_the_first_page_leads_to_every_page_of_docs_and_tests_to_every_folder() -> None:
    readme, rooms = (ROOT / "README.md").read_text("utf-8"), (ROOT / "tests" / "README.md").read_text("utf-8")
    assert [each for each in PAGES if each.startswith("docs/") and f"]({each})" not in readme] == []
    folders = [each for each in (ROOT / "tests").iterdir() if any(each.glob("*.py"))]
    assert [each.name for each in folders if f"`{each.name}/`" not in rooms] == []


def test_the_pages_are_found() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert {"run", "test", "image"} <= set(COMMAND.findall(readme)) and ANCHOR.findall(readme)
    assert len(PAGES) > 50 and "docs/provisioning.md" in PAGES
