"""The recipe's checks: quiet on the tree as it is, and each of them finds its fault in a tree where it was broken."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (
    "buildroot.config", "image", "board", "firmware/systemd",
    "firmware/deskphone/drivers/devices.py", "firmware/dhcp", "firmware/lan", "firmware/pyproject.toml",
    "firmware/requirements.lock", "firmware/requirements.in",
    "firmware/native/pjproject.toml", "docs/bring-up.md",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the checks read."""
    for name in NEEDED:
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return tmp_path


def check(tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(tree / "image/scripts/check.py")]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_recipe_is_sound_and_what_was_left_out_is_said(tree: Path) -> None:
    result = check(tree)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "FAIL" not in result.stdout
    assert "left out: the defconfig round trip" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "old", "new", "finding"),
    [
        ("image/package/python-luma-core/python-luma-core.mk", "= 2.6.0", "= 2.5.0", "lock file says 2.6.0"),
        ("image/package/python-luma-core/python-luma-core.hash", "3ddb673f", "00000000", "expected one of the hashes"),
        ("image/package/python-lgpio/python-lgpio.hash", "lgpio-0.2.2.0.tar.gz", "x", "a sha256 of 'lgpio-0.2.2.0"),
        ("image/package/python-lgpio/python-lgpio.hash", "  LICENSE", "  OTHER", "a sha256 of 'LICENSE'"),
        ("image/Config.in", "package/python-luma-oled", "package/x", "a line for python-luma-oled"),
        ("image/package/deskphone/deskphone.mk", "VERSION = 0.1.0", "VERSION = 9", "expected version 0.1.0"),
        (
            "image/package/deskphone/deskphone.mk",
            "audio,gpio,spi,i2c,hidraw",
            "audio",
            "groups audio,deskphone-manage, expected",
        ),
        ("image/package/deskphone/deskphone.mk", "spi 982", "spi -1", "group spi with a fixed number"),
        (
            "image/package/deskphone-pjproject/deskphone-pjproject.hash",
            "pjproject-b7",
            "pjproject-00",
            "expected a SHA-256",
        ),
        ("image/package/deskphone-pjproject/binding.make", "-O1 -g0", "-O0 -g0", "binding flags"),
        ("firmware/native/pjproject.toml", 'commit = "b7317ffc', 'commit = "b7317ffd', "expected version b7317ffd"),
        ("image/package/deskphone/Config.in", "PYTHON_AIOHTTP", "X", "expected 'select BR2_PACKAGE_PYTHON_AIOHTTP'"),
        ("firmware/requirements.in", "aiohttp", "aiohttp\naioftp>=1", "BR2_PACKAGE_PYTHON_AIOFTP"),
        ("board/handset.txt", "enable_uart=0", "enable_uart=1", "14 or 15 is a pin of the matrix"),
        ("board/handset.txt", ",no_miso", "", "expected dtoverlay=spi0-1cs,no_miso"),
        ("board/handset.txt", "googlevoicehat-soundcard", "googlevoicehat", "expected dtoverlay=googlevoicehat"),
        ("board/handset-i2c.txt", "=400000", "=100000", "expected dtparam=i2c_arm_baudrate=400000, got 100000"),
        ("board/handset-i2c.dev.txt", "enable_uart=1", "", "enable_uart=1 in the development variant"),
        ("board/rpi4/config.txt", "arm_64bit=1", "arm_64bit=1\ngpu_mem=16", "start4cd.elf: the GPU's program"),
        ("board/zero2w/config.txt", "arm_64bit=1", "[pi02]\nstart_x=1\n[all]\narm_64bit=1", "start_x.elf: the GPU's"),
        ("board/rpi3/config.txt", "arm_64bit=1", "", "expected arm_64bit=1"),
        ("board/rpi4/buildroot.config", " broadcom/bcm2711-rpi-cm4", "", "a CM4 would not start"),
        ("board/zero2w/buildroot.config", "BR2_LINUX_KERNEL_DTB_OVERLAY_SUPPORT=y", "", "DTB_OVERLAY_SUPPORT=y"),
        ("board/rpi3/buildroot.config", "BR2_PACKAGE_RPI_FIRMWARE_BOOTCODE_BIN=y", "", "bootcode.bin: the first stage"),
        ("board/rpi3/70-deskphone-sound.rules", "1-1.2", "1-1.4", "a 3B+ has none of the sockets 1-1.4"),
        ("board/rpi3/70-deskphone-sound.rules", "1-1.3", "1-1.1.3", "a 3B has none of the sockets 1-1.1.3"),
        ("board/rpi3/70-deskphone-sound.rules", "1-1.3", "1-1.3|1-1.5", "two sockets of a 3B"),
        ("board/rpi4/70-deskphone-sound.rules", "1-1.2", "1-1.9", "no model of rpi4 has the socket 1-1.9"),
        ("board/rpi4/70-deskphone-sound.rules", "1-1.2", "1-1.1", "two cards in one socket of a 4B"),
        ("board/zero2w/70-deskphone-sound.rules", '"Headset"', '"Headphone"', "a socket for the card Headset"),
        ("firmware/systemd/deskphone.service", "DeviceAllow=char-hidraw rw", "", "expected DeviceAllow=char-hidraw rw"),
        (
            "firmware/systemd/deskphone.service",
            "char-spi rw",
            "char-spi rw\nDeviceAllow=char-mem r",
            "no driver opens it",
        ),
        ("firmware/systemd/deskphone.service", " i2c audio", " audio", "expected the group i2c"),
        (
            "image/rootfs/usr/lib/udev/rules.d/60-deskphone-devices.rules",
            '"gpiochip*", GROUP="gpio"',
            '"gpiochip0", GROUP="gpio"',
            "60-deskphone-devices.rules: expected SUBSYSTEM",
        ),
        ("image/kernel/common.fragment", "CONFIG_SPI_SPIDEV=y", "CONFIG_SPI_SPIDEV=m", "expected CONFIG_SPI_SPIDEV=y"),
        (
            "firmware/systemd/deskphone.service",
            "Environment=PYTHONNOUSERSITE=1 PYTHONSAFEPATH=1",
            "",
            "expected python3 -I",
        ),
        ("image/rootfs/usr/lib/systemd/system/packet-filter.service", "-I -B", "-B", "expected python3 -I"),
        ("image/package/deskphone/deskphone.mk", "980 * - -", "980 * /data/deskphone -", "without a home"),
        ("firmware/systemd/deskphone.sysusers.conf", '"Desk phone"', '"Desk phone" /data/deskphone', "without a home"),
        ("board/rpi3/cmdline.txt", "-02 ro", "-02 rw", "board/rpi3/cmdline.txt: expected 'root=PARTUUID"),
        ("image/genimage.cfg", "0x6473706e", "0x6473706f", "expected 'root=PARTUUID=6473706f-02"),
        ("board/qemu/buildroot.config", '_BOARD="qemu"', '_BOARD="rpi4"', "BR2_PACKAGE_DESKPHONE_BOARD"),
        ("image/rootfs/usr/lib/systemd/system-preset/50-deskphone.preset", "disable *", "", "'disable *'"),
        ("image/rootfs/usr/lib/systemd/system-preset/50-deskphone.preset", "enable data.mount", "", "for data.mount"),
        ("image/rootfs/usr/lib/systemd/system-preset/50-deskphone.preset", "enable dhcpcd.s", "", "for dhcpcd.service"),
        ("firmware/dhcp/dhcpcd.service", "[Service]", "[Servic]", "dhcpcd.service"),
        ("board/qemu/gpio-sim.service", "RemainAfterExit=yes", "RemainAfterExit=perhaps", "gpio-sim.service"),
        ("image/rootfs/usr/lib/systemd/system/data.mount", "[Mount]", "[Mont]", "data.mount"),
        ("buildroot.config", "# BR2_TARGET_ENABLE_ROOT_LOGIN is not set", "", "ENABLE_ROOT_LOGIN is not set"),
        ("buildroot.config", "BR2_PACKAGE_PYTHON3=y", "BR2_PACKAGE_DROPBEAR=y", "only image/dev.config may"),
        ("image/kernel/raspberrypi.fragment", "RASPBERRYPI_GPIOMEM", "BCM2835_DEVGPIOMEM", "no Kconfig of this kernel"),
        ("board/qemu/kernel.config", "CONFIG_PCI=y", "CONFIG_RASPBERRYPI_GPIOMEM=y", "qemu: "),
        ("image/kernel/common.fragment", "# CONFIG_MODULE_COMPRESS is not set", "", "CONFIG_MODULE_COMPRESS: expected"),
        (
            "image/kernel/common.fragment",
            "# CONFIG_MODULE_COMPRESS is not set",
            "CONFIG_MODULE_COMPRESS=y\nCONFIG_MODULE_COMPRESS_XZ=y",
            "expected BR2_PACKAGE_HOST_KMOD_XZ=y",
        ),
        ("image/kernel/common.fragment", "CONFIG_MEMCG=y", "", "expected CONFIG_MEMCG=y"),
        ("board/zero2w/cmdline.txt", " cgroup_enable=memory", "", "board/zero2w/cmdline.txt: expected cgroup_enable"),
        (
            "image/kernel/common.fragment",
            'CONFIG_LSM="yama"',
            "",
            "rpi4: expected CONFIG_SECURITY_YAMA=y and CONFIG_LSM",
        ),
        ("board/rpi3/cmdline.txt", "rootwait=30", "rootwait", "board/rpi3/cmdline.txt: expected rootwait="),
        ("image/kernel/common.fragment", "CONFIG_PANIC_TIMEOUT=5", "", "a CONFIG_PANIC_TIMEOUT"),
        (
            "image/rootfs/usr/lib/systemd/system/boot.mount",
            "by-partuuid/6473706e-01",
            "by-label/BOOT",
            "boot.mount: by-label BOOT: not the partition",
        ),
        ("image/rauc.conf", "6473706e-03", "6473706e-04", "rauc.conf: expected by-partuuid/6473706e-03"),
        ("image/kernel/raspberrypi.fragment", "# CONFIG_USB_STORAGE is not set", "", "CONFIG_USB_STORAGE is not set"),
        ("image/dev.config", "BR2_PACKAGE_ALSA_UTILS_SPEAKER_TEST=y", "", "for `speaker-test`"),
        (
            "image/kernel/raspberrypi.fragment",
            "CONFIG_IIO is",
            "CONFIG_NET_SCHED is",
            "rpi4: CONFIG_NET_SCHED=n in the",
        ),
        (
            "image/kernel/common.fragment",
            "CONFIG_MD=y",
            "CONFIG_RT_GROUP_SCHED=y",
            "rpi3: CONFIG_RT_GROUP_SCHED=y in the",
        ),
        ("docs/bring-up.md", "`journalctl -b _PID=1", "`cat /sys/class/watchdog/watchdog0/timeout", "WATCHDOG_SYSFS=y"),
        ("board/rpi4/config.txt", "otg_mode=1", "", "on a CM4: expected otg_mode=1"),
        ("image/scripts/size.sh", "status=0", "status=$undefined_thing; cd $x", "SC2154"),
    ],
)
def test_a_broken_recipe_is_found(tree: Path, file: str, old: str, new: str, finding: str) -> None:
    path = tree / file
    text = path.read_text()
    assert old in text, f"{file} no longer has {old!r}: this test breaks nothing"
    path.write_text(text.replace(old, new))
    result = check(tree)
    assert result.returncode > 0
    assert finding in result.stdout, result.stdout + result.stderr


def test_a_board_without_sound_rules_is_found(tree: Path) -> None:
    (tree / "board/zero2w/70-deskphone-sound.rules").unlink()
    result = check(tree)
    assert result.returncode > 0 and "board/zero2w: expected 70-deskphone-sound.rules" in result.stdout


def test_a_package_without_its_hash_file_is_found(tree: Path) -> None:
    (tree / "image/package/python-lgpio/python-lgpio.hash").unlink()
    result = check(tree)
    assert result.returncode > 0 and "expected python-lgpio.hash" in result.stdout + result.stderr
