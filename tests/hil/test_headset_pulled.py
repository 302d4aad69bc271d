"""A headset whose plug is pulled in a call and put back: the call lives, the person is told, the voice comes back."""

from __future__ import annotations

import pytest

from tests.hil.rig.ear import HEADSET
from tests.hil.rig.strategy import GUEST
from tests.hil.room import FAR, FAR_HZ, MOUTH_HZ, SAID, Room
from tests.stories.bench_hil import HilBench

pytestmark = [pytest.mark.hil, pytest.mark.timeout(400)]


def test_a_card_that_is_pulled_out_in_a_call_and_put_back() -> None:
    with HilBench() as bench:
        room = Room(bench)
        room.mouth.say("Headset", MOUTH_HZ, SAID)
        customer = room.called(media=f"tone:{FAR_HZ}")
        room.press("headset")
        customer.answered()
        room.far_hears(customer, SAID)
        room.hears_at(HEADSET, FAR_HZ, FAR)
        unplug(room)
        packets = customer.there.ear.packets
        room.until("the call to live on", lambda: customer.there.ear.packets > packets + 50, lambda: "no RTP")
        room.in_call()
        room.far_hears(customer, None)
        assert "audio failed: headset" in bench.journal()
        plug_in(room)
        room.mouth.say("Headset", MOUTH_HZ, SAID)
        room.ear.listen(HEADSET)
        room.far_hears(customer, SAID)
        room.hears_at(HEADSET, FAR_HZ, FAR)
        unplug(room)
        room.until("the phone to see it", lambda: bench.journal().count("audio failed") == 2, bench.journal)
        customer.hang_up()
        room.idle()
        room.press("cancel")
        room.shows("Out of order: audio")
        plug_in(room)
        room.wait("a phone in order", lambda state: "Out of order" not in " ".join(state["rows"]), within=15)


def unplug(room: Room) -> None:
    """Pull the headset's plug: the kernel takes the card away from whoever has it open."""
    room.shell.check("echo snd_aloop.1 >/sys/bus/platform/drivers/snd_aloop/unbind")
    room.shell.run("kill -- -$(cat /run/mouth-Headset.pid); rm /run/mouth-Headset.pid")


def plug_in(room: Room) -> None:
    """The same headset again, with the volumes that real ones have."""
    room.shell.check("echo snd_aloop.1 >/sys/bus/platform/drivers/snd_aloop/bind")
    room.shell.check(f"alsactl -f {GUEST}/cards.state restore >/dev/null 2>&1; amixer -c Headset sget Speaker")
