"""The boot firmware's model on made cards: what starts, from where, with which files; and what would not start."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.boot.firmware import MODELS, FirmwareError, start

MIB = 1 << 20
KERNEL = b"\x1f\x8b kernel of "
OVERLAY = b"\xd0\x0d\xfe\xed fragment@0 __overlay__"
CONFIG = "arm_64bit=1\ndtoverlay=sound,gain=1\n[cm4]\notg_mode=1\n[all]\nos_prefix=a/\n"
pytestmark = pytest.mark.needs("mformat", "mcopy")


def files(**changes: bytes | None) -> dict[str, bytes]:
    """A boot partition of a Pi 4 with slots a and b; changes by name, `/` and `.` written as `__` and `_`."""
    made = {"config.txt": CONFIG.encode(), "start4.elf": b"gpu", "fixup4.dat": b"fix"}
    for slot in "ab":
        made |= {
            f"{slot}/kernel8.img": KERNEL + slot.encode(), f"{slot}/cmdline.txt": f"root={slot}\n".encode(),
            f"{slot}/overlays/README": b"of this slot", f"{slot}/overlays/sound.dtbo": OVERLAY,
        }  # fmt: skip
        made |= {f"{slot}/{MODELS[name].tree}.dtb": slot.encode() for name in ("4B", "400", "CM4")}
    for written, content in changes.items():
        name = written.replace("__", "/").replace("_", ".")
        made.pop(name, None)
        if content is not None:
            made[name] = content
    return made


def card(folder: Path, *partitions: Mapping[str, bytes] | None) -> Path:
    """A card with a FAT for each of these; None is a partition of another kind."""
    path, table = folder / "card.img", b""
    with path.open("wb") as file:
        file.truncate((1 + 8 * len(partitions)) * MIB)
    for number, content in enumerate(partitions):
        offset = (1 + 8 * number) * MIB
        table += struct.pack("<8xII", offset // 512, 8 * MIB // 512)[:4] + bytes([0x83 if content is None else 0x0C])
        table += struct.pack("<3xII", offset // 512, 8 * MIB // 512)
        if content is not None:
            fill(path, offset, content, folder / f"part{number}")
    with path.open("r+b") as file:
        file.seek(446)
        file.write(table)
        file.seek(510)
        file.write(b"\x55\xaa")
    return path


def fill(path: Path, offset: int, content: Mapping[str, bytes], folder: Path) -> None:
    where = f"{path}@@{offset}"
    subprocess.run(["mformat", "-i", where, "-T", str(8 * MIB // 512), "::"], check=True, capture_output=True)
    for name, data in content.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    tops = sorted(str(path) for path in folder.iterdir())
    subprocess.run(["mcopy", "-s", "-i", where, *tops, "::"], check=True, capture_output=True)


# --- what starts -------------------------------------------------------------------------------------


def test_the_slot_of_os_prefix_starts_with_its_own_files(tmp_path: Path) -> None:
    started = start(card(tmp_path, files(), None), "4B")
    assert started.kernel == KERNEL + b"a" and started.tree == b"a" and started.partition == 1
    assert started.command_line == "root=a"
    assert started.boot.overlays == ("a/overlays/sound.dtbo",)
    assert started.boot.files[:3] == ("config.txt", "start4.elf", "fixup4.dat")


def test_a_section_counts_for_its_model_only(tmp_path: Path) -> None:
    made = card(tmp_path, files())
    assert start(made, "CM4").boot.config.values["otg_mode"] == "1"
    assert "otg_mode" not in start(made, "4B").boot.config.values
    assert start(made, "400").boot.tree == "a/bcm2711-rpi-400.dtb"


def test_sections_of_a_kind_replace_each_other_and_all_forgets_them(tmp_path: Path) -> None:
    text = "[pi3]\nkernel=no\n[pi4]\nfour=1\n[tryboot]\nkernel=no\n[all]\nalways=1\n[none]\nkernel=no\n[all]\n"
    config = start(card(tmp_path, files(config_txt=(text + CONFIG).encode())), "4B").boot.config.values
    assert config["four"] == config["always"] == "1" and "kernel" not in config


def test_a_trial_reads_tryboot_txt_and_the_next_start_does_not(tmp_path: Path) -> None:
    trial = CONFIG.replace("os_prefix=a/", "os_prefix=b/").encode()
    made = card(tmp_path, files() | {"tryboot.txt": trial})
    assert start(made, "4B", tryboot=True).kernel == KERNEL + b"b"
    assert start(made, "4B").kernel == KERNEL + b"a"


def test_a_trial_by_partition_reads_the_other_partitions_own_config(tmp_path: Path) -> None:
    choice = b"[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=3\n"
    made = card(
        tmp_path, files() | {"autoboot.txt": choice}, files(a__cmdline_txt=b"two"), files(a__cmdline_txt=b"three")
    )
    assert (start(made, "4B").partition, start(made, "4B").command_line) == (2, "two")
    assert start(made, "4B", tryboot=True).command_line == "three"
    assert start(made, "4B", asked=1).command_line == "root=a"


def test_a_pi_before_the_fourth_needs_its_first_stage_on_the_card(tmp_path: Path) -> None:
    old = files(start4_elf=None, fixup4_dat=None) | {"start.elf": b"gpu", "fixup.dat": b"fix"}
    old |= {"a/bcm2710-rpi-3-b.dtb": b"tree"}
    with pytest.raises(FirmwareError, match=r"bootcode\.bin: the first stage"):
        start(card(tmp_path, old), "3B")
    assert start(card(tmp_path, old | {"bootcode.bin": b"first"}), "3B").tree == b"tree"


def test_serial0_is_the_mini_uart_unless_bluetooth_is_off(tmp_path: Path) -> None:
    line = b"console=serial0,115200 root=a"
    assert start(card(tmp_path, files(a__cmdline_txt=line)), "4B").command_line.startswith("console=ttyS0,115200 ")
    off = files(a__cmdline_txt=line, config_txt=("dtoverlay=disable-bt\n" + CONFIG).encode())
    off["a/overlays/disable-bt.dtbo"] = OVERLAY
    assert start(card(tmp_path, off), "4B").command_line.startswith("console=ttyAMA0,115200 ")


def test_overlays_are_shared_where_the_slot_has_no_readme(tmp_path: Path) -> None:
    made = files() | {"overlays/sound.dtbo": OVERLAY}
    del made["a/overlays/README"]
    assert start(card(tmp_path, made), "4B").boot.overlays == ("overlays/sound.dtbo",)


# --- what does not -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"start4_elf": None, "start_elf": b"of another Pi"}, r"start4\.elf: the GPU's program"),
        ({"fixup4_dat": None}, r"fixup4\.dat: its fix-up"),
        ({"config_txt": CONFIG.encode() + b"gpu_mem=16\n"}, r"start4cd\.elf"),
        ({"config_txt": CONFIG.encode() + b"gpu_mem=64\ngpu_mem_1024=16\n"}, r"start4cd\.elf"),
        ({"config_txt": CONFIG.encode() + b"start_x=1\n"}, r"start4x\.elf"),
        ({"config_txt": None}, r"config\.txt"),
        ({"config_txt": CONFIG.replace("arm_64bit=1", "").encode()}, "arm_64bit=1"),
        ({"config_txt": CONFIG.encode() + b"#" + b"x" * 120 + b"\n"}, None),
        ({"config_txt": CONFIG.encode() + b"dtoverlay=" + b"x" * 120 + b"\n"}, "at most 98 characters"),
        ({"config_txt": CONFIG.encode() + b"[pi9]\n"}, r"\[pi9\]"),
        ({"config_txt": CONFIG.encode() + b"nonsense\n"}, "expected name=value"),
        ({"a__kernel8_img": None}, "expected a/kernel8.img"),
        ({"a__kernel8_img": b"\x7fELF"}, "64-bit kernel"),
        ({"a__cmdline_txt": None}, "a/cmdline.txt"),
        ({"a__cmdline_txt": b"one\ntwo"}, "one line"),
        ({"a__overlays__sound_dtbo": None}, r"a/overlays/sound\.dtbo: dtoverlay=sound,gain=1"),
        ({"a__overlays__sound_dtbo": b"\xd0\x0d\xfe\xed nothing"}, "changes nothing"),
        ({"a__kernel8_img": None, "kernel8_img": KERNEL, "bcm2711-rpi-4-b_dtb": b"x"}, "the firmware ignores it"),
    ],
)
def test_a_card_that_would_not_start_says_which_file_or_line(
    tmp_path: Path, changes: dict[str, bytes | None], finding: str | None
) -> None:
    made = card(tmp_path, files(**changes))
    if finding is None:
        assert start(made, "4B").kernel
        return
    with pytest.raises(FirmwareError, match=finding):
        start(made, "4B")


def test_an_overlay_that_is_a_substitute_is_named(tmp_path: Path) -> None:
    made = files(a__overlays__sound_dtbo=b"\xd0\x0d\xfe\xed deskphone,substitute")
    assert start(card(tmp_path, made), "4B").boot.substitutes == ("a/overlays/sound.dtbo",)


def test_a_card_without_a_bootable_partition_or_a_table_is_told(tmp_path: Path) -> None:
    with pytest.raises(FirmwareError, match="no partition of the card"):
        start(card(tmp_path, None), "4B")
    (tmp_path / "empty.img").write_bytes(bytes(MIB))
    with pytest.raises(FirmwareError, match="no partition table"):
        start(tmp_path / "empty.img", "4B")
    choice = b"boot_partition=3\n"
    with pytest.raises(FirmwareError, match="partition 3: not on the card"):
        start(card(tmp_path, files() | {"autoboot.txt": choice}), "4B")


def test_the_virtual_board_is_read_by_the_same_rules_without_a_gpu(tmp_path: Path) -> None:
    made = {
        "config.txt": b"arm_64bit=1\nos_prefix=a/\n",
        "a/kernel8.img": KERNEL,
        "a/cmdline.txt": b"root=/dev/vda2 ro",
    }
    started = start(card(tmp_path, made), "virt")
    assert (started.kernel, started.tree, started.command_line) == (KERNEL, b"", "root=/dev/vda2 ro")
