"""The phone's own MAC address: known before there is a lease, for it names the configuration and stands on Status."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

import pytest

from deskphone.app import assembly
from deskphone.net import interface

COPPER, LAPTOP = Namespace(sim=False), Namespace(sim=True)


@pytest.fixture
def interfaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(interface, "INTERFACES", tmp_path)
    return tmp_path


def plug_in(interfaces: Path, name: str, mac: str) -> None:
    (interfaces / name).mkdir()
    (interfaces / name / "address").write_text(mac + "\n")


def test_it_is_the_cables_else_the_radios(interfaces: Path) -> None:
    plug_in(interfaces, "wlan0", "02:00:00:00:17:77")
    assert assembly.mac_address(COPPER) == "02:00:00:00:17:77"
    plug_in(interfaces, "eth0", "02:00:00:00:15:02")
    assert assembly.mac_address(COPPER) == "02:00:00:00:15:02"


def test_a_laptop_has_one_in_any_case_and_a_phone_makes_none_up(interfaces: Path) -> None:
    plug_in(interfaces, "eth0", "")
    assert re.fullmatch(r"([0-9a-f]{2}:){5}[0-9a-f]{2}", assembly.mac_address(LAPTOP))
    assert assembly.mac_address(COPPER) == ""
