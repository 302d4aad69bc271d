"""What the loop does first: the far end hears from the phone before the picture is drawn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from PIL.Image import Image

from deskphone.app.runtime import Runtime
from deskphone.app.store import Store
from deskphone.config.layers import Layers
from deskphone.core import effects as fx
from deskphone.core.events import CallIncoming, Party, PowerOn
from deskphone.drivers.ports import Part, Post
from deskphone.view.outputs import Outputs


class Notebook(Part):
    """Every port in one; writes down what it was told."""

    name = "notebook"
    performs = (fx.UserAgentOrder,)

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.post: Post | None = None
        self.frame: Image | None = None

    async def run(self, post: Post) -> None:
        self.post = post
        await asyncio.Event().wait()

    def perform(self, effect: fx.Effect) -> None:
        self.lines.append(type(effect).__name__)
        if isinstance(effect, fx.Ring):  # what else the loop has to do comes before the picture, too
            asyncio.get_running_loop().call_soon(self.lines.append, "the loop was free")

    def show(self, outputs: Outputs) -> None:
        if outputs.frame is not self.frame:
            self.frame = outputs.frame
            self.lines.append("picture")


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(2):
        while not condition():  # noqa: ASYNC110 - another task makes it true, and tells nobody
            await asyncio.sleep(0)


async def test_the_180_is_on_its_way_before_the_screen_shows_the_call(tmp_path: Path) -> None:
    notebook, runtime = Notebook(), Runtime(Store(tmp_path))
    life = asyncio.create_task(runtime.run([notebook], [PowerOn(Layers())]))
    await wait_for(lambda: "Configure" in notebook.lines and notebook.lines[-1] == "picture")
    notebook.lines.clear()

    runtime.post(CallIncoming("in-1", 0, Party("0301234567")))
    await wait_for(lambda: "picture" in notebook.lines)

    assert notebook.lines == ["Ring", "the loop was free", "picture"]
    runtime.stop()
    await life
