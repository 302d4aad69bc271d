"""A fixed address of the settings: in force from the start, and given up for DHCP where it does not fit its network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.netns.port_lab import GATEWAY, PortLab, fixed

pytestmark = [pytest.mark.netns, pytest.mark.slow]


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[PortLab]:
    with PortLab(tmp_path) as made:
        made.open_port()
        yield made


def test_it_is_in_force_and_the_phone_reads_it_like_a_lease(lab: PortLab) -> None:
    lab.power_on(*fixed("10.77.0.200", GATEWAY, "primary_dns=10.77.0.1", "domain_name=site.test"))
    lab.becomes("10.77.0.200", "eth0 10.77.0.200/24")
    lease = lab.lease()
    assert (lease["netmask"], lease["gateway"], lease["dns"]) == ("255.255.255.0", GATEWAY, "10.77.0.1")
    assert lease["domain"] == "site.test"
    assert "DHCPDISCOVER" not in lab.log("dnsmasq")


def test_one_of_another_network_gives_way_to_dhcp_and_comes_back_when_its_gateway_does(lab: PortLab) -> None:
    lab.power_on(*fixed("10.99.0.5", "10.99.0.1"))
    lab.becomes("10.77.0.", "eth0 10.77.0.", said="trouble fixed IP: no gateway answers at 10.99.0.1\n")
    lab.gateway("10.99.0.1/24")
    lab.becomes("10.99.0.5", "eth0 10.99.0.5/24")


def test_one_that_another_device_has_is_not_taken(lab: PortLab) -> None:
    lab.gateway("10.77.0.9/24")
    lab.power_on(*fixed("10.77.0.9", GATEWAY))
    lab.leased_by(GATEWAY)
    lab.becomes("10.77.0.", "eth0 10.77.0.", said="trouble fixed IP: 10.77.0.9 is in use by another device\n")
    assert lab.lease()["address"] != "10.77.0.9"


def test_settings_that_come_into_force_change_it_and_end_it(lab: PortLab) -> None:
    lab.power_on()
    lab.becomes("10.77.0.", "eth0 10.77.0.")
    assert not (lab.folder / "deskphone-lan.service.pid").exists(), "nothing runs that nobody asked for"
    lab.settings(*fixed("10.77.0.200", GATEWAY))
    lab.becomes("10.77.0.200", "eth0 10.77.0.200/24")
    lab.settings(*fixed("10.77.0.201", GATEWAY))
    lab.becomes("10.77.0.201", "eth0 10.77.0.201/24")
    lab.settings()
    lab.becomes("10.77.0.", "eth0 10.77.0.")
    assert lab.lease()["server"] == GATEWAY
