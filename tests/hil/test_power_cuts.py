"""The plug is pulled at random moments: in the start, while settings are stored, while an update is brought in, in its
trial. On the rig, where a start is quick.

The kernel, FAT, ext4, squashfs, dm-verity, systemd, RAUC and the product's units are real ones; the card is a file, and
what the kernel had not written when its process is killed is lost. After each cut the card is looked at: the model of
the firmware finds a slot to start, which is one version and whole, and none that was never good. CUTS says how many,
SEED with which random numbers; what was cut and found is left in build/hil/power-cuts-SEED.json. The image itself:
tests/boot/test_power_cuts.py.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cuts.plug import Plug
from tests.cuts.slots import AT_REST, BUNDLE, MAKE_FOLDER, STATE, Found, look
from tests.hil.rig.disk import SLOT
from tests.hil.rig.image import Desk, Device, desk
from tests.hil.rig.uml import ROOT
from tests.image.owner import PI, Owner

CUTS, SEED = int(os.environ.get("CUTS", "5")), int(os.environ.get("SEED", "1"))
pytestmark = [
    pytest.mark.hil, pytest.mark.timeout(300 * (CUTS + 2)),
    pytest.mark.needs("rauc", "mksquashfs", "dbus-daemon"),
]  # fmt: skip
FIRST, OTHER = "0.1.0", "0.2.0"
GOOD = "/data/deskphone/last-good.cfg"
MARK, OWN = "voip/line/0/description", "voip/line/0/extension_display"
WORDS = "/run/deskphone/update"  # what the phone says to the updater
CLI = "deskphone cli --control /run/deskphone/control"
START, RESTART, STORE, INSTALL, WORD = 1.5, 0.8, 0.3, 0.22, 0.25  # what a cut's moment lies in, as multiples of a start
TRIAL = 55  # seconds, or START: before the phone may call its start good (60)
OFTEN = (9, 5, 5, 8, 3, 1)  # how often each place is drawn


class Cutter:
    """One phone whose plug is pulled. file, own: the newest word of the server's file, and of the settings that were
    made at the phone; kept: those seen to be kept. starts: slot and version that the firmware would start; good: those
    that it may start, too, for the phone is calling them good. word: number of the last word to install."""

    def __init__(self, place: Desk, owner: Owner) -> None:
        self.place, self.plug = place, Plug(SEED, ROOT / "build" / "hil" / f"power-cuts-{SEED}.json")
        self.owner, self.roots = owner, {version: owner.root(version) for version in (FIRST, OTHER)}
        back = owner.bundle(FIRST, description="downgrade", build="2000000000")
        for version, bundle in {FIRST: back, OTHER: owner.bundle(OTHER)}.items():
            shutil.copy(bundle, place.folder / "share" / f"{version}.img")
        self.starts = self.good = ("A", FIRST)
        self.file = self.own = self.word = 0
        self.kept = (0, 0)
        self.renew()

    def renew(self) -> None:
        self.file += 1
        self.place.configure(**{MARK.replace("/", "__"): f"file {self.file}"})

    def pulled(self, where: str) -> None:
        """Write it down. What the firmware would start is what was good before, or was being called so."""
        found = look(self.place.folder / "card", PI, SLOT, self.roots)
        print(json.dumps(self.plug.pulled(where, **found.told())), flush=True)
        self.whole(found)
        assert found.starts in (self.starts, self.good), f"{found.starts} starts and was never good"
        self.starts = self.good = found.starts

    def whole(self, found: Found) -> None:
        """What starts is one version, root file system and kernel."""
        slot, version = found.starts
        assert version, f"slot {slot} starts and is none of the versions"
        kernel = (self.owner.boot(version) / "kernel8.img").read_bytes()
        assert found.kernel == kernel, f"slot {slot}: the kernel that starts is not that of {version}"

    @contextmanager
    def on(self) -> Iterator[Device]:
        """Switched on, at a server that has not heard of it; it started, and what it kept was looked at."""
        at = self.place.server.server
        self.place.server.do(at.location.clear)
        began = time.monotonic()
        with self.place.on() as device:
            self.look(device, lambda: bool(at.registrations))
            self.plug.start = time.monotonic() - began
            yield device

    def look(self, device: Device, registered: Callable[[], bool]) -> None:
        """What it kept is of before the cut, or of after it; then it has the newest file."""
        device.run("timeout 60 sh -c 'until systemctl -q is-active data.mount; do sleep 0.5; done'", 90)
        kept = device.run(f"grep -o '{MARK}=file.*' {GOOD} 2>/dev/null")
        # Asked at the server, after each word of the phone: a shell that asks again and again takes the phone's time.
        assert device.copper.comes(registered, 240), device.run("journalctl -b -o cat --no-pager | tail -n 60")
        newest = f"timeout 90 sh -c 'until grep -q \"{MARK}=file {self.file}$\" {GOOD}; do sleep 1; done'; echo $?"
        assert device.run(newest, 120) == "0", device.run(f"cat {GOOD}")
        runs = device.run("grep -o 'rauc.slot=.' /proc/cmdline; grep VERSION_ID= /etc/os-release").split()
        assert runs == [f"rauc.slot={self.starts[0]}", f"VERSION_ID={self.starts[1]}"]
        anew = device.run("journalctl -b -o cat --no-pager | grep -e 'made anew' -e 'cannot be read'")
        assert not anew or not self.plug.log, anew
        # A phone that is about to start may not answer yet: that is not a phone without the setting.
        shown = device.run(
            f"timeout 90 sh -c 'until {CLI} show {OWN}; do sleep 1; done' 2>/dev/null; echo status $?", 120
        )
        assert shown.endswith("status 0"), shown
        own = re.search(r"own (\d+)", shown)
        found = (int(kept.rpartition(" ")[2]) if kept else 0, int(own[1]) if own else 0)
        assert self.kept[0] <= found[0] <= self.file, f"kept: {kept!r}, expected {self.kept[0]} to {self.file}"
        assert self.kept[1] <= found[1] <= self.own, f"kept: {found[1]}, expected {self.kept[1]} to {self.own}"
        self.kept, self.own = (self.file, found[1]), found[1]
        self.plug.looked()

    # --- where the plug is pulled ------------------------------------------------------------------

    def in_the_start(self) -> str:
        guest = self.place.guest()
        guest.start()
        moment = self.plug.wait(START)
        guest.stop()
        return f"{moment} after power-on"

    def in_a_new_file(self) -> str:
        with self.on() as device:
            self.renew()
            device.run("systemctl kill --signal=KILL deskphone")  # it starts anew, fetches, stores
            return f"{self.plug.wait(RESTART)} into a new configuration"

    def in_a_setting(self) -> str:
        with self.on() as device:
            self.own += 1
            device.run(f'({CLI} set {OWN} "own {self.own}" >/dev/null 2>&1 &)')
            return f"{self.plug.wait(STORE)} into a setting made at the phone"

    def in_installing(self) -> str:
        with self.on() as device:
            version = self.install(device)
            return f"{self.plug.wait(INSTALL)} into installing {version}"

    def in_the_trial(self) -> str:
        _, version = self.try_other()
        guest = self.place.guest()
        guest.start()
        moment = self.plug.wait(min(START, TRIAL / self.plug.start))
        guest.stop()
        return f"{moment} into the trial of {version}"

    def in_calling_it_good(self) -> str:
        tried = self.try_other()
        with self.place.on() as device:
            said = device.run(f"timeout 600 sh -c 'until grep -qs good {WORDS}; do sleep 0.2; done'; echo $?", 660)
            assert said == "0", device.run("journalctl -b -o cat --no-pager | tail -n 60")
            self.good = tried
            return f"{self.plug.wait(WORD)} after the phone called {tried[1]} good"

    def try_other(self) -> tuple[str, str]:
        """Have the other version installed, and a restart asked for; slot and version of the trial that comes now."""
        with self.on() as device:
            version = self.install(device)
            ended = f"grep {self.word} {STATE} | grep -q -e installed -e failed"
            device.run(f"timeout 120 sh -c 'until {ended}; do sleep 0.2; done'", 150)
            said = device.run(f"cat {STATE}")
            assert json.loads(said)["step"] == "installed", said
            device.run(f"echo restart {time.time_ns()} >{WORDS}")
            assert self.place.restarts(device, 120) == "0 tryboot"
        found = look(self.place.folder / "card", PI, SLOT, self.roots, tryboot=True)
        self.whole(found)
        assert found.starts == ("B" if self.starts[0] == "A" else "A", version)
        return found.starts

    def install(self, device: Device) -> str:
        """Have the other version installed; which that is."""
        version = OTHER if self.starts[1] == FIRST else FIRST
        device.run(f"timeout 300 sh -c 'until {AT_REST}; do sleep 1; done'", 330)
        device.run(f"{MAKE_FOLDER}; rm -f /data/rauc/downgrade; cp /hil/{version}.img {BUNDLE}; sync")
        self.word = time.time_ns()
        device.run(f"echo install {self.word} >{WORDS}")
        return version


@pytest.fixture
def cutter(tmp_path: Path) -> Iterator[Cutter]:
    owner = Owner(tmp_path, noise=12 << 20, kernel=1 << 20, verity=True, phone=True)
    with desk(tmp_path, owner=owner, version=FIRST) as place:
        yield Cutter(place, owner)


def test_whenever_the_plug_is_pulled_it_starts_again_with_what_it_had(cutter: Cutter) -> None:
    with cutter.on() as device:  # a first start: the phone keeps its first settings
        device.run("sync")
    places = (
        cutter.in_the_start, cutter.in_a_new_file, cutter.in_a_setting, cutter.in_installing, cutter.in_the_trial,
        cutter.in_calling_it_good,
    )  # fmt: skip
    for number in range(CUTS):
        place = places[number] if number < len(places) else cutter.plug.random.choices(places, OFTEN)[0]
        cutter.pulled(place())
    with cutter.on():
        cutter.plug.keep()
    assert cutter.plug.all_seen and len(cutter.plug.log) == CUTS
