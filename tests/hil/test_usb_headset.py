"""A USB headset's keys and lamps by the kernel's own HID: plugged in, a call answered, muted, ended, pulled out."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.hil.rig.strategy import GUEST
from tests.hil.rig.uml import ROOT
from tests.hil.room import Room
from tests.stories.bench_hil import HilBench
from tests.unit.wire.hid_descriptors import HEADSET

pytestmark = [pytest.mark.hil, pytest.mark.timeout(400)]
HOOK, HOOK_AND_MUTE, LOUDER, QUIET = "0201", "0203", "0101", "0200"
OFF_HOOK, MUTED, RING = 0b001, 0b010, 0b100


class Headset:
    """One that is plugged into the rig; what it was last told to light."""

    def __init__(self, room: Room, number: int) -> None:
        self._room, self._told = room, room.bench.place.folder / f"usb{number}.said"
        self._commands = f"/run/usb{number}"
        self._told.touch()
        room.shell.check(f"mkfifo {self._commands}")
        program = f"{ROOT}/.venv/bin/python {GUEST}/usb_headset.py {HEADSET.hex()} {self._commands}"
        room.shell.check(f"{program} /hil/{self._told.name} </dev/null >/hil/usb{number}.log 2>&1 &")

    def says(self, *reports: str) -> None:
        for report in reports:
            self._room.shell.check(f"echo '{report}' >{self._commands}")

    def pull(self) -> None:
        self.says("")

    def shows(self, lamps: int) -> None:
        """Wait until exactly these lamps are lit."""
        self._room.until(f"lamps {lamps:03b}", lambda: self._lit() == lamps, self._told.read_text)

    def _lit(self) -> int:
        lines = self._told.read_text().split()
        return int(lines[-1][2:], 16) if lines else -1


def loudness(room: Room) -> int:
    """Percent of the headset's control."""
    found = re.search(r"\[(\d+)%\]", room.shell.check("amixer -c Headset sget Speaker"))
    assert found
    return int(found[1])


@pytest.fixture
def room() -> Iterator[Room]:
    with HilBench() as bench:
        yield Room(bench)


def test_a_call_by_the_keys_of_a_usb_headset(room: Room) -> None:
    headset = Headset(room, 0)
    headset.shows(0)
    customer = room.called()
    headset.shows(RING)
    headset.says(HOOK)
    customer.answered()
    headset.shows(OFF_HOOK)
    assert room.wait("the headset", lambda state: state["audio"]["path"] == "headset", within=10)
    headset.says(HOOK, HOOK_AND_MUTE, HOOK)  # it says again that it is off hook, as we told it: no key
    headset.shows(OFF_HOOK | MUTED)
    room.in_call()
    headset.says(HOOK_AND_MUTE, HOOK)
    headset.shows(OFF_HOOK)
    before = loudness(room)
    headset.says(LOUDER, "0100")
    room.until("the headset to be louder", lambda: loudness(room) > before, lambda: loudness(room))
    headset.says(QUIET)
    room.until("the customer to be alone", lambda: customer.there.state == "ended", lambda: customer.there.state)
    headset.shows(0)
    room.idle()


def test_one_that_is_pulled_out_and_put_back_works_again(room: Room) -> None:
    first = Headset(room, 0)
    first.shows(0)
    first.pull()
    second = Headset(room, 1)
    second.shows(0)
    customer = room.called()
    second.says(HOOK)
    customer.answered()
    second.shows(OFF_HOOK)
    room.tidy()
