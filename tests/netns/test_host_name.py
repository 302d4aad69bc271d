"""The device's first name on the network: of the cable's interface, however late it comes, else of what there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.netns.device import CABLE, RADIO, tell

pytestmark = [pytest.mark.netns, pytest.mark.slow]


@pytest.mark.parametrize(
    ("before", "meanwhile", "expected"),
    [
        (CABLE, "", "420hd-020000001502"),
        ("", f"sleep 1; {CABLE}", "420hd-020000001502"),
        (RADIO, f"sleep 1; {CABLE}", "420hd-020000001502"),
        (RADIO, "", "420hd-020000001777"),
        ("", f"sleep 4; {RADIO}", "420hd-020000001777"),
        ("", "", "420hd"),
    ],
    ids=["cable", "late cable", "late cable beside a radio", "radio", "late radio", "nothing"],
)
def test_the_first_name_is_of_the_interface(tmp_path: Path, before: str, meanwhile: str, expected: str) -> None:
    assert tell(tmp_path, before=before, meanwhile=meanwhile).name == expected


def test_a_name_that_is_wished_for_needs_no_interface(tmp_path: Path) -> None:
    assert tell(tmp_path, wish="1502\n").name == "1502"
