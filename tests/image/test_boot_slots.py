"""Slots on the card, by the firmware's own rules, the power going at every step: it always starts something whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import boot_slots
import pytest
from boot_firmware import MODELS, folder_files, load
from boot_slots import Boot, BootError, command_line

LINE = "root=PARTUUID=6473706e-02 ro rootwait"
CONFIG = "arm_64bit=1\n# Which slot starts.\nos_prefix={}/\n"
PI = MODELS["4B"]


def root(folder: Path, version: str) -> None:
    """A root file system of a version, as far as the boot files go."""
    boot = folder / boot_slots.FROM_ROOT
    (boot / "overlays").mkdir(parents=True)
    (boot / "kernel8.img").write_bytes(b"\x1f\x8b" + version.encode())
    (boot / f"{PI.tree}.dtb").write_text(version)
    (boot / "overlays/README").write_text("of this slot")
    (boot / "cmdline.txt").write_text(f"{LINE} version={version}\n")


@pytest.fixture
def boot(tmp_path: Path) -> Boot:
    """A factory card: both slots are version 1, A starts and runs."""
    card = tmp_path / "boot"
    card.mkdir()
    for name, content in (("start4.elf", "gpu"), ("fixup4.dat", "fix"), ("config.txt", CONFIG.format("a")),
                          ("tryboot.txt", CONFIG.format("b"))):  # fmt: skip
        (card / name).write_text(content)
    for slot in "AB":
        root(tmp_path / "roots" / slot, "1")
        target = card / slot.lower()
        shutil.copytree(tmp_path / "roots" / slot / boot_slots.FROM_ROOT, target)
        (target / "cmdline.txt").write_text(command_line((target / "cmdline.txt").read_text(), slot))
        (target / boot_slots.STATE).write_text("good\n")
    made = Boot(card, tmp_path / "cmdline", tmp_path / "run/reboot-param", tmp_path / "roots")
    restarted(made)
    return made


def restarted(boot: Boot) -> tuple[str, str]:
    """Start anew, as the firmware would: (slot, version) that run. The flag of a trial counts once."""
    tryboot = boot.reboot.exists() and boot.reboot.read_text().split() == ["0", "tryboot"]
    boot.reboot.unlink(missing_ok=True)
    started = load(folder_files(boot.folder), PI, tryboot)
    boot.command_line.write_text(started.command_line)
    slot = boot.current
    kernel = (boot.folder / started.kernel).read_bytes()[2:].decode()
    tree = (boot.folder / started.tree).read_text()
    assert kernel == tree, "one slot's files"
    line = LINE.replace("-02", f"-{boot_slots.PARTITION[slot]}")
    assert started.command_line == f"{line} version={kernel} rauc.slot={slot}"
    return slot, kernel


def new_version(boot: Boot, slot: str, version: str) -> None:
    """What RAUC does before it asks for the slot: it calls it bad and writes the root file system."""
    boot.mark(slot, "bad")
    assert boot.roots is not None
    shutil.rmtree(boot.roots / slot)
    root(boot.roots / slot, version)


def test_an_update_is_tried_once_and_stays_when_it_was_said_to_be_good(boot: Boot) -> None:
    new_version(boot, "B", "2")
    boot.try_once("B")
    assert boot.primary == "A"
    assert restarted(boot) == ("B", "2")
    boot.mark("B", "good")
    assert boot.primary == "B"
    assert restarted(boot) == restarted(boot) == ("B", "2")
    new_version(boot, "A", "3")
    boot.try_once("A")
    assert restarted(boot) == ("A", "3")
    boot.mark("A", "good")
    assert restarted(boot) == ("A", "3")


def test_an_update_that_never_said_it_is_good_is_gone_at_the_next_start(boot: Boot) -> None:
    new_version(boot, "B", "2")
    boot.try_once("B")
    assert restarted(boot) == ("B", "2")
    assert restarted(boot) == ("A", "1")
    assert (boot.state("A"), boot.state("B")) == ("good", "bad")


def test_the_running_slot_and_the_one_that_starts_are_left_alone(boot: Boot) -> None:
    assert boot.roots is not None
    with pytest.raises(BootError, match="runs or starts"):
        boot.install_files("A", boot.roots / "B")
    new_version(boot, "B", "2")
    boot.try_once("B")
    restarted(boot)
    for slot in "AB":
        with pytest.raises(BootError, match="runs or starts"):
            boot.install_files(slot, boot.roots / slot)


def test_a_way_back_is_a_trial_of_the_other_slot_and_the_same_slot_is_none(boot: Boot) -> None:
    boot.try_once("A")
    assert restarted(boot) == ("A", "1")
    boot.try_once("B")
    boot.try_once("A")
    assert restarted(boot) == ("A", "1")


def test_a_root_without_boot_files_is_refused_and_nothing_that_starts_changes(boot: Boot) -> None:
    new_version(boot, "B", "2")
    assert boot.roots is not None
    (boot.roots / "B" / boot_slots.FROM_ROOT / "kernel8.img").unlink()
    with pytest.raises(BootError, match="expected kernel8"):
        boot.try_once("B")
    assert not boot.reboot.exists() and restarted(boot) == ("A", "1")


class PowerCut(BaseException):
    """The plug was pulled before this step."""


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Pull the plug before the n-th step that changes the card; a file that is being written is written by half."""
    left = [1 << 30]

    def guarded(original: Callable[..., object], half: bool = False) -> Callable[..., object]:
        def step(*arguments: object, **named: object) -> object:
            left[0] -= 1
            if left[0] < 0:
                if half and isinstance(arguments[1], bytes):
                    original(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise PowerCut
            return original(*arguments, **named)

        return step

    monkeypatch.setattr(os, "pwrite", guarded(os.pwrite))
    monkeypatch.setattr(Path, "write_bytes", guarded(Path.write_bytes, half=True))
    for name in ("unlink", "mkdir", "write_text"):
        monkeypatch.setattr(Path, name, guarded(getattr(Path, name)))
    monkeypatch.setattr(shutil, "rmtree", guarded(shutil.rmtree))
    yield lambda steps: left.__setitem__(0, steps)
    left[0] = 1 << 30


def test_whenever_the_power_goes_it_starts_the_old_or_the_new_and_all_of_it(
    boot: Boot, plug: Callable[[int], None]
) -> None:
    for steps in range(200):
        new_version(boot, "B", "2")
        plug(steps)
        try:
            boot.try_once("B")
        except PowerCut:
            plug(1 << 30)
            boot.reboot.unlink(missing_ok=True)  # /run is memory
            assert restarted(boot) == ("A", "1"), f"cut before step {steps}"
            continue
        plug(1 << 30)
        break
    assert steps > 8, "the plug was never pulled"
    assert restarted(boot) == ("B", "2")
    for steps in range(10):
        plug(steps)
        try:
            boot.mark("B", "good")
        except PowerCut:
            plug(1 << 30)
            assert restarted(boot) in (("A", "1"), ("B", "2"))
            boot.try_once("B")
            restarted(boot)
            continue
        plug(1 << 30)
        break
    assert restarted(boot) == ("B", "2")


@pytest.mark.parametrize("line", ["root=/dev/mmcblk0p2 ro", "", "root=PARTUUID=6473706e-02 root=PARTUUID=6473706e-03"])
def test_a_command_line_without_one_root_is_refused(line: str) -> None:
    with pytest.raises(BootError, match="root=PARTUUID="):
        command_line(line, "A")


def test_what_rauc_calls(boot: Boot, capsys: pytest.CaptureFixture[str]) -> None:
    assert boot_slots.main(["get-primary"], boot) == 0 and capsys.readouterr().out == "A\n"
    assert boot_slots.main(["get-current"], boot) == 0 and capsys.readouterr().out == "A\n"
    assert boot_slots.main(["get-state", "B"], boot) == 0 and capsys.readouterr().out == "good\n"
    assert boot_slots.main(["set-state", "B", "bad"], boot) == 0
    assert boot_slots.main(["get-state", "B"], boot) == 0 and capsys.readouterr().out == "bad\n"
    assert boot_slots.main(["set-primary", "B"], boot) == 0 and boot.reboot.read_text() == "0 tryboot\n"
    for wrong in (["get-state", "C"], ["set-state", "A", "perhaps"], ["format"], []):
        assert boot_slots.main(wrong, boot) == 1 and "expected" in capsys.readouterr().err
