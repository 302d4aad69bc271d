"""What a test needs of the machine: programs, each with the Debian package that has it.

Law: the one place that leaves a test out for want of a package. On a desk that is a skip that names the package; in CI
(CI=true) it is a failure, because firmware/packages.txt should have brought it.
"""

from __future__ import annotations

import os
import shutil

import pytest

PACKAGES = {
    "baresip": "baresip-core",
    "bmaptool": "bmap-tools",
    "chromedriver": "chromium-driver",
    "chromium": "chromium",
    "dbus-daemon": "dbus-daemon",
    "debugfs": "e2fsprogs",
    "dhcpcd": "dhcpcd-base",
    "dnsmasq": "dnsmasq-base",
    "e2fsck": "e2fsprogs",
    "genimage": "genimage",
    "hostapd": "hostapd",
    "ip": "iproute2",
    "kamailio": "kamailio",
    "linux.uml": "user-mode-linux",
    "lldpcli": "lldpd",
    "lldpd": "lldpd",
    "in.tftpd": "tftpd-hpa",
    "lighttpd": "lighttpd",
    "losetup": "mount",
    "mcopy": "mtools",
    "mformat": "mtools",
    "mkdosfs": "dosfstools",
    "mkfs.ext4": "e2fsprogs",
    "mksquashfs": "squashfs-tools",
    "modprobe": "kmod",
    "mosquitto": "mosquitto",
    "mosquitto_pub": "mosquitto-clients",
    "mosquitto_sub": "mosquitto-clients",
    "tcpdump": "tcpdump",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "telnetd": "inetutils-telnetd",
    "telnet": "telnet",
    "nft": "nftables",
    "nginx": "nginx-light",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "rauc": "rauc",
    "rsyslogd": "rsyslog",
    "shellcheck": "shellcheck",
    "sipp": "sip-tester",
    "strace": "strace",
    "systemd-analyze": "systemd",
    "systemd-socket-activate": "systemd",
    "systemd-sysusers": "systemd",
    "tmux": "tmux",
    "unshare": "util-linux",
    "wpa_cli": "wpasupplicant",
    "wpa_supplicant": "wpasupplicant",
    "vsftpd": "vsftpd",
}


def in_ci() -> bool:
    """Whether this is a run that may leave nothing out (what CI services set: CI=true)."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def missing(*programs: str) -> str:
    """What this machine lacks of these programs and how it is had, or ""."""
    lacking = [name for name in programs if shutil.which(name) is None]
    packages = sorted({PACKAGES[name] for name in lacking})
    return f"not installed: {', '.join(lacking)} (Debian: {' '.join(packages)})" if lacking else ""


def needs(*programs: str) -> None:
    """Go on only where these programs are; otherwise the running test is skipped, in CI it fails. Keys of PACKAGES."""
    unknown = [name for name in programs if name not in PACKAGES]
    assert not unknown, f"tests/needs.py does not say which package has {', '.join(unknown)}"
    reason = missing(*programs)
    if reason and in_ci():
        pytest.fail(f"{reason}; firmware/prepare.sh test brings it", pytrace=False)
    if reason:
        pytest.skip(reason)
