"""The pages that the phone writes by being used are up to date: the walk through the guide, and situations and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.screen.situation import Situation
from tests.unit.view import keys_page, walk_page
from tests.unit.view.guide_walk_desk import PARTS
from tests.unit.view.sheet import DOCS
from tests.unit.view.test_guide import GUIDE


@pytest.mark.parametrize(
    ("name", "page"), [("walk", walk_page.page), pytest.param("keys", keys_page.page, marks=pytest.mark.slow)]
)
def test_the_page_says_what_the_phone_does(name: str, page: Callable[[], str], request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--redraw"):
        pytest.skip("make golden writes the page next")
    assert (DOCS / f"{name}.md").read_text("utf-8") == page(), "run make golden and read what changed"


def test_the_walk_has_every_chapter_of_the_agent() -> None:
    assert set(GUIDE) <= {part.heading for part in PARTS}
    assert all(part.steps or part.note for part in PARTS)


@pytest.mark.slow
def test_the_keys_are_told_in_every_situation() -> None:
    text = keys_page.page()
    assert all(f"## {where.value.capitalize()}\n" in text for where in Situation)
