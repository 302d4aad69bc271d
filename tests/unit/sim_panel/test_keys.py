"""Keys, hook and text over the panel's interface become the events copper would post."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from deskphone.core.events import HookMoved, KeyDown, KeyUp, TextTyped
from deskphone.core.screen.keys import KEYS as CORE_KEYS
from deskphone.drivers.board import KEYS
from tests.unit.sim_panel.conftest import Desk


def test_the_panel_has_exactly_the_keys_of_the_phone() -> None:
    assert set(KEYS) == set(CORE_KEYS)


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_goes_down_and_comes_up(desk: Desk, key: str) -> None:
    assert await desk.post("/panel/key", {"key": key}) == (200, {"ok": True})
    assert desk.posted == [KeyDown(key), KeyUp(key)]


async def test_a_held_key_comes_up_after_its_time_and_not_before(desk: Desk) -> None:
    press = asyncio.create_task(desk.post("/panel/key", {"key": "0", "hold_ms": 60}))
    while not desk.posted:  # noqa: ASYNC110
        await asyncio.sleep(0)
    assert desk.posted == [KeyDown("0")]
    assert (await press)[0] == 200
    assert desk.posted == [KeyDown("0"), KeyUp("0")]


async def test_a_mouse_holds_a_key_down_until_it_lets_go(desk: Desk) -> None:
    await desk.post("/panel/key", {"key": "volume_up", "down": True})
    assert desk.posted == [KeyDown("volume_up")]
    await desk.post("/panel/key", {"key": "volume_up", "down": False})
    assert desk.posted == [KeyDown("volume_up"), KeyUp("volume_up")]


async def test_a_key_that_is_down_cannot_go_down_again(desk: Desk) -> None:
    await desk.post("/panel/key", {"key": "5", "down": True})
    status, answer = await desk.post("/panel/key", {"key": "5"})
    assert (status, answer) == (409, {"error": "key 5 is down already"})
    assert desk.posted == [KeyDown("5")]


async def test_letting_go_of_a_key_that_is_up_posts_nothing(desk: Desk) -> None:
    assert (await desk.post("/panel/key", {"key": "5", "down": False}))[0] == 200
    assert desk.posted == []


async def test_keys_come_up_when_the_panel_stops(desk: Desk) -> None:
    running = asyncio.create_task(desk.panel.run(desk.posted.append))
    await desk.post("/panel/key", {"key": "5", "down": True})
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert desk.posted == [KeyDown("5"), KeyUp("5")]


async def test_an_unknown_key_is_refused_with_the_known_ones(desk: Desk) -> None:
    status, answer = await desk.post("/panel/key", {"key": "answer"})
    assert status == 400
    assert "unknown key 'answer'" in answer["error"]
    assert all(key in answer["error"].split() for key in KEYS)
    assert desk.posted == []


@pytest.mark.parametrize(
    ("path", "order", "words"),
    [
        ("key", {}, "unknown key"),
        ("key", {"key": 5}, "unknown key"),
        ("key", {"key": "5", "down": 1}, '"down"'),
        ("key", {"key": "5", "hold_ms": "long"}, '"hold_ms"'),
        ("key", {"key": "5", "hold_ms": True}, '"hold_ms"'),
        ("key", {"key": "5", "hold_ms": -1}, '"hold_ms"'),
        ("key", {"key": "5", "hold_ms": 10_001}, '"hold_ms"'),
        ("key", {"key": "5", "hold_ms": float("nan")}, '"hold_ms"'),
        ("hook", {}, '"off"'),
        ("hook", {"off": "true"}, '"off"'),
        ("text", {}, '"text"'),
        ("text", {"text": ""}, '"text"'),
        ("text", {"text": "x" * 129}, '"text"'),
        ("text", {"text": "a\nb"}, "printable"),
        ("text", ["a"], "JSON object"),
    ],
)
async def test_a_bad_order_is_refused_and_posts_nothing(desk: Desk, path: str, order: Any, words: str) -> None:
    status, answer = await desk.post(f"/panel/{path}", order)
    assert status == 400
    assert words in answer["error"]
    assert desk.posted == []


async def test_what_is_not_json_is_refused(desk: Desk) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"\xff\xfe", b"[" * 3000):
        async with desk.http.post("/panel/key", data=body, headers=headers) as answer:
            assert (answer.status, await answer.json()) == (400, {"error": "the body is not JSON"})


async def test_a_long_body_is_refused_unread(desk: Desk) -> None:
    status, answer = await desk.post("/panel/text", {"text": "x" * 5000})
    assert (status, answer) == (413, {"error": "the body is larger than 4096 bytes"})


async def test_the_handset_is_lifted_and_put_down(desk: Desk) -> None:
    await desk.post("/panel/hook", {"off": True})
    await desk.post("/panel/hook", {"off": False})
    assert desk.posted == [HookMoved(True), HookMoved(False)]


async def test_a_keyboard_types_text_of_any_language(desk: Desk) -> None:
    await desk.post("/panel/text", {"text": "Grüße, שלום 1502"})
    assert desk.posted == [TextTyped("Grüße, שלום 1502")]


async def test_before_the_phone_runs_a_key_is_refused_as_unavailable() -> None:
    lonely = Desk()
    await lonely.panel.open()
    async with aiohttp.ClientSession(lonely.panel.url) as lonely.http:
        status, answer = await lonely.post("/panel/key", {"key": "5"})
    await lonely.panel.close()
    assert (status, answer) == (503, {"error": "the phone is not running yet"})
