"""A desk phone as its owner has it: one card, switched on again and again, restarting as its firmware would.

QEMU ends where the machine restarts. What the kernel says of the restart tells the firmware's model whether the trial
slot is meant (`reboot "0 tryboot"`), as the flag that a Raspberry Pi keeps over a warm start.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.boot.machine import Machine, virt
from tests.boot.network import CABLE, Network
from tests.cuts.slots import argument, is_trial
from tests.netns.lab import MAC


class Device:
    """folder: for consoles and the like, one folder a start. tryboot: the next start is the trial slot's."""

    def __init__(self, folder: Path, image: Path, network: Network) -> None:
        self.folder, self.network = folder, network
        self.card = folder / "card.img"
        subprocess.run(["cp", "--sparse=always", str(image), str(self.card)], check=True)
        self.tryboot = False
        self._starts = itertools.count(1)

    @contextmanager
    def on(self) -> Iterator[Machine]:
        """Switched on, or restarted; the plug is pulled at the end."""
        folder = self.folder / f"start{next(self._starts)}"
        folder.mkdir()
        command = ["ip", "netns", "exec", self.network.server]
        command += virt(folder, CABLE, MAC, self.card, tryboot=self.tryboot, keep=True)
        self.tryboot = False  # once
        try:
            with Machine(command, folder) as machine:
                yield machine
        finally:
            (folder / "kernel").unlink(missing_ok=True)  # a folder a start, megabytes each

    def restarts(self, machine: Machine, within: float) -> str:
        """Wait until it restarts by itself; the argument of the restart, which the next start obeys."""
        said = machine.ends(within)
        found = argument(said)
        assert found is not None, f"expected a restart: {said}"
        self.tryboot = is_trial(found)
        return found

    def keep(self, target: Path) -> None:
        """The last console, for whoever must look."""
        last = max(self.folder.glob("start*"), key=lambda path: int(path.name.removeprefix("start")))
        shutil.copy(last / "console.log", target)


def running(machine: Machine) -> tuple[str, str]:
    """(slot, version) that run."""
    slot = machine.read("grep -o 'rauc.slot=.' /proc/cmdline")[-1]
    return slot, machine.read("sed -n 's/^VERSION_ID=//p' /etc/os-release")
