"""A card as files, with Debian's real RAUC on it: slots, boot folder, keyring, and the image's own handler and updater.

`restart` is the firmware's rule of which slot starts (boot_firmware.py); RAUC's service runs on a D-Bus of its own.
Where the kernel has no device mapper a bundle of the `plain` format takes the place of `verity`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from boot_firmware import folder_files, load
from boot_slots import PARTITION
from updater import Updater, main

from tests.image.owner import COMPATIBLE, PI, VERITY, Owner, fill_boot

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "image/rootfs/usr/lib/deskphone"
HANDLER = """#!{python}
import shutil, subprocess, sys
from pathlib import Path
sys.path.insert(0, {library!r})
from boot_slots import Boot, main
card = Path({card!r})
if sys.argv[1] == "set-primary":  # what the phone mounts is unpacked here
    slot = sys.argv[2]
    shutil.rmtree(card / "roots" / slot, ignore_errors=True)
    unpack = ["unsquashfs", "-q", "-n", "-d", str(card / "roots" / slot), str(card / ("slot" + slot))]
    subprocess.run(unpack, check=True, stdout=subprocess.DEVNULL)
sys.exit(main(sys.argv[1:], Boot(card / "boot", card / "cmdline", card / "reboot-param", card / "roots")))
"""


class Card:
    """Both slots hold `version`; A starts. download: where the phone keeps a bundle."""

    def __init__(self, folder: Path, owner: Owner, version: str = "0.1.0") -> None:
        self.folder, self.boot = folder, folder / "boot"
        for name in ("boot", "data", "run", "mount", "roots", "bin", "download"):
            (folder / name).mkdir()
        root = owner.root(version)
        fill_boot(self.boot, owner.boot(version))
        for slot in "AB":
            shutil.copy(root, folder / f"slot{slot}")
            with (folder / f"slot{slot}").open("r+b") as file:
                file.truncate(1 << 20)
        self._write_programs(owner.keys / "ca.pem")
        self._bus: subprocess.Popen[bytes] | None = None
        self.restart()

    def _write_programs(self, keyring: Path) -> None:
        handler, program, conf = self.folder / "bin/handler", self.folder / "bin/rauc", self.folder / "system.conf"
        handler.write_text(HANDLER.format(python=sys.executable, library=str(LIBRARY), card=str(self.folder)))
        program.write_text(f'#!/bin/sh\nexec {shutil.which("rauc")} --conf={conf} "$@"\n')
        reboot = self.folder / "bin/systemctl"
        reboot.write_text(f'#!/bin/sh\necho "$@" >>{self.folder}/restarts\n')
        for each in (handler, program, reboot):
            each.chmod(0o755)
        text = (ROOT / "image/rauc.conf").read_text().replace("@COMPATIBLE@", COMPATIBLE)
        for old, new in (
            ("/usr/lib/deskphone/boot_slots.py", str(handler)),
            ("/etc/rauc/keyring.pem", str(keyring)),
            ("/dev/disk/by-partuuid/6473706e-02", str(self.folder / "slotA")),
            ("/dev/disk/by-partuuid/6473706e-03", str(self.folder / "slotB")),
            ("/data/rauc", str(self.folder / "data")),
            ("/run/rauc", str(self.folder / "mount")),
            ("bundle-formats=verity", "bundle-formats=verity" if VERITY else "bundle-formats=plain"),
        ):
            assert old in text, f"rauc.conf: expected {old}"
            text = text.replace(old, new)
        conf.write_text(text)

    # --- power -----------------------------------------------------------------------------------------

    def restart(self, asked: bool = True) -> tuple[str, str]:
        """Start anew by the firmware's rules: (slot, version) that run. asked: by reboot(2); else the plug was pulled,
        and what lay in /run is gone before the firmware looks."""
        argument = self.folder / "reboot-param"
        tryboot = asked and argument.exists() and argument.read_text().split() == ["0", "tryboot"]
        self.off()
        argument.unlink(missing_ok=True)
        for each in (self.folder / "run").iterdir():
            each.unlink()
        started = load(folder_files(self.boot), PI, tryboot)
        (self.folder / "cmdline").write_text(started.command_line)
        slot = next(slot for slot in "AB" if f"rauc.slot={slot}" in started.command_line)
        assert f"6473706e-{PARTITION[slot]}" in started.command_line
        version = (self.boot / started.kernel).read_bytes()[2:].decode()
        release = subprocess.run(["unsquashfs", "-cat", str(self.folder / f"slot{slot}"), "etc/os-release"], check=True,
                                 capture_output=True, text=True).stdout  # fmt: skip
        assert f"VERSION_ID={version}\n" in release, "kernel and root file system of one build"
        (self.folder / "os-release").write_text(release)
        self._start_rauc(slot)
        self.serve()
        return slot, version

    def _start_rauc(self, slot: str) -> None:
        """RAUC's service on a bus of its own; Debian's `rauc install` goes through it."""
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=False,
        )  # fmt: skip
        assert bus.stdout is not None
        address = bus.stdout.readline().decode().strip()
        self.environment = {
            **os.environ,
            "DBUS_SESSION_BUS_ADDRESS": address,
            "DBUS_STARTER_BUS_TYPE": "session",
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
        }
        log = (self.folder / "rauc.log").open("ab")
        self._rauc = subprocess.Popen(
            [str(self.folder / "bin/rauc"), f"--override-boot-slot={slot}", "service"],
            env=self.environment, stdout=log, stderr=log,
        )  # fmt: skip
        log.close()
        self._bus = bus
        end = time.monotonic() + 30
        while subprocess.run(["rauc", "status"], env=self.environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < end, (self.folder / "rauc.log").read_text()
            time.sleep(0.05)

    def off(self) -> None:
        """End what runs."""
        if self._bus is not None:
            for each in (self._rauc, self._bus):
                each.send_signal(signal.SIGTERM)
                each.wait(10)
            if self._bus.stdout is not None:
                self._bus.stdout.close()
            self._bus = None

    # --- the updater -----------------------------------------------------------------------------------

    @property
    def updater(self) -> Updater:
        """The image's updater, its paths in this folder."""
        return Updater(
            bundle=self.folder / "download/bundle.img",
            told=self.folder / "run/state",
            note=self.folder / "data/trial.json",
            obeyed=self.folder / "data/downgrade",
            command_line=self.folder / "cmdline",
            os_release=self.folder / "os-release",
            reboot=self.folder / "reboot-param",
        )

    def serve(self, word: str = "") -> dict[str, object]:
        """One start of deskphone-update.service, with this word of the phone's; what is told then."""
        file = self.folder / "download/update"
        if word:
            file.write_text(word, "latin-1")
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            assert main([str(file)] if word else [], self.updater) == 0
        finally:
            os.environ.clear()
            os.environ.update(before)
        said = json.loads((self.folder / "run/state").read_text())
        assert isinstance(said, dict)
        return said
