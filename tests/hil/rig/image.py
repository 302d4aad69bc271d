"""The rig with the whole system on it: the image's own units under systemd, from an empty card.

Law: what is added to the product is only what guest/image.sh names.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deskphone.drivers.board_file import load_board
from tests.boot.firmware import start
from tests.cuts.slots import is_trial
from tests.hil.rig import disk, network
from tests.hil.rig.copper import Copper
from tests.hil.rig.reading import Unreadable, read
from tests.hil.rig.strategy import BOARD
from tests.hil.rig.uml import MAC, ROOT, Guest, GuestError, artefacts
from tests.image.owner import PI, Owner
from tests.patience import patient
from tests.stories.bench_sip import NUMBER, SipBench, SipCustomer
from tests.stories.configuration import configuration

SPLASH = ROOT / "image" / "package" / "deskphone-splash" / "src"
LEVEL = 2.0  # of `systemd-analyze security` for the phone; 0 is best


@dataclass
class Device:
    """A phone that was switched on, and the server it is to find."""

    guest: Guest
    copper: Copper
    server: SipBench

    def text(self) -> str:
        """What the display says; "" while it shows no screen of the phone."""
        try:
            return read(self.copper.picture()).text
        except Unreadable:
            return ""

    def run(self, command: str, within: float = 60) -> str:
        """A command's output, whatever its status."""
        return self.guest.shell.run(command, within).output.strip()

    def active(self, unit: str) -> None:
        """Wait until this unit is up; it may be on its way."""
        state = f"systemctl is-active {unit}"
        assert self.run(f"timeout 90 sh -c 'until {state} -q; do sleep 0.2; done'; {state}", 120) == "active"

    def registered(self) -> None:
        """Wait until it has its number, and the server knows it; at once with its journal where it does not start."""
        within = patient(90)
        end, before = time.monotonic() + within, self.restarts()
        while not self.copper.comes(lambda: NUMBER in self.text(), 2):
            self.must_start(before)
            assert time.monotonic() < end, f"waited {within} s for the idle screen; the display shows {self.text()!r}"
        server = self.server.server
        self.server.run(server.wait_until(lambda: bool(server.registrations), patient(10), "the registration"))

    def restarts(self) -> int:
        """How often systemd has started the phone again; 0 while there is no systemd to ask."""
        said = self.run("systemctl show -P NRestarts deskphone.service")
        return int(said) if said.isdigit() else 0

    def must_start(self, before: int) -> None:
        """GuestError with the journal where the phone does not come up. before: restarts that were nothing new.

        That is: it failed and never was up, or it fails again and again, or systemd is done without it.
        """
        asked = ("ActiveState", "ActiveEnterTimestampMonotonic", "NRestarts", "Job")
        said = self.run(f"systemctl show {' '.join(f'-p {each}' for each in asked)} deskphone.service")
        unit = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        if not unit.get("NRestarts", "").isdigit():
            return  # systemd itself is on its way
        never, restarts = unit["ActiveEnterTimestampMonotonic"] == "0", int(unit["NRestarts"])
        idle = unit["ActiveState"] == "inactive" and unit.get("Job", "0") == "0"
        left_out = idle and self.run("systemctl is-system-running") not in ("initializing", "starting")
        if unit["ActiveState"] == "failed" or (never and restarts) or restarts - before > 1 or left_out:
            journal = self.run("journalctl -b -o cat --no-pager -u deskphone.service -n 40")
            raise GuestError(f"the phone does not start: {unit}\n{journal}")

    def answers(self, within: float = 10) -> SipCustomer:
        """A customer calls, and the handset is lifted."""
        customer = self.server.customer()
        customer.call()
        self.copper.wait(lambda: "Jane Customer" in self.text(), "the caller's name", within)
        self.copper.close("hook")
        customer.answered(within)
        return customer


@dataclass
class Desk:
    """A card, a cable and what is at its other end: switched on as often as somebody likes. air, card, owner: as
    `desk`. tryboot: the flag that the firmware keeps over a warm start; the next start takes it."""

    folder: Path
    server: SipBench
    files: Path
    air: bool = False
    card: bool = True
    owner: Owner | None = None
    tryboot: bool = False

    def configure(self, **more: str) -> None:
        """What the DHCP server's file says from now on, beside what it takes to be called."""
        first, second = network.SERVERS[:2]
        new = self.folder / "new.cfg"
        new.write_bytes(
            configuration(
                voip__signalling__sip__proxy_address=first,
                voip__signalling__sip__proxy_port=str(self.server.server.port),
                provisioning__random_provisioning_time="0",
                system__ntp__primary_server_address=second,
                **more,
            )
        )
        new.chmod(0o644)
        new.replace(self.files / (MAC.replace(":", "") + ".cfg"))

    def guest(self) -> Guest:
        """The phone, switched off."""
        disks = (f"ubd0={self.folder}/card",) if self.card else ()
        share = self.folder / "share"
        line = start(self.folder / "card", PI, self.tryboot).command_line if self.owner else ""
        self.tryboot = False
        return Guest(
            artefacts(), share, "image.sh", network.TAP, air=self.air, arguments=disks, boot_s=120, boot_line=line
        )

    @contextmanager
    def on(self) -> Iterator[Device]:
        """Switched on; the plug is pulled at the end."""
        with self.guest() as guest:
            yield Device(guest, Copper(load_board(BOARD), guest.copper_line), self.server)

    def restarts(self, device: Device, within: float) -> str:
        """Wait until it restarts by itself; the argument of the restart, which the next start obeys."""
        said = device.guest.restarts(within)
        self.tryboot = is_trial(said)
        return said


@contextmanager
def desk(
    folder: Path, *boot: Path, air: bool = False, card: bool = True, owner: Owner | None = None, version: str = ""
) -> Iterator[Desk]:
    """An empty card but for these files on /boot, and a DHCP server that names the configuration.

    folder: of the caller's; its `share` is /hil in the guest. air: as `Guest`. card: False has none of its partitions.
    owner: whose phone it is, with this version of theirs in both slots; None has empty slots, and no firmware is asked.
    """
    share = folder / "share"
    share.mkdir(exist_ok=True)
    disk.make(folder / "card", *boot)
    if owner:
        disk.fill(folder / "card", owner, version)
    subprocess.run(["gcc", "-O2", "-o", share / "splash", SPLASH / "splash.c"], check=True, timeout=60)
    network.up()
    first = network.SERVERS[0]
    with SipBench(host=first) as server, network.Dnsmasq(folder, f"66,{first}", f"42,{first}") as dhcp:
        made = Desk(folder, server, dhcp.files, air, card, owner)
        made.configure()
        yield made


@contextmanager
def switched_on(folder: Path, *boot: Path, air: bool = False, card: bool = True) -> Iterator[Device]:
    """A phone at a `desk`, on."""
    with desk(folder, *boot, air=air, card=card) as made, made.on() as device:
        yield device
