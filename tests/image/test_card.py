"""The card image: what the firmware finds on the boot partition, and partitions where the command line expects them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECTOR = 512
MIB = 1024 * 1024


@pytest.fixture
def binaries(tmp_path: Path) -> Path:
    """What Buildroot leaves for post-image.sh: kernel, device trees, firmware with more overlays than we use."""
    folder = tmp_path / "images"
    overlays = folder / "rpi-firmware/overlays"
    overlays.mkdir(parents=True)
    for name in ("spi0-1cs.dtbo", "googlevoicehat-soundcard.dtbo", "disable-bt.dtbo", "overlay_map.dtb"):
        (overlays / name).write_text(name)
    for name in ("start4.elf", "fixup4.dat", "start.elf", "fixup.dat", "bootcode.bin"):
        (folder / "rpi-firmware" / name).write_text(name)
    for name in ("Image.gz", "bcm2711-rpi-4-b.dtb", "rootfs.squashfs"):
        (folder / name).write_text(name)
    (tmp_path / "target/usr/sbin").mkdir(parents=True)
    return folder


def lay_out(binaries: Path, board: str, *, path: str = "") -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "image/scripts/post-image.sh"), str(binaries), board]
    environment = {**os.environ, "TARGET_DIR": str(binaries.parent / "target")}
    environment["PATH"] = f"{path}:{environment['PATH']}:/usr/sbin:/sbin"
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture
def stand_ins(tmp_path: Path) -> str:
    """genimage and bmaptool that only leave files where the real ones would."""
    folder = tmp_path / "bin"
    folder.mkdir()
    out = tmp_path / "images"
    for name, result in (("genimage", "sdcard.img"), ("bmaptool", "sdcard.img.bmap")):
        (folder / name).write_text(f"#!/bin/sh\necho card > {out}/{result}\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.parametrize("board", ["rpi4", "rpi3", "zero2w"])
def test_the_firmware_finds_kernel_device_trees_and_only_the_named_overlays(
    binaries: Path, stand_ins: str, board: str
) -> None:
    result = lay_out(binaries, board, path=stand_ins)
    assert result.returncode == 0, result.stderr
    boot = binaries / "boot"
    assert (boot / "config.txt").read_text().startswith((ROOT / "board" / board / "config.txt").read_text())
    assert (boot / "config.txt").read_text().splitlines()[-1] == "os_prefix=a/"
    slot = {str(path.relative_to(boot / "a")) for path in (boot / "a").rglob("*") if path.is_file()}
    assert slot == {
        "cmdline.txt", "kernel8.img", "bcm2711-rpi-4-b.dtb", "overlays/README", "overlays/overlay_map.dtb",
        "overlays/spi0-1cs.dtbo", "overlays/googlevoicehat-soundcard.dtbo",
    }  # fmt: skip
    sums = (binaries / "SHA256SUMS").read_text()
    assert all(name in sums for name in ("sdcard.img.xz", "sdcard.img.bmap", "rootfs.squashfs"))


def test_only_the_development_variant_has_a_console(binaries: Path, stand_ins: str) -> None:
    assert lay_out(binaries, "qemu", path=stand_ins).returncode == 0
    assert "systemd.getty_auto=no" in (binaries / "boot/a/cmdline.txt").read_text()
    sshd = binaries.parent / "target/usr/sbin/sshd"
    sshd.touch(0o755)
    assert lay_out(binaries, "qemu", path=stand_ins).returncode == 0
    assert "getty_auto" not in (binaries / "boot/a/cmdline.txt").read_text()


def test_an_overlay_that_the_firmware_does_not_have_stops_the_build(binaries: Path, stand_ins: str) -> None:
    (binaries / "rpi-firmware/overlays/spi0-1cs.dtbo").unlink()
    result = lay_out(binaries, "rpi4", path=stand_ins)
    assert result.returncode != 0 and "spi0-1cs.dtbo" in result.stderr


def test_a_board_nobody_knows_is_named(binaries: Path, stand_ins: str) -> None:
    result = lay_out(binaries, "pi9", path=stand_ins)
    assert result.returncode == 1 and "pi9" in result.stderr


@pytest.mark.slow
@pytest.mark.needs("genimage", "bmaptool", "mcopy", "mkdosfs", "mkfs.ext4")
def test_the_partitions_are_where_the_command_line_expects_them(binaries: Path) -> None:
    result = lay_out(binaries, "rpi4")
    assert result.returncode == 0, result.stderr
    card = (binaries / "sdcard.img").read_bytes()
    assert card[440:444][::-1].hex() == "6473706e"
    root = re.match(r"root=PARTUUID=([0-9a-f]{8})-02 ", (ROOT / "board/rpi4/cmdline.txt").read_text())
    assert root and root[1] == "6473706e"
    table = [card[446 + n * 16 : 462 + n * 16] for n in range(4)]
    places = [tuple(int.from_bytes(entry[at : at + 4], "little") * SECTOR for at in (8, 12)) for entry in table]
    assert [size // MIB for _, size in places] == [64, 96, 96, 128]
    assert all(start % MIB == 0 for start, _ in places), "SD cards are slow where partitions lie across their blocks"
    assert [entry[4] for entry in table] == [0x0C, 0x83, 0x83, 0x83]
    assert card[places[1][0] :].startswith(b"rootfs.squashfs")
    assert not any(card[places[2][0] : sum(places[2])]), "the second slot is empty"
    assert card[places[3][0] + 1080 : places[3][0] + 1082] == b"\x53\xef", "an ext4 file system for /data"
    assert card[places[0][0] + 43 :].startswith(b"BOOT")
