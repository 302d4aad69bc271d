"""A phone whose interface comes late: no file is asked for under a name that is not its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deskphone.config.schema.words import ProvisioningMethod
from deskphone.config.settings import Settings
from deskphone.core.event import Network
from deskphone.core.events import NetworkChanged, PowerOn
from deskphone.core.state import Phone
from deskphone.net import interface
from tests.layers import of_file
from tests.unit.core.turns import turn
from tests.unit.provisioning.world import QUICK, World

CABLE, RADIO = "02:00:00:00:15:02", "02:00:00:00:17:77"


@pytest.fixture
def interfaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "net"
    folder.mkdir()
    monkeypatch.setattr(interface, "INTERFACES", folder)
    return folder


@pytest.fixture
def world(tmp_path: Path, interfaces: Path) -> World:
    """A phone with a fixed URL that was started without any interface."""
    made = World(tmp_path, mac="", interface=interface.mac_address)
    made.set(method=ProvisioningMethod.STATIC, configuration_url="http://x/<MAC>.cfg")
    return made


def plug_in(interfaces: Path, name: str, mac: str) -> None:
    (interfaces / name).mkdir(exist_ok=True)
    (interfaces / name / "address").write_text(mac + "\n")


def pull_out(interfaces: Path, name: str) -> None:
    (interfaces / name / "address").unlink()


@pytest.mark.parametrize(
    ("has", "known", "expected"),
    [
        ({}, "", ""),
        ({"wlan0": RADIO}, "", RADIO),
        ({"wlan0": RADIO, "eth0": CABLE}, "", CABLE),
        ({"eth0": CABLE.upper().replace("02", "0A")}, "", CABLE.replace("02", "0a")),
        ({"eth0": CABLE}, RADIO, CABLE),
        ({"wlan0": RADIO}, CABLE, CABLE),
        ({}, CABLE, CABLE),
        ({"eth0": ""}, "", ""),
        ({"eth0": "00:00:00:00:00:00"}, "", ""),
        ({"eth0": "none"}, RADIO, RADIO),
    ],
)
def test_the_cables_address_counts_and_stays(interfaces: Path, has: dict[str, str], known: str, expected: str) -> None:
    for name, mac in has.items():
        plug_in(interfaces, name, mac)
    assert interface.mac_address(known) == expected


async def test_the_first_look_waits_for_the_interface(world: World, interfaces: Path) -> None:
    async with world.running():
        await world.quiet()
        assert world.looks == []
        plug_in(interfaces, "eth0", CABLE)
        await world.looked(1)
    assert world.macs == [CABLE]
    assert world.events == [NetworkChanged(mac=CABLE)]


async def test_it_does_not_wait_for_ever_and_looks_again_once_the_interface_is_there(
    world: World, interfaces: Path
) -> None:
    async with world.running(pace=replace(QUICK, lease=0.005)):
        await world.looked(1)
        plug_in(interfaces, "eth0", CABLE)
        await world.looked(2)
    assert world.macs == ["", CABLE]


async def test_the_cable_that_comes_after_the_radio_names_the_file(world: World, interfaces: Path) -> None:
    plug_in(interfaces, "wlan0", RADIO)
    async with world.running():
        await world.looked(1)
        plug_in(interfaces, "eth0", CABLE)
        await world.looked(2)
        pull_out(interfaces, "eth0")
        await world.looked(2)
    assert world.macs == [RADIO, CABLE]


async def test_the_cables_lease_after_the_radios_is_a_reason_to_look_and_a_pulled_plug_is_none(
    world: World, interfaces: Path
) -> None:
    world.set(method=ProvisioningMethod.DYNAMIC)
    plug_in(interfaces, "wlan0", RADIO)
    async with world.running():
        world.bound(mac=RADIO)
        await world.looked(1)
        plug_in(interfaces, "eth0", CABLE)
        world.bound(mac=CABLE)
        await world.looked(2)
        world.bound(mac=RADIO)  # the cable's plug is pulled, and put back
        await world.until(lambda: world.events[-1].mac == RADIO, "the radio's lease")  # type: ignore[attr-defined]
        world.bound(mac=CABLE)
        await world.until(lambda: world.events[-1].mac == CABLE, "the cable's lease")  # type: ignore[attr-defined]
        await world.looked(2)
    assert world.macs == [RADIO, CABLE]


def test_the_phone_takes_the_address_that_it_is_told_and_keeps_it_when_it_is_told_none() -> None:
    phone, _ = turn(Phone(), PowerOn(of_file(Settings())))
    assert phone.mac == ""
    for event in (NetworkChanged(mac=CABLE), NetworkChanged(Network("10.1.1.20")), NetworkChanged()):
        phone, _ = turn(phone, event)
        assert phone.mac == CABLE
