"""The owner of the phones on a card of small root file systems: keys, one squashfs a version, signed bundles.

Law: keys are those of image/scripts/keys.sh; a version's boot folder is where the image's own handler looks for it.
The card is one of files (`rauc_card.py`) or the rig's (`tests/hil/rig/disk.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "image/scripts"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "image/rootfs/usr/lib/deskphone"))

from boot_firmware import MODELS
from boot_slots import FROM_ROOT, command_line

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "image/scripts"
COMPATIBLE = "deskphone-rpi4-handset"
PI = MODELS["4B"]
CONFIG = "arm_64bit=1\nos_prefix={}/\n"
VERITY = Path("/dev/mapper/control").exists()


def make_keys(folder: Path, name: str) -> None:
    """An authority and a signer of it."""
    subprocess.run([str(SCRIPTS / "keys.sh"), str(folder), name], check=True, capture_output=True,
                   env={**os.environ, "VARIANT": ""})  # fmt: skip


class Owner:
    """Who makes bundles: keys, and one root file system a version. noise: bytes of it that no compressor makes less;
    kernel: such bytes of its kernel. verity: form of the bundles, else plain. phone: /etc has what RAUC reads there."""

    def __init__(
        self, folder: Path, name: str = "Owner", *, noise: int = 200_000, kernel: int = 0, verity: bool = VERITY,
        phone: bool = False,
    ) -> None:  # fmt: skip
        self.folder, self.keys = folder / name, folder / name / "keys"
        self._noise, self._kernel, self._verity, self._phone = noise, kernel, verity, phone
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
        (boot / "kernel8.img").write_bytes(b"\x1f\x8b" + version.encode() + os.urandom(self._kernel))
        (boot / f"{PI.tree}.dtb").write_text(version)
        (boot / "overlays/README").write_text("of this slot")
        (boot / "cmdline.txt").write_text("root=PARTUUID=6473706e-02 ro\n")
        (tree / "etc").mkdir()
        (tree / "etc/os-release").write_text(f'NAME="deskphone"\nVERSION_ID={version}\nDESKPHONE_COMMIT_TIME=1000\n')
        if self._phone:
            (tree / "etc/rauc").mkdir()
            conf = (ROOT / "image/rauc.conf").read_text().replace("@COMPATIBLE@", COMPATIBLE)
            (tree / "etc/rauc/system.conf").write_text(conf)
            shutil.copy(self.keys / "ca.pem", tree / "etc/rauc/keyring.pem")
        (tree / "noise").write_bytes(os.urandom(self._noise))
        subprocess.run(["mksquashfs", str(tree), str(image), "-quiet", "-no-progress"], check=True, capture_output=True)
        return image

    def boot(self, version: str) -> Path:
        """The boot folder of a version that was made."""
        return self.folder / version / FROM_ROOT

    def bundle(self, version: str, compatible: str = COMPATIBLE, description: str = "", build: str = "") -> Path:
        """A signed bundle of a version."""
        made = self.folder / f"{version}{compatible}{description}{build}.raucb"
        if made.exists():
            return made
        tree = self.folder / f"{version}{compatible}{description}{build}.d"
        tree.mkdir()
        shutil.copy(self.root(version), tree / "rootfs.img")
        form = "[bundle]\nformat=verity\n" if self._verity else ""
        (tree / "manifest.raucm").write_text(
            f"[update]\ncompatible={compatible}\nversion={version}\ndescription={description}\nbuild={build}\n{form}"
            "[image.rootfs]\nfilename=rootfs.img\n"
        )
        keys = [f"--conf={self.folder}/system.conf", f"--cert={self.keys}/sign.pem", f"--key={self.keys}/sign.key"]
        subprocess.run(["rauc", *keys, "bundle", str(tree), str(made)], check=True, capture_output=True)
        return made


def fill_boot(folder: Path, boot: Path) -> None:
    """The card's boot partition as the factory lays it out: A starts. boot: FROM_ROOT of what both slots hold."""
    for name, text in (("start4.elf", "gpu"), ("fixup4.dat", "fix"), ("config.txt", CONFIG.format("a")),
                       ("tryboot.txt", CONFIG.format("b"))):  # fmt: skip
        (folder / name).write_text(text)
    for slot in "AB":
        shutil.copytree(boot, folder / slot.lower())
        line = folder / slot.lower() / "cmdline.txt"
        line.write_text(command_line(line.read_text(), slot))
        (folder / slot.lower() / "state.txt").write_text("good\n")
