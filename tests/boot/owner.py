"""The owner of the phones, who makes updates out of the image that was built: other versions of it, keys, bundles.

A version is the image's own root file system with another number in os-release and in the phone's program. What is
signed is signed as image/scripts/bundle.sh does it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

from tests.cuts.slots import version_at
from tests.netns.lab import ROOT

SCRIPTS = ROOT / "image/scripts"
MIB = 1 << 20
SLOT = {"A": 65 * MIB, "B": 161 * MIB}  # where genimage.cfg has them
OWN = "0.1.0"  # what the image calls itself
BROKEN = b"no program of Python's any more"


class Owner:
    """images: of `make image BOARD=qemu`. folder: for trees and bundles, which are large."""

    def __init__(self, images: Path, folder: Path) -> None:
        self.images, self.folder = images, folder
        self.tree = folder / "root"
        self._run("unsquashfs", "-q", "-n", "-d", str(self.tree), str(images / "rootfs.squashfs"))
        text = (images / "system.conf").read_text()
        self.compatible = text.partition("compatible=")[2].partition("\n")[0]
        self.made: dict[str, Path] = {}
        """Each root file system that was made, by its version."""

    def keys(self, name: str) -> Path:
        """A new authority and a signer of it."""
        folder = self.folder / name
        subprocess.run(
            [str(SCRIPTS / "keys.sh"), str(folder), "Owner"],
            check=True, capture_output=True, env={**os.environ, "VARIANT": ""},
        )  # fmt: skip
        return folder

    def root(self, version: str, *authorities: Path, starts: bool = True) -> Path:
        """A root file system that trusts these authorities. starts: its phone's program does."""
        image = self.folder / f"{version}.squashfs"
        (self.tree / "etc/rauc/keyring.pem").write_text("".join((each / "ca.pem").read_text() for each in authorities))
        release = self.tree / "usr/lib/os-release"
        said = release.read_text()
        release.write_text(said.replace(f"VERSION_ID={OWN}\n", f"VERSION_ID={version}\n"))
        (program,) = self.tree.glob("usr/lib/python3.*/site-packages/deskphone/__init__.pyc")
        code = program.read_bytes()
        assert code.count(OWN.encode()) == 1 and len(version) == len(OWN)
        program.write_bytes(code.replace(OWN.encode(), version.encode()) if starts else BROKEN)
        self._run("mksquashfs", str(self.tree), str(image), "-noappend", "-quiet", "-no-progress", "-comp", "zstd",
                  "-Xcompression-level", "1")  # fmt: skip
        release.write_text(said)
        program.write_bytes(code)
        assert image.stat().st_size <= 96 * MIB
        self.made[version] = image
        return image

    def bundle(self, root: Path, version: str, keys: Path, compatible: str = "", order: int = 0) -> Path:
        """A signed bundle. order: it is one to go back, signed then."""
        tree = self.folder / "bundle"
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir()
        os.link(root, tree / "rootfs.img")
        (tree / "manifest.raucm").write_text(
            f"[update]\ncompatible={compatible or self.compatible}\nversion={version}\n"
            f"build={order or int(time.time())}\ndescription={'downgrade' if order else ''}\n"
            "[bundle]\nformat=verity\n[image.rootfs]\nfilename=rootfs.img\n"
        )
        made = self.folder / f"{version}-{keys.name}-{compatible}{order}.raucb"
        made.unlink(missing_ok=True)
        self._run("rauc", f"--conf={self.images}/system.conf", f"--keyring={keys}/ca.pem", f"--cert={keys}/sign.pem",
                  f"--key={keys}/sign.key", "bundle", str(tree), str(made))  # fmt: skip
        return made

    def offer(self, bundle: Path, version: str, keys: Path, files: Path) -> None:
        """Lay it where the phones look, with its announcement."""
        (files / "420HD.img.cms").unlink(missing_ok=True)
        shutil.copy(bundle, files / "420HD.img")
        data = bundle.read_bytes()
        text = self.folder / "announcement"
        text.write_text(
            f"model=420HD\nversion={version}\nsize={len(data)}\nsha256={hashlib.sha256(data).hexdigest()}\n"
        )
        sign = ("openssl", "cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha256")
        signer = ("-signer", f"{keys}/sign.pem", "-inkey", f"{keys}/sign.key")
        self._run(*sign, *signer, "-in", str(text), "-out", str(files / "420HD.img.cms"))

    def write(self, card: Path, root: Path) -> None:
        """Both slots of a card, as the factory fills them."""
        for at in SLOT.values():
            with card.open("r+b") as file:
                file.seek(at)
                file.write(root.read_bytes())

    def version_in(self, card: Path, slot: str) -> str:
        """Which of the root file systems lies whole in a slot; "" for none of them."""
        return version_at(card, SLOT[slot], self.made)

    @staticmethod
    def _run(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
        assert done.returncode == 0, f"{command[0]}: {done.stderr or done.stdout}"
