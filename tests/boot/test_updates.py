"""Updates of the image in QEMU: from the provisioning server to the other slot, kept, undone, refused; another key.

One card for the whole story; each start is what the firmware's model finds on it. The image is as it was built but for
the keyring, which is this owner's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.boot.conftest import images
from tests.boot.device import Device, running
from tests.boot.machine import Machine
from tests.boot.network import NUMBERS, Network
from tests.boot.owner import OWN, Owner
from tests.boot.report import Report
from tests.cuts.slots import BUNDLE, MAKE_FOLDER, STATE
from tests.netns.lab import FILE, WEB, needs_namespaces

pytestmark = [pytest.mark.boot("qemu"), pytest.mark.slow, pytest.mark.timeout(3600)]
NUMBER = NUMBERS[0]
LONG = 900.0  # seconds: a bundle is written, by an emulated machine


class World:
    """One device, its owner, and what the owner lays on the provisioning server."""

    def __init__(self, folder: Path, network: Network, report: Report) -> None:
        there = images("qemu")
        self.network, self.report, self.owner = network, report, Owner(there, folder / "owner")
        self.first, self.second, self.stranger = (self.owner.keys(name) for name in ("first", "second", "stranger"))
        self.device = Device(folder, there / "sdcard.img", network)
        self.owner.write(self.device.card, self.owner.root(OWN, self.first))
        self._words = 0

    def on(self) -> AbstractContextManager[Machine]:
        return self.device.on()

    def offer(self, root: Path, version: str, keys: Path) -> None:
        self.owner.offer(self.owner.bundle(root, version, keys), version, keys, self.network.files)

    def refused(self, machine: Machine, bundle: bytes) -> str:
        """This bundle in the place of the phone's download: what the updater says of it."""
        (self.network.files / "other.img").write_bytes(bundle)
        get = f"import urllib.request as u; u.urlretrieve('{WEB}/other.img', '{BUNDLE}.new')"
        machine.read(f'{MAKE_FOLDER}; python3 -c "{get}" && mv {BUNDLE}.new {BUNDLE}')
        self._words += 1
        machine.read(f"echo install {self._words} >/run/deskphone/update.own; mv /run/deskphone/update.own "
                     "/run/deskphone/update")  # fmt: skip
        machine.until(f"grep -q '\"served\": {self._words}[,}}]' {STATE} && ! grep -q installing {STATE}", LONG)
        told = json.loads(machine.read(f"cat {STATE}"))
        assert told["step"] == "failed", told
        return str(told["detail"])


def told(machine: Machine, *steps: str) -> dict[str, object]:
    """Wait until the updater is at one of these steps."""
    machine.until(f'grep -qE \'"step": "({"|".join(steps)})"\' {STATE}', LONG)
    found: dict[str, object] = json.loads(machine.read(f"cat {STATE}"))
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, report: Report) -> Iterator[World]:
    needs_namespaces()
    folder = tmp_path_factory.mktemp("updates")
    folder.chmod(0o755)
    (folder / "owner").mkdir()
    with Network(folder) as network:
        network.file(FILE, NUMBER, "deskphone/update/restart=IDLE")
        network.offer(f"160,{WEB}/")
        made = World(folder, network, report)
        yield made
        made.device.keep(images("qemu") / "boot-test-updates-console.log")


def test_what_is_not_for_this_phone_changes_nothing(world: World) -> None:
    owner = world.owner
    old, new = owner.root("0.0.9", world.first), owner.root("0.2.0", world.first, world.second)
    good = owner.bundle(new, "0.2.0", world.first).read_bytes()
    offers = {
        "cut off": (good[: len(good) // 2], "cut off"),
        "its last byte missing": (good[:-1], "cut off"),
        "another owner's": (owner.bundle(new, "0.2.0", world.stranger).read_bytes(), "bad signature"),
        "signed by a key that is not in the image yet": (
            owner.bundle(new, "0.2.0", world.second).read_bytes(), "bad signature",
        ),
        "another board's": (
            owner.bundle(new, "0.2.0", world.first, "deskphone-rpi4-handset").read_bytes(), "for another board",
        ),
        "older": (owner.bundle(old, "0.0.9", world.first).read_bytes(), f"older than {OWN}"),
        "older, by an order from before": (
            owner.bundle(old, "0.0.9", world.first, order=1).read_bytes(), f"signed before {OWN}",
        ),
    }  # fmt: skip
    with world.on() as machine:
        world.network.until(lambda: bool(world.network.registered(NUMBER)), "registered", LONG)
        assert running(machine) == ("A", OWN)
        machine.until(f"test -s {STATE}")
        said = {name: world.refused(machine, bundle) for name, (bundle, _) in offers.items()}
        world.report.excerpts["bundles that are refused"] = [f"{name}: {why}" for name, why in said.items()]
        for name, (_, expected) in offers.items():
            assert expected in said[name], f"{name}: {said[name]}"
        assert "config.txt" in machine.read("systemctl start boot.mount; ls /boot")
        assert machine.read("grep os_prefix /boot/config.txt") == "os_prefix=a/"
        machine.read(f"rm -f {BUNDLE}; sync")
        assert machine.read("systemctl --failed --no-legend") == ""
    assert [owner.version_in(world.device.card, slot) for slot in "AB"] == [OWN, OWN]


def test_a_good_one_comes_from_the_server_is_tried_and_kept(world: World) -> None:
    world.offer(world.owner.folder / "0.2.0.squashfs", "0.2.0", world.first)
    with world.on() as machine:
        argument = world.device.restarts(machine, LONG)
        assert argument == "0 tryboot", "it restarts by itself, into the trial"
    with world.on() as machine:
        assert running(machine) == ("B", "0.2.0")
        assert told(machine, "trial", "good")["version"] == "0.2.0"
        assert told(machine, "good")["version"] == "0.2.0"
        journal = machine.read("journalctl -b --no-pager -o short-monotonic -u deskphone-update -u deskphone-trial")
        world.report.excerpts["an update that is kept"] = journal.splitlines()
        exposure = machine.read("systemd-analyze security --no-pager deskphone-update deskphone-trial")
        world.report.excerpts["systemd-analyze security, updater"] = exposure.splitlines()
        machine.read("sync")
    with world.on() as machine:
        assert running(machine) == ("B", "0.2.0"), "without a word it is the new one now"
        assert told(machine, "none")
    assert [world.owner.version_in(world.device.card, slot) for slot in "AB"] == [OWN, "0.2.0"]


def test_one_whose_phone_does_not_start_is_undone_by_itself_and_not_tried_a_third_time(world: World) -> None:
    """Signed by the second key, which the version before brought along."""
    bad = world.owner.root("0.3.0", world.second, starts=False)
    world.offer(bad, "0.3.0", world.second)
    for expected in ("failed", "rolled_back"):
        with world.on() as machine:
            assert running(machine) == ("B", "0.2.0")
            assert world.device.restarts(machine, LONG) == "0 tryboot"
        with world.on() as machine:
            assert running(machine) == ("A", "0.3.0")
            assert world.device.restarts(machine, LONG) == "", "its phone ends five times"
        with world.on() as machine:
            assert running(machine) == ("B", "0.2.0")
            said = told(machine, expected)
            world.report.excerpts.setdefault("an update that is undone", []).append(json.dumps(said))
            if expected == "rolled_back":
                world.network.until(lambda: bool(world.network.registered(NUMBER)), "registered", LONG)
                look = "journalctl -b --no-pager -o cat -u deskphone | grep 'not installed again'"
                journal = machine.until(look, LONG)
                world.report.excerpts["an update that is undone"] += journal.splitlines()


def test_an_order_of_the_owner_takes_it_back(world: World) -> None:
    owner = world.owner
    order = owner.bundle(owner.root(OWN, world.first, world.second), OWN, world.second, order=2_000_000_000)
    with world.on() as machine:
        machine.until(f"test -s {STATE}")
        machine.read("systemctl stop deskphone")  # it would bring its own firmware
        world.network.files.joinpath("other.img").write_bytes(order.read_bytes())
        machine.until(f"wget -q -O {BUNDLE} {WEB}/other.img")
        machine.read("echo install 77 >/run/deskphone/update")
        assert told(machine, "installed", "failed")["version"] == OWN
        machine.read("echo restart 78 >/run/deskphone/update")
        assert world.device.restarts(machine, LONG) == "0 tryboot"
    with world.on() as machine:
        assert running(machine) == ("A", OWN)
        told(machine, "good")
        assert machine.read("cat /data/rauc/downgrade") == "2000000000"
