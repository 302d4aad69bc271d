"""The program is started before its interface is there, as with an adapter at USB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.lab import HTTP, MAC, SERVER, Lab, why_not

pytestmark = [pytest.mark.netns, pytest.mark.slow]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with Lab(tmp_path) as made:
        tmp_path.chmod(0o755)
        yield made


def test_the_phone_takes_its_address_and_its_file_without_a_restart(lab: Lab) -> None:
    lab.put("020000001502.cfg", "1502")
    lab.serve(f"160,http://{SERVER}:{HTTP}/")
    lab.interface(there=False)
    lab.power_on()
    lab.logged("phone", "panel: ")
    lab.press("menu", "4", "1")
    lab.shows("Network Status", "MAC")
    assert MAC not in str(lab.panel()["rows"])
    lab.interface(there=True)
    lab.shows(MAC)
    lab.plug_in()
    lab.has_number("1502")
