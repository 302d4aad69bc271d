#!/usr/bin/python3 -IB
"""RAUC's boot handler for the Pi's firmware: which slot starts, which is tried once, which is good.

RAUC calls `boot_slots.py get-primary | set-primary A|B | get-state A|B | set-state A|B good|bad | get-current`
(docs/updates.md), post-image.sh `slot-line A|B`. Law: standard library only. config.txt and tryboot.txt are never made
anew: one byte of them is overwritten, which a power cut leaves old or new; whatever takes longer happens in the folder
of the slot that does not start. /boot is writable only meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SLOTS = "AB"
PREFIX = re.compile(rb"(?m)^os_prefix=([ab])/$")
STATE = "state.txt"  # in the slot's folder: "good" or "bad ", one sector as well
PARTITION = {"A": "02", "B": "03"}  # genimage.cfg
FROM_ROOT = "usr/lib/deskphone/boot"  # kernel, device trees, overlays, command line, as post-build.sh puts them there
ROOM = 1 << 20  # bytes left free on /boot


class BootError(Exception):
    """It cannot be done; nothing that starts was changed. The text says what was expected."""


@dataclass(frozen=True, slots=True)
class Boot:
    """folder: /boot. command_line: of the running kernel. reboot: systemd's file for the argument of reboot(2). roots:
    a folder with the slots' root file systems in it, None: they are mounted when they are needed."""

    folder: Path = Path("/boot")
    command_line: Path = Path("/proc/cmdline")
    reboot: Path = Path("/run/systemd/reboot-param")
    roots: Path | None = None

    @property
    def primary(self) -> str:
        """The slot that starts by itself."""
        return self._slot_in("config.txt")

    @property
    def current(self) -> str:
        """The slot that runs. Raises BootError where the command line does not say."""
        match = re.search(r"(?:^|\s)rauc\.slot=([AB])(?:\s|$)", self.command_line.read_text())
        if match is None:
            raise BootError(f"{self.command_line}: expected rauc.slot=A or B")
        return match[1]

    def try_once(self, slot: str) -> None:
        """Have the next restart, and only that, start this slot; its files come out of its root file system first. The
        primary one again: nothing is tried."""
        if slot not in (self.primary, self.current):
            with self._root(slot) as root:
                self.install_files(slot, root)
        if self._slot_in("tryboot.txt") != slot:
            self._point("tryboot.txt", slot)
        if slot == self.primary:
            self.reboot.unlink(missing_ok=True)
        else:
            self.reboot.parent.mkdir(parents=True, exist_ok=True)
            self.reboot.write_text("0 tryboot\n")

    def state(self, slot: str) -> str:
        """good or bad: bad until it was said to be good."""
        try:
            return "good" if (self._of(slot) / STATE).read_text().startswith("good") else "bad"
        except OSError:
            return "bad"

    def mark(self, slot: str, state: str) -> None:
        """What is known of a slot. The running one being good makes it the one that starts."""
        if state not in ("good", "bad"):
            raise BootError(f"{state}: expected good or bad")
        _overwrite(self._of(slot) / STATE, f"{state:4}\n".encode())
        if state == "good" and slot == self.current != self.primary:
            self._point("config.txt", slot)

    def install_files(self, slot: str, root: Path) -> None:
        """Bring kernel, device trees and overlays of a root file system into the folder of its slot.

        Only of the slot that neither runs nor starts. The folder is bad while it is being filled.
        """
        if slot in (self.primary, self.current):
            raise BootError(f"slot {slot} runs or starts: its files are left alone")
        source, target = root / FROM_ROOT, self._of(slot)
        if not (source / "kernel8.img").is_file() or not (source / "cmdline.txt").is_file():
            raise BootError(f"{source}: expected kernel8.img and cmdline.txt")
        target.mkdir(exist_ok=True)
        self.mark(slot, "bad")
        for path in target.iterdir():
            if path.name != STATE:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        needed = sum(path.stat().st_size for path in source.rglob("*") if path.is_file())
        if shutil.disk_usage(target).free < needed + ROOM:
            raise BootError(f"{self.folder}: expected {needed + ROOM} bytes free")
        for path in sorted(source.rglob("*")):
            copy = target / path.relative_to(source)
            if path.is_dir():
                copy.mkdir()
            else:
                copy.write_bytes(path.read_bytes())
        line = target / "cmdline.txt"
        line.write_text(command_line(line.read_text(), slot))
        _sync(target)

    @contextlib.contextmanager
    def _root(self, slot: str) -> Iterator[Path]:
        """A slot's root file system, to be read."""
        if self.roots is not None:
            yield self.roots / slot
            return
        match = re.search(r"root=PARTUUID=([0-9a-f]{8})-", self.command_line.read_text())
        if match is None:
            raise BootError(f"{self.command_line}: expected root=PARTUUID=")
        device = f"/dev/disk/by-partuuid/{match[1]}-{PARTITION[slot]}"
        with tempfile.TemporaryDirectory(dir="/run", prefix="slot-") as place:
            subprocess.run(["mount", "-o", "ro,nosuid,nodev,noexec", "-t", "squashfs", device, place], check=True)
            try:
                yield Path(place)
            finally:
                subprocess.run(["umount", place], check=True)

    def _of(self, slot: str) -> Path:
        if slot not in SLOTS or len(slot) != 1:
            raise BootError(f"slot {slot!r}: expected A or B")
        return self.folder / slot.lower()

    def _slot_in(self, name: str) -> str:
        match = PREFIX.search((self.folder / name).read_bytes())
        if match is None:
            raise BootError(f"{name}: expected a line os_prefix=a/ or b/")
        return match[1].decode().upper()

    def _point(self, name: str, slot: str) -> None:
        """One byte: the letter of the slot. A sector is written whole or not at all."""
        if not (self._of(slot) / "kernel8.img").is_file():
            raise BootError(f"slot {slot}: expected a kernel in {self._of(slot)}")
        path = self.folder / name
        match = PREFIX.search(path.read_bytes())
        if match is None:
            raise BootError(f"{name}: expected a line os_prefix=a/ or b/")
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.pwrite(handle, slot.lower().encode(), match.start(1))
            os.fsync(handle)
        finally:
            os.close(handle)


def command_line(text: str, slot: str) -> str:
    """The kernel's command line for a slot, out of that for any."""
    if slot not in PARTITION:
        raise BootError(f"slot {slot!r}: expected A or B")
    text, count = re.subn(r"root=PARTUUID=([0-9a-f]{8})-\d\d", rf"root=PARTUUID=\1-{PARTITION[slot]}", text)
    if count != 1:
        raise BootError("cmdline.txt: expected root=PARTUUID=")
    words = [word for word in text.split() if not word.startswith("rauc.slot=")]
    return " ".join((*words, f"rauc.slot={slot}")) + "\n"


def _overwrite(path: Path, data: bytes) -> None:
    """In place where it is as long already."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        os.pwrite(handle, data, 0)
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def writable(folder: Path) -> Iterator[None]:
    """/boot may be written to meanwhile; where it is no mount of its own (tests) nothing is done."""
    mounted = os.path.ismount(folder)
    if mounted:
        subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)


def main(arguments: list[str], boot: Boot | None = None) -> int:
    """0 when it was done; what was asked for on standard output, errors on standard error."""
    boot = boot or Boot()
    try:
        match arguments:
            case ["slot-line", slot]:  # when the card is made
                print(command_line(sys.stdin.read(), slot), end="")
            case ["get-primary"]:
                print(boot.primary)
            case ["get-current"]:
                print(boot.current)
            case ["get-state", slot]:
                print(boot.state(slot))
            case ["set-primary", slot]:
                with writable(boot.folder):
                    boot.try_once(slot)
            case ["set-state", slot, state]:
                with writable(boot.folder):
                    boot.mark(slot, state)
            case _:
                raise BootError("expected get-primary, set-primary, get-state, set-state or get-current")
    except (BootError, OSError, subprocess.CalledProcessError) as error:
        print(f"boot slots: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
