"""A switch with a port, and a phone's LAN port at its cable: root's programs as the image has them, and its units.

Law: two namespaces, nothing outside them changes; every process in them ends with them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from deskphone.config import reader
from deskphone.drivers.network_wish import wanted
from tests.netns import uml
from tests.netns.lab import DHCP, ROOT, end, enter, needs_namespaces, remove, run, wait
from tests.netns.units import HOOK, OUTSIDE

MAC = "02:00:00:00:15:02"
GATEWAY, VOICE_GATEWAY, VLAN = "10.77.0.1", "10.120.0.1", 120
PATIENCE, AGAIN = "5", "2"
"""Seconds, in place of a minute and a quarter of one."""
PATIENT = 180.0 if uml.inside() else 60.0
"""Seconds a test waits for what takes five."""


def cannot_tag() -> str:
    """Why this machine's kernel has no VLANs, or "" where it has."""
    probe = f"dp{os.getpid()}v"
    run("ip", "netns", "add", probe)
    try:
        made = subprocess.run(
            ["ip", "-n", probe, "link", "add", "br0", "type", "bridge", "vlan_filtering", "1"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        tagged = subprocess.run(
            ["ip", "-n", probe, "link", "add", "link", "lo", "name", "v0", "type", "vlan", "id", "2"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return (made.stderr + tagged.stderr).strip() if made.returncode or "not supported" in tagged.stderr else ""
    finally:
        run("ip", "netns", "del", probe)


def fixed(address: str, gateway: str, *more: str) -> tuple[str, ...]:
    """Lines of a file for that address, mask and gateway. more: `primary_dns=...` and what else belongs to it."""
    place = "network/lan/fixed_ip"
    return (
        "network/lan_type=STATIC",
        f"{place}/ip_address={address}",
        f"{place}/netmask=255.255.255.0",
        f"{place}/gateway={gateway}",
        *(f"{place}/{each}" for each in more),
    )


class PortLab:
    """`with PortLab(folder) as lab`: the cable is plugged in, the switch serves DHCP without a tag.

    tagged: the switch has VLAN 120 beside it, with a DHCP server of its own.
    """

    def __init__(self, folder: Path, tagged: bool = False) -> None:
        needs_namespaces()
        self.folder, self.tagged = folder, tagged
        self.switch, self.phone = f"dp{os.getpid()}w", f"dp{os.getpid()}t"
        self._processes: list[subprocess.Popen[bytes]] = []
        for name in ("data", "data/certificates", "bin"):
            (folder / name).mkdir()
        shim = folder / "bin" / "systemctl"
        units = f'exec {sys.executable} -I {Path(__file__).with_name("units.py")} {folder} "$@"'
        # To stop what never ran takes no Python.
        shim.write_text(
            f'#!/bin/sh\n[ "$1" = stop ] || [ "$2" = stop ] || {units}\n'
            f"for unit; do [ ! -e {folder}/$unit.pid ] || {units}; done\n"
        )
        shim.chmod(0o755)
        hook = folder / "hook"
        hook.write_text("#!/bin/sh\n" + (DHCP / "dhcpcd-hooks/60-deskphone").read_text())
        hook.chmod(0o755)
        folder.chmod(0o755)

    def __enter__(self) -> PortLab:
        for space in (self.switch, self.phone):
            run("ip", "netns", "add", space)
            run("ip", "-n", space, "link", "set", "lo", "up")
        run("ip", "-n", self.switch, "link", "add", "p1", "type", "veth", "peer", "name", "eth0", "netns", self.phone)
        run("ip", "-n", self.phone, "link", "set", "eth0", "address", MAC)
        options = ("vlan_filtering", "1") if self.tagged else ()
        run("ip", "-n", self.switch, "link", "add", "br0", "type", "bridge", *options)
        run("ip", "-n", self.switch, "addr", "add", f"{GATEWAY}/24", "dev", "br0")
        for device in ("br0", "p1"):
            run("ip", "-n", self.switch, "link", "set", device, "up")
        run("ip", "-n", self.phone, "link", "set", "eth0", "up")
        if self.tagged:
            run("ip", "-n", self.switch, "link", "add", "link", "br0", "name", "voice", "type", "vlan", "id", str(VLAN))
            run("ip", "netns", "exec", self.switch, "bridge", "vlan", "add", "dev", "br0", "vid", str(VLAN), "self")
            run("ip", "-n", self.switch, "addr", "add", f"{VOICE_GATEWAY}/24", "dev", "voice")
            run("ip", "-n", self.switch, "link", "set", "voice", "up")
        self._serve()
        self._device = self._start(
            self.phone, "device", "unshare", "--mount", "--uts", "sh", "-c",
            "mount -t tmpfs none /run && mkdir -p /run/deskphone-dhcp /run/deskphone-network /run/t /var/lib/dhcpcd"
            " && mount -t tmpfs none /var/lib/dhcpcd"
            f" && mount --bind {DHCP}/dhcpcd.conf /etc/dhcpcd.conf"
            f" && install -m 0755 {self.folder}/hook {HOOK}"
            # as image/rootfs/usr/lib/tmpfiles.d/dhcpcd.conf has it
            " && touch /run/resolv.conf && chown dhcpcd /run/deskphone-dhcp /run/resolv.conf /var/lib/dhcpcd"
            " && mount --bind /run/resolv.conf /etc/resolv.conf"
            " && touch /run/is-ready && exec sleep 100000",
        )  # fmt: skip
        wait(lambda: self._in_run("is-ready").exists(), lambda: self.log("device"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._processes):
            end(process)
        for space in (self.phone, self.switch):
            remove(space)

    # --- the switch ---------------------------------------------------------------------------------

    def _serve(self) -> None:
        voice = ("--interface=voice", "--dhcp-range=10.120.0.50,10.120.0.99,1h") if self.tagged else ()
        self._start(
            self.switch, "dnsmasq", "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--interface=br0",
            "--bind-interfaces", "--no-ping", "--no-resolv", "--no-hosts", "--user=root", "--log-dhcp", *voice,
            "--log-facility=-", f"--dhcp-leasefile={self.folder}/leases", "--dhcp-range=10.77.0.50,10.77.0.99,1h",
        )  # fmt: skip

    def open_port(self, *vlans: int) -> None:
        """The port is a member of the switch, and of these VLANs with a tag."""
        run("ip", "-n", self.switch, "link", "set", "p1", "master", "br0")
        for vlan in vlans:
            run("ip", "netns", "exec", self.switch, "bridge", "vlan", "add", "dev", "p1", "vid", str(vlan))

    def pull_cable(self) -> None:
        run("ip", "-n", self.switch, "link", "set", "p1", "down")

    def plug_cable(self) -> None:
        run("ip", "-n", self.switch, "link", "set", "p1", "up")

    def gateway(self, address: str, device: str = "br0") -> None:
        """The switch answers at this address as well: without a tag, or in the VLAN of `voice`."""
        run("ip", "-n", self.switch, "addr", "add", address, "dev", device)

    def at_the_switch(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a program beside the port."""
        return self._start(self.switch, name, *command)

    # --- the phone ----------------------------------------------------------------------------------

    def power_on(self, *lines: str) -> None:
        """Boot with what a configuration file of these lines leaves for root's side."""
        self.settings(*lines)
        self._inside("systemctl", "start", "dhcpcd.service")

    def settings(self, *lines: str) -> None:
        """The phone's settings are those of a file with these lines; root's side carries them out."""
        read = reader.read("".join(f"{line}\n" for line in ("voip/line/0/id=1502", *lines)).encode(), "phone.cfg")
        assert read.layers is not None and not read.errors, read.report()
        self.wish(wanted(read.layers.settings))

    def wish(self, text: str) -> None:
        """The phone leaves this text, whatever it is."""
        (self.folder / "data" / "network-wish").write_text(text)
        self._inside(f"{DHCP}/deskphone-network", "eth0")

    def _inside(self, *command: str) -> str:
        environment = (
            f"{OUTSIDE}={os.stat('/proc/self/ns/net').st_ino}",
            f"PATH={self.folder}/bin:{os.environ['PATH']}",
            f"DESKPHONE_SETTINGS={self.folder}/data/network-wish",
            f"DESKPHONE_CERTIFICATES={self.folder}/data/certificates",
            "DESKPHONE_TIMESYNCD_DIR=/run/t",
            f"DESKPHONE_NETWORK={DHCP}/deskphone-network",
            f"DESKPHONE_LAN_PATIENCE={PATIENCE}",
            f"DESKPHONE_LAN_AGAIN={AGAIN}",
        )
        return run(*enter(self._device), "env", *environment, *command)

    # --- what happened ------------------------------------------------------------------------------

    def _in_run(self, name: str) -> Path:
        return Path(f"/proc/{self._device.pid}/root/run/{name}")

    def said(self) -> str:
        """What root's side tells the phone of the port."""
        path = self._in_run("deskphone-network/lan")
        return path.read_text() if path.exists() else ""

    def lease(self) -> dict[str, str]:
        """What the phone reads of its network, "" for nothing."""
        path = self._in_run("deskphone-dhcp/lease")
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.partition(" ")[::2] for line in lines)

    def addresses(self) -> list[str]:
        """`interface address/prefix` of the phone's, IPv4."""
        lines = run("ip", "-n", self.phone, "-4", "-o", "addr", "show", "scope", "global").splitlines()
        return [f"{line.split()[1]} {line.split()[3]}" for line in lines]

    def becomes(self, lease: str, *addresses: str, said: str = "") -> None:
        """Wait for a lease whose address begins so, these addresses and no other, and what root's side says."""

        def reached() -> bool:
            here = self.addresses()
            fits = len(here) == len(addresses) and all(any(each.startswith(one) for each in here) for one in addresses)
            return fits and self.lease().get("address", "").startswith(lease) and self.said() == said

        wait(reached, self.report, PATIENT)

    def leased_by(self, server: str) -> None:
        """Wait for a lease of that DHCP server."""
        wait(lambda: self.lease().get("server") == server, self.report, PATIENT)

    def wait_said(self, fits: Callable[[str], bool]) -> None:
        """Wait until root's side says something of that kind."""
        wait(lambda: fits(self.said()), self.report, PATIENT)

    def logged(self, name: str, words: str) -> None:
        """Wait until these words are in a program's log."""
        wait(lambda: words in self.log(name), lambda: f"{words!r}\n{self.report()}", PATIENT)

    def report(self) -> str:
        """Everything that helps to understand a failure."""
        logs = (*sorted(self.folder.glob("*.log")),)
        tails = "".join(f"\n--- {path.name}\n{path.read_text(errors='replace')[-2500:]}" for path in logs)
        return f"{self.addresses()}\n{self.lease()}\n{self.said()!r}{tails}"

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _start(self, space: str, name: str, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                ["ip", "netns", "exec", space, *command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=ROOT
            )
        self._processes.append(process)
        return process
