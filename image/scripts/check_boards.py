"""The boards' part of `make image-check`: what the wiring, the firmware, the kernel and the system say of one another.

Law: reads files, builds nothing; each check gives its findings as sentences that name the file.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from recipe import BOARDS, IMAGE, ROOT

Findings = list[str]


def board_has_firmware(board: str) -> bool:
    """Whether the GPU's firmware starts it: a Raspberry Pi, with Raspberry Pi's kernel."""
    return "BR2_PACKAGE_RPI_FIRMWARE=y" in (ROOT / "board" / board / "buildroot.config").read_text()


def board_files_agree() -> Findings:
    """config.txt asks the firmware for what handset.toml has wired; each board has its files and its name in them."""
    said: Findings = []
    display = tomllib.loads((ROOT / "board/handset.toml").read_text())["display"]
    for board in BOARDS:
        folder = ROOT / "board" / board
        for name in ("buildroot.config", "cmdline.txt", "README.md"):
            if not (folder / name).is_file():
                said.append(f"board/{board}: expected {name}")
        config = (folder / "buildroot.config").read_text()
        for symbol in ("BR2_ROOTFS_POST_SCRIPT_ARGS", "BR2_PACKAGE_DESKPHONE_BOARD"):
            if f'{symbol}="{board}"' not in config:
                said.append(f'board/{board}/buildroot.config: expected {symbol}="{board}"')
        if board_has_firmware(board):
            said += config_txt(folder / "config.txt", display)
            said += slot_of(folder / "cmdline.txt")
    return said


def config_txt(path: Path, display: dict[str, object]) -> Findings:
    """The lines of one config.txt against the display's bus; where the console is, the keys are not."""
    lines = {line.strip() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")}
    here = path.relative_to(ROOT)
    if display["bus"] == "spi":
        wanted = {"dtparam=spi=on", "dtparam=i2c_arm=off", "enable_uart=0", "dtoverlay=spi0-1cs,no_miso"}
    else:
        i2c = display["i2c"]
        assert isinstance(i2c, dict)
        wanted = {f"dtparam=i2c_arm=on,i2c_arm_baudrate={i2c['speed_hz']}"}
    wanted |= {"arm_64bit=1", "dtparam=i2s=on", "dtoverlay=googlevoicehat-soundcard"}
    said = [f"{here}: expected {line!r} for board/handset.toml" for line in sorted(wanted - lines)]
    said += [
        f"{here}: {line!r}: os_prefix belongs to image/scripts/post-image.sh" for line in lines if "prefix" in line
    ]
    return said


def slot_of(path: Path) -> Findings:
    """The root of a command line is slot A of genimage.cfg, read-only."""
    signature = re.search(r"disk-signature = 0x([0-9a-f]{8})", (IMAGE / "genimage.cfg").read_text())
    wanted = f"root=PARTUUID={signature[1] if signature else '?'}-02 ro "
    return [] if path.read_text().startswith(wanted) else [f"{path.relative_to(ROOT)}: expected {wanted!r}"]
