"""Time servers of two leases: systemd-timesyncd gets those of every interface that has one, and loses no other's."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.provisioning.hook import run_hook

CABLE, RADIO, BOTH = "0a010105", "0a020205", "0a010105c0000201"


def servers(folder: Path) -> list[str]:
    """What the hook told systemd-timesyncd."""
    drop_in = folder / "60-dhcp.conf"
    if not drop_in.exists():
        return []
    head, line = drop_in.read_text().splitlines()
    assert head == "[Time]"
    return line.removeprefix("NTP=").split()


def test_the_end_of_one_lease_takes_only_its_own_servers_away(tmp_path: Path) -> None:
    run_hook(tmp_path, interface="wlan0", new_deskphone_option_42=RADIO)
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=CABLE)
    assert servers(tmp_path) == ["10.1.1.5", "10.2.2.5"]
    run_hook(tmp_path, "NOCARRIER", interface="eth0")
    assert servers(tmp_path) == ["10.2.2.5"]
    run_hook(tmp_path, "REBOOT", interface="eth0", new_deskphone_option_42=CABLE)
    run_hook(tmp_path, "EXPIRE", interface="wlan0")
    assert servers(tmp_path) == ["10.1.1.5"]
    run_hook(tmp_path, "STOPPED", interface="eth0")
    assert servers(tmp_path) == []


@pytest.mark.parametrize("other", ["706f6f6c2e6e74702e6f7267", "00000000", "ffffffff", "e0000101", ""])
def test_where_option_42_names_nobody_those_of_option_4_are_asked(tmp_path: Path, other: str) -> None:
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=other, new_deskphone_option_4=CABLE)
    assert servers(tmp_path) == ["10.1.1.5"]
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=RADIO, new_deskphone_option_4=CABLE)
    assert servers(tmp_path) == ["10.2.2.5"]


def test_a_lease_without_time_servers_takes_none_of_the_other_away(tmp_path: Path) -> None:
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=CABLE)
    run_hook(tmp_path, interface="wlan0", new_ip_address="10.2.2.20")
    assert servers(tmp_path) == ["10.1.1.5"]


def test_a_server_both_name_is_told_once(tmp_path: Path) -> None:
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=CABLE)
    run_hook(tmp_path, interface="wlan0", new_deskphone_option_42=BOTH)
    assert servers(tmp_path) == ["10.1.1.5", "192.0.2.1"]


@pytest.mark.parametrize("reason", ["RENEW", "REBIND"])
def test_what_stays_is_not_written_anew(tmp_path: Path, reason: str) -> None:
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=CABLE)
    before = (tmp_path / "60-dhcp.conf").stat().st_ino
    run_hook(tmp_path, reason, interface="eth0", new_deskphone_option_42=CABLE)
    assert (tmp_path / "60-dhcp.conf").stat().st_ino == before
    assert not (tmp_path / "60-dhcp.conf.new").exists()


@pytest.mark.parametrize("bad", ["0a0101", "zz", "$(touch pwned)", ""])
def test_an_option_that_is_none_names_nobody(tmp_path: Path, bad: str) -> None:
    run_hook(tmp_path, interface="eth0", new_deskphone_option_42=bad)
    assert servers(tmp_path) == []


def told(folder: Path) -> str:
    path = folder / "60-dhcp.conf"
    return path.read_text() if path.exists() else ""


def test_where_no_server_is_named_the_routers_are_asked(tmp_path: Path) -> None:
    run_hook(tmp_path, interface="eth0", new_routers="10.1.1.1 10.1.1.2")
    assert told(tmp_path) == "[Time]\nFallbackNTP=10.1.1.1 10.1.1.2\n"
    run_hook(tmp_path, "RENEW", interface="eth0", new_routers="10.1.1.1", new_deskphone_option_42=CABLE)
    assert told(tmp_path) == "[Time]\nNTP=10.1.1.5\n"
    run_hook(tmp_path, "RENEW", interface="eth0", new_routers="10.1.1.1; reboot")
    assert told(tmp_path) == "[Time]\nFallbackNTP=10.1.1.1\n", "addresses only"
    run_hook(tmp_path, "STOPPED", interface="eth0")
    assert told(tmp_path) == ""
