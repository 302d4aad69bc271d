"""The plug is pulled at random moments: in the start, while settings are stored, while an update is brought in.

After each cut the card is looked at and switched on: the firmware finds a slot to start, that slot is one version and
whole, the phone registers, and its settings are those of before the cut or of after it, never neither. The start that
shows this is the one in which the next cut comes; a cut in the start itself leaves that to the one after it. CUTS says
how many (3), SEED with which random numbers: several seeds can run side by side. What was cut and found is left beside
the image, boot-test-cuts-SEED.json, after each cut.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.device import Device, running
from tests.boot.machine import Machine
from tests.boot.network import NUMBERS, Network
from tests.boot.owner import OWN, SLOT, Owner
from tests.cuts.plug import Plug
from tests.cuts.slots import AT_REST, BUNDLE, MAKE_FOLDER, STATE, look
from tests.netns.lab import FILE, WEB, needs_namespaces

CUTS, SEED = int(os.environ.get("CUTS", "3")), int(os.environ.get("SEED", "1"))
pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(600 * (CUTS + 2))]
NUMBER = NUMBERS[0]
OTHER = "0.2.0"
MARK = "voip/line/0/description"
GOOD = "/data/deskphone/last-good.cfg"
START, STORE, INSTALL, TRIAL = 1.5, 1.0, 2.5, 4.0  # what the moment of a cut lies in, as multiples of a start
OFTEN = (8, 5, 5, 2)  # how often each is drawn


class Cutter:
    """One device whose plug is pulled."""

    def __init__(self, folder: Path, network: Network) -> None:
        there = images("qemu")
        self.network, self.plug = network, Plug(SEED, there / f"boot-test-cuts-{SEED}.json")
        self.owner = Owner(there, folder / "owner")
        keys = self.owner.keys("keys")
        roots = {version: self.owner.root(version, keys) for version in (OWN, OTHER)}
        for version, root in roots.items():
            bundle = self.owner.bundle(root, version, keys, order=2_000_000_000 if version == OWN else 0)
            bundle.rename(network.files / f"{version}.img")
        self.device = Device(folder, there / "sdcard.img", network)
        self.owner.write(self.device.card, roots[OWN])
        self.file = self.kept = 0  # the number of the configuration on the server; of the last one seen to be kept
        self.starts = ("A", OWN)  # what the firmware would start
        self.renew()

    def renew(self) -> None:
        self.file += 1
        self.network.file(FILE, NUMBER, f"{MARK}=file {self.file}")

    def pulled(self, where: str) -> None:
        """Write it down. The slot that the firmware would start is one version and whole, and its kernel is there."""
        found = look(self.device.card, "virt", SLOT, self.owner.made)
        self.starts = found.starts
        print(json.dumps(self.plug.pulled(where, **found.told())), flush=True)
        assert found.starts[1], f"slot {found.starts[0]} starts and is none of the versions"

    @contextmanager
    def on(self) -> Iterator[Machine]:
        """Switched on, at a server that has forgotten it."""
        self.network.ask("site", {"do": "restart"})
        with self.device.on() as machine:
            yield machine

    def look(self, machine: Machine) -> None:
        """It started: what it kept is the configuration of before the cut, or a later one; then it has the newest."""
        machine.until("systemctl -q is-active data.mount")
        kept = machine.run(f"grep -o '{MARK}=file.*' {GOOD} 2>/dev/null").text
        assert running(machine) == self.starts
        self.network.until(lambda: bool(self.network.registered(NUMBER)), "registered", 600)
        self.plug.start = time.monotonic() - machine.began  # a pace: the machine is emulated, and not alone
        machine.until(f"grep -q '{MARK}=file {self.file}$' {GOOD}", 600)
        anew = machine.run("journalctl -b -o cat --no-pager | grep 'made anew'").text
        assert not anew or not self.plug.log, anew
        found = int(kept.rpartition(" ")[2]) if kept else 0
        assert self.kept <= found <= self.file, f"kept: {kept!r}, expected file {self.kept} to {self.file}"
        self.kept = self.file
        self.plug.looked()

    # --- where the plug is pulled --------------------------------------------------------------------

    def in_the_start(self) -> str:
        with self.on() as machine:
            return f"{self.cut(machine, START)} after power-on"

    def in_storing(self) -> str:
        with self.on() as machine:
            self.look(machine)
            self.renew()
            machine.read("systemctl kill --signal=KILL deskphone")  # it starts anew, fetches, stores
            return f"{self.cut(machine, STORE)} into a new configuration"

    def in_installing(self) -> str:
        with self.on() as machine:
            self.look(machine)
            version = self.install(machine)
            return f"{self.cut(machine, INSTALL)} into installing {version}"

    def in_the_trial(self) -> str:
        with self.on() as machine:
            self.look(machine)
            version = self.install(machine)
            machine.until(f"grep -q '\"installed\"' {STATE}", 900)
            machine.read(f"echo restart {time.time_ns()} >/run/deskphone/update")
            assert self.device.restarts(machine, 600) == "0 tryboot"
        with self.device.on() as machine:
            return f"{self.cut(machine, TRIAL)} into the trial of {version}"

    def install(self, machine: Machine) -> str:
        """Have the other version installed; which that is."""
        version = OTHER if running(machine)[1] == OWN else OWN
        machine.read(f"{MAKE_FOLDER}; wget -q -O {BUNDLE} {WEB}/{version}.img")
        machine.until(AT_REST, 900)
        machine.read(f"rm -f /data/rauc/downgrade; echo install {time.time_ns()} >/run/deskphone/update")
        return version

    def cut(self, machine: Machine, longest: float) -> str:
        """Pull the plug within so many starts; when it was."""
        moment = self.plug.wait(longest, 0.2)
        machine.cut()
        return moment


@pytest.fixture
def cutter(tmp_path: Path) -> Iterator[Cutter]:
    needs_namespaces()
    tmp_path.chmod(0o755)
    (tmp_path / "owner").mkdir()
    with Network(tmp_path) as network:
        network.offer(f"160,{WEB}/")
        yield Cutter(tmp_path, network)


def test_whenever_the_plug_is_pulled_it_starts_again_with_what_it_had(cutter: Cutter) -> None:
    with cutter.on() as machine:  # a first start: the phone keeps its first settings
        cutter.look(machine)
        machine.read("sync")
    places = (cutter.in_the_start, cutter.in_storing, cutter.in_installing, cutter.in_the_trial)
    for _ in range(CUTS):
        (place,) = cutter.plug.random.choices(places, OFTEN)
        cutter.pulled(place())
    with cutter.on() as machine:
        cutter.look(machine)
    cutter.plug.keep()
    assert cutter.plug.all_seen and len(cutter.plug.log) == CUTS
