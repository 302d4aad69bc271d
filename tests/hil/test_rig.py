"""The rig itself: a phone that does not start is said so at once, with its journal, and waited for by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hil.rig.image import switched_on
from tests.hil.rig.uml import GuestError
from tests.stories.bench import Story
from tests.stories.bench_hil import HilBench

pytestmark = [pytest.mark.hil, pytest.mark.timeout(600)]
LONG = 250.0  # seconds: longer than anybody would wait


def test_a_story_ends_with_the_phone() -> None:
    with HilBench() as bench:
        bench.place.boot()
        bench.place.start("--no-such-option")
        with pytest.raises(GuestError, match=r"ended with 64(.|\n)*--no-such-option"):
            Story(bench).shows("Directory", within=LONG)


def test_a_test_of_the_units_ends_with_a_phone_that_systemd_starts_in_vain(tmp_path: Path) -> None:
    with switched_on(tmp_path) as device:
        device.registered()
        device.run("echo broken >/etc/deskphone/handset.toml; systemctl restart --no-block deskphone.service")
        with pytest.raises(GuestError, match=r"does not start(.|\n)*handset.toml"):
            device.registered()
