"""The system's part of `make image-check`: what units, kernel, command line and card say of one another.

Law: reads files, builds nothing; each check gives its findings as sentences that name the file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import asked
from check_boards import board_has_firmware
from recipe import BOARDS, IMAGE, ROOT, kernel_files

Findings = list[str]
UNITS = (IMAGE / "rootfs/usr/lib/systemd/system", *(ROOT / "firmware" / part for part in ("systemd", "dhcp", "lan")))
WAIT_S = range(10, 61)  # for a card that is slow to answer; no longer than somebody waits before he pulls the plug
# Partitions of genimage.cfg by what names them elsewhere.
PARTITIONS = {"boot.mount": ("boot",), "data.mount": ("data",), "data-anew.service": ("data",),
              "rauc.conf": ("root-a", "root-b")}  # fmt: skip
# Programs of docs/bring-up.md: what puts them on the development card; the rest is on every card, or not on the card.
TOOLS = {
    "aplay": "ALSA_UTILS_APLAY", "arecord": "ALSA_UTILS_APLAY", "amixer": "ALSA_UTILS_AMIXER",
    "alsamixer": "ALSA_UTILS_ALSAMIXER", "speaker-test": "ALSA_UTILS_SPEAKER_TEST", "gpiodetect": "LIBGPIOD_TOOLS",
    "gpioinfo": "LIBGPIOD_TOOLS", "i2cdetect": "I2C_TOOLS", "spi-config": "SPI_TOOLS", "lsusb": "USBUTILS",
    "strace": "STRACE",
}  # fmt: skip
# Files that the kernel has only where it is asked to, and bcm2711_defconfig does not.
FILES = {"/sys/class/watchdog/": "CONFIG_WATCHDOG_SYSFS"}
# What the recipes of packages in the image say of a kernel after our files have had their word (Buildroot 2026.05.1,
# package/*/*.mk: LINUX_CONFIG_FIXUPS). build.sh ends where the result is not what our files ask for.
RECIPES = ("systemd", "nftables", "libgpiod")
INSISTS_ON = frozenset((
    "AUTOFS4_FS", "AUTOFS_FS", "BLK_DEV_BSG", "CFS_BANDWIDTH", "CGROUPS", "CGROUP_SCHED", "DEVTMPFS", "DMI", "DMIID",
    "DMI_SYSFS", "EFIVAR_FS", "EFI_PARTITION", "EPOLL", "FAIR_GROUP_SCHED", "FHANDLE", "GPIO_CDEV_V1", "INOTIFY_USER",
    "IPV6", "KCMP", "NETFILTER", "NET_NS", "NET_SCHED", "NET_SCH_FQ_CODEL", "NF_TABLES", "NF_TABLES_INET", "PROC_FS",
    "SECCOMP", "SECCOMP_FILTER", "SIGNALFD", "SYSFS", "TIMERFD", "TMPFS", "TMPFS_POSIX_ACL", "TMPFS_XATTR", "UNIX",
    "USER_NS",
))  # fmt: skip
REFUSES = frozenset(("FW_LOADER_USER_HELPER", "RT_GROUP_SCHED", "SYSFS_DEPRECATED"))


def kernel_of(board: str) -> dict[str, str]:
    """Symbol -> the last word on it in the files the board's kernel is asked by."""
    asks: dict[str, tuple[str, int]] = {}
    for path in kernel_files(board):
        asks |= asked.symbols(path)
    return {name: value for name, (value, _) in asks.items()}


def command_line(board: str) -> list[str]:
    """The words of a board's kernel command line."""
    return (ROOT / "board" / board / "cmdline.txt").read_text().split()


def limits_of_units_are_kept() -> Findings:
    """Where a unit limits memory the kernel can: it is built to, and a Pi's is told to. Raspberry Pi's device trees
    say cgroup_disable=memory (bcm270x.dtsi); the last word on the command line counts."""
    limited = sorted(
        str(path.relative_to(ROOT))
        for folder in UNITS
        for path in folder.glob("*.service")
        if re.search(r"^Memory(Max|High)=", path.read_text(), re.MULTILINE)
    )
    said: Findings = []
    for board in BOARDS if limited else ():
        if kernel_of(board).get("CONFIG_MEMCG") != "y":
            said.append(f"{board}: expected CONFIG_MEMCG=y in the kernel's fragments: {limited[0]} limits memory")
        if board_has_firmware(board) and "cgroup_enable=memory" not in command_line(board):
            said.append(f"board/{board}/cmdline.txt: expected cgroup_enable=memory: {limited[0]} limits memory")
    return said


def buildroot_leaves_the_kernel_as_asked() -> Findings:
    """No file of ours leaves out what a package's recipe puts in afterwards, nor the reverse; with BUILDROOT=DIR that
    is read there."""
    said: Findings = []
    for board in BOARDS:
        kernel = kernel_of(board)
        for names, wrong in ((INSISTS_ON, ("n",)), (REFUSES, ("y", "m"))):
            said += [
                f"{board}: CONFIG_{name}={kernel[f'CONFIG_{name}']} in the kernel's fragments: Buildroot says otherwise"
                for name in sorted(names)
                if kernel.get(f"CONFIG_{name}") in wrong
            ]
    if buildroot := os.environ.get("BUILDROOT"):
        text = "".join((Path(buildroot) / f"package/{name}/{name}.mk").read_text() for name in RECIPES)
        always = "".join(
            block for name in RECIPES
            for block in re.findall(rf"(?ms)^define {name.upper()}_LINUX_CONFIG_FIXUPS$(.*?)^endef", text)
        )  # fmt: skip
        for what, mine in (("ENABLE", INSISTS_ON), ("DISABLE", REFUSES)):
            theirs = set(re.findall(rf"KCONFIG_{what}_OPT,CONFIG_(\w+)", always))
            said += [f"check_system.py: {name}: not as in {buildroot}" for name in sorted(theirs ^ mine)]
    return said


def the_supplicant_finds_its_driver() -> Findings:
    """wpa_supplicant ends where its first driver does not start, and nl80211, which Buildroot builds unless told, is
    first: a board that has it has Wi-Fi in its kernel."""
    common = asked.symbols(ROOT / "buildroot.config")
    return [
        f"{board}: expected CONFIG_CFG80211 in the kernel's fragments, or no BR2_PACKAGE_WPA_SUPPLICANT_NL80211"
        for board in BOARDS
        if (common | asked.symbols(ROOT / "board" / board / "buildroot.config")).get(
            "BR2_PACKAGE_WPA_SUPPLICANT_NL80211", ("y", 0)
        )[0]
        == "y"
        and kernel_of(board).get("CONFIG_CFG80211") not in ("y", "m")
    ]


def security_modules_are_in_force() -> Findings:
    """Yama is not only built: CONFIG_LSM names it. bcm2711_defconfig has an empty list, with which none is started."""
    said: Findings = []
    for board in BOARDS:
        kernel = kernel_of(board)
        if kernel.get("CONFIG_SECURITY_YAMA") != "y" or "yama" not in kernel.get("CONFIG_LSM", "").strip('"').split(
            ","
        ):
            said.append(f'{board}: expected CONFIG_SECURITY_YAMA=y and CONFIG_LSM="yama" in the kernel\'s fragments')
    return said


def a_start_that_fails_comes_to_an_end() -> Findings:
    """A kernel that finds no root gives up and restarts, so that a trial ends in the old slot."""
    said: Findings = []
    for board in filter(board_has_firmware, BOARDS):
        waits = [word.partition("=")[2] for word in command_line(board) if word.partition("=")[0] == "rootwait"]
        if len(waits) != 1 or not waits[0].isdecimal() or int(waits[0]) not in WAIT_S:
            said.append(f"board/{board}/cmdline.txt: expected rootwait={WAIT_S.start} to {WAIT_S.stop - 1} (seconds)")
        kernel = kernel_of(board)
        if kernel.get("CONFIG_PANIC_ON_OOPS") != "y" or kernel.get("CONFIG_PANIC_TIMEOUT", "0") in ("0", "n"):
            said.append(f"{board}: expected CONFIG_PANIC_ON_OOPS=y and a CONFIG_PANIC_TIMEOUT")
    return said


def partitions_are_those_of_the_card() -> Findings:
    """Whatever is mounted or written is named by its place on the card: a stick may bear any label. And no stick is a
    disk."""
    text = (IMAGE / "genimage.cfg").read_text()
    signature = re.findall(r"disk-signature = 0x([0-9a-f]{8})", text)[0]
    numbers = {name: number for number, name in enumerate(re.findall(r"partition (\S+) \{", text), 1)}
    said: Findings = []
    for path in (IMAGE / "rauc.conf", *(each for folder in UNITS for each in sorted(folder.glob("*.*")))):
        here = path.read_text().replace(r"\x2d", "-")
        names = set(re.findall(r"dev[/-]disk[/-](by-[\w-]+?)[/-]([\w-]+)", here))
        wanted = {("by-partuuid", f"{signature}-{numbers[name]:02}") for name in PARTITIONS.get(path.name, ())}
        said += [f"{path.relative_to(ROOT)}: {kind} {name}: not the partition of genimage.cfg"
                 for kind, name in sorted(names - wanted)]  # fmt: skip
        said += [f"{path.relative_to(ROOT)}: expected {kind}/{name}" for kind, name in sorted(wanted - names)]
    for board in filter(board_has_firmware, BOARDS):
        if kernel_of(board).get("CONFIG_USB_STORAGE") != "n":
            said.append(f"{board}: expected '# CONFIG_USB_STORAGE is not set' in the kernel's fragments")
    return said


def the_development_card_has_what_bring_up_asks_for() -> Findings:
    """Each program that docs/bring-up.md and board/PARTS.md have somebody type is in image/dev.config, each file that
    they have him read in the kernels."""
    config = asked.symbols(IMAGE / "dev.config")
    typed = "\n".join(
        code
        for path in (ROOT / "docs/bring-up.md", ROOT / "board/PARTS.md")
        for code in re.findall(r"`([^`]+)`", path.read_text())
    )
    return [
        f"image/dev.config: expected BR2_PACKAGE_{symbol}=y for `{tool}`"
        for tool, symbol in TOOLS.items()
        if re.search(rf"(?m)(?:^|[|;] *){re.escape(tool)}\b", typed)
        and config.get(f"BR2_PACKAGE_{symbol}", ("",))[0] != "y"
    ] + [
        f"{board}: expected {symbol}=y in the kernel's fragments for {file}"
        for file, symbol in FILES.items()
        for board in filter(board_has_firmware, BOARDS)
        if file in typed and kernel_of(board).get(symbol) != "y"
    ]
