"""The image's own units under systemd on the rig: they start, stay in their sandbox, and the phone works in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PIL import Image, ImageChops

from tests.hil.rig import network
from tests.hil.rig.image import LEVEL, SPLASH, Device, switched_on
from tests.hil.rig.uml import MAC
from tests.stories.bench_sip import NUMBER

pytestmark = [pytest.mark.hil, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """Switched on with an empty card, the DHCP server names the files, for all tests here."""
    with switched_on(tmp_path_factory.mktemp("units")) as device:
        yield device


@pytest.fixture
def running(device: Device) -> Device:
    """It has its number, and the server knows it."""
    device.registered()
    return device


def test_the_first_word_comes_before_the_phone(running: Device) -> None:
    """ "Starting" by the little program that needs no Python; then the phone."""
    with Image.open(SPLASH / "starting.xbm") as picture:
        starting = picture.convert("L")
    shown = running.copper.pictures()
    assert any(ImageChops.difference(each.convert("L"), starting).getbbox() is None for each in shown)
    splash = int(running.run("systemctl show -P ExecMainStartTimestampMonotonic deskphone-splash.service"))
    phone = int(running.run("systemctl show -P ExecMainStartTimestampMonotonic deskphone.service"))
    assert 0 < splash < phone


def test_it_registers_and_takes_a_call(running: Device) -> None:
    assert running.server.lines() == {NUMBER}
    assert running.run("systemctl is-active deskphone.service") == "active"
    customer = running.answers()
    running.copper.wait(lambda: "Talking" in running.text(), "the call")
    real_time = "ps -L -o cls= -p $(systemctl show -P MainPID deskphone.service) | grep -c -e RR -e FF"
    assert int(running.run(real_time)) >= 2, "the card's threads go before others"
    running.copper.open("hook")
    assert customer.ended() == 200
    running.copper.wait(lambda: "Directory" in running.text(), "the idle screen")


def test_no_unit_failed_and_none_waits(running: Device) -> None:
    assert running.run("systemctl --failed --no-legend; echo $?") == "0"
    assert running.run("timeout 60 systemctl is-system-running --wait") == "running"
    assert (
        running.run("timeout 60 sh -c 'until systemctl list-jobs | grep -q No.jobs; do sleep 0.2; done'; echo $?")
        == "0"
    )
    journal = running.run("journalctl -b --no-pager")
    assert "deskphone" in journal and "ordering cycle" not in journal


def test_the_phone_is_in_its_sandbox(running: Device) -> None:
    said = running.run("systemd-analyze security --no-pager deskphone.service | tail -n 1")
    level = re.search(r"exposure level for deskphone.service: ([0-9.]+)", said)
    assert level is not None, said
    assert float(level[1]) <= LEVEL
    pid = running.run("systemctl show -P MainPID deskphone.service")
    status = running.run(f"cat /proc/{pid}/status")
    assert re.search(r"^CapEff:\s+0+$", status, re.M), status
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.M), status
    assert re.search(r"^Seccomp:\s+2$", status, re.M), status
    assert running.run(f"stat -c %U /proc/{pid}") == "deskphone"
    assert running.run("stat -c %U:%a /data/deskphone") == "deskphone:700"


def test_nothing_listens_but_what_the_phone_is_for(running: Device) -> None:
    udp = running.run("ss -Hlnup | grep -v -e timesyn -e dhcpcd | awk '{ print $4 }'").splitlines()
    assert sorted(udp) == ["*:5060", "0.0.0.0:5060"], "SIP over IPv6 and IPv4"
    assert listens(running) == ["*:443", "*:80"], "the web interface, held by systemd"


GUEST = (
    "import ssl, urllib.request as u; "
    "print(u.urlopen('https://127.0.0.1/login', context=ssl._create_unverified_context(), timeout=60).read().decode())"
)


def listens(running: Device) -> list[str]:
    """Where TCP is listened at."""
    return sorted(running.run("ss -Hlnt | awk '{ print $4 }'").split())


def test_the_web_interface_comes_with_its_first_guest_and_goes_with_its_setting(running: Device) -> None:
    cli = "deskphone cli --control /run/deskphone/control set system/web/enabled"
    assert running.run("systemctl is-active deskphone-manage.service") == "inactive"
    page = running.run(f'python3 -c "{GUEST}"', 120)
    assert "<form" in page, page
    level = running.run("systemd-analyze security --no-pager deskphone-manage.service | tail -n 1")
    found = re.search(r"exposure level for deskphone-manage.service: ([0-9.]+)", level)
    assert found is not None and float(found[1]) <= LEVEL, level
    running.run(f"{cli} 0")
    running.run("timeout 60 sh -c 'until [ -z \"$(ss -Hlnt)\" ]; do sleep 0.2; done'", 90)
    assert listens(running) == []
    closed = "! nft list set inet deskphone web | grep -q elements"
    assert running.run(f"timeout 60 sh -c 'until {closed}; do sleep 0.2; done'; echo $?", 90) == "0"
    running.run(f"{cli} 1")
    running.run("timeout 60 sh -c 'until ss -Hlnt | grep -q :443; do sleep 0.2; done'", 90)


def test_the_packet_filter_has_the_ports_of_the_configuration(running: Device) -> None:
    rules = "nft list set inet deskphone sip_udp"
    said = running.run(f"timeout 60 sh -c 'until {rules} | grep -q elements; do sleep 0.2; done'; {rules}", 90)
    assert "elements = { 5060 }" in said
    assert "policy drop" in running.run("nft list chain inet deskphone input")


def test_what_the_phone_says_while_the_last_is_read_counts(running: Device) -> None:
    """systemd does not watch a file while the unit that reads it runs: a call's ports, one after the other."""
    wish, rules = "/run/deskphone/packet-filter", "nft list set inet deskphone voice"
    here = "/run/systemd/system/packet-filter.service.d"
    running.run(
        f"cp {wish} /run/wish; mkdir -p {here}; printf '[Service]\\nExecStartPost=/bin/sleep 3\\n' >{here}/slow.conf"
    )
    running.run("systemctl daemon-reload")
    say = f"{{ cat /run/wish; echo voice 4%s; }} >{wish}.new; mv {wish}.new {wish}"
    running.run(say % "000-4009")
    read = f"until {rules} | grep -q 4000-4009; do sleep 0.1; done"  # it goes on for three seconds
    running.run(f"timeout 60 sh -c '{read}'", 90)
    running.run(say % "200-4209")
    assert running.run(f"timeout 60 sh -c 'until {rules} | grep -q 4200-4209; do sleep 0.2; done'; echo $?", 90) == "0"
    running.run(f"rm -r {here}; systemctl daemon-reload; {{ cat /run/wish; }} >{wish}.new; mv {wish}.new {wish}")
    running.run(f"timeout 60 sh -c 'while {rules} | grep -q 4200-4209; do sleep 0.2; done'", 90)


def test_time_comes_from_the_servers_dhcp_and_the_settings_name(running: Device) -> None:
    """Both at once: a client that asks anew (another name, another option) may have no lease for a moment."""
    both = "/run/systemd/timesyncd.conf.d/60-dhcp.conf /run/systemd/timesyncd.conf.d/70-settings.conf"
    told = running.run(f"timeout 120 sh -c 'until cat {both} 2>/dev/null; do sleep 0.2; done' | tail -n 4", 150)
    assert told == f"[Time]\nNTP={network.SERVERS[0]}\n[Time]\nNTP={network.SERVERS[1]}"
    running.active("systemd-timesyncd.service")
    assert running.run("findmnt -no SOURCE /var/lib/systemd/timesync").endswith("[/timesync]")


def test_the_dhcp_client_is_no_root_in_any_part(running: Device) -> None:
    said = running.run("systemd-analyze security --no-pager dhcpcd.service | tail -n 1")
    level = re.search(r"exposure level for dhcpcd.service: ([0-9.]+)", said)
    assert level is not None and float(level[1]) <= LEVEL, said
    group = running.run("systemctl show -P ControlGroup dhcpcd.service")
    users = running.run(f"xargs -n 1 ps -o user= -p </sys/fs/cgroup{group}/cgroup.procs | sort -u")
    assert users == "dhcpcd"


def test_the_network_knows_the_phone_by_model_and_mac(running: Device) -> None:
    assert running.run("cat /proc/sys/kernel/hostname") == "420hd-" + MAC.replace(":", "")


@pytest.mark.parametrize("unit", ["deskphone", "dhcpcd"])
def test_who_tells_the_devices_name_sees_it_change(running: Device, unit: str) -> None:
    pid = running.run(f"systemctl show -P MainPID {unit}.service")
    assert running.run(f"readlink /proc/{pid}/ns/uts") == running.run("readlink /proc/1/ns/uts")


def test_a_phone_that_is_stuck_is_started_again(running: Device) -> None:
    """SIGSTOP: no WATCHDOG=1 any more; systemd kills it after ten seconds and starts it anew."""
    before = running.run("systemctl show -P MainPID deskphone.service")
    running.run(f"kill -STOP {before}")
    running.run("until [ $(systemctl show -P NRestarts deskphone.service) = 1 ]; do sleep 0.2; done", 60)
    running.run("until systemctl is-active -q deskphone.service; do sleep 0.2; done", 60)
    assert running.run("systemctl show -P MainPID deskphone.service") != before
    running.copper.wait(lambda: "Directory" in running.text(), "the idle screen", 60)
