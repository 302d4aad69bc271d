"""What else the image has, in QEMU: the web interface, syslog, 802.1X, the voice VLAN by LLDP-MED, a fixed address, a
capture of packets: each unit starts in its sandbox, with the programs and rights that the image has.

One machine at a switch port; the tests are its chapters, in their order.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.machine import Machine, virt
from tests.boot.network import CABLE, NUMBERS, Network
from tests.boot.report import Report
from tests.needs import needs
from tests.netns.lab import FILE, MAC, SERVER, WEB, needs_namespaces, run

pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(1800)]
NUMBER = NUMBERS[0]
EAP = "network/lan/_802_1x"
PORT = (f"{EAP}/eap_type=EAP_MD5", f"{EAP}/md5_identity=desk", f"{EAP}/md5_password=words")
VOICE = "network/lan/vlan/mode=LLDP"
PLAIN = (f"{EAP}/eap_type=DISABLE", "network/lan/vlan/mode=DISABLE")  # what a file does not name stays
FIXED = (
    "network/lan_type=STATIC", "network/lan/fixed_ip/ip_address=10.77.0.200",
    "network/lan/fixed_ip/netmask=255.255.255.0", f"network/lan/fixed_ip/gateway={SERVER}",
    f"network/lan/fixed_ip/primary_dns={SERVER}",
    "provisioning/method=STATIC", f"provisioning/configuration/url={WEB}/{FILE}",  # no DHCP server names it
)  # fmt: skip
SYSLOG = ("system/syslog/mode=ALL", f"system/syslog/server_address={SERVER}", "system/syslog/server_port=5140")
LONG = 400.0


class Port(Network):
    """The cable ends at a switch: an authenticator, LLDP, and a voice VLAN beside the cable's own network."""

    def voice(self) -> bool:
        """The VLAN; False where this machine's kernel knows none."""
        inside = ("ip", "-n", self.server)
        vlan = [*inside, "link", "add", "link", CABLE, "name", "voice", "type", "vlan", "id", "120"]
        made = subprocess.run(vlan, capture_output=True, text=True, check=False, timeout=60)
        if "Unknown device type" in made.stderr:
            return False
        assert made.returncode == 0, made.stderr
        run(*inside, "addr", "add", "10.120.0.1/24", "dev", "voice")
        run(*inside, "link", "set", "voice", "up")
        self._start(
            self.server, "dnsmasq-voice", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
            "--interface=voice", "--bind-interfaces", "--no-ping", "--no-resolv", "--no-hosts", "--user=root",
            "--port=0", "--log-dhcp", "--log-facility=-", f"--dhcp-leasefile={self.folder}/leases-voice",
            "--dhcp-range=10.120.0.50,10.120.0.99,1h", f"--dhcp-option-force=160,{WEB}/",
        )  # fmt: skip
        return True

    def switch(self) -> None:
        conf = self.folder / "lldpd.conf"
        conf.write_text(
            "configure med policy application voice tagged vlan 120 priority voice dscp 46\n"
            "configure lldp tx-interval 1\n"
        )
        self._start(
            self.server, "lldpd", "unshare", "--mount", "sh", "-c",
            f"mount -t tmpfs none /run && mkdir /run/lldpd && install -m 0644 {conf} /run/switch.conf &&"
            f" exec lldpd -d -M 4 -I {CABLE} -u /run/lldpd.socket -O /run/switch.conf",
        )  # fmt: skip
        (self.folder / "users").write_text('"desk" MD5 "words"\n')
        (self.folder / "hostapd.conf").write_text(
            f"interface={CABLE}\ndriver=wired\nieee8021x=1\neap_server=1\neap_user_file={self.folder}/users\n"
            "eapol_version=2\nuse_pae_group_addr=1\nlogger_stdout=-1\nlogger_stdout_level=0\n"
        )
        self._start(self.server, "hostapd", "hostapd", str(self.folder / "hostapd.conf"))
        sink = str(Path(__file__).with_name("udp_sink.py"))
        self._start(self.server, "syslog", sys.executable, sink, SERVER, "5140")

    def curl(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["ip", "netns", "exec", self.server, "curl", "-sSk", "-m", "120", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)

    def address(self) -> str:
        """Where the phone is registered from: the newest of its bindings; one whose farewell got lost stands before."""
        found = self.registered(NUMBER)
        return str(found[-1]["contact"]).partition("@")[2].partition(":")[0] if found else ""


class Rig:
    """The machine, the switch port, and what they showed."""

    def __init__(self, machine: Machine, network: Port, report: Report) -> None:
        self.machine, self.network, self.report = machine, network, report

    def settings(self, *lines: str) -> None:
        """Other settings, and the phone is started anew to fetch them."""
        self.network.file(FILE, NUMBER, *lines)
        self.machine.read("systemctl restart deskphone")

    def becomes(self, prefix: str) -> None:
        self.network.until(lambda: self.network.address().startswith(prefix), f"registered from {prefix}", LONG)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory, report: Report) -> Iterator[Rig]:
    there = images("qemu")
    needs_namespaces()
    needs("lldpd", "hostapd")
    folder = tmp_path_factory.mktemp("parts")
    folder.chmod(0o755)
    with Port(folder) as network:
        network.switch()
        network.file(FILE, NUMBER, *SYSLOG)
        network.offer(f"160,{WEB}/")
        command = ["ip", "netns", "exec", network.server]
        command += virt(folder, CABLE, MAC, there / "sdcard.img")
        with Machine(command, folder) as machine:
            yield Rig(machine, network, report)
            (there / "boot-test-parts-journal.log").write_text(
                machine.run("journalctl -b --no-pager -o short-monotonic").text
            )


def test_the_display_opens(rig: Rig) -> None:
    rig.becomes("10.77.0.")
    said = rig.machine.read("journalctl -b --no-pager -u deskphone -o cat")
    assert "display failed" not in said
    assert rig.machine.run("journalctl -b --no-pager -u deskphone-splash -p warning -o cat -q").text == ""


def test_the_log_goes_to_the_syslog_server(rig: Rig) -> None:
    rig.network.until(lambda: "registered" in rig.network.log("syslog"), "a line of syslog", 120)
    rig.report.excerpts["syslog"] = rig.network.log("syslog").splitlines()[:4]
    assert "secret" not in rig.network.log("syslog")


def test_a_guest_finds_the_web_interface(rig: Rig) -> None:
    there = rig.network.address()
    rig.machine.until("systemctl is-active deskphone-manage-https.socket deskphone-manage-http.socket")
    page = rig.network.curl("-L", "-D", "-", f"http://{there}/")
    rig.report.excerpts["the web interface"] = [line for line in page.stdout.splitlines()[:12] if line]
    assert page.returncode == 0, page.stderr + rig.machine.run("journalctl -b -u deskphone-manage -n 40").text
    assert "<html" in page.stdout.lower()
    assert rig.machine.read("systemctl is-active deskphone-manage") == "active"


def test_packets_are_captured_by_a_user_of_its_own(rig: Rig) -> None:
    rig.machine.read(f"echo capture 7 3 {rig.network.address()} >/run/deskphone/capture")
    rig.machine.until("test -s /run/deskphone-capture/capture.pcap")
    rig.machine.until("! systemctl is-active deskphone-capture")
    shown = rig.machine.read("systemctl show deskphone-capture -p User,Result,ActiveState")
    rig.report.excerpts["deskphone-capture.service"] = shown.splitlines()
    assert "Result=success" in shown


def test_the_port_lets_it_in(rig: Rig) -> None:
    rig.settings(*SYSLOG, *PORT)
    rig.machine.until("grep -q '802.1X authorized' /run/deskphone-network/lan")
    rig.becomes("10.77.0.")
    for unit in ("deskphone-lan", "deskphone-8021x"):
        assert rig.machine.read(f"systemctl is-active {unit}") == "active"


def test_the_port_names_the_voice_vlan(rig: Rig) -> None:
    if not rig.network.voice():
        pytest.skip("this machine's kernel has no VLANs")
    rig.settings(*SYSLOG, *PORT, VOICE)
    rig.becomes("10.120.0.")
    told = rig.machine.read("cat /run/deskphone-network/lan")
    rig.report.excerpts["the LAN port by 802.1X and LLDP-MED"] = told.splitlines()
    assert "vlan 120" in told
    for unit in ("deskphone-lan", "deskphone-lldp", "deskphone-8021x"):
        assert rig.machine.read(f"systemctl is-active {unit}") == "active"
        assert rig.machine.read(f"systemctl show -P NRestarts {unit}") == "0"


def test_a_fixed_address_takes_its_place(rig: Rig) -> None:
    rig.settings(*SYSLOG, *PLAIN, *FIXED)
    rig.becomes("10.77.0.200")
    rig.machine.until("! systemctl -q is-active deskphone-lldp deskphone-8021x")  # any of them: they end by themselves
    rig.settings(*SYSLOG, *PLAIN, "network/lan_type=DHCP")
    rig.network.until(lambda: rig.network.address() not in ("", "10.77.0.200"), "by DHCP again", LONG)


def test_no_unit_failed_and_nothing_was_forbidden(rig: Rig) -> None:
    assert rig.machine.until("systemctl is-system-running") == "running"
    assert rig.machine.read("systemctl --failed --no-legend --plain") == ""
    own = "lan lldp 8021x manage update trial capture"
    told = {}
    for unit in ("deskphone", "dhcpcd", *(f"deskphone-{name}" for name in own.split())):
        shown = rig.machine.read(f"systemd-analyze security --no-pager {unit}.service | tail -n 1")
        told[unit] = float(shown.partition("service: ")[2].split()[0])
    rig.report.facts["systemd-analyze security"] = told
    assert max(told.values()) <= 3.0, json.dumps(told)
    journal = rig.machine.read("journalctl -b --no-pager -o cat -p err")
    rig.report.excerpts["errors in the journal"] = journal.splitlines()[:20]
    assert "Operation not permitted" not in journal and "Permission denied" not in journal, journal
