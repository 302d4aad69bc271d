"""The panel's state, picture, page and sounds as outside tools get them."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from deskphone.core.agent.state import AgentState, Place, Presence, Seat
from deskphone.core.calls.state import Call, CallState, Direction
from deskphone.core.events import Party
from deskphone.core.lines.state import Line, LineStatus
from deskphone.core.screen.state import Dialling, Entry, Mode, Page
from deskphone.core.state import Phone, Sound
from deskphone.core.voice_path import VoicePath
from deskphone.sim.copper import SimCopper
from deskphone.sim.panel import Panel, screen_json
from deskphone.view.outputs import Audio, Lamp, Lamps, Outputs, Ringing, Row, Screen
from deskphone.view.state_json import state_json, typing
from tests.unit.sim_panel.conftest import Desk

CALL = Call(
    "in-1", 0, Direction.IN, CallState.ESTABLISHED, Party("0301234567", "Jane"), remote_hold=True, codec="G722/16000"
)
PHONE = Phone(
    lines=(Line(0, "sips-a:5060", LineStatus.REGISTERED), Line(1, "sips-b:5060", LineStatus.FAILED, 503, "Busy")),
    calls=(CALL,),
    focus="in-1",
    sound=Sound(path="handset", hook_off=True),
    agent=AgentState((Seat(0, Place.IN, "3001", presence=Presence.NOT_READY, code="500", reason="Lunch"),)),
)
OUTPUTS = Outputs(
    Screen("talking", "Talking", (Row("Jane"), Row("0301234567", "0:07")), ("Hold", "Trans", "Conf", "")),
    Lamps(ring=Lamp.ON, mute=Lamp.SLOW),
    None,
    Audio(VoicePath.HANDSET, 6, True),
)


def test_the_state_tells_everything_the_design_names() -> None:
    state = state_json(PHONE, OUTPUTS)
    assert state["title"] == "Talking"
    assert state["rows"] == ["Jane", "0301234567  0:07"]
    assert state["softkeys"] == ["Hold", "Trans", "Conf", ""]
    assert state["lamps"] == {"ring": "on", "message": "off", "mute": "slow", "headset": "off", "speaker": "off"}
    assert state["tone"] == ""
    assert state["audio"] == {"path": "handset", "volume": 6, "muted": True}
    assert state["hook_off"] is True
    assert [(each["address"], each["registered"]) for each in state["servers"]] == [
        ("sips-a:5060", True),
        ("sips-b:5060", False),
    ]
    wanted = {
        "state": "established",
        "direction": "in",
        "number": "0301234567",
        "name": "Jane",
        "local_hold": False,
        "remote_hold": True,
    }
    assert wanted.items() <= state["calls"][0].items()
    assert {"id": "3001", "state": "not_ready", "reason": "Lunch"}.items() <= state["agent"].items()


def test_the_state_is_json_with_plain_strings() -> None:
    assert json.loads(json.dumps(state_json(PHONE, OUTPUTS))) == state_json(PHONE, OUTPUTS)


def test_the_tone_is_the_call_progress_tone_or_else_the_ring_tone() -> None:
    ringing = replace(OUTPUTS, ringing=Ringing("marimba", 7))
    assert state_json(PHONE, ringing)["tone"] == "marimba"
    both = replace(ringing, audio=replace(ringing.audio, tone="call_waiting"))
    assert state_json(PHONE, both)["tone"] == "call_waiting"


def test_letters_type_in_a_form_and_not_while_a_number_is_dialled() -> None:
    assert typing(Phone()) == ""
    assert typing(Phone(dialling=Dialling(Entry("9")))) == "digits"
    assert typing(Phone(dialling=Dialling(Entry("a", mode=Mode.LOWER)))) == "text"
    assert typing(Phone(pages=(Page("menu"),))) == ""
    assert typing(Phone(pages=(Page("forward_to", fields=(Entry(),)),))) == "text"


def test_pixels_are_packed_row_by_row_from_the_left() -> None:
    picture = Image.new("1", (12, 2))
    picture.putpixel((0, 0), 1)
    picture.putpixel((11, 1), 1)
    news = screen_json(picture, bright=False)
    assert base64.b64decode(news["bits"]) == bytes([0b10000000, 0, 0, 0b00010000])
    assert (news["width"], news["height"], news["bright"]) == (12, 2, False)


async def test_get_state_answers_the_state_now(desk: Desk) -> None:
    desk.becomes(calls=(CALL,), focus="in-1")
    async with desk.http.get("/panel/state") as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await answer.json())["calls"][0]["name"] == "Jane"


@pytest.mark.parametrize("scale", [1, 3])
async def test_the_screen_is_a_png_of_the_displays_pixels(desk: Desk, scale: int) -> None:
    async with desk.http.get(f"/panel/screen.png?scale={scale}") as answer:
        assert answer.content_type == "image/png"
        picture = Image.open(io.BytesIO(await answer.read()))
    assert picture.size == (128 * scale, 64 * scale)
    frame = desk.snapshot()[2]
    assert picture.convert("1").resize((128, 64), Image.Resampling.NEAREST).tobytes() == frame.tobytes()


async def test_a_screen_of_odd_scale_is_refused(desk: Desk) -> None:
    for scale in ("0", "9", "x", "100000"):
        async with desk.http.get(f"/panel/screen.png?scale={scale}") as answer:
            assert answer.status == 400


# --- events ----------------------------------------------------------------------------------------


class Stream:
    """Reads server-sent events one by one."""

    def __init__(self, answer: Any) -> None:
        self._content = answer.content

    async def next(self, *names: str) -> tuple[str, Any]:
        """The next event of these names; others are passed over."""
        while True:
            name = ""
            async with asyncio.timeout(5):
                while line := (await self._content.readline()).decode().rstrip("\n"):
                    if line.startswith("event: "):
                        name = line[7:]
                    if line.startswith("data: ") and name in names:
                        return name, json.loads(line[6:])


async def test_the_first_event_is_the_state_and_comes_at_once(desk: Desk) -> None:
    async with desk.http.get("/panel/events") as answer:
        assert answer.content_type == "text/event-stream"
        stream = Stream(answer)
        name, state = await stream.next("state", "screen", "levels")
        assert name == "state"
        assert state["title"] == desk.outputs.screen.title
        _, screen = await stream.next("screen")
        assert base64.b64decode(screen["bits"]) == desk.snapshot()[2].tobytes()


async def test_every_change_is_an_event_and_no_change_is_none(desk: Desk) -> None:
    async with desk.http.get("/panel/events") as answer:
        stream = Stream(answer)
        await stream.next("state")
        for number in ("1", "12", "123"):
            desk.becomes(sound=Sound(hook_off=True), dialling=Dialling(Entry(number, len(number))))
            desk.panel.changed()
        desk.becomes(dialling=None, sound=Sound())
        seen = [(await stream.next("state"))[1] for _ in range(4)]
    assert [number in " ".join(state["rows"]) for number, state in zip(("1", "12", "123"), seen, strict=False)]
    assert [state["hook_off"] for state in seen] == [True, True, True, False]


async def test_a_page_that_comes_later_does_not_take_a_change_from_the_others(desk: Desk) -> None:
    async with desk.http.get("/panel/events") as first:
        early = Stream(first)
        await early.next("state")
        desk.phone = replace(desk.phone, sound=Sound(hook_off=True))  # not yet told by `changed`
        async with desk.http.get("/panel/events") as second:
            assert (await Stream(second).next("state"))[1]["hook_off"] is True
            assert (await early.next("state"))[1]["hook_off"] is True


async def test_a_change_of_the_copper_alone_reaches_the_page(desk: Desk) -> None:
    async with desk.http.get("/panel/events") as answer:
        stream = Stream(answer)
        await stream.next("state")
        desk.outputs = replace(desk.outputs, lamps=Lamps(message=Lamp.SLOW))
        desk.copper.lamps.show(desk.outputs)
        assert (await stream.next("state"))[1]["lamps"]["message"] == "slow"


async def test_levels_are_sent_between_nothing_and_full_scale(desk: Desk) -> None:
    async with desk.http.get("/panel/events") as answer:
        assert (await Stream(answer).next("levels"))[1] == {"microphone": 0.25, "speaker": 1.0}


async def test_a_page_too_many_is_refused(desk: Desk) -> None:
    answers = [await desk.http.get("/panel/events") for _ in range(16)]
    async with desk.http.get("/panel/events") as answer:
        assert answer.status == 503
    answers.pop().close()
    for _ in range(100):  # the place is free again once the server saw the page go
        desk.becomes(missed=desk.phone.missed + 1)
        async with desk.http.get("/panel/events") as answer:
            if answer.status == 200:
                break
        await asyncio.sleep(0.01)
    assert answer.status == 200
    for each in answers:
        each.close()


# --- page and sounds ---------------------------------------------------------------------------------


async def test_the_page_and_all_it_names_are_served(desk: Desk) -> None:
    async with desk.http.get("/") as answer:
        page = await answer.text()
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for name, kind in {
        "panel.css": "text/css; charset=utf-8",
        "panel.js": "text/javascript; charset=utf-8",
        "icon.svg": "image/svg+xml",
    }.items():
        assert f"/page/{name}" in page
        async with desk.http.get(f"/page/{name}") as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (200, kind)


@pytest.mark.parametrize("name", ["__init__.py", "..%2Fserver.py", "%2e%2e/server.py", "none.js", "panel.js.bak"])
async def test_nothing_but_the_pages_files_is_served(desk: Desk, name: str) -> None:
    async with desk.http.get(f"/page/{name}") as answer:
        assert answer.status == 404


async def test_ring_tones_are_served_as_waves(desk: Desk) -> None:
    async with desk.http.get("/panel/sound/ring/classic.wav") as answer:
        assert (answer.status, answer.content_type) == (200, "audio/wav")
        assert (await answer.read())[:4] == b"RIFF"
    for name in ("none.wav", "classic", "classic.mp3", "..%2F__init__.py", "__init__.py"):
        async with desk.http.get(f"/panel/sound/ring/{name}") as answer:
            assert answer.status == 404
            assert "no ring tone" in (await answer.json())["error"]


async def test_the_wrong_method_says_the_right_one(desk: Desk) -> None:
    async with desk.http.get("/panel/key") as answer:
        assert (answer.status, await answer.json()) == (405, {"error": "/panel/key takes POST, not GET"})


async def test_a_taken_port_is_told_with_its_address(desk: Desk) -> None:
    port = int(desk.panel.url.rstrip("/").rpartition(":")[2])
    second = Panel("127.0.0.1", port, desk.snapshot, SimCopper())
    with pytest.raises(OSError, match=f"panel: cannot listen on 127.0.0.1:{port}"):
        await second.open()
