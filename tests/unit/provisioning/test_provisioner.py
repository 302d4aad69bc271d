"""When the driver looks: at power-up, by the calendar, when asked, on a new lease; and the name it leaves for DHCP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskphone.config.schema.words import PeriodType, ProvisioningMethod
from deskphone.core.effects import FetchSettings, SetHostName
from deskphone.core.event import Network
from deskphone.core.events import NetworkChanged, Provisioned
from deskphone.net.lease import parse
from tests.unit.provisioning.world import LEASE, QUICK, URL, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


async def test_at_power_up_it_waits_for_the_lease_and_then_looks(world: World) -> None:
    async with world.running():
        await world.quiet()
        assert world.looks == []
        world.bound()
        await world.looked(1)
    assert world.looks[0] == parse(LEASE.format(URL.hex()))


async def test_a_network_without_dhcp_does_not_keep_it_waiting_for_ever(world: World) -> None:
    async with world.running(pace=replace(QUICK, lease=0.005)):
        await world.looked(1)
        world.bound()
        await world.looked(2)
    assert world.looks[0] is None


async def test_a_phone_that_has_a_configuration_waits_at_random_so_that_a_site_does_not_ask_as_one(
    world: World,
) -> None:
    world.kept = True
    world.set(random_wait=90)
    world.bound()
    async with world.running():
        await world.looked(1)
    assert world.waits[0] == 90


async def test_a_phone_that_has_none_yet_does_not_wait(world: World) -> None:
    world.set(random_wait=90, period=PeriodType.POWERUP)
    world.bound()
    async with world.running():
        await world.looked(1)
    assert world.waits == []


async def test_a_file_read_by_the_program_at_start_is_not_asked_for_again(world: World) -> None:
    async with world.running(static="http://x/a.cfg", at_start=False):
        await world.quiet()
        assert world.looks == []


async def test_it_looks_again_when_the_calendar_says_so(world: World) -> None:
    world.bound()
    world.set(period=PeriodType.EVERY5MINUTES)
    async with world.running():
        await world.looked(1)
        await world.later(minutes=4, seconds=59)
        await world.looked(1)
        await world.later(seconds=1)
        await world.looked(2)
        await world.later(minutes=5)
        await world.looked(3)


async def test_power_up_only_means_power_up_only(world: World) -> None:
    world.bound()
    world.set(period=PeriodType.POWERUP)
    async with world.running():
        await world.looked(1)
        await world.later(days=30)
        await world.looked(1)


async def test_a_shorter_period_counts_at_once(world: World) -> None:
    world.bound()
    world.set(period=PeriodType.WEEKLY)
    async with world.running():
        await world.looked(1)
        world.set(period=PeriodType.EVERY5MINUTES)
        await world.later(minutes=5)
        await world.looked(2)


async def test_a_clock_set_right_after_power_up_does_not_put_the_check_off(world: World) -> None:
    world.bound()
    world.at = datetime(2030, 1, 1, tzinfo=UTC)
    world.set(period=PeriodType.HOURLY, hours=1)
    async with world.running():
        await world.looked(1)
        world.at = datetime(2025, 11, 24, 10, 24, tzinfo=UTC)
        await world.later(hours=1)
        await world.looked(2)


async def test_check_sync_is_a_reason_to_look(world: World) -> None:
    world.bound()
    async with world.running() as driver:
        await world.looked(1)
        driver.perform(FetchSettings("check-sync"))
        await world.looked(2)


async def test_a_server_that_asks_all_the_time_is_obeyed_once_in_a_while(world: World) -> None:
    world.bound()
    async with world.running(pace=replace(QUICK, between=60.0)) as driver:
        await world.looked(1)
        driver.perform(FetchSettings("check-sync"))
        await world.looked(2)
        for _ in range(20):
            driver.perform(FetchSettings("check-sync"))
        await world.looked(2)


async def test_another_url_from_dhcp_is_a_reason_to_look_and_the_same_one_is_none(world: World) -> None:
    world.bound()
    async with world.running():
        await world.looked(1)
        world.lease.unlink()
        await world.quiet()
        world.bound()
        await world.looked(1)
        world.bound(b"http://other.example.com/")
        await world.looked(2)


async def test_a_phone_with_a_fixed_url_does_not_care_for_dhcp(world: World) -> None:
    world.bound()
    world.set(method=ProvisioningMethod.STATIC, configuration_url="http://x/a.cfg")
    async with world.running():
        await world.looked(1)
        world.bound(b"http://other.example.com/")
        await world.looked(1)


async def test_the_network_page_hears_of_the_lease_and_of_its_end(world: World) -> None:
    world.bound()
    async with world.running():
        await world.until(lambda: len(world.events) == 1, "the address")
        world.lease.unlink()
        await world.until(lambda: len(world.events) == 2, "the loss of the address")
    assert world.events == [
        NetworkChanged(Network("10.1.1.20", "255.255.255.0", "10.1.1.1", ("10.1.1.2", "10.1.1.3"))),
        NetworkChanged(),
    ]


async def test_a_bug_in_a_check_is_told_and_does_not_end_the_phone(world: World) -> None:
    world.bound()
    world.fails = True
    async with world.running(pace=replace(QUICK, again=1000.0)) as driver:
        await world.looked(1)
        driver.perform(FetchSettings("check-sync"))
        await world.looked(2)
    told = [each for each in world.events if isinstance(each, Provisioned)]
    assert [each.outcome for each in told] == ["failed", "failed"]
    assert "geheim" not in told[0].detail


@pytest.mark.parametrize(
    ("number", "name"), [("1502", "1502"), ("Agent Smith", "agent-smith"), ("+49 30 1234", "49-30-1234")]
)
async def test_the_number_becomes_a_host_name_for_the_dhcp_client(world: World, number: str, name: str) -> None:
    async with world.running() as driver:
        driver.perform(SetHostName(number))
    assert (world.folder / "host-name").read_text() == name + "\n"


@pytest.mark.parametrize("number", ["", "***", "; reboot"])
async def test_no_number_becomes_a_command(world: World, number: str) -> None:
    async with world.running() as driver:
        driver.perform(SetHostName(number))
    path = world.folder / "host-name"
    assert not path.exists() or path.read_text() == "reboot\n"
