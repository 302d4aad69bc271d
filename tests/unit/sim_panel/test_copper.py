"""The copper that is not there remembers what it was told, and says so."""

from __future__ import annotations

import asyncio

from PIL import Image

from deskphone.core.voice_path import VoicePath
from deskphone.drivers.ports import Port
from deskphone.sim.copper import SimCopper
from deskphone.view.outputs import Lamp, Lamps, Ringing
from tests.unit.drivers.showing import showing


def test_each_part_keeps_the_newest_value_and_tells() -> None:
    copper, told = SimCopper(), []
    copper.listen(lambda: told.append(1))
    frame = Image.new("1", (128, 64))
    copper.display.show(showing(frame=frame, bright=False))
    copper.lamps.show(showing(lamps=Lamps(ring=Lamp.FAST)))
    copper.ringer.show(showing(ringing=Ringing("classic", 7)))
    copper.mixer.show(showing(path=VoicePath.SPEAKER, volume=4))
    assert copper.display.frame is frame
    assert not copper.display.bright
    assert copper.lamps.lamps.ring is Lamp.FAST
    assert copper.ringer.ringing == Ringing("classic", 7)
    assert (copper.mixer.path, copper.mixer.volume) == (VoicePath.SPEAKER, 4)
    assert len(told) == 4


def test_the_same_value_again_is_no_news() -> None:
    copper, told = SimCopper(), []
    copper.listen(lambda: told.append(1))
    copper.lamps.show(showing(lamps=Lamps()))
    copper.ringer.show(showing())
    copper.mixer.show(showing(path=VoicePath.NONE, volume=0))
    assert told == []


async def test_the_parts_are_ports_that_live_until_cancelled() -> None:
    parts: list[Port] = [*SimCopper().parts]
    for part in parts:
        assert part.alive()
        life = asyncio.create_task(part.run(lambda event: None))
        await asyncio.sleep(0)
        assert not life.done()
        life.cancel()
        assert isinstance((await asyncio.gather(life, return_exceptions=True))[0], asyncio.CancelledError)
