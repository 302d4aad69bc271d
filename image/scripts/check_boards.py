"""The boards' part of `make image-check`: what wiring, firmware, sockets and system say of one another.

Law: reads files, builds nothing; each check gives its findings as sentences that name the file.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import asked
import boot_firmware
from boot_firmware import MODELS, Config, FirmwareError, Model
from recipe import BOARDS, IMAGE, ROOT, kernel_files, setting

Findings = list[str]
WIRINGS = tuple(sorted(path.stem for path in (ROOT / "board").glob("handset*.toml")))
# Buildroot's package/rpi-firmware: option -> files it puts on the card.
SHIPPED = {
    "BOOTCODE_BIN": ("bootcode.bin",),
    "VARIANT_PI": ("start.elf", "fixup.dat"), "VARIANT_PI_X": ("start_x.elf", "fixup_x.dat"),
    "VARIANT_PI_CD": ("start_cd.elf", "fixup_cd.dat"), "VARIANT_PI_DB": ("start_db.elf", "fixup_db.dat"),
    "VARIANT_PI4": ("start4.elf", "fixup4.dat"), "VARIANT_PI4_X": ("start4x.elf", "fixup4x.dat"),
    "VARIANT_PI4_CD": ("start4cd.elf", "fixup4cd.dat"), "VARIANT_PI4_DB": ("start4db.elf", "fixup4db.dat"),
}  # fmt: skip
# Overlays of raspberrypi/firmware that a wiring may name: a name that is not here is a misspelt one.
OVERLAYS = ("disable-bt", "googlevoicehat-soundcard", "i2s-mmap", "miniuart-bt", "spi0-1cs", "spi0-2cs")
OVERLAY = b"\xd0\x0d\xfe\xed fragment@0 __overlay__"


def board_has_firmware(board: str) -> bool:
    """Whether the GPU's firmware starts it: a Raspberry Pi, with Raspberry Pi's kernel."""
    return "BR2_PACKAGE_RPI_FIRMWARE=y" in (ROOT / "board" / board / "buildroot.config").read_text()


def board_files_agree() -> Findings:
    """Each board has its files and its name in them; its command line starts slot A."""
    said: Findings = []
    for board in BOARDS:
        folder = ROOT / "board" / board
        for name in ("buildroot.config", "cmdline.txt", "config.txt", "README.md"):
            if not (folder / name).is_file():
                said.append(f"board/{board}: expected {name}")
        config = (folder / "buildroot.config").read_text()
        for symbol in ("BR2_ROOTFS_POST_SCRIPT_ARGS", "BR2_PACKAGE_DESKPHONE_BOARD"):
            if f'{symbol}="{board}"' not in config:
                said.append(f'board/{board}/buildroot.config: expected {symbol}="{board}"')
        if board_has_firmware(board):
            said += slot_of(folder / "cmdline.txt")
            if "BR2_LINUX_KERNEL_DTB_OVERLAY_SUPPORT=y" not in config:  # labels in the trees: overlays name them
                said.append(f"board/{board}/buildroot.config: expected BR2_LINUX_KERNEL_DTB_OVERLAY_SUPPORT=y")
    return said


def slot_of(path: Path) -> Findings:
    """The root of a command line is slot A of genimage.cfg, read-only."""
    signature = re.search(r"disk-signature = 0x([0-9a-f]{8})", (IMAGE / "genimage.cfg").read_text())
    wanted = f"root=PARTUUID={signature[1] if signature else '?'}-02 ro "
    return [] if path.read_text().startswith(wanted) else [f"{path.relative_to(ROOT)}: expected {wanted!r}"]


# --- the wiring and config.txt -----------------------------------------------------------------------


def settings_of(board: str, wiring: str, development: bool = False) -> str:
    """config.txt as post-image.sh writes it."""
    files = [ROOT / "board" / board / "config.txt", ROOT / "board" / f"{wiring}.txt"]
    console = ROOT / "board" / f"{wiring}.dev.txt"
    if development and console.is_file():
        files.append(console)
    return "".join(path.read_text() for path in files) + "\nos_prefix=a/\n"


def the_firmware_sets_up_what_is_wired() -> Findings:
    """config.txt against the wiring, for each model of each board: buses, sound, and a console only where no key is."""
    said: Findings = []
    for wiring in WIRINGS:
        facts = tomllib.loads((ROOT / "board" / f"{wiring}.toml").read_text())
        for name, model in MODELS.items():
            if not board_has_firmware(model.board):
                continue
            for development in (False, True):
                try:
                    config = boot_firmware.read_config(settings_of(model.board, wiring, development), model)
                except (FirmwareError, OSError) as error:
                    said.append(f"board/{wiring}.txt on a {name}: {error}")
                    continue
                said += [f"board/{wiring}.txt on a {name}: {line}" for line in of_wiring(config, facts, development)]
                if name == "CM4" and not config.number("otg_mode"):
                    said.append(
                        f"board/{model.board}/config.txt on a {name}: expected otg_mode=1: its USB is off without"
                    )
            if "prefix" in (ROOT / "board" / model.board / "config.txt").read_text():
                said.append(f"board/{model.board}/config.txt: os_prefix belongs to image/scripts/post-image.sh")
    return list(dict.fromkeys(said))


def of_wiring(config: Config, facts: dict[str, Any], development: bool) -> Findings:
    """One configuration against one wiring; facts: the board file as it is."""
    said: Findings = []
    parameters = dict(part.partition("=")[::2] for line in config.parameters for part in line.split(","))
    display, matrix = facts["display"], facts["matrix"]
    pins = {*matrix["rows"], *matrix["columns"], *facts["lamps"]["pins"].values()}
    if display["bus"] == "spi":
        wanted = {"spi": "on", "i2c_arm": "off"}
        if "spi0-1cs,no_miso" not in config.overlays and pins & {7, 9}:
            said.append("expected dtoverlay=spi0-1cs,no_miso: 7 and 9 are pins of the matrix")
    else:
        wanted = {"spi": "off", "i2c_arm": "on", "i2c_arm_baudrate": str(display["i2c"]["speed_hz"])}
    if facts["audio"].get("i2s"):
        wanted["i2s"] = "on"
        if "googlevoicehat-soundcard" not in config.overlays:
            said.append("expected dtoverlay=googlevoicehat-soundcard")
    said += [f"expected dtparam={name}={value}, got {parameters.get(name)}" for name, value in wanted.items()
             if parameters.get(name) != value]  # fmt: skip
    console, free = config.number("enable_uart"), not pins & {14, 15}
    if console and not free:
        said.append("enable_uart=1, but 14 or 15 is a pin of the matrix or a lamp")
    if development and free and not console:
        said.append("expected enable_uart=1 in the development variant: 14 and 15 are free")
    if not development and "enable_uart" not in config.values:
        said.append("expected a word on enable_uart")
    return said


def what_the_firmware_loads_is_on_the_card() -> Findings:
    """A card made of names only is started as each model would: the recipe ships what config.txt makes it load."""
    said: Findings = []
    for wiring in WIRINGS:
        for name, model in MODELS.items():
            try:
                boot_firmware.load(card_of_names(model, wiring), model)
            except (FirmwareError, OSError) as error:
                said.append(f"board/{model.board}, {wiring}: a {name} would not start: {error}")
    return said


def card_of_names(model: Model, wiring: str) -> dict[str, bytes]:
    """The boot partition as the recipe lays it out, with contents that only look right."""
    config = ROOT / "board" / model.board / "buildroot.config"
    text = config.read_text()
    shipped = [name for option, names in SHIPPED.items() if f"BR2_PACKAGE_RPI_FIRMWARE_{option}=y" in text
               for name in names]  # fmt: skip
    trees = [Path(name).name for name in setting(config, "BR2_LINUX_KERNEL_INTREE_DTS_NAME").split()]
    files = dict.fromkeys(shipped, b"made") | {f"a/{name}.dtb": b"made" for name in trees}
    firmware = board_has_firmware(model.board)
    settings = settings_of(model.board, wiring) if firmware else (config.parent / "config.txt").read_text()
    files["config.txt"] = settings.encode()
    files["a/kernel8.img"] = boot_firmware.GZIP
    files["a/cmdline.txt"] = (config.parent / "cmdline.txt").read_bytes()
    if firmware:
        files |= {f"a/overlays/{name}.dtbo": OVERLAY for name in OVERLAYS} | {"a/overlays/README": b"made"}
    else:
        files["config.txt"] += b"\nos_prefix=a/\n"
    return files


# --- sound cards -------------------------------------------------------------------------------------


def sockets() -> dict[str, set[str]]:
    """board/sockets.tsv: model -> what the kernel calls a device in one of its sockets."""
    rows = [line.split("\t") for line in (ROOT / "board/sockets.tsv").read_text().splitlines() if line[0] != "#"]
    return {model: set(names.split()) for model, names, _ in rows}


def each_model_names_its_sound_cards() -> Findings:
    """Each board's rules give the wiring's USB cards a socket each, one that every model of the board has."""
    said: Findings = []
    cards = {path["card"] for path in _paths() if not path["card"].startswith("sndrpi")}
    for board in filter(board_has_firmware, BOARDS):
        file = ROOT / "board" / board / "70-deskphone-sound.rules"
        if not file.is_file():
            said.append(f"board/{board}: expected {file.name}: {' and '.join(sorted(cards))} would have no names")
            continue
        named = {card: set(where.split("|")) for where, card in
                 re.findall(r'KERNELS=="([^"]+)", ATTR\{id\}="(\w+)"$', file.read_text(), re.MULTILINE)}  # fmt: skip
        here = file.relative_to(ROOT)
        said += [f"{here}: expected a socket for the card {card}" for card in sorted(cards - named.keys())]
        models = {name: there for name, there in sockets().items() if MODELS[name].board == board}
        for model, there in models.items():
            mine = {card: where & there for card, where in named.items()}
            said += [f"{here}: {card}: a {model} has none of the sockets {' '.join(sorted(named[card]))}"
                     for card, where in mine.items() if not where]  # fmt: skip
            said += [f"{here}: {card}: two sockets of a {model}: {' '.join(sorted(where))}"
                     for card, where in mine.items() if len(where) > 1]  # fmt: skip
            if len(set.union(set(), *mine.values())) < sum(map(len, mine.values())):
                said.append(f"{here}: two cards in one socket of a {model}")
        for card, where in named.items():
            said += [f"{here}: {card}: no model of {board} has the socket {each}"
                     for each in sorted(where - set.union(*models.values()))]  # fmt: skip
    return said


def _paths() -> list[dict[str, Any]]:
    """The sound cards of every wiring."""
    audio = [tomllib.loads((ROOT / "board" / f"{wiring}.toml").read_text())["audio"] for wiring in WIRINGS]
    return [path for each in audio for path in each.values() if isinstance(path, dict) and "card" in path]


# --- device nodes ------------------------------------------------------------------------------------


def what_the_drivers_open_is_allowed() -> Findings:
    """Each kind of node of drivers/devices.py: the unit allows it, its group is the user's, udev gives it that group,
    the kernel's driver is built in. And the unit allows no other."""
    kinds = _device_kinds()
    unit = (ROOT / "firmware/systemd/deskphone.service").read_text()
    members = set(
        re.findall(r"^m deskphone ([\w-]+)", (ROOT / "firmware/systemd/deskphone.sysusers.conf").read_text(), re.M)
    )
    groups = set(" ".join(re.findall(r"^SupplementaryGroups=(.*)$", unit, re.M)).split())
    rules = (IMAGE / "rootfs/usr/lib/udev/rules.d/60-deskphone-devices.rules").read_text().splitlines()
    allowed = dict(re.findall(r"^DeviceAllow=(\S+) (\w+)$", unit, re.M))
    said = [f"deskphone.service: DeviceAllow={name}: no driver opens it" for name in
            sorted(allowed.keys() - {kind.allow for kind in kinds})]  # fmt: skip
    for kind in kinds:
        if allowed.get(kind.allow) != "rw":
            said.append(f"deskphone.service: expected DeviceAllow={kind.allow} rw ({kind.name})")
        if kind.group not in members & groups:
            said.append(f"deskphone.service, deskphone.sysusers.conf: expected the group {kind.group} ({kind.name})")
        rule = f'{kind.udev}, GROUP="{kind.group}", MODE="0660"'
        if kind.udev and rule not in rules:
            said.append(f"60-deskphone-devices.rules: expected {rule}")
        for board in filter(board_has_firmware, BOARDS):
            asks: dict[str, tuple[str, int]] = {}
            for path in kernel_files(board):
                asks |= asked.symbols(path)
            if asks.get(f"CONFIG_{kind.kernel}", ("", 0))[0] != "y":
                said.append(f"{board}: expected CONFIG_{kind.kernel}=y in the kernel's fragments ({kind.name})")
    return list(dict.fromkeys(said))


def _device_kinds() -> tuple[Any, ...]:
    """drivers/devices.py, which needs nothing of the program."""
    spec = importlib.util.spec_from_file_location("devices", ROOT / "firmware/deskphone/drivers/devices.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["devices"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return tuple(module.KINDS)
