"""The cards of the Pis in QEMU's models of them: kernel, device tree and partitions, to user space.

QEMU does not run the GPU's firmware: the test hands over kernel and command line from the card's boot partition.
"""

from __future__ import annotations

import gzip
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.machine import Machine, knows, qemu
from tests.boot.report import Report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# QEMU takes the start of the Pi's watchdog for a reset (hw/misc/bcm2835_powermgt.c), so here systemd leaves it alone.
WORDS = "systemd.watchdog_sec=0 systemd.journald.forward_to_console=1"
BOOT = 1 << 20  # where genimage.cfg has the boot partition


@dataclass(frozen=True, slots=True)
class Pi:
    """board: of `make image`. machine: QEMU's name. tree: the device tree, by mainline's name or Raspberry Pi's.

    For what QEMU's model lacks: words of the kernel's command line, and properties taken out of the tree (node, name).
    files: what a person put on the boot partition (name, text). also: what it must say beside what all of them say.
    """

    board: str
    machine: str
    model: str
    tree: str
    words: str = ""
    without: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()


PI3 = Pi("rpi3", "raspi3b", "Raspberry Pi 3 Model B", r"bcm2(?:710|837)-rpi-3-b\.dtb")
# Of the Pi 4, QEMU 10 has no HDMI (its interrupts, I2C and clocks end in an abort), and the card is in the slot of the
# controller that serves Wi-Fi on a real one, with a power sequence of the GPU's firmware.
PI4 = Pi(
    "rpi4", "raspi4b", "Raspberry Pi 4 Model B", r"bcm2711-rpi-4-b\.dtb",
    "initcall_blacklist=brcmstb_l2_driver_init,brcmstb_i2c_driver_init clk_ignore_unused",
    (("/soc/mmc@7e300000", "mmc-pwrseq"),),
)  # fmt: skip
# The same chip as the Pi 3's, of which QEMU has a model. It has no Wi-Fi chip; a radio of the kernel's stands in, with
# nobody in the air. The image's own build of wpa_supplicant reads the file and looks for the network.
ZERO2W = Pi(
    "zero2w", "raspi3b", "Raspberry Pi Zero 2 W", r"bcm2(?:710|837)-rpi-zero-2-w\.dtb",
    "modules_load=mac80211_hwsim mac80211_hwsim.radios=1",
    files=(("wpa_supplicant.conf", 'country=DE\nnetwork={\n  ssid="desk"\n  psk="nobody there"\n}\n'),),
    also=("Mounted boot.mount", "Started wifi.service", "Successfully initialized wpa_supplicant"),
)  # fmt: skip


def from_card(card: Path, name: str, folder: Path) -> Path:
    """A file of the boot partition."""
    copy = folder / Path(name).name
    subprocess.run(["mcopy", "-n", "-i", f"{card}@@{BOOT}", f"::{name}", str(copy)], check=True)
    return copy


def raspi(pi: Pi, card: Path, folder: Path) -> list[str]:
    """QEMU's command. Its SD card wants a size that is a power of two."""
    plain = folder / "kernel"
    plain.write_bytes(gzip.decompress(from_card(card, "a/kernel8.img", folder).read_bytes()))
    line = from_card(card, "a/cmdline.txt", folder).read_text().strip()
    assert "root=PARTUUID=6473706e-02 ro" in line
    copy = folder / "card.img"
    subprocess.run(["cp", "--sparse=always", str(card), str(copy)], check=True)
    subprocess.run(["truncate", "-s", "512M", str(copy)], check=True)
    for name, text in pi.files:
        subprocess.run(["mcopy", "-i", f"{copy}@@{BOOT}", "-", f"::{name}"], input=text, text=True, check=True)
    loud = line.replace("quiet loglevel=3 ", "")
    return [
        qemu(), "-M", pi.machine, "-display", "none", "-monitor", "none", "-no-reboot",
        "-serial", f"file:{folder}/console.log", "-nic", "none",
        "-kernel", str(plain), "-dtb", str(device_tree(pi, card, folder)),
        "-append", f"{loud} console=ttyAMA0,115200 {WORDS} {pi.words}".strip(),
        "-drive", f"file={copy},format=raw,if=sd,snapshot=on",
    ]  # fmt: skip


def device_tree(pi: Pi, card: Path, folder: Path) -> Path:
    """The board's, whatever the kernel calls it, less what QEMU has not."""
    listed = subprocess.run(["mdir", "-b", "-i", f"{card}@@{BOOT}", "::a"], check=True, capture_output=True, text=True)
    name = re.search(rf"::/(a/(?:{pi.tree}))", listed.stdout)
    assert name, f"no device tree of a {pi.model} on the card: {listed.stdout}"
    tree = from_card(card, name[1], folder)
    for node, each in pi.without:
        subprocess.run(["fdtput", "-d", str(tree), node, each], check=True)
    return tree


PIS = (PI3, PI4, ZERO2W)


@pytest.mark.parametrize("pi", [pytest.param(pi, id=pi.board, marks=pytest.mark.boot(pi.board)) for pi in PIS])
def test_it_reaches_user_space_from_its_card(pi: Pi, tmp_path: Path, report: Report) -> None:
    if not knows(pi.machine):
        pytest.skip(f"{qemu()} has no {pi.machine} (QEMU 9 has; QEMU=PROGRAM names another)")
    there = images(pi.board)
    with Machine(raspi(pi, there / "sdcard.img", tmp_path), tmp_path) as machine:
        machine.says(rf"Machine model: {pi.model}")
        machine.says(r"VFS: Mounted root \(squashfs filesystem\) readonly")
        machine.says(rf"Welcome to .*deskphone .*\({pi.board}\)")
        machine.says(r"Mounted data\.mount")
        machine.says(r"Started dhcpcd\.service")
        # No further: mainline's kernel has no /dev/gpiomem, so a phone built with it finds no pins.
        machine.says(r"Starting deskphone\.service")
        for each in pi.also:
            machine.says(re.escape(each))
        said = machine.said()
        (there / "boot-test-console.log").write_text(said)
        assert not re.search(r"Kernel panic|ordering cycle|emergency mode", said)
        model = re.findall(r"Machine model: .*", said)
        report.excerpts[pi.board] = model + re.findall(r"VFS: Mounted root.*|Started dhcpcd.service", said)
