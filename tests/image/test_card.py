"""The card image: what the firmware finds on the boot partition, and partitions where the command line expects them."""

from __future__ import annotations

import os
import re
import struct
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECTOR = 512
MIB = 1024 * 1024


LABELS = ("gpio", "i2s_clk_producer", "spi0", "spi0_cs_pins", "spidev1")


def flattened(node: str, labels: tuple[str, ...]) -> bytes:
    """A device tree with this one node below its root, whose properties are the labels."""
    strings = b"".join(label.encode() + b"\0" for label in labels)

    def begun(name: str) -> bytes:
        text = name.encode() + b"\0"
        return struct.pack(">I", 1) + text + bytes(-len(text) % 4)

    places = [strings.index(label.encode() + b"\0") for label in labels]
    inside = b"".join(struct.pack(">3I", 3, 2, place) + b"x\0\0\0" for place in places)
    end = struct.pack(">I", 2)
    body = begun("") + begun("__overlay__") + end + begun(node) + inside + end + end + struct.pack(">I", 9)
    return struct.pack(">10I", 0xD00DFEED, 40 + len(body) + len(strings), 40, 40 + len(body), 40, 17, 16, 0,
                       len(strings), len(body)) + body + strings  # fmt: skip


OVERLAY, TREE = flattened("__fixups__", LABELS), flattened("__symbols__", (*LABELS, "uart0"))
TREES = {
    "rpi4": ("bcm2711-rpi-4-b", "bcm2711-rpi-400", "bcm2711-rpi-cm4"),
    "rpi3": ("bcm2710-rpi-3-b", "bcm2710-rpi-3-b-plus", "bcm2710-rpi-cm3"),
    "zero2w": ("bcm2710-rpi-zero-2-w",),
}


@pytest.fixture
def binaries(tmp_path: Path) -> Path:
    """What Buildroot leaves for post-image.sh: kernel, device trees, firmware with more overlays than we use."""
    folder = tmp_path / "images"
    overlays = folder / "rpi-firmware/overlays"
    overlays.mkdir(parents=True)
    for name in ("spi0-1cs.dtbo", "googlevoicehat-soundcard.dtbo", "disable-bt.dtbo", "overlay_map.dtb"):
        (overlays / name).write_bytes(OVERLAY)
    for name in ("start4.elf", "fixup4.dat", "start.elf", "fixup.dat", "bootcode.bin"):
        (folder / "rpi-firmware" / name).write_text(name)
    for name in (f"{tree}.dtb" for trees in TREES.values() for tree in trees):
        (folder / name).write_bytes(TREE)
    (folder / "rootfs.squashfs").write_text("rootfs.squashfs")
    (folder / "Image.gz").write_bytes(b"\x1f\x8b kernel")
    (tmp_path / "target/usr/sbin").mkdir(parents=True)
    licence = tmp_path / "build/rpi-firmware-1/boot/LICENCE.broadcom"
    licence.parent.mkdir(parents=True)
    licence.write_text("may be passed on with this text")
    configured(folder, "handset")
    return folder


def configured(binaries: Path, wiring: str, *more: str) -> None:
    """Buildroot's .config, as far as post-image.sh reads it."""
    lines = [f'BR2_PACKAGE_DESKPHONE_HANDSET="{wiring}"', *more]
    (binaries.parent / ".config").write_text("\n".join(lines) + "\n")


def development(binaries: Path) -> None:
    tools = binaries.parent / "target/usr/bin"
    tools.mkdir(exist_ok=True)
    (tools / "strace").touch(0o755)


def lay_out(binaries: Path, board: str, *, path: str = "") -> subprocess.CompletedProcess[str]:
    scripts, target = ROOT / "image/scripts", binaries.parent / "target"
    command = [str(scripts / "post-image.sh"), str(binaries), board]
    there = {"TARGET_DIR": "target", "BUILD_DIR": "build", "BR2_CONFIG": ".config"}
    environment = {**os.environ, **{name: str(binaries.parent / place) for name, place in there.items()}}
    environment["PATH"] = f"{path}:{environment['PATH']}:/usr/sbin:/sbin"
    (target / "etc/rauc").mkdir(parents=True, exist_ok=True)
    (target / "etc/rauc/system.conf").write_text("[system]\n")
    slot = [str(scripts / "slots.sh"), str(binaries), board, str(target / "usr/lib/deskphone/boot")]
    done = subprocess.run(slot, capture_output=True, text=True, check=False, env=environment)  # post-build.sh does that
    if done.returncode:
        return done
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


@pytest.mark.parametrize("board", TREES)
def test_the_firmware_finds_kernel_device_trees_and_only_the_named_overlays(
    binaries: Path, stand_ins: str, board: str
) -> None:
    result = lay_out(binaries, board, path=stand_ins)
    assert result.returncode == 0, result.stderr
    boot = binaries / "boot"
    assert (boot / "config.txt").read_text().startswith((ROOT / "board" / board / "config.txt").read_text())
    assert (boot / "config.txt").read_text().splitlines()[-1] == "os_prefix=a/"
    assert (boot / "LICENCE.broadcom").read_text().startswith("may be passed on")
    trial = (boot / "tryboot.txt").read_text().splitlines()
    assert {"os_prefix=b/", "dtparam=watchdog=on", "kernel_watchdog_timeout=60"} <= set(trial)
    assert "watchdog" not in (boot / "config.txt").read_text(), "a phone that is well does not depend on it"
    assert (boot / "a/cmdline.txt").read_text().startswith("root=PARTUUID=6473706e-02 ro ")
    assert (boot / "b/cmdline.txt").read_text().startswith("root=PARTUUID=6473706e-03 ro ")
    slots = [
        {str(path.relative_to(boot / name)) for path in (boot / name).rglob("*") if path.is_file()} for name in "ab"
    ]
    assert slots[0] == slots[1] == {
        "cmdline.txt", "kernel8.img", "state.txt", *(f"{tree}.dtb" for trees in TREES.values() for tree in trees),
        "overlays/README", "overlays/overlay_map.dtb", "overlays/spi0-1cs.dtbo",
        "overlays/googlevoicehat-soundcard.dtbo",
    }  # fmt: skip
    sums = (binaries / "SHA256SUMS").read_text()
    assert all(name in sums for name in ("sdcard.img.xz", "sdcard.img.bmap", "rootfs.squashfs"))


def test_only_the_development_variant_has_a_console(binaries: Path, stand_ins: str) -> None:
    assert lay_out(binaries, "qemu", path=stand_ins).returncode == 0
    assert "systemd.getty_auto=no" in (binaries / "boot/a/cmdline.txt").read_text()
    development(binaries)
    assert lay_out(binaries, "qemu", path=stand_ins).returncode == 0
    assert "getty_auto" not in (binaries / "boot/a/cmdline.txt").read_text()


def test_the_other_wiring_has_another_bus_and_in_development_a_serial_console(binaries: Path, stand_ins: str) -> None:
    configured(binaries, "handset-i2c")
    assert lay_out(binaries, "rpi4", path=stand_ins).returncode == 0
    config = (binaries / "boot/config.txt").read_text().splitlines()
    assert "dtparam=i2c_arm=on,i2c_arm_baudrate=400000" in config and "dtoverlay=spi0-1cs,no_miso" not in config
    assert "enable_uart=1" not in config
    assert "console=" not in (binaries / "boot/a/cmdline.txt").read_text()
    assert not (binaries / "boot/a/overlays/spi0-1cs.dtbo").exists()
    development(binaries)
    assert lay_out(binaries, "rpi4", path=stand_ins).returncode == 0
    config = (binaries / "boot/config.txt").read_text().splitlines()
    assert config.index("enable_uart=1") > config.index("enable_uart=0"), "the last word counts"
    line = (binaries / "boot/a/cmdline.txt").read_text()
    assert line.startswith("console=serial0,115200 root=") and "quiet" not in line


def test_where_keys_have_the_serial_pins_the_development_variant_has_no_serial_console(
    binaries: Path, stand_ins: str
) -> None:
    development(binaries)
    assert lay_out(binaries, "rpi4", path=stand_ins).returncode == 0
    assert "enable_uart=1" not in (binaries / "boot/config.txt").read_text()
    assert "console=" not in (binaries / "boot/a/cmdline.txt").read_text()


def test_a_wiring_that_is_not_there_is_named(binaries: Path, stand_ins: str) -> None:
    configured(binaries, "handset-parallel")
    result = lay_out(binaries, "rpi4", path=stand_ins)
    assert result.returncode == 1 and "handset-parallel" in result.stderr


@pytest.mark.parametrize(
    ("board", "lost", "finding"),
    [
        ("rpi4", "rpi-firmware/fixup4.dat", "a 4B would not start: fixup4.dat"),
        ("rpi3", "rpi-firmware/bootcode.bin", "a 3B+ would not start: bootcode.bin"),
        ("rpi4", "bcm2711-rpi-cm4.dtb", "a CM4 would not start: expected a/kernel8.img and a/bcm2711"),
        ("zero2w", "bcm2710-rpi-zero-2-w.dtb", "a Zero 2 W would not start"),
    ],
)
def test_what_a_model_of_the_board_would_miss_stops_the_build(
    binaries: Path, stand_ins: str, board: str, lost: str, finding: str
) -> None:
    (binaries / lost).unlink()
    result = lay_out(binaries, board, path=stand_ins)
    assert result.returncode == 1 and finding in result.stderr, result.stderr


@pytest.mark.parametrize(
    ("blob", "finding"),
    [
        (flattened("__symbols__", LABELS[1:]), "googlevoicehat-soundcard.dtbo: bcm2711-rpi-400.dtb has no label gpio"),
        (flattened("__nothing__", ()), "has no label spi0_cs_pins"),
        (TREE[:60], "spi0-1cs.dtbo on bcm2711-rpi-400.dtb: expected a whole flattened device tree"),
    ],
)
def test_an_overlay_that_a_model_would_pass_over_stops_the_build(
    binaries: Path, stand_ins: str, blob: bytes, finding: str
) -> None:
    (binaries / "bcm2711-rpi-400.dtb").write_bytes(blob)
    result = lay_out(binaries, "rpi4", path=stand_ins)
    assert result.returncode == 1 and finding in result.stderr, result.stderr


def test_firmware_without_its_licence_text_stops_the_build(binaries: Path, stand_ins: str) -> None:
    configured(binaries, "handset", "BR2_PACKAGE_BRCMFMAC_SDIO_FIRMWARE_RPI=y")
    result = lay_out(binaries, "zero2w", path=stand_ins)
    assert result.returncode == 1 and "brcmfmac_sdio-firmware-rpi: expected LICENSE" in result.stderr


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
    assert card[places[2][0] :].startswith(b"rootfs.squashfs"), "the factory fills both slots"
    assert card[places[3][0] + 1080 : places[3][0] + 1082] == b"\x53\xef", "an ext4 file system for /data"
    assert card[places[0][0] + 43 :].startswith(b"BOOT")
