"""The image's own units under systemd on the rig: they start, stay in their sandbox, and the phone works in it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deskphone.drivers.board_file import load_board
from tests.hil.rig import disk, network
from tests.hil.rig.copper import Copper
from tests.hil.rig.reading import read
from tests.hil.rig.strategy import BOARD
from tests.hil.rig.uml import MAC, ROOT, Guest, artefacts
from tests.stories.bench_core import configuration
from tests.stories.bench_sip import NUMBER, SipBench

pytestmark = [pytest.mark.hil, pytest.mark.timeout(300)]
LEVEL = 2.0  # of `systemd-analyze security`; 0 is best


@dataclass
class Device:
    """The rig with the whole system on it."""

    guest: Guest
    copper: Copper
    server: SipBench

    def text(self) -> str:
        """What the display says."""
        return read(self.copper.picture()).text

    def run(self, command: str, within: float = 60) -> str:
        """A command's output, whatever its status."""
        return self.guest.shell.run(command, within).output.strip()


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """Switched on with an empty card, the DHCP server names the files: booted and registered, for all tests here."""
    folder = tmp_path_factory.mktemp("units")
    share = folder / "share"
    share.mkdir()
    disk.make(folder / "card")
    splash = ROOT / "image/package/deskphone-splash/src/splash.c"
    subprocess.run(["gcc", "-O2", "-o", share / "splash", splash], check=True, timeout=60)
    network.up()
    first = network.SERVERS[0]
    with (
        SipBench(host=first) as server,
        network.Dnsmasq(folder, f"66,{first}", f"42,{first}") as dhcp,
        Guest(artefacts(), share, "image.sh", network.TAP, arguments=(f"ubd0={folder}/card",), boot_s=60) as guest,
    ):
        path = dhcp.files / (MAC.replace(":", "") + ".cfg")
        path.write_bytes(
            configuration(
                voip__signalling__sip__proxy_address=first,
                voip__signalling__sip__proxy_port=str(server.server.port),
                provisioning__random_provisioning_time="0",
            )
        )
        path.chmod(0o644)
        yield Device(guest, Copper(load_board(BOARD), guest.copper_line), server)


def test_it_boots_and_registers(device: Device) -> None:
    device.copper.wait(lambda: NUMBER in device.text() and "Directory" in device.text(), "the idle screen", 90)
    assert device.server.lines() == {NUMBER}
    assert device.run("systemctl is-active deskphone.service") == "active"
