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

from boot_firmware import MODELS, folder_files, load
from boot_slots import FROM_ROOT, PARTITION, command_line
from updater import Updater, main

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "image/scripts"
LIBRARY = ROOT / "image/rootfs/usr/lib/deskphone"
COMPATIBLE = "deskphone-rpi4-handset"
PI = MODELS["4B"]
CONFIG = "arm_64bit=1\nos_prefix={}/\n"
VERITY = Path("/dev/mapper/control").exists()
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


def make_keys(folder: Path, name: str) -> None:
    subprocess.run([str(SCRIPTS / "keys.sh"), str(folder), name], check=True, capture_output=True,
                   env={**os.environ, "VARIANT": ""})  # fmt: skip


class Owner:
    """Who makes bundles: keys, and one root file system a version."""

    def __init__(self, folder: Path, name: str = "Owner") -> None:
        self.folder, self.keys = folder / name, folder / name / "keys"
        self.folder.mkdir()
        make_keys(self.keys, name)
        (self.folder / "system.conf").write_text(
            f"[system]\ncompatible={COMPATIBLE}\nbootloader=noop\nbundle-formats=plain verity\n"
            f"[keyring]\npath={self.keys}/ca.pem\ncheck-purpose=codesign\n"
        )

    def root(self, version: str) -> Path:
        """The squashfs of a version."""
        image, tree = self.folder / f"{version}.squashfs", self.folder / version
        if image.exists():
            return image
        boot = tree / FROM_ROOT
        (boot / "overlays").mkdir(parents=True)
        (boot / "kernel8.img").write_bytes(b"\x1f\x8b" + version.encode())
        (boot / f"{PI.tree}.dtb").write_text(version)
        (boot / "overlays/README").write_text("of this slot")
        (boot / "cmdline.txt").write_text("root=PARTUUID=6473706e-02 ro\n")
        (tree / "etc").mkdir()
        (tree / "etc/os-release").write_text(f'NAME="deskphone"\nVERSION_ID={version}\nDESKPHONE_COMMIT_TIME=1000\n')
        (tree / "noise").write_bytes(os.urandom(200_000))
        subprocess.run(["mksquashfs", str(tree), str(image), "-quiet", "-no-progress"], check=True, capture_output=True)
        return image

    def bundle(self, version: str, compatible: str = COMPATIBLE, description: str = "", build: str = "") -> Path:
        """A signed bundle of a version."""
        made = self.folder / f"{version}{compatible}{description}{build}.raucb"
        if made.exists():
            return made
        tree = self.folder / f"{version}{compatible}{description}{build}.d"
        tree.mkdir()
        shutil.copy(self.root(version), tree / "rootfs.img")
        form = "[bundle]\nformat=verity\n" if VERITY else ""
        (tree / "manifest.raucm").write_text(
            f"[update]\ncompatible={compatible}\nversion={version}\ndescription={description}\nbuild={build}\n{form}"
            "[image.rootfs]\nfilename=rootfs.img\n"
        )
        keys = [f"--conf={self.folder}/system.conf", f"--cert={self.keys}/sign.pem", f"--key={self.keys}/sign.key"]
        subprocess.run(["rauc", *keys, "bundle", str(tree), str(made)], check=True, capture_output=True)
        return made


class Card:
    """Both slots hold `version`; A starts. download: where the phone keeps a bundle."""

    def __init__(self, folder: Path, owner: Owner, version: str = "0.1.0") -> None:
        self.folder, self.boot = folder, folder / "boot"
        for name in ("boot", "data", "run", "mount", "roots", "bin", "download"):
            (folder / name).mkdir()
        for name, text in (("start4.elf", "gpu"), ("fixup4.dat", "fix"), ("config.txt", CONFIG.format("a")),
                           ("tryboot.txt", CONFIG.format("b"))):  # fmt: skip
            (self.boot / name).write_text(text)
        for slot in "AB":
            shutil.copy(owner.root(version), folder / f"slot{slot}")
            with (folder / f"slot{slot}").open("r+b") as file:
                file.truncate(1 << 20)
            shutil.copytree(owner.folder / version / FROM_ROOT, self.boot / slot.lower())
            line = self.boot / slot.lower() / "cmdline.txt"
            line.write_text(command_line(line.read_text(), slot))
            (self.boot / slot.lower() / "state.txt").write_text("good\n")
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
