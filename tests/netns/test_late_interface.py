"""The program is started before its interface is there, as with an adapter at USB."""

from __future__ import annotations

import pytest

from tests.netns.lab import FILE, MAC, WEB, Lab

pytestmark = [pytest.mark.netns, pytest.mark.slow]


def test_the_phone_takes_its_address_and_its_file_without_a_restart(lab: Lab) -> None:
    lab.put(FILE, "1502")
    lab.serve(f"160,{WEB}/")
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
