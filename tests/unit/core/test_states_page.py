"""docs/states.md says what the tables say."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_diagrams_are_up_to_date() -> None:
    page = runpy.run_path(str(DOCS / "states.py"))["page"]
    assert (DOCS / "states.md").read_text("utf-8") == page(), "run: make docs"
