"""The Pi 3's card in QEMU's `raspi3b`: its kernel, device tree and partitions, to user space.

QEMU does not run the GPU's firmware: the test hands over kernel and command line from the card's boot partition.
"""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.machine import Machine
from tests.boot.report import Report

pytestmark = [pytest.mark.boot("rpi3"), pytest.mark.slow, pytest.mark.timeout(900)]
# QEMU takes the start of the Pi's watchdog for a reset (hw/misc/bcm2835_powermgt.c), so here systemd leaves it alone.
WORDS = "systemd.watchdog_sec=0 systemd.journald.forward_to_console=1"
BOOT = 1 << 20  # where genimage.cfg has the boot partition


def from_card(card: Path, name: str, folder: Path) -> Path:
    """A file of the boot partition."""
    copy = folder / Path(name).name
    subprocess.run(["mcopy", "-n", "-i", f"{card}@@{BOOT}", f"::{name}", str(copy)], check=True)
    return copy


def raspi3b(card: Path, folder: Path) -> list[str]:
    """QEMU's command. Its SD card wants a size that is a power of two."""
    plain = folder / "kernel"
    plain.write_bytes(gzip.decompress(from_card(card, "a/kernel8.img", folder).read_bytes()))
    line = from_card(card, "a/cmdline.txt", folder).read_text().strip()
    assert "root=PARTUUID=6473706e-02 ro" in line
    copy = folder / "card.img"
    subprocess.run(["cp", "--sparse=always", str(card), str(copy)], check=True)
    subprocess.run(["truncate", "-s", "512M", str(copy)], check=True)
    loud = line.replace("quiet loglevel=3 ", "")
    return [
        "qemu-system-aarch64", "-M", "raspi3b", "-display", "none", "-monitor", "none", "-no-reboot",
        "-serial", f"file:{folder}/console.log", "-nic", "none",
        "-kernel", str(plain), "-dtb", str(device_tree(card, folder)),
        "-append", f"{loud} console=ttyAMA0,115200 {WORDS}",
        "-drive", f"file={copy},format=raw,if=sd,snapshot=on",
    ]  # fmt: skip


def device_tree(card: Path, folder: Path) -> Path:
    """The Pi 3B's, whatever the kernel calls it (Raspberry Pi's own: bcm2710)."""
    listed = subprocess.run(["mdir", "-b", "-i", f"{card}@@{BOOT}", "::a"], check=True, capture_output=True, text=True)
    name = re.search(r"::/(a/bcm27?(?:10|837)\S*rpi-3-b\.dtb|a/bcm2837-rpi-3-b\.dtb)", listed.stdout)
    assert name, f"no device tree of a Pi 3B on the card: {listed.stdout}"
    return from_card(card, name[1], folder)


def test_it_reaches_user_space_from_its_card(tmp_path: Path, report: Report) -> None:
    there = images("rpi3")
    with Machine(raspi3b(there / "sdcard.img", tmp_path), tmp_path) as machine:
        machine.says(r"Machine model: Raspberry Pi 3 Model B")
        machine.says(r"VFS: Mounted root \(squashfs filesystem\) readonly")
        machine.says(r"Welcome to .*deskphone .*\(rpi3\)")
        machine.says(r"Mounted data\.mount")
        machine.says(r"Started dhcpcd\.service")
        # No further: mainline's kernel has no /dev/gpiomem, so a phone built with it finds no pins.
        machine.says(r"Starting deskphone\.service")
        said = machine.said()
        (there / "boot-test-console.log").write_text(said)
        assert not re.search(r"Kernel panic|ordering cycle|emergency mode", said)
        model = re.findall(r"Machine model: .*", said)
        report.excerpts["raspi3b"] = model + re.findall(r"VFS: Mounted root.*|Started dhcpcd.service", said)
