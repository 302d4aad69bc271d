"""The lease: what the hook of dhcpcd writes, with a made-up environment, and what the phone reads of it."""

from __future__ import annotations

import fcntl
import os
import re
import socket
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.net.lease import Lease, Watch, parse
from deskphone.wire.dhcp import ASKED
from tests.unit.provisioning.hook import DHCP, HOOK, run_hook

SCRIPTS = (HOOK, DHCP / "deskphone-network")
UNITS = "image/rootfs/usr/lib/systemd/system"


def test_options_come_through_as_they_were_on_the_wire(tmp_path: Path) -> None:
    lease = run_hook(
        tmp_path, new_ip_address="10.1.1.20", new_subnet_mask="255.255.255.0", new_routers="10.1.1.1 10.1.1.254",
        new_domain_name_servers="10.1.1.2 10.1.1.3", new_dhcp_server_identifier="10.1.1.9",
        new_domain_name="desk.example.com", new_deskphone_option_66=b"https://prov.example.com/".hex(),
        new_deskphone_option_43="01036162FF", new_deskphone_option_160="00ff0a27",
    )  # fmt: skip
    assert lease is not None
    assert lease.options == {66: b"https://prov.example.com/", 43: b"\x01\x03ab\xff", 160: b"\x00\xff\n'"}
    assert (lease.network.address, lease.network.gateway) == ("10.1.1.20", "10.1.1.1")
    assert lease.network.dns == ("10.1.1.2", "10.1.1.3")
    assert (lease.network.dhcp_server, lease.network.domain) == ("10.1.1.9", "desk.example.com")
    assert lease.network.host_name == socket.gethostname()
    assert lease.mac == "", "an interface that is not there has none"


def test_boot_fields_of_the_packet_stand_in_for_66_and_67(tmp_path: Path) -> None:
    lease = run_hook(tmp_path, new_server_name="tftp.example.com", new_filename="fw.img;a.cfg")
    assert lease is not None
    assert lease.options == {66: b"tftp.example.com", 67: b"fw.img;a.cfg"}
    lease = run_hook(tmp_path, new_server_name="wrong", new_deskphone_option_66=b"right".hex())
    assert lease is not None
    assert lease.options == {66: b"right"}


@pytest.mark.parametrize("bad", ["$(touch pwned)", "`touch pwned`", "x; touch pwned", "' \" \\", "%s%s%n", "zz"])
def test_nothing_of_an_option_is_executed(tmp_path: Path, bad: str) -> None:
    run_hook(tmp_path, new_ip_address=bad, new_deskphone_option_160=bad, new_filename=bad, new_routers=bad,
             new_deskphone_option_42=bad, new_domain_name=bad, new_dhcp_server_identifier=bad)  # fmt: skip
    assert not (tmp_path / "pwned").exists()
    assert not Path("pwned").exists()
    for line in (tmp_path / "lease").read_text().splitlines():
        assert re.fullmatch(
            r"interface cable|(address|netmask|gateway|dns|server) [0-9. ]*|domain [\w. -]*|host [\w.-]*"
            r"|mac [0-9a-f:]{17}|option_\d+ [0-9a-f]+",
            line,
        )


def test_an_overlong_option_is_cut_by_the_hook(tmp_path: Path) -> None:
    lease = run_hook(tmp_path, new_deskphone_option_160="41" * 50_000)
    assert lease is not None
    assert len(lease.options[160]) == 4_096


@pytest.mark.parametrize("reason", ["EXPIRE", "NOCARRIER", "RELEASE", "STOPPED"])
def test_the_end_of_a_lease_takes_the_file_away(tmp_path: Path, reason: str) -> None:
    assert run_hook(tmp_path, new_ip_address="10.1.1.20") is not None
    assert run_hook(tmp_path, reason) is None


@pytest.mark.parametrize("reason", ["PREINIT", "CARRIER", "ROUTERADVERT", "BOUND6"])
def test_other_events_leave_it_alone(tmp_path: Path, reason: str) -> None:
    run_hook(tmp_path, new_ip_address="10.1.1.20")
    assert run_hook(tmp_path, reason) is not None


def test_time_servers_go_to_timesyncd(tmp_path: Path) -> None:
    run_hook(tmp_path, new_deskphone_option_42="0a010105c0000201")
    assert (tmp_path / "60-dhcp.conf").read_text() == "[Time]\nNTP=10.1.1.5 192.0.2.1\n"
    run_hook(tmp_path, "RENEW")
    assert not (tmp_path / "60-dhcp.conf").exists(), "the lease names none any more"


def test_a_lease_without_time_servers_writes_none(tmp_path: Path) -> None:
    run_hook(tmp_path, new_deskphone_option_42="0a01")
    assert not (tmp_path / "60-dhcp.conf").exists()


@pytest.mark.slow
@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(parse(text), Lease)


def test_the_client_asks_for_every_option_the_wire_room_names() -> None:
    text = (DHCP / "dhcpcd.conf").read_text()
    names = {1: "subnet_mask", 3: "routers", 6: "domain_name_servers", 12: "host_name", 15: "domain_name",
             2: "time_offset", 42: "ntp_servers"}  # fmt: skip
    asked = " ".join(line for line in text.splitlines() if line.startswith("option"))
    for number in ASKED:
        assert names.get(number, f"deskphone_option_{number}") in asked, number
    defined = set(re.findall(r"^define (\d+) +binhex deskphone_option_(\d+)$", text, re.MULTILINE))
    codes = re.search(r"for deskphone_code in ([\d ]+);", HOOK.read_text())
    assert codes is not None
    assert {one for one, other in defined if one == other} == set(codes[1].split())


@pytest.mark.needs("shellcheck")
def test_the_scripts_satisfy_shellcheck() -> None:
    done = subprocess.run(["shellcheck", *map(str, SCRIPTS)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


def test_time_and_sip_servers_of_a_lease_are_news_of_the_network() -> None:
    lease = parse(
        "address 10.1.1.20\noption_2 00000e10\noption_42 0a010105\noption_120 0104736970730765786d61706c6503636f6d00\n"
    )
    assert (lease.network.time_offset, lease.network.time_servers) == (3_600, ("10.1.1.5",))
    assert len(lease.problems) == 1
    lease = parse("address 10.1.1.20\noption_120 000473697073076578616d706c6503636f6d00\n")
    assert (lease.network.sip_servers, lease.problems) == (("sips.example.com",), ())


def test_an_option_that_makes_no_sense_is_named_and_costs_no_other() -> None:
    lease = parse("address 10.1.1.20\noption_2 00\noption_42 0a0101\noption_120 02\noption_12 6f6b\n")
    assert [line.partition(": ")[0] for line in lease.problems] == [f"DHCP option {code}" for code in (2, 42, 120)]
    assert lease.network.address == "10.1.1.20"


def test_another_interface_takes_no_lease_away_and_loopback_brings_none(tmp_path: Path) -> None:
    lease = run_hook(tmp_path, new_ip_address="10.1.1.20")
    assert lease is not None
    assert run_hook(tmp_path, "NOCARRIER", interface="wlan0") == lease
    assert run_hook(tmp_path, "STATIC", interface="lo", new_ip_address="127.0.0.1") == lease
    assert run_hook(tmp_path, "NOCARRIER") is None


def address(lease: Lease | None) -> str:
    return lease.network.address if lease is not None else ""


@pytest.mark.parametrize("order", [("eth0", "wlan0"), ("wlan0", "eth0")])
def test_the_cable_counts_before_the_radio_whoever_came_last(tmp_path: Path, order: tuple[str, str]) -> None:
    of = {"eth0": "10.1.1.20", "wlan0": "10.2.2.20"}
    for interface in order:
        lease = run_hook(tmp_path, interface=interface, new_ip_address=of[interface])
    assert address(lease) == of["eth0"]
    assert address(run_hook(tmp_path, "NOCARRIER", interface="eth0")) == of["wlan0"], "the radio's was kept"
    assert address(run_hook(tmp_path, interface="eth0", new_ip_address=of["eth0"])) == of["eth0"]
    assert address(run_hook(tmp_path, "EXPIRE", interface="wlan0")) == of["eth0"]
    assert run_hook(tmp_path, "STOPPED", interface="eth0") is None
    assert [path.name for path in tmp_path.iterdir()] == [], "nothing half written, nothing left"


def test_a_renewal_of_the_radio_is_no_news_for_a_phone_on_the_cable(tmp_path: Path) -> None:
    run_hook(tmp_path, interface="eth0", new_ip_address="10.1.1.20")
    watch = Watch(tmp_path / "lease")
    assert watch.changed()
    run_hook(tmp_path, "RENEW", interface="wlan0", new_ip_address="10.2.2.20")
    assert not watch.changed()


@pytest.mark.parametrize("told", ["a.example.com b.example.com", "a.example.com,b.example.com"])
def test_two_domains_stay_two(tmp_path: Path, told: str) -> None:
    lease = run_hook(tmp_path, new_ip_address="10.1.1.20", new_domain_name=told)
    assert lease is not None
    assert lease.network.domain == "a.example.com b.example.com"


@pytest.mark.parametrize(
    "unit", ["firmware/dhcp/deskphone-network", f"{UNITS}/deskphone-update", f"{UNITS}/web-sockets"]
)
def test_what_reads_a_file_of_the_phone_as_root_has_an_end(unit: str) -> None:
    """A pipe in the place of a file would be waited at, and the next wish never read."""
    text = (DHCP.parents[1] / f"{unit}.service").read_text()
    assert "Type=oneshot" in text and re.search(r"^TimeoutStartSec=\d+h?$", text, re.MULTILINE)


def test_two_that_write_the_clients_configuration_do_not_undo_each_other(tmp_path: Path) -> None:
    """The unit and the port's program: the one that comes late has what the port is by then."""
    port, lock = tmp_path / "lan.conf", tmp_path / "configuring"
    port.write_text("allowinterfaces eth0 wlan0\n")
    places = {"DESKPHONE_NETWORK_DIR": str(tmp_path), "DESKPHONE_DHCPCD_CONF": str(DHCP / "dhcpcd.conf")}
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        late = subprocess.Popen(
            [str(DHCP / "deskphone-network"), "--client"],
            env={**os.environ, **places, "DESKPHONE_SETTINGS": str(tmp_path / "none")},
        )
        door = Path(f"/proc/{late.pid}/fd/9")
        end = time.monotonic() + 20
        while not (door.exists() and door.samefile(lock)) and time.monotonic() < end:
            time.sleep(0.01)
        assert late.poll() is None and not (tmp_path / "dhcpcd.conf").exists(), "it waits"
        port.write_text("allowinterfaces voice0 wlan0\n")
    assert late.wait(20) == 0
    assert "\nallowinterfaces voice0 wlan0\n" in (tmp_path / "dhcpcd.conf").read_text()
    assert not (tmp_path / "dhcpcd.conf.new").exists()
