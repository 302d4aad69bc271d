"""Every screen as a picture: what a person sees at 128x64 does not change by accident.

`make golden` draws them anew (pytest --redraw); look at them before you commit: docs/screens.md shows them all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from deskphone.view.raster import slots, small, width_of
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.pictures import GOLDEN, agreed, picture
from tests.unit.view.sheet import DOCS, legend, sheet
from tests.unit.view.walks import WALKS


@pytest.mark.parametrize("name", sorted(WALKS))
def test_the_screen_looks_as_agreed(name: str, request: pytest.FixtureRequest) -> None:
    bench = CoreBench()
    WALKS[name](Story(bench))
    assert not bench.illegal
    agreed(picture(bench), name, request)


def test_no_golden_picture_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(WALKS)


@pytest.mark.parametrize(
    "labels",
    [
        ("Not Ready", "Logout", "", "»"),
        ("Directory", "Missed", "DnD", "»"),
        ("Answer", "Silent", "Fwd", "Reject"),
        ("", "", "", "Cancel"),
        ("Not Ready", "Not Ready", "Not Ready", "Not Ready"),
    ],
)
def test_softkey_labels_never_overlap_and_stay_over_their_keys(labels: tuple[str, str, str, str]) -> None:
    placed = slots(labels, 128)
    for (_, _, right), (_, left, _) in itertools.pairwise(placed):
        assert right < left
    assert all(0 <= left < right <= 128 for _, left, right in placed)
    if len(placed) < 4:
        assert all(right - left >= width_of(small(), label) for label, left, right in placed)


@pytest.mark.parametrize(("name", "draw"), [("screens", sheet), ("marks", legend)])
def test_the_pictures_of_the_page_are_up_to_date(
    name: str, draw: Callable[[], Image.Image], request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--redraw"):
        pytest.skip("make golden writes the page next")
    with Image.open(DOCS / f"{name}.png") as kept:
        assert ImageChops.difference(kept.convert("RGB"), draw().convert("RGB")).getbbox() is None, "run make golden"
