"""The way from nothing to a phone: off, booted, cabled, phone. A labgrid strategy for one place.

Law: each state is reached by what a person would do (switch on, plug in the cable, have the program started), and
leaves what it started to `off`. What the stories see comes through `copper` and the network, nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from deskphone.drivers.board_file import load_board
from tests.hil.rig.copper import Copper
from tests.hil.rig.ear import Ear
from tests.hil.rig.network import TAP
from tests.hil.rig.uml import ROOT, Guest, GuestError, Shell

BOARD = ROOT / "board" / "handset.toml"
PACKAGES = ROOT / "build" / "hil" / "packages"
GUEST = ROOT / "tests" / "hil" / "guest"
VOICE = ("handset", "headset", "speaker")  # in the order of CARDS
ENVIRONMENT = {
    "RPI_LGPIO_REVISION": "c03114",  # a Raspberry Pi 4B: there is no device tree to ask
    "LG_WD": "/run/deskphone",
    "RUNTIME_DIRECTORY": "/run/deskphone",
    "PYTHONPATH": str(PACKAGES),
}


@dataclass
class Place:
    """One phone on the rig. folder: shared with the guest, and where its journal lies."""

    folder: Path
    artefacts: Path
    module: str = ""
    board: Path = BOARD
    date: str = ""  # UTC, as date(1) reads it; else this machine's
    guest: Guest | None = field(default=None, init=False)
    copper: Copper = field(init=False)
    ear: Ear = field(init=False)

    def boot(self) -> Guest:
        """Off to booted: the kernel, the copper, the sound cards with their volumes."""
        self.guest = Guest(self.artefacts, self.folder, tap=TAP, module=self.module).__enter__()
        self.copper = Copper(load_board(self.board), self.guest.copper_line)
        shell = self.guest.shell
        self.set_clock()
        self.ear = Ear(shell, self.folder)
        shell.check(f"alsactl -f {GUEST}/cards.state restore >/dev/null 2>&1; amixer -c Headset sget Speaker")
        shell.check(f"cp {self.board} /etc/deskphone/handset.toml; mkdir -p /run/deskphone /run/deskphone-dhcp")
        return self.guest

    def set_clock(self) -> None:
        """It is `date` again: a picture with a clock in it must not depend on how long the way there took."""
        if self.date:
            self.shell.check(f"date -u -s '{self.date}'")

    def plug_in(self) -> None:
        """Booted to cabled: the product's DHCP client, configuration and hook on eth0. Does not wait for a lease."""
        hook = self.folder / "hook"
        hook.write_text(f"#!/bin/sh\n. {ROOT}/firmware/dhcp/dhcpcd-hooks/60-deskphone\n")
        hook.chmod(0o755)
        self.shell.check("ip link set eth0 up")
        self.shell.check("setsid dhcpcd -4 -B -d -c /hil/hook eth0 >/hil/dhcpcd.log 2>&1 </dev/null & :")

    def start(self, *arguments: str) -> None:
        """Cabled to phone: the product's own program with its real drivers."""
        environment = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
        command = " ".join(
            (
                f"{ROOT}/.venv/bin/python -m deskphone run --board /etc/deskphone/handset.toml --data /data",
                "--audio alsa",
                *arguments,
            )
        )
        self.shell.check("rm -f /hil/ended /run/phone.pid")
        self.shell.check(
            f"( env {environment} {command} >/hil/journal 2>&1 </dev/null & echo $! >/run/phone.pid; "
            "code=0; wait $! || code=$?; echo $code >/hil/ended.new; mv /hil/ended.new /hil/ended ) &"
        )
        self.shell.check("until [ -s /run/phone.pid ]; do sleep 0.01; done")

    def stop_phone(self) -> int:
        """Phone to cabled, in order (SIGTERM); the program's exit code."""
        return int(
            self.shell.check("kill $(cat /run/phone.pid); until [ -f /hil/ended ]; do sleep 0.05; done; cat /hil/ended")
        )

    def must_run(self) -> None:
        """GuestError with its journal where the program has ended by itself: nobody need wait for it."""
        ended = self.folder / "ended"
        if ended.exists():
            raise GuestError(
                f"the phone ended with {ended.read_text().strip()}; its journal:\n{self.journal()[-4000:]}"
            )

    def voice_path(self) -> str:
        """Whose microphone the phone has open: handset, headset, speaker, or none."""
        held = self.shell.run("ls -l /proc/$(cat /run/phone.pid)/fd | grep -o 'pcmC.D0c'").output
        return next((path for number, path in enumerate(VOICE) if f"pcmC{number}D0c" in held), "none")

    def off(self) -> None:
        """Pull the plug."""
        if self.guest is not None:
            self.guest.stop()
            self.guest = None

    def journal(self) -> str:
        """What the program wrote."""
        path = self.folder / "journal"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def shell(self) -> Shell:
        """Commands in the guest."""
        assert self.guest is not None, "the place is off"
        return self.guest.shell
