"""The image's updater of the core bench: what it says reaches the phone as the driver would tell it.

Law: the world of the stories; it knows what the phone asked for, and never looks into it.
"""

from __future__ import annotations

from deskphone.core import effects as fx
from deskphone.core import events as ev
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench, core


class StoryUpdater:
    """A phone with an updater, whose first word is how it was started."""

    def __init__(self, bench: CoreBench, step: str = "none", version: str = "") -> None:
        self.bench = bench
        self.says(step, version)

    def says(self, step: str, version: str = "0.2.0", percent: int = 0, detail: str = "") -> None:
        """Its word on how far it is."""
        self.bench.turn(ev.UpdateTold(step, version, percent, detail))
        self.bench.pass_time(0.01)

    @property
    def asked(self) -> list[str]:
        """What the phone asked it for, in order: `install VERSION`, `good`, `restart`."""
        said = []
        for each in self.bench.effects:
            match each:
                case fx.InstallUpdate():
                    said.append(f"install {each.version}")
                case fx.MarkGood():
                    said.append("good")
                case fx.RestartDevice():
                    said.append("restart")
        return said


def updater_of(phone: Story, step: str = "none", version: str = "") -> StoryUpdater:
    """The one this phone has."""
    return StoryUpdater(core(phone), step, version)
