"""The image in QEMU's `virt` machine: it finds its configuration in every way DHCP can name one, registers, is called.

One machine for the whole story; the tests are its chapters, in their order.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.boot.conftest import images
from tests.boot.machine import Machine, virt
from tests.boot.network import CABLE, NUMBERS, Network
from tests.boot.report import Report
from tests.netns.lab import HTTP, MAC, SERVER, needs_namespaces

pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(900)]
FILE = MAC.replace(":", "") + ".cfg"
WEB = f"http://{SERVER}:{HTTP}"
FIRST, *OTHERS = NUMBERS
GOOD = "/data/deskphone/last-good.cfg"


class Rig:
    """The machine, the far side of its cable, and what they showed."""

    def __init__(self, machine: Machine, network: Network, report: Report) -> None:
        self.machine, self.network, self.report = machine, network, report

    def registered(self, number: str, within: float = 240) -> None:
        self.network.until(lambda: bool(self.network.registered(number)), f"{number} registers", within)

    def renew(self, *options: str) -> None:
        """Another offer, and the client asks again."""
        self.network.offer(*options)
        self.machine.read("dhcpcd -n eth0")


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, report: Report) -> Iterator[Rig]:
    there = images("qemu")
    needs_namespaces()
    folder = tmp_path_factory.mktemp("virt")
    folder.chmod(0o755)
    with Network(folder) as network:
        network.file("first/" + FILE, FIRST, "network/lan/dhcp/update_hostname_after_reg=PHONE_NUMBER")
        network.offer(f"160,{WEB}/first/", f"42,{SERVER}", "12,told-by-the-server")
        command = ["ip", "netns", "exec", network.server]
        command += virt(folder, CABLE, MAC, there / "sdcard.img")
        with Machine(command, folder) as machine:
            yield Rig(machine, network, report)
            shutil.copy(machine.console, there / "boot-test-console.log")


# --- the first minutes ---------------------------------------------------------------------------


def test_it_registers_with_what_option_160_names(rig: Rig) -> None:
    began = time.monotonic()
    rig.registered(FIRST, 400)
    rig.report.facts["seconds from switched on to registered"] = round(time.monotonic() - rig.machine.began, 1)
    assert began >= rig.machine.began
    agent = rig.network.registered(FIRST)[0]["user_agent"]
    rig.report.excerpts["registered as"] = [f"{FIRST} from {rig.network.registered(FIRST)[0]['contact']} ({agent})"]
    told = rig.machine.read("cat /etc/os-release")
    rig.report.build = re.findall(r"^BUILD_ID=(.*)$", told, re.MULTILINE)[0].strip('"')
    rig.report.excerpts["image"] = told.splitlines()
    rig.report.excerpts["kernel"] = [rig.machine.read("uname -a")]


def test_what_dhcp_said_is_known(rig: Rig) -> None:
    lease = rig.machine.read("cat /run/deskphone-dhcp/lease")
    rig.report.excerpts["lease of the first offer"] = lease.splitlines()
    sent = [line.partition(" ")[2] for line in rig.network.log("dnsmasq").splitlines() if "sent size" in line]
    rig.report.excerpts["dnsmasq, first offer"] = list(dict.fromkeys(line.partition("sent ")[2] for line in sent))
    assert f"option_160 {f'{WEB}/first/'.encode().hex()}" in lease
    assert f"option_12 {b'told-by-the-server'.hex()}" in lease
    assert "option_42 0a4d0001" in lease
    assert rig.machine.read("cat /run/systemd/timesyncd.conf.d/60-dhcp.conf") == f"[Time]\nNTP={SERVER}"
    assert rig.machine.run("grep -w nameserver /etc/resolv.conf").text == f"nameserver {SERVER}"
    assert "vendor class: 420HD" in rig.network.log("dnsmasq")
    assert f"client provides name: 420hd-{MAC.replace(':', '')}" in rig.network.log("dnsmasq")


def test_it_takes_the_time_from_option_42(rig: Rig) -> None:
    rig.machine.until("test -e /run/systemd/timesync/synchronized")
    difference = abs(float(rig.machine.read("date +%s")) - time.time())
    assert difference < 30, f"{difference} s away from the server's time"
    rig.machine.read("test -e /data/timesync/clock")


def test_after_registration_the_network_knows_its_number(rig: Rig) -> None:
    rig.network.until(lambda: f"client provides name: {FIRST}" in rig.network.log("dnsmasq"), "option 12", 90)
    assert rig.machine.read("cat /proc/sys/kernel/hostname") == FIRST


# --- the call --------------------------------------------------------------------------------------


def call(rig: Rig, number: str) -> None:
    """A customer calls, the agent's computer answers by NOTIFY talk, both hear something, the customer hangs up."""
    customer = rig.network.ask("call", {"dn": number, "from": "0301234567", "name": "Jane Customer"})["id"]
    rig.network.until(lambda: rig.network.far_end(customer)["state"] == "ringing", "ringing")
    rig.network.ask("desktop", {"dn": number, "do": "answer"})
    rig.network.until(lambda: rig.network.far_end(customer)["state"] == "answered", "answered")
    rig.network.until(lambda: rig.network.far_end(customer)["heard"]["packets"] >= 100, "two seconds of voice")
    there = rig.network.far_end(customer)
    rig.report.excerpts["call"] = [
        f"{key} {there[key]}" for key in ("number", "name", "state", "codec", "sent", "heard")
    ]
    rig.network.ask("farend", {"id": customer, "do": "leave"})
    rig.network.until(lambda: rig.network.far_end(customer)["state"] == "ended", "the end of the call")
    said = rig.machine.read("journalctl -b --no-pager -u deskphone -o cat").splitlines()
    assert [line for line in said if "audio failed" in line] == []


def test_it_takes_a_call(rig: Rig) -> None:
    call(rig, FIRST)


# --- the other offers --------------------------------------------------------------------------------


def tlv(url: str) -> str:
    """Sub-option 1 of option 43 as dnsmasq takes raw bytes."""
    return bytes([1, len(url), *url.encode()]).hex(":")


OFFERS = {
    "66 is a URL": ("second/" + FILE, (f"66,{WEB}/second/",)),
    "66 is a host": (FILE, ("66,prov.test",)),
    "66 is an address": (FILE, (f"66,{SERVER}",)),
    "66 is an address and 67 names the file": ("own.cfg", (f"66,{SERVER}", "67,fw.img;own.cfg")),
    "43 holds a URL": ("vendor/" + FILE, (f"43,{tlv(WEB + '/vendor/')}",)),
    "160 wins over 66, 67 and 43": (
        "best/" + FILE,
        (f"160,{WEB}/best/", f"66,{SERVER}", "67,fw.img;own.cfg", f"43,{tlv(WEB + '/vendor/')}"),
    ),
}


@pytest.mark.parametrize(("number", "offer"), list(zip(OTHERS, OFFERS, strict=False)))
def test_it_follows_another_offer(rig: Rig, number: str, offer: str) -> None:
    name, options = OFFERS[offer]
    rig.network.file(name, number)
    rig.renew(*options)
    rig.registered(number)
    lease = rig.machine.read("grep ^option_ /run/deskphone-dhcp/lease")
    rig.report.excerpts[f"lease: {offer}"] = lease.splitlines()
    assert f"voip/line/0/id={number}" in rig.machine.read(f"cat {GOOD}")


def test_the_number_of_the_last_offer_takes_a_call(rig: Rig) -> None:
    call(rig, OTHERS[len(OFFERS) - 1])


# --- the state of the system ---------------------------------------------------------------------------


def test_no_unit_failed_and_none_waits_for_another(rig: Rig) -> None:
    assert rig.machine.until("systemctl is-system-running") == "running"
    assert rig.machine.read("systemctl --failed --no-legend --plain") == ""
    journal = rig.machine.read("journalctl -b --no-pager -o short-monotonic")
    assert not re.search(r"ordering cycle|Breaking ordering", journal)
    assert "deskphone" in journal
    (rig.machine.folder / "journal.log").write_text(journal)
    shutil.copy(rig.machine.folder / "journal.log", images("qemu") / "boot-test-journal.log")


def test_a_clock_that_lost_its_time_begins_at_the_images_commit(rig: Rig) -> None:
    epoch = int(rig.machine.read("date -r /usr/lib/clock-epoch +%s"))
    commit = rig.report.build.removesuffix("-dirty")
    made = subprocess.run(
        ["git", "-C", str(rig.report.root), "log", "-1", "--format=%ct", commit],
        capture_output=True,
        text=True,
        check=True,
    )
    assert epoch >= int(made.stdout)


def test_the_phone_runs_as_the_unit_says(rig: Rig) -> None:
    shown = rig.machine.read("systemctl show deskphone -p Type,User,NRestarts,WatchdogUSec,ActiveState,StatusText")
    told = dict(line.split("=", 1) for line in shown.splitlines())
    assert (told["Type"], told["User"], told["ActiveState"]) == ("notify", "deskphone", "active"), told
    assert (told["WatchdogUSec"], told["NRestarts"]) == ("10s", "0"), told
    rig.report.excerpts["deskphone.service"] = shown.splitlines()


def test_the_kernel_is_untainted_and_the_root_read_only(rig: Rig) -> None:
    assert rig.machine.read("cat /proc/sys/kernel/tainted") == "0"
    root = next(line for line in rig.machine.read("cat /proc/mounts").splitlines() if " / " in line)
    assert root.split()[2] == "squashfs" and "ro" in root.split()[3].split(",")
    assert rig.machine.run("touch /written").code != 0
    data = next(line for line in rig.machine.read("cat /proc/mounts").splitlines() if " /data " in line)
    assert data.split()[2] == "ext4" and {"rw", "nosuid", "nodev", "noexec"} <= set(data.split()[3].split(","))


def test_nothing_is_setuid_and_nobody_logs_in(rig: Rig) -> None:
    assert rig.machine.read("find / -xdev -type f -perm /6000") == ""
    assert rig.machine.read("find / -xdev -type f -name 'python3*' -perm -1 | head -n 1"), "find finds nothing at all"
    shadow = rig.machine.read("cat /etc/shadow")
    assert shadow and all(re.match(r"[^:]+:(\*|!)", line) for line in shadow.splitlines()), shadow


def test_it_listens_where_the_configuration_says_and_nowhere_else(rig: Rig) -> None:
    listening = set()
    for line in rig.machine.read("netstat -lntu").splitlines():
        words = line.split()
        if words and words[0].startswith(("tcp", "udp")):
            listening.add((words[0].rstrip("6"), int(words[3].rpartition(":")[2])))
    rig.report.excerpts["listening"] = sorted(f"{kind} {port}" for kind, port in listening)
    assert ("udp", 5060) in listening
    # 68 and 546 are the DHCP client's (dhcpcd opens both where it looks after two interfaces); SIP over TCP has a
    # listener, to which the packet filter lets nobody. The web pages' are systemd's, for they are wanted as delivered:
    # no program is there until somebody comes.
    assert listening <= {("udp", 5060), ("tcp", 5060), ("udp", 68), ("udp", 546), ("tcp", 80), ("tcp", 443)}
    assert {("tcp", 80), ("tcp", 443)} <= listening
    assert rig.machine.run("systemctl is-active deskphone-manage").text == "inactive"
    rules = rig.machine.read("nft list table inet deskphone")
    assert re.search(r"set sip_udp \{\s+type inet_service\s+elements = \{ 5060 \}", rules)
    servers = re.search(r"set servers4 \{\s+type ipv4_addr\s+elements = \{ ([^}]*) \}", rules)
    assert servers and SERVER in servers[1]
    assert re.search(r"set web \{\s+type inet_service\s+elements = \{ 80, 443 \}", rules)
    assert "4000-4099" not in rules, "nobody talks"
    assert not re.search(r"set sip_tcp \{\s+type inet_service\s+elements", rules)
    assert "policy drop" in rules


def test_the_sandbox_is_tight(rig: Rig) -> None:
    for unit in ("deskphone", "deskphone-manage", "dhcpcd"):
        told = rig.machine.read(f"systemd-analyze security --no-pager {unit}.service")
        exposure = float(re.findall(rf"exposure level for {unit}.service: ([\d.]+)", told)[0])
        rig.report.facts[f"systemd-analyze security {unit}.service"] = exposure
        assert exposure <= 2.0, unit
    processes = "$(cat /sys/fs/cgroup$(systemctl show -P ControlGroup dhcpcd.service)/cgroup.procs)"
    own = "sed -n 's/^Uid://p' /proc/$each/status 2>/dev/null"  # a hook may have ended since
    owners = rig.machine.read(f"for each in {processes}; do {own}; done; true").split()
    assert set(owners) == {rig.machine.read("id -u dhcpcd").strip()}, "no part of the DHCP client is root"


def test_the_kernel_keeps_its_settings_and_the_limits_of_the_units(rig: Rig) -> None:
    """Each is silently without effect where the kernel was built without it, or somebody else wrote last."""
    wanted = {"kernel/yama/ptrace_scope": "2", "kernel/dmesg_restrict": "1", "net/ipv4/conf/eth0/accept_redirects": "0",
              "net/ipv4/conf/all/accept_redirects": "0", "net/ipv4/conf/eth0/rp_filter": "1",
              "net/ipv6/conf/eth0/accept_ra": "0", "net/ipv6/conf/eth0/accept_redirects": "0"}  # fmt: skip
    assert {name: rig.machine.read(f"cat /proc/sys/{name}") for name in wanted} == wanted
    assert rig.machine.run("systemctl start deskphone-manage").code == 0
    group = rig.machine.read("systemctl show -P ControlGroup deskphone-manage")
    limits = {name: rig.machine.read(f"cat /sys/fs/cgroup{group}/{name}") for name in ("memory.max", "pids.max")}
    assert limits == {"memory.max": str(96 << 20), "pids.max": "32"}
    assert rig.machine.run("systemctl stop deskphone-manage").code == 0


def test_times_of_the_start(rig: Rig) -> None:
    def since_kernel(unit: str, what: str) -> float:
        return int(rig.machine.read(f"systemctl show -P {what} {unit}")) / 1e6

    user_space = int(rig.machine.read("systemctl show -P UserspaceTimestampMonotonic")) / 1e6
    splash = since_kernel("deskphone-splash", "ExecMainStartTimestampMonotonic") - user_space
    rig.report.facts["seconds from user space to the first word"] = round(splash, 2)
    rig.report.facts["seconds from the kernel's start to user space"] = round(user_space, 2)
    rig.report.facts["seconds from the kernel's start to READY=1"] = since_kernel(
        "deskphone", "ActiveEnterTimestampMonotonic"
    )
    rig.report.excerpts["systemd-analyze"] = rig.machine.read("systemd-analyze --no-pager time").splitlines()
    rig.report.excerpts["slowest units"] = rig.machine.read("systemd-analyze blame --no-pager | head -n 8").splitlines()
    journal = rig.machine.read("journalctl -b --no-pager -o short-monotonic -u deskphone | head -n 20")
    rig.report.excerpts["the phone's journal"] = journal.splitlines()
    rig.report.facts["MiB of memory used"] = int(rig.machine.read("free | awk 'NR==2 {print $3}'")) // 1024
    assert splash >= 0
