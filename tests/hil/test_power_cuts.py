"""The plug is pulled at random moments, in the start and while settings are stored: on the rig, where a start is quick.

The kernel, ext4, systemd and the product's units are real ones; the card is a file, and what the kernel had not written
when its process is killed is lost. CUTS says how many (3), SEED with which random numbers; what was cut and found is
left in build/hil/power-cuts-SEED.json. Cuts in an update: tests/boot/test_power_cuts.py.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cuts.plug import Plug
from tests.hil.rig.image import Desk, Device, desk
from tests.hil.rig.uml import ROOT

CUTS, SEED = int(os.environ.get("CUTS", "3")), int(os.environ.get("SEED", "1"))
pytestmark = [pytest.mark.hil, pytest.mark.timeout(300 * (CUTS + 2))]
GOOD = "/data/deskphone/last-good.cfg"
MARK, OWN = "voip/line/0/description", "voip/line/0/extension_display"
CLI = "deskphone cli --control /run/deskphone/control"
START, RESTART, STORE = 1.5, 0.8, 0.3  # what the moment of a cut lies in, as multiples of a start


class Cutter:
    """One phone whose plug is pulled. file, own: the newest word of the server's file, and of the settings that were
    made at the phone; kept: those seen to be kept."""

    def __init__(self, place: Desk) -> None:
        self.place, self.plug = place, Plug(SEED, ROOT / "build" / "hil" / f"power-cuts-{SEED}.json")
        self.file = self.own = 0
        self.kept = (0, 0)
        self.renew()

    def renew(self) -> None:
        self.file += 1
        self.place.configure(**{MARK.replace("/", "__"): f"file {self.file}"})

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
        anew = device.run("journalctl -b -o cat --no-pager | grep -e 'made anew' -e 'cannot be read'")
        assert not anew or not self.plug.log, anew
        own = re.search(r"own (\d+)", device.run(f"{CLI} show {OWN}"))
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


@pytest.fixture
def cutter(tmp_path: Path) -> Iterator[Cutter]:
    with desk(tmp_path) as place:
        yield Cutter(place)


def test_whenever_the_plug_is_pulled_it_starts_again_with_what_it_had(cutter: Cutter) -> None:
    with cutter.on() as device:  # a first start: the phone keeps its first settings
        device.run("sync")
    places = (cutter.in_the_start, cutter.in_a_new_file, cutter.in_a_setting)
    for number in range(1, CUTS + 1):
        place = places[number - 1] if number <= len(places) else cutter.plug.random.choice(places)
        cutter.plug.pulled(place())
    with cutter.on():
        cutter.plug.keep()
    assert cutter.plug.all_seen and len(cutter.plug.log) == CUTS
