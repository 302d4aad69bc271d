"""Golden pictures: drawing, comparing and writing them anew; the tests and the contact sheet share it.

Law: knows no screen. A picture that differs is left in build/golden/ beside the golden one's name.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from deskphone.view.raster import raster
from deskphone.view.render import render
from tests.stories.bench_core import CoreBench

GOLDEN = Path(__file__).parent / "golden"
FAILED = Path("build/golden")


def picture(bench: CoreBench) -> Image.Image:
    """What the display shows now."""
    return raster(render(bench.phone).screen)


def agreed(drawn: Image.Image, name: str, request: pytest.FixtureRequest) -> None:
    """Compare with golden/<name>.png; with --redraw write it. name may have a folder: guide/logging_in_1_..."""
    path = GOLDEN / f"{name}.png"
    if request.config.getoption("--redraw"):
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn.save(path)
        return
    assert path.exists(), f"no golden picture of {name}: run make golden and look at it"
    with Image.open(path) as golden:
        assert golden.size == drawn.size, f"{name}: {drawn.size} pixels, the golden picture has {golden.size}"
        difference = ImageChops.difference(drawn.convert("L"), golden.convert("L")).getbbox()
    if difference:
        failed = FAILED / f"{name}.png"
        failed.parent.mkdir(parents=True, exist_ok=True)
        drawn.save(failed)
    assert difference is None, f"{name}: pixels differ in {difference}; see {FAILED / name}.png"
