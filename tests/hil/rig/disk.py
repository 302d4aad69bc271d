"""The card: its partition table, /boot with what a person put there, and an empty /data.

Law: the same disk signature and order as image/genimage.cfg; the root slots are empty here.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.hil.rig.uml import ROOT

SLOT_MIB, DATA_MIB = 1, 32


def make(path: Path, *boot: Path) -> None:
    """Write the disk to this file (sparse), with these files on /boot. Needs sfdisk, mkfs.ext4, mkfs.vfat and mcopy."""
    layout = (ROOT / "image" / "genimage.cfg").read_text()
    signature = re.search(r"disk-signature = (0x[0-9a-f]+)", layout)
    assert signature is not None, "image/genimage.cfg: no disk-signature"
    size = 1 + 3 * SLOT_MIB + DATA_MIB
    with path.open("wb") as file:
        file.truncate(size << 20)
    table = f"label: dos\nlabel-id: {signature[1]}\n" + "".join(
        f"start={1 + number * SLOT_MIB}MiB, size={DATA_MIB if number == 3 else SLOT_MIB}MiB, type=83\n"
        for number in range(4)
    )
    subprocess.run(["sfdisk", "--quiet", path], input=table, text=True, check=True, timeout=30)
    subprocess.run(["mkfs.vfat", "-n", "BOOT", "--offset", "2048", path, f"{SLOT_MIB << 10}"],
                   stdout=subprocess.DEVNULL, check=True, timeout=30)  # fmt: skip
    for file_there in boot:
        subprocess.run(["mcopy", "-i", f"{path}@@1M", file_there, "::"], check=True, timeout=30)
    offset = (1 + 3 * SLOT_MIB) << 20
    subprocess.run(
        ["mkfs.ext4", "-q", "-L", "data", "-E", f"offset={offset}", path, f"{DATA_MIB}M"], check=True, timeout=30
    )
