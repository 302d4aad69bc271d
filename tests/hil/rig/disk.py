"""The card: its partition table, /boot with what a person put there, slots, and an empty /data.

Law: the same disk signature and order as image/genimage.cfg. Slots are empty unless somebody owns the phone: then each
holds a small root file system of one version, and /boot what its firmware reads.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from tests.hil.rig.uml import ROOT
from tests.image.owner import Owner, fill_boot

BOOT_MIB, SLOT_MIB, DATA_MIB = 8, 16, 32
SIZES = (BOOT_MIB, SLOT_MIB, SLOT_MIB, DATA_MIB)
FIRST = tuple(1 + sum(SIZES[:number]) for number in range(4))  # MiB at which each begins
SLOT = {"A": FIRST[1] << 20, "B": FIRST[2] << 20}


def make(path: Path, *boot: Path) -> None:
    """Write the disk to this file (sparse), with these files on /boot. Needs sfdisk, mkfs.ext4, mkfs.vfat and mcopy."""
    layout = (ROOT / "image" / "genimage.cfg").read_text()
    signature = re.search(r"disk-signature = (0x[0-9a-f]+)", layout)
    assert signature is not None, "image/genimage.cfg: no disk-signature"
    with path.open("wb") as file:
        file.truncate((FIRST[3] + DATA_MIB) << 20)
    table = f"label: dos\nlabel-id: {signature[1]}\n" + "".join(
        f"start={first}MiB, size={size}MiB, type={kind}\n"
        for first, size, kind in zip(FIRST, SIZES, ("c", "83", "83", "83"), strict=True)
    )
    subprocess.run(["sfdisk", "--quiet", path], input=table, text=True, check=True, timeout=30)
    subprocess.run(["mkfs.vfat", "-F", "16", "-s", "2", "-n", "BOOT", "--offset", "2048", path, f"{BOOT_MIB << 10}"],
                   stdout=subprocess.DEVNULL, check=True, timeout=30)  # fmt: skip
    for file_there in boot:
        subprocess.run(["mcopy", "-i", f"{path}@@1M", file_there, "::"], check=True, timeout=30)
    subprocess.run(
        ["mkfs.ext4", "-q", "-L", "data", "-E", f"offset={FIRST[3] << 20}", path, f"{DATA_MIB}M"],
        check=True, timeout=30,
    )  # fmt: skip


def fill(path: Path, owner: Owner, version: str) -> None:
    """Both slots of a card and its /boot, as the factory fills them. Needs mksquashfs, too."""
    root = owner.root(version).read_bytes()
    assert len(root) <= SLOT_MIB << 20, f"{version}: {len(root)} bytes, expected {SLOT_MIB} MiB at the most"
    for place in SLOT.values():
        with path.open("r+b") as file:
            file.seek(place)
            file.write(root)
    with tempfile.TemporaryDirectory() as folder:
        fill_boot(Path(folder), owner.boot(version))
        laid = sorted(Path(folder).iterdir())
        subprocess.run(["mcopy", "-s", "-i", f"{path}@@1M", *laid, "::"], check=True, timeout=30)
