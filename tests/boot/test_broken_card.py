"""A card whose /data is worth nothing any more: the phone starts all the same, with a new and empty /data."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.machine import Machine, virt
from tests.boot.network import CABLE, NUMBERS, Network
from tests.boot.report import Report
from tests.netns.lab import HTTP, MAC, SERVER, needs_namespaces

pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(900)]
MIB = 1 << 20
DATA = (1 + 64 + 96 + 96) * MIB  # where genimage.cfg has it
NUMBER = NUMBERS[0]


def spoiled(card: Path, folder: Path) -> Path:
    """A copy of the card with rubbish where /data was."""
    copy = folder / "card.img"
    subprocess.run(["cp", "--sparse=always", str(card), str(copy)], check=True)
    with copy.open("r+b") as file:
        file.seek(DATA + 1080)
        assert file.read(2) == b"\x53\xef", "no ext4 where the data partition is expected"
        file.seek(DATA)
        file.write(b"\xa5" * (128 * MIB))
    return copy


def test_the_phone_starts_with_a_new_data_partition(tmp_path: Path, report: Report) -> None:
    there = images("qemu")
    needs_namespaces()
    tmp_path.chmod(0o755)
    with Network(tmp_path) as network:
        network.file(MAC.replace(":", "") + ".cfg", NUMBER)
        network.offer(f"160,http://{SERVER}:{HTTP}/")
        command = ["ip", "netns", "exec", network.server]
        command += virt(tmp_path, CABLE, MAC, spoiled(there / "sdcard.img", tmp_path))
        with Machine(command, tmp_path) as machine:
            network.until(lambda: bool(network.registered(NUMBER)), "registered", 400)
            said = machine.read("journalctl -b --no-pager -u data-anew -o cat")
            assert "made anew, everything the phone kept is lost" in said
            report.excerpts["a /data that nothing helps"] = [line for line in said.splitlines() if "/data" in line]
            assert NUMBER in machine.read("cat /data/deskphone/last-good.cfg")
            assert " ext4 rw" in machine.read("grep ' /data ' /proc/mounts")
            machine.until("systemctl is-system-running")
