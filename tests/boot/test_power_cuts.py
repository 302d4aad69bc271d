"""The plug is pulled at random moments: in the start, while settings are stored, while an update is brought in.

After each cut the card is looked at and switched on: the firmware finds a slot to start, that slot is one version and
whole, the phone registers, and its settings are those of before the cut or of after it, never neither. CUTS says how
many (3), SEED with which random numbers. What was cut and found is left beside the image, boot-test-cuts.json.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.device import Device, running
from tests.boot.firmware import start
from tests.boot.machine import Machine
from tests.boot.network import NUMBERS, Network
from tests.boot.owner import OWN, Owner
from tests.netns.lab import FILE, WEB, needs_namespaces

CUTS, SEED = int(os.environ.get("CUTS", "3")), int(os.environ.get("SEED", "1"))
pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(600 * (CUTS + 2))]
NUMBER = NUMBERS[0]
OTHER = "0.2.0"
MARK = "voip/line/0/description"
GOOD = "/data/deskphone/last-good.cfg"
BUNDLE = "/data/deskphone/firmware/bundle.img"
STATE = "/run/deskphone-update/state"
START, STORE, INSTALL, TRIAL = 40.0, 30.0, 60.0, 120.0  # seconds in which the moment of a cut lies


class Cutter:
    """One device whose plug is pulled. log: a line a cut."""

    def __init__(self, folder: Path, network: Network) -> None:
        there = images("qemu")
        self.network, self.random = network, random.Random(SEED)
        self.owner = Owner(there, folder / "owner")
        keys = self.owner.keys("keys")
        roots = {version: self.owner.root(version, keys) for version in (OWN, OTHER)}
        for version, root in roots.items():
            bundle = self.owner.bundle(root, version, keys, order=2_000_000_000 if version == OWN else 0)
            bundle.rename(network.files / f"{version}.img")
        self.device = Device(folder, there / "sdcard.img", network)
        self.owner.write(self.device.card, roots[OWN])
        self.file = 0  # the number of the configuration that lies on the server
        self.log: list[dict[str, object]] = []
        self.renew()

    def renew(self) -> None:
        self.file += 1
        self.network.file(FILE, NUMBER, f"{MARK}=file {self.file}")

    def slots(self) -> dict[str, str]:
        return {slot: self.owner.version_in(self.device.card, slot) for slot in "AB"}

    def sound(self) -> tuple[str, str]:
        """(slot, version) that the firmware would start; it and its kernel are there, and it is whole."""
        started = start(self.device.card, "virt")
        slot = re.findall(r"rauc\.slot=([AB])", started.command_line)[0]
        version = self.slots()[slot]
        assert version, f"slot {slot} starts and is none of the versions"
        return slot, version

    def look(self, machine: Machine, earlier: int) -> None:
        """It started: what it kept is the configuration of before the cut, or a later one; then it has the newest."""
        kept = machine.run(f"grep -o '{MARK}=file.*' {GOOD}").text
        machine.until("systemctl is-active deskphone", 600)
        self.network.until(lambda: bool(self.network.registered(NUMBER)), "registered", 600)
        machine.until(f"grep -q '{MARK}=file {self.file}$' {GOOD}", 600)
        anew = machine.run("journalctl -b -o cat --no-pager | grep 'made anew'").text
        assert not anew, anew
        found = int(kept.rpartition(" ")[2]) if kept else 0
        assert earlier <= found <= self.file, f"kept: {kept!r}, expected file {earlier} to {self.file}"

    # --- where the plug is pulled --------------------------------------------------------------------

    def in_the_start(self) -> str:
        with self.device.on() as machine:
            return f"{self.cut(machine, START)} after power-on"

    def in_storing(self) -> str:
        with self.device.on() as machine:
            self.look(machine, 0)
            self.renew()
            machine.read("systemctl kill --signal=KILL deskphone")  # it starts anew, fetches, stores
            return f"{self.cut(machine, STORE)} into a new configuration"

    def in_installing(self) -> str:
        with self.device.on() as machine:
            self.look(machine, 0)
            version = self.install(machine)
            return f"{self.cut(machine, INSTALL)} into installing {version}"

    def in_the_trial(self) -> str:
        with self.device.on() as machine:
            self.look(machine, 0)
            version = self.install(machine)
            machine.until(f"grep -q '\"installed\"' {STATE}", 900)
            machine.read(f"echo restart {time.time_ns()} >/run/deskphone/update")
            assert self.device.restarts(machine, 600) == "0 tryboot"
        with self.device.on() as machine:
            return f"{self.cut(machine, TRIAL)} into the trial of {version}"

    def install(self, machine: Machine) -> str:
        """Have the other version installed; which that is."""
        version = OTHER if running(machine)[1] == OWN else OWN
        machine.read(f"mkdir -p {BUNDLE.rpartition('/')[0]}; wget -q -O {BUNDLE} {WEB}/{version}.img")
        machine.until(f"test -s {STATE}")
        machine.read(f"rm -f /data/rauc/downgrade; echo install {time.time_ns()} >/run/deskphone/update")
        return version

    def cut(self, machine: Machine, longest: float) -> str:
        """Pull the plug within so many seconds; when it was."""
        moment = self.random.uniform(0.2, longest)
        time.sleep(moment)
        machine.cut()
        return f"{moment:.1f} s"


@pytest.fixture
def cutter(tmp_path: Path) -> Iterator[Cutter]:
    needs_namespaces()
    tmp_path.chmod(0o755)
    (tmp_path / "owner").mkdir()
    with Network(tmp_path) as network:
        network.offer(f"160,{WEB}/")
        made = Cutter(tmp_path, network)
        yield made
        told = {"cuts": len(made.log), "seed": SEED, "log": made.log}
        (images("qemu") / "boot-test-cuts.json").write_text(json.dumps(told, indent=1) + "\n")


def test_whenever_the_plug_is_pulled_it_starts_again_with_what_it_had(cutter: Cutter) -> None:
    with cutter.device.on() as machine:  # a first start: the phone keeps its first settings
        cutter.network.until(lambda: bool(cutter.network.registered(NUMBER)), "registered", 600)
        machine.until(f"grep -q '{MARK}=file 1$' {GOOD} && sync", 600)
    places = (cutter.in_the_start, cutter.in_storing, cutter.in_installing, cutter.in_the_trial)
    earlier = cutter.file
    for number in range(1, CUTS + 1):
        place = cutter.random.choice(places)
        where = place()
        slot, version = cutter.sound()
        entry: dict[str, object] = {"cut": number, "where": where, "starts": f"{slot} {version}"}
        cutter.log.append({**entry, "slots": cutter.slots()})
        print(json.dumps(cutter.log[-1]), flush=True)
        if place is not cutter.in_the_start or cutter.random.random() < 0.5:  # else the next cut meets the same card
            with cutter.device.on() as machine:
                cutter.look(machine, earlier)
                assert running(machine) == (slot, version)
            earlier = cutter.file
            cutter.log[-1]["found"] = "registered, settings whole"
