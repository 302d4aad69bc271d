"""A firmware that lies here since before the start: offered again, whatever the updater tells of the last one."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from deskphone.app.control import Control
from deskphone.app.diagnostics import Sources
from deskphone.app.runtime import Runtime
from deskphone.app.store import Store
from deskphone.config.layers import Layers
from deskphone.core import effects as fx
from deskphone.core.events import PowerOn, UpdateTold
from deskphone.provision.handed import Hands
from tests.unit.app.control_bench import Desk, Guest
from tests.unit.provisioning.authority import Authority

IMAGE = b"a bundle"
SIGNED = f"model=420HD\nversion=0.3.0\nsize={len(IMAGE)}\nsha256={hashlib.sha256(IMAGE).hexdigest()}\n".encode()


class Owner(Desk):
    """The other ports of the phone, its updater's among them."""

    performs = (*Desk.performs, fx.UpdateOrder)


async def installs(folder: Path, first_word: UpdateTold) -> list[str]:
    """What the phone has installed, of itself, after a start with 0.3.0 in its folder and that word of the updater."""
    owner, runtime, desk = Authority(folder / "ca", "owner"), Runtime(Store(folder / "data")), Owner()
    hands = Hands(runtime.folder, owner.certificate)
    number, _ = await hands.begin(owner.sign(SIGNED), model="420HD", version="0.1.0")
    await hands.piece(number, 0, IMAGE)
    await hands.end(number, len(IMAGE))
    control = Control(folder / "control", runtime, sources=Sources(keyring=owner.certificate))
    control.open()
    life = asyncio.create_task(runtime.run([desk, control], [PowerOn(Layers(), (), "0.1.0")]))
    async with Guest(folder / "control") as guest, asyncio.timeout(30):
        while not (status := await guest.ask("status"))["ok"]:
            pass
        assert status["firmware_checking"], "the updater has said nothing yet"
        runtime.post(first_word)
        while (await guest.ask("status"))["firmware_checking"]:
            pass
    runtime.stop()
    await life
    return [each.version for each in desk.orders if isinstance(each, fx.InstallUpdate)]


@pytest.mark.parametrize(
    "first_word",
    [
        UpdateTold("none"), UpdateTold("good", "0.1.0"), UpdateTold("rolled_back", "0.2.0"),
        UpdateTold("failed", "0.3.0", 0, "switched off before the trial"),
    ],
    ids=lambda each: each.step,
)  # fmt: skip
async def test_it_is_installed(tmp_path: Path, first_word: UpdateTold) -> None:
    assert await installs(tmp_path, first_word) == ["0.3.0"]


@pytest.mark.parametrize("first_word", [UpdateTold("rolled_back", "0.3.0"), UpdateTold("installed", "0.3.0")])
async def test_it_is_not_where_it_was_undone_or_is_installed(tmp_path: Path, first_word: UpdateTold) -> None:
    assert await installs(tmp_path, first_word) == []
