"""What starts a card: the first stage and the boot firmware of a Raspberry Pi, as far as their documentation tells it.

Law: nothing but the card is looked at; what comes out is what QEMU is started with, unchanged. The rules of config.txt
are image/scripts/boot_firmware.py's, which the build obeys too; here is the card itself: partition table, autoboot.txt,
FAT (read with mtools), the flags of a reboot. A card that would not start raises FirmwareError, it never skips.
"""

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "image/scripts"))

from boot_firmware import MODELS, Boot, FirmwareError, Model, folder_files, load, read_config

__all__ = ["MODELS", "Card", "FirmwareError", "Model", "Partition", "Started", "start"]
SECTOR = 512
FAT = {0x01, 0x04, 0x06, 0x0B, 0x0C, 0x0E}
AUTOBOOT_BYTES = 512


@dataclass(frozen=True, slots=True)
class Started:
    """What the kernel is started with. partition: 1 to 4, the one it came from."""

    boot: Boot
    kernel: bytes
    tree: bytes
    partition: int

    @property
    def command_line(self) -> str:
        """As the firmware hands it over: `serial0` is the mini-UART of a Pi whose PL011 serves Bluetooth."""
        main = any(name.partition(",")[0] in ("disable-bt", "miniuart-bt") for name in self.boot.config.overlays)
        return self.boot.command_line.replace("console=serial0", f"console={'ttyAMA0' if main else 'ttyS0'}")


class Card(Mapping[int, "Partition"]):
    """An SD card's image: its four primary partitions. Raises FirmwareError where it has no partition table."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            first = file.read(SECTOR)
        if first[510:] != b"\x55\xaa":
            raise FirmwareError(f"{path.name}: no partition table")
        self._parts = {}
        for number in range(4):
            entry = first[446 + 16 * number : 462 + 16 * number]
            start, sectors = struct.unpack_from("<II", entry, 8)
            if sectors:
                self._parts[number + 1] = Partition(path, number + 1, entry[4], start * SECTOR)

    def __getitem__(self, number: int) -> Partition:
        return self._parts[number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


@dataclass(frozen=True, slots=True)
class Partition:
    """One partition; kind: its type in the table."""

    card: Path
    number: int
    kind: int
    offset: int

    def files(self) -> dict[str, bytes]:
        """Every file of its FAT. Raises FirmwareError where it has none."""
        where = f"{self.card}@@{self.offset}"
        with tempfile.TemporaryDirectory() as folder:
            copy = ["mcopy", "-s", "-n", "-Q", "-i", where, "::*", folder]
            done = subprocess.run(copy, capture_output=True, text=True, check=False)
            if done.returncode:
                raise FirmwareError(f"partition {self.number}: no FAT can be read: {done.stderr.strip()}")
            return folder_files(Path(folder))

    def bootable(self, model: Model, files: Mapping[str, bytes]) -> bool:
        """Documentation, autoboot.txt: a FAT with the GPU's program is bootable. QEMU has none: config.txt will do."""
        programs = any(name.startswith("start") and name.endswith(".elf") for name in files)
        return self.kind in FAT and (programs if model.tree else "config.txt" in files)


def start(card: Path, model: str | Model, tryboot: bool = False, asked: int = 0) -> Started:
    """Switch on, or restart with `reboot "ASKED tryboot"`. model: of boot_firmware.MODELS. Raises FirmwareError."""
    model = MODELS[model] if isinstance(model, str) else model
    partitions = Card(card)
    first, files = _first_bootable(partitions, model)
    number, at_partition_level = _autoboot(files, model, tryboot)
    if asked or number:
        first = partitions.get(asked or number) or _no_partition(asked or number)
        files = first.files()
        if not first.bootable(model, files):
            raise FirmwareError(f"partition {first.number}: autoboot.txt names it, and nothing on it can be started")
    # tryboot_a_b: the other partition is the trial, with its ordinary config.txt.
    boot = load(files, model, tryboot and not at_partition_level)
    return Started(boot, files[boot.kernel], files.get(boot.tree, b""), first.number)


def _first_bootable(partitions: Card, model: Model) -> tuple[Partition, dict[str, bytes]]:
    for partition in partitions.values():
        if partition.kind in FAT:
            files = partition.files()
            if partition.bootable(model, files):
                return partition, files
    raise FirmwareError("no partition of the card can be started")


def _no_partition(number: int) -> Partition:
    raise FirmwareError(f"partition {number}: not on the card")


def _autoboot(files: Mapping[str, bytes], model: Model, tryboot: bool) -> tuple[int, bool]:
    """The partition that autoboot.txt names (0: none), and whether the trial is another partition."""
    if "autoboot.txt" not in files:
        return 0, False
    if len(files["autoboot.txt"]) > AUTOBOOT_BYTES:
        raise FirmwareError(f"autoboot.txt: expected at most {AUTOBOOT_BYTES} bytes")
    config = read_config(files["autoboot.txt"].decode(), model, tryboot)
    return config.number("boot_partition"), bool(config.number("tryboot_a_b"))
