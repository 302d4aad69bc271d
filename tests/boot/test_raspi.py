"""The cards of the Pis in QEMU's models of them: kernel, device tree and partitions, to user space.

QEMU does not run the GPU's firmware: its model does (firmware.py), from the card as it lies, and fails where a file is
missing. A model of the board that QEMU has not is loaded only.
"""

from __future__ import annotations

import gzip
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.firmware import MODELS, start
from tests.boot.machine import Machine, knows, qemu
from tests.boot.report import Report

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
# QEMU takes the start of the Pi's watchdog for a reset (hw/misc/bcm2835_powermgt.c), so here systemd leaves it alone.
WORDS = "systemd.watchdog_sec=0 systemd.journald.forward_to_console=1"
BOOT = 1 << 20  # where genimage.cfg has the boot partition


@dataclass(frozen=True, slots=True)
class Pi:
    """board: of `make image`. machine: QEMU's name. model: the firmware's (boot_firmware.MODELS). name: Linux's.

    For what QEMU's model lacks: words of the kernel's command line, and properties taken out of the tree (node, name).
    files: what a person put on the boot partition (name, text). also: what it must say beside what all of them say.
    """

    board: str
    machine: str
    model: str
    name: str
    words: str = ""
    without: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()


PI3 = Pi("rpi3", "raspi3b", "3B", "Raspberry Pi 3 Model B")
# Of the Pi 4, QEMU 10 has no HDMI (its interrupts, I2C and clocks end in an abort), and the card is in the slot of the
# controller that serves Wi-Fi on a real one, with a power sequence of the GPU's firmware.
PI4 = Pi(
    "rpi4", "raspi4b", "4B", "Raspberry Pi 4 Model B",
    "initcall_blacklist=brcmstb_l2_driver_init,brcmstb_i2c_driver_init clk_ignore_unused",
    (("/soc/mmc@7e300000", "mmc-pwrseq"),),
)  # fmt: skip
# The same chip as the Pi 3's, of which QEMU has a model. It has no Wi-Fi chip; a radio of the kernel's stands in, with
# nobody in the air. The image's own build of wpa_supplicant reads the file and looks for the network.
ZERO2W = Pi(
    "zero2w", "raspi3b", "Zero 2 W", "Raspberry Pi Zero 2 W",
    "modules_load=mac80211_hwsim mac80211_hwsim.radios=1",
    files=(("wpa_supplicant.conf", 'country=DE\nnetwork={\n  ssid="desk"\n  psk="nobody there"\n}\n'),),
    also=("Mounted boot.mount", "Started wifi.service", "Successfully initialized wpa_supplicant"),
)  # fmt: skip


def raspi(pi: Pi, card: Path, folder: Path) -> list[str]:
    """QEMU's command. Its SD card wants a size that is a power of two."""
    started = start(card, pi.model)
    plain, tree = folder / "kernel", folder / "tree.dtb"
    plain.write_bytes(gzip.decompress(started.kernel))
    tree.write_bytes(started.tree)
    for node, each in pi.without:
        subprocess.run(["fdtput", "-d", str(tree), node, each], check=True)
    assert "root=PARTUUID=6473706e-02 ro" in started.command_line
    copy = folder / "card.img"
    subprocess.run(["cp", "--sparse=always", str(card), str(copy)], check=True)
    subprocess.run(["truncate", "-s", "512M", str(copy)], check=True)
    for name, text in pi.files:
        subprocess.run(["mcopy", "-i", f"{copy}@@{BOOT}", "-", f"::{name}"], input=text, text=True, check=True)
    loud = started.command_line.replace("quiet loglevel=3 ", "")
    return [
        qemu(), "-M", pi.machine, "-display", "none", "-monitor", "none", "-no-reboot",
        "-serial", f"file:{folder}/console.log", "-nic", "none", "-kernel", str(plain), "-dtb", str(tree),
        "-append", f"{loud} console=ttyAMA0,115200 {WORDS} {pi.words}".strip(),
        "-drive", f"file={copy},format=raw,if=sd,snapshot=on",
    ]  # fmt: skip


PIS = (PI3, PI4, ZERO2W)
MODEL_BOARDS = [pytest.param(name, id=name, marks=pytest.mark.boot(model.board)) for name, model in MODELS.items()]


@pytest.mark.parametrize("model", MODEL_BOARDS)
def test_the_firmware_of_every_model_starts_the_card_as_it_lies(model: str, report: Report) -> None:
    """With what the firmware itself passes over in silence counted as a failure; substitutes are named."""
    boot = start(images(MODELS[model].board) / "sdcard.img", model).boot
    report.excerpts[f"loaded by the firmware of a {model}"] = [*boot.files, boot.command_line]
    for each in boot.substitutes:
        print(f"\n{model}: {each} is a substitute: on a real board it changes nothing")


@pytest.mark.parametrize("pi", [pytest.param(pi, id=pi.board, marks=pytest.mark.boot(pi.board)) for pi in PIS])
def test_it_reaches_user_space_from_its_card(pi: Pi, tmp_path: Path, report: Report) -> None:
    if not knows(pi.machine):
        pytest.skip(f"{qemu()} has no {pi.machine} (QEMU 9 has; QEMU=PROGRAM names another)")
    there = images(pi.board)
    with Machine(raspi(pi, there / "sdcard.img", tmp_path), tmp_path) as machine:
        machine.says(rf"Machine model: {pi.name}")
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
