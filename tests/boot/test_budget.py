"""How long a phone that knows its settings takes to be registered, beside the same image that starts baresip instead.

BARESIP=DIR names an unpacked baresip for arm64 with its libraries (usr/bin, usr/lib); without it there is nothing to
compare with. The budget is a factor of two emulated machines, one after the other, on a host with nothing else to do.
With BOOT_CLOCK=instructions the machine's two processors share what one does: told, not judged, for a Pi has four.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.machine import Machine, virt
from tests.boot.network import CABLE, NUMBERS, PASSWORD, Network
from tests.boot.report import Report
from tests.netns.lab import HTTP, MAC, SERVER, needs_namespaces

pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(1800)]
MIB = 1 << 20
ROOT_A = (1 + 64) * MIB  # where genimage.cfg has it
NUMBER = NUMBERS[0]
FACTOR = 1.25
UNIT = """[Unit]
Description=baresip in place of the phone
After=network.target

[Service]
ExecStart=/bin/sh -c 'until [ -e /run/deskphone-dhcp/lease ]; do sleep 0.1; done; exec /opt/baresip/baresip -f /opt/baresip'
Environment=LD_LIBRARY_PATH=/opt/baresip/lib
Restart=always
"""  # noqa: E501 - one line of a unit
CONFIG = """module_path /opt/baresip/lib/baresip/modules
module g711.so
module alsa.so
module_app account.so
audio_player alsa,plughw:CARD=Handset
audio_source alsa,plughw:CARD=Handset
audio_alert alsa,plughw:CARD=Handset
"""
LIBRARIES = ("libre.so.*", "librem.so.*", "libssl.so.3", "libcrypto.so.3")


def seconds_to_registered(network: Network, folder: Path, card: Path, words: str = "") -> float:
    """From the start of the kernel to registered, by the machine's own clock: how fast it is emulated is no part of it.
    What is written on the card stays."""
    folder.mkdir()
    command = virt(folder, CABLE, MAC, card, keep=True)
    at = command.index("-append") + 1
    command[at] = f"{command[at]} {words}".strip()
    with Machine(["ip", "netns", "exec", network.server, *command], folder) as machine:
        machine.run("true")  # the shell is there before it is asked
        network.until(lambda: bool(network.registered(NUMBER)), "registered", 600)
        took = float(machine.read("cut -d ' ' -f 1 /proc/uptime"))
        machine.run("sync; poweroff")
        machine.says("Power down|reboot: System halted")
    return took


def with_baresip(card: Path, baresip: Path, folder: Path) -> None:
    """The same card, and in its root also baresip and a unit that nobody starts."""
    root, home = folder / "root", folder / "root/opt/baresip"
    subprocess.run(["unsquashfs", "-q", "-n", "-d", str(root), str(images("qemu") / "rootfs.squashfs")], check=True)
    (home / "lib").mkdir(parents=True)
    shutil.copy(baresip / "usr/bin/baresip", home)
    library = baresip / "usr/lib/aarch64-linux-gnu"
    shutil.copytree(baresip / "usr/lib/baresip", home / "lib/baresip")
    for pattern in LIBRARIES:
        for file in library.glob(pattern):
            shutil.copy(file, home / "lib")
    (home / "config").write_text(CONFIG)
    account = f"<sip:{NUMBER}@{SERVER}>;auth_user={NUMBER};auth_pass={PASSWORD};regint=300;audio_codecs=PCMU\n"
    (home / "accounts").write_text(account)
    (root / "usr/lib/systemd/system/baresip.service").write_text(UNIT)
    made = folder / "root.squashfs"
    subprocess.run(["mksquashfs", str(root), str(made), "-noappend", "-quiet", "-comp", "zstd"], check=True)
    assert made.stat().st_size <= 96 * MIB
    with card.open("r+b") as file:
        file.seek(ROOT_A)
        file.write(made.read_bytes())


def test_the_phone_is_registered_soon_enough(tmp_path: Path, report: Report) -> None:
    needs_namespaces()
    baresip = os.environ.get("BARESIP")
    tmp_path.chmod(0o755)
    card = tmp_path / "card.img"
    subprocess.run(["cp", "--sparse=always", str(images("qemu") / "sdcard.img"), str(card)], check=True)
    with Network(tmp_path) as network:
        network.file(MAC.replace(":", "") + ".cfg", NUMBER, "voip/signalling/sip/proxy_timeout=60")
        network.offer(f"160,http://{SERVER}:{HTTP}/")
        told = {"fresh card": seconds_to_registered(network, tmp_path / "fresh", card)}
        network.until(lambda: not network.registered(NUMBER), "the registration has run out", 120)
        told["settings kept"] = seconds_to_registered(network, tmp_path / "kept", card)
        if baresip:
            network.until(lambda: not network.registered(NUMBER), "the registration has run out", 120)
            with_baresip(card, Path(baresip), tmp_path)
            words = "systemd.mask=deskphone.service systemd.wants=baresip.service"
            told["baresip"] = seconds_to_registered(network, tmp_path / "baresip", card, words)
    for name, seconds in told.items():
        report.facts[f"seconds from the kernel's start to registered, {name}"] = round(seconds, 1)
    if not baresip:
        pytest.skip("compared with nothing: BARESIP=DIR names no baresip for arm64")
    factor = told["settings kept"] / told["baresip"]
    report.facts["to registered, as a factor of baresip's"] = round(factor, 2)
    print(f"\nto registered: {told}, factor {factor:.2f}")
    if os.environ.get("BOOT_CLOCK") == "instructions":
        pytest.skip(f"factor {factor:.2f} is not judged: processors that share one's instructions (BOOT_CLOCK)")
    assert factor <= FACTOR, told
