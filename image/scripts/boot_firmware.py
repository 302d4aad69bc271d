"""A model of the Pi's boot firmware: which files it loads from a boot partition, and what it hands to the kernel.

Law: after Raspberry Pi's documentation (config.txt: boot options, conditional filters, memory; device trees) and the
sources named beside each table; pure, standard library only, and harder than the real one: what the firmware
passes over in silence (an overlay that is missing, a line too long) is a FirmwareError here. Used by post-image.sh on
what it has laid out, by `make image-check`, and by tests/boot, which starts QEMU with the result.

`boot_firmware.py FOLDER MODEL...` loads a laid-out boot folder as each model would.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

LINE = 98  # documentation, "what is config.txt": longer lines are ignored
GZIP, ARM64 = b"\x1f\x8b", b"ARM\x64"
SUBSTITUTE = b"deskphone,substitute"  # image/substitutes: an overlay that is empty and says so


class FirmwareError(Exception):
    """The board would not start, or not as the card means it; the text names the file or the line."""


@dataclass(frozen=True, slots=True)
class Model:
    """One Raspberry Pi. board: the folder of board/. filters: sections of config.txt that count for it. memory_mb: the
    least it is sold with. eeprom: its first stage is on the board, not on the card."""

    board: str
    filters: frozenset[str]
    tree: str
    memory_mb: int
    eeprom: bool = False
    mainline_tree: str = ""


# Documentation: conditional filters (model filters), raspberry-pi revision codes. Trees: raspberrypi/linux, mainline.
MODELS: dict[str, Model] = {
    "3B": Model("rpi3", frozenset({"pi3"}), "bcm2710-rpi-3-b", 1024, mainline_tree="bcm2837-rpi-3-b"),
    "3B+": Model(
        "rpi3", frozenset({"pi3", "pi3+"}), "bcm2710-rpi-3-b-plus", 1024, mainline_tree="bcm2837-rpi-3-b-plus"
    ),
    "CM3": Model("rpi3", frozenset({"pi3"}), "bcm2710-rpi-cm3", 1024, mainline_tree="bcm2837-rpi-cm3-io3"),
    "Zero 2 W": Model(
        "zero2w", frozenset({"pi0", "pi0w", "pi02"}), "bcm2710-rpi-zero-2-w", 512,
        mainline_tree="bcm2837-rpi-zero-2-w",
    ),
    "4B": Model("rpi4", frozenset({"pi4"}), "bcm2711-rpi-4-b", 1024, True, "bcm2711-rpi-4-b"),
    "400": Model("rpi4", frozenset({"pi4", "pi400"}), "bcm2711-rpi-400", 4096, True, "bcm2711-rpi-400"),
    "CM4": Model("rpi4", frozenset({"pi4", "cm4"}), "bcm2711-rpi-cm4", 1024, True, "bcm2711-rpi-cm4-io"),
    # QEMU's `virt` has no such firmware; its card is read by the same rules, but for the GPU's files and device trees.
    "virt": Model("qemu", frozenset(), "", 512, True),
}  # fmt: skip
ANY = {"pi0", "pi0w", "pi02", "pi1", "pi2", "pi3", "pi3+", "pi4", "pi400", "pi5", "cm4", "cm4s", "cm5"}


@dataclass(frozen=True, slots=True)
class Config:
    """config.txt as one model understands it: the last word on each name, and the overlays and parameters in order."""

    values: Mapping[str, str]
    overlays: tuple[str, ...]
    parameters: tuple[str, ...]

    def number(self, name: str, default: int = 0) -> int:
        """A value as a whole number. Raises FirmwareError where it is none."""
        text = self.values.get(name, str(default))
        try:
            return int(text, 0)
        except ValueError:
            raise FirmwareError(f"config.txt: {name}: expected a number, got {text!r}") from None


@dataclass(frozen=True, slots=True)
class Boot:
    """What the kernel gets. files: everything that was loaded, in order; substitutes: overlays that are only named."""

    kernel: str
    tree: str
    overlays: tuple[str, ...]
    command_line: str
    config: Config
    files: tuple[str, ...] = field(default=())
    substitutes: tuple[str, ...] = ()


def read_config(text: str, model: Model, tryboot: bool = False) -> Config:
    """The lines that count for this model. Raises FirmwareError for a line the firmware would ignore."""
    values: dict[str, str] = {}
    overlays: list[str] = []
    parameters: list[str] = []
    passes: dict[str, bool] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if len(raw) > LINE:
            raise FirmwareError(f"config.txt:{number}: expected at most {LINE} characters, got {len(raw)}")
        if line.startswith("[") and line.endswith("]"):
            _filter(line[1:-1], model, tryboot, passes, number)
            continue
        name, equals, value = line.partition("=")
        if not equals and not line.startswith("initramfs "):
            raise FirmwareError(f"config.txt:{number}: expected name=value, got {line!r}")
        if not all(passes.values()):
            continue
        if name == "dtoverlay":
            overlays.append(value)
        elif name == "dtparam":
            parameters.append(value)
        else:
            values[name] = value
    return Config(values, tuple(overlays), tuple(parameters))


def _filter(name: str, model: Model, tryboot: bool, passes: dict[str, bool], number: int) -> None:
    """One [filter]: those of a kind replace each other, [all] forgets them all (documentation, "combining")."""
    if name == "all":
        passes.clear()
    elif name == "none":
        passes["model"] = False
    elif name == "tryboot":
        passes["tryboot"] = tryboot
    elif name in ANY:
        passes["model"] = name in model.filters
    else:
        raise FirmwareError(f"config.txt:{number}: [{name}]: a filter this model of the firmware does not know")


def start_files(config: Config, model: Model) -> tuple[str, str]:
    """The GPU's program and its fix-up, a matched pair (boot options; gpu_mem=16 means cut-down:
    raspberrypi/linux issue 503, pftf/RPi4 issue 58, raspberrypi/firmware issue 1809)."""
    if "start_file" in config.values or "fixup_file" in config.values:
        return config.values.get("start_file", "start.elf"), config.values.get("fixup_file", "fixup.dat")
    by_memory = f"gpu_mem_{1024 if model.memory_mb >= 1024 else model.memory_mb}"
    kind = ""
    if config.number(by_memory, config.number("gpu_mem", 64)) <= 16:
        kind = "cd"
    elif config.number("start_x"):
        kind = "x"
    elif config.number("start_debug"):
        kind = "db"
    if model.eeprom:  # a Pi 4: Buildroot's package/rpi-firmware has the names
        return f"start4{kind}.elf", f"fixup4{kind}.dat"
    suffix = f"_{kind}" if kind else ""
    return f"start{suffix}.elf", f"fixup{suffix}.dat"


def load(files: Mapping[str, bytes], model: Model, tryboot: bool = False) -> Boot:
    """Start from these files of a boot partition (name with `/` -> content). Raises FirmwareError."""
    loaded: list[str] = []

    def take(name: str, why: str) -> bytes:
        if name not in files:
            raise FirmwareError(f"{name}: {why}, not on the boot partition")
        if not files[name] and not name.endswith("README"):
            raise FirmwareError(f"{name}: {why}, it is empty")
        loaded.append(name)
        return files[name]

    if not model.eeprom:
        take("bootcode.bin", "the first stage")
    # The flag makes the firmware read tryboot.txt in place of config.txt (raspberry-pi: fail-safe OS updates).
    name = "tryboot.txt" if tryboot else "config.txt"
    config = read_config(take(name, "the firmware's settings").decode("utf-8", "replace"), model, tryboot)
    if model.tree:
        for each, why in zip(start_files(config, model), ("the GPU's program", "its fix-up"), strict=True):
            take(each, why)
    kernel, tree, prefix = _operating_system(config, model, files)
    text = take(kernel, "the kernel")
    if not text.startswith(GZIP) and text[56:60] != ARM64:
        raise FirmwareError(f"{kernel}: expected a 64-bit kernel, plain or gzip")
    if tree:
        take(tree, "the device tree")
    overlays, substitutes = _overlays(config, prefix, files, loaded)
    line = take(_with(prefix, config.values.get("cmdline", "cmdline.txt")), "the kernel's command line").decode()
    if len(line.strip().splitlines()) != 1:
        raise FirmwareError("cmdline.txt: expected one line")
    return Boot(kernel, tree, overlays, line.strip(), config, tuple(loaded), substitutes)


def _with(prefix: str, name: str) -> str:
    """A file of the operating system: after the prefix, unless it says where it is."""
    return name[1:] if name.startswith("/") else prefix + name


def _operating_system(config: Config, model: Model, files: Mapping[str, bytes]) -> tuple[str, str, str]:
    """Kernel, device tree, and the prefix: forgotten where kernel or tree are not below it (os_prefix)."""
    if not config.number("arm_64bit"):
        raise FirmwareError("config.txt: expected arm_64bit=1: the kernel is a 64-bit one")
    name = config.values.get("kernel", "kernel8.img")
    trees = [config.values["device_tree"]] if "device_tree" in config.values else _trees(config, model)
    asked = config.values.get("os_prefix", "")
    for prefix in dict.fromkeys((asked, "")):
        found = [tree for tree in trees if _with(prefix, tree) in files]
        if _with(prefix, name) in files and (found or not trees):
            if prefix != asked:
                raise FirmwareError(f"os_prefix={asked}: the firmware ignores it: no {name} and device tree below it")
            return _with(prefix, name), _with(prefix, found[0]) if found else "", prefix
    wanted = " and ".join(_with(asked, each) for each in (name, *trees[:1]))
    raise FirmwareError(f"expected {wanted} on the boot partition")


def _trees(config: Config, model: Model) -> list[str]:
    """The names the firmware looks for; mainline's only with upstream_kernel=1 (boot options)."""
    names = [model.tree] if model.tree else []
    if config.number("upstream_kernel") and model.mainline_tree:
        names.insert(0, model.mainline_tree)
    return [f"{name}.dtb" for name in names]


def _overlays(
    config: Config, prefix: str, files: Mapping[str, bytes], loaded: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The overlays that dtoverlay= names: below the prefix only where its README lies (overlay_prefix)."""
    folder = config.values.get("overlay_prefix", "overlays/")
    below = prefix + folder if f"{prefix}{folder}README" in files else folder
    found, substitutes = [], []
    for line in config.overlays:
        name = f"{below}{line.partition(',')[0]}.dtbo"
        blob = files.get(name, b"")
        if not blob.startswith(b"\xd0\x0d\xfe\xed"):
            raise FirmwareError(f"{name}: dtoverlay={line}: expected a device tree overlay on the boot partition")
        if SUBSTITUTE in blob:
            substitutes.append(name)
        elif b"__overlay__" not in blob:
            raise FirmwareError(f"{name}: dtoverlay={line}: the overlay changes nothing")
        loaded.append(name)
        found.append(name)
    return tuple(found), tuple(substitutes)


def folder_files(folder: Path) -> dict[str, bytes]:
    """A laid-out boot partition."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def main(arguments: list[str]) -> int:
    """0 when every model of the board starts from the folder."""
    folder, board = Path(arguments[0]), arguments[1]
    files, status = folder_files(folder), 0
    trials = (False, True) if "tryboot.txt" in files else (False,)
    for name, model in MODELS.items():
        for tryboot in trials if model.board == board else ():
            try:
                boot = load(files, model, tryboot)
            except FirmwareError as error:
                print(f"boot firmware: a {name} would not start{' on trial' * tryboot}: {error}", file=sys.stderr)
                status = 1
            else:
                for each in boot.substitutes:
                    print(f"boot firmware: {name}: {each} is a substitute: on a real board it changes nothing")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
