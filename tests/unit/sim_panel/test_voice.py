"""The voice between a browser and the bridge: frames pass, the newest browser has it, nothing grows."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import aiohttp
import pytest

from deskphone.sim.panel.voice import FRAME_BYTES, MOST_AHEAD, TAKEN
from tests.unit.sim_panel.conftest import Desk

FRAME = bytes(range(256)) * 2 + bytes(128)


async def until(test: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not test():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


async def test_what_the_browser_says_reaches_the_bridge(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio") as browser:
        await browser.send_bytes(FRAME)
        await until(lambda: desk.bridge.heard)
    assert desk.bridge.heard == [FRAME]


async def test_what_the_bridge_says_from_its_own_thread_reaches_the_browser(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio") as browser:
        await until(lambda: desk.bridge.listener)
        assert desk.bridge.listener is not None
        threading.Thread(target=desk.bridge.listener, args=(FRAME,)).start()
        assert await browser.receive_bytes(timeout=5) == FRAME


async def test_a_browser_that_leaves_is_no_longer_spoken_to(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio"):
        await until(lambda: desk.bridge.listener)
    await until(lambda: desk.bridge.listeners[-1] is None)


async def test_the_newest_browser_has_the_voice(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio") as first:
        await until(lambda: desk.bridge.listener)
        async with desk.http.ws_connect("/panel/audio") as second:
            message = await first.receive(timeout=5)
            assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, TAKEN)
            await second.send_bytes(FRAME)
            await until(lambda: desk.bridge.heard)
            assert desk.bridge.listener is not None  # the first one's end took nothing from the second
    await until(lambda: desk.bridge.listener is None)


@pytest.mark.parametrize("size", [0, 2, FRAME_BYTES - 2, FRAME_BYTES + 2])
async def test_a_frame_of_another_size_ends_the_connection(desk: Desk, size: int) -> None:
    async with desk.http.ws_connect("/panel/audio") as browser:
        await browser.send_bytes(bytes(size))
        message = await browser.receive(timeout=5)
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, aiohttp.WSCloseCode.UNSUPPORTED_DATA)
    assert desk.bridge.heard == []


async def test_text_ends_the_connection(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio") as browser:
        await browser.send_str("hello")
        assert (await browser.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


async def test_a_browser_faster_than_speech_loses_the_surplus(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio") as browser:
        sent = 4 * MOST_AHEAD
        for _ in range(sent):
            await browser.send_bytes(FRAME)
        voice = desk.panel._voice
        assert voice is not None
        await until(lambda: len(desk.bridge.heard) + voice.dropped == sent)
        assert MOST_AHEAD <= len(desk.bridge.heard) < sent


async def test_a_browser_slower_than_speech_loses_the_oldest(desk: Desk) -> None:
    async with desk.http.ws_connect("/panel/audio") as browser:
        await until(lambda: desk.bridge.listener)
        assert desk.bridge.listener is not None
        for number in range(30):  # all in one turn of the loop: nobody can send between them
            desk.bridge.listener(number.to_bytes(2, "little") + FRAME[2:])
        got = [int.from_bytes((await browser.receive_bytes(timeout=5))[:2], "little") for _ in range(10)]
    assert got == list(range(20, 30))
