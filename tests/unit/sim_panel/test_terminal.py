"""The phone in a terminal: keys of a keyboard, pixels as characters, and a terminal given back as it was."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import termios
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image

from deskphone.core.events import Event, HookMoved, KeyDown, KeyUp, TextTyped
from deskphone.core.screen.state import Dialling, Entry, Page
from deskphone.core.state import Phone, Sound
from deskphone.sim import pixels
from deskphone.sim.copper import SimCopper
from deskphone.sim.keyboard import Keyboard, Stroke
from deskphone.sim.terminal import LEAVE, Terminal, drawing
from deskphone.view.outputs import Lamp, Lamps, Outputs
from deskphone.view.raster import raster
from deskphone.view.render import render

PLAIN = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"\x1b[A", "up"),
        (b"\x1bOB", "down"),
        (b"\x1b[C", "right"),
        (b"\x1bOD", "left"),
        (b"\x1bOP", "soft1"),
        (b"\x1b[12~", "soft2"),
        (b"\x1b[[C", "soft3"),
        (b"\x1bOS", "soft4"),
        (b"\x1b[5~", "volume_up"),
    ],
)
def test_a_terminals_sequences_are_keys(data: bytes, key: str) -> None:
    assert Keyboard().feed(data) == [Stroke(key=key)]


def test_a_sequence_may_come_in_pieces() -> None:
    keyboard = Keyboard()
    assert keyboard.feed(b"\x1b") == []
    assert keyboard.undecided
    assert keyboard.feed(b"[") == []
    assert keyboard.feed(b"A5") == [Stroke(key="up"), Stroke(letter="5")]
    assert not keyboard.undecided


def test_a_lonely_escape_is_cancel_once_it_waited() -> None:
    keyboard = Keyboard()
    assert keyboard.feed(b"\x1b") == []
    assert keyboard.settle() == [Stroke(key="cancel")]
    assert keyboard.feed(b"\x1b\x1b[A") == [Stroke(key="cancel"), Stroke(key="up")]


def test_an_unknown_sequence_is_swallowed_and_never_typed() -> None:
    keyboard = Keyboard()
    assert keyboard.feed(b"\x1b[24;5~\x1b[Hx") == [Stroke(letter="x")]
    assert keyboard.feed(b"\x1b[" + b"1;" * 50)[-1:] != [Stroke(key="cancel")]


def test_letters_of_any_language_survive_torn_bytes() -> None:
    keyboard = Keyboard()
    whole = "ü".encode()
    assert keyboard.feed(whole[:1]) == []
    assert keyboard.feed(whole[1:]) == [Stroke(letter="ü")]


def test_pixels_as_half_blocks_and_braille() -> None:
    picture = Image.new("1", (4, 4))
    for place in ((0, 0), (1, 1), (2, 0), (2, 1), (3, 3)):
        picture.putpixel(place, 1)
    assert pixels.half_blocks(picture) == ["▀▄█ ", "   ▄"]
    assert pixels.braille(picture) == [chr(0x2800 + 0x11) + chr(0x2800 + 0x83)]


def shown(size: tuple[int, int], phone: Phone | None = None, **outputs: object) -> list[str]:
    phone = phone or Phone(powered=True)
    what = replace(render(phone), **outputs)  # type: ignore[arg-type]
    return [PLAIN.sub("", line) for line in drawing(phone, what, raster(what.screen), size=size, url="http://x/")]


@pytest.mark.parametrize("size", [(200, 60), (80, 24), (40, 12), (10, 3)])
def test_the_drawing_fits_the_terminal(size: tuple[int, int]) -> None:
    lines = shown(size)
    assert len(lines) <= size[1]
    assert all(len(line) <= max(size[0], len("http://x/")) for line in lines)


def test_a_usual_terminal_shows_the_displays_pixels() -> None:
    assert sum("⠀" <= letter <= "⣿" for line in shown((80, 24)) for letter in line) == 64 * 16
    assert len(shown((132, 44))[1]) == 130


def test_a_small_terminal_shows_the_displays_words() -> None:
    phone = Phone(powered=True)
    assert any(render(phone).screen.title in line for line in shown((40, 12), phone))


def test_lamps_and_softkeys_are_words() -> None:
    text = "\n".join(shown((80, 24), lamps=Lamps(message=Lamp.SLOW, speaker=Lamp.ON)))
    assert "message blinks, speaker on" in text
    assert re.search(r"F1 \S+ .*F4 ", text)


class Sitting:
    """A person at a pseudo-terminal."""

    def __init__(self) -> None:
        self.person, own = pty.openpty()
        termios.tcsetwinsize(own, (24, 80))
        self.phone = Phone(powered=True)
        self.posted: list[Event] = []
        self.quits = 0
        self.copper = SimCopper()
        self._screen = os.fdopen(os.dup(own), "w", encoding="utf-8")
        self._keys = os.fdopen(own, encoding="utf-8")
        self.terminal = Terminal(
            self.snapshot, self.copper, self._quit, screen=self._screen, keys=self._keys, url="http://x/"
        )
        os.set_blocking(self.person, False)
        self.seen = ""

    def _quit(self) -> None:
        self.quits += 1

    def snapshot(self) -> tuple[Phone, Outputs, Image.Image]:
        outputs = render(self.phone)
        return self.phone, outputs, raster(outputs.screen)

    def mode(self) -> list[object]:
        return termios.tcgetattr(self._keys.fileno())

    def look(self) -> str:
        try:
            while data := os.read(self.person, 65536):
                self.seen += data.decode("utf-8", "replace")
        except BlockingIOError:
            pass
        return self.seen

    async def until(self, test: Callable[[], object]) -> None:
        async with asyncio.timeout(5):
            while not test():
                self.look()  # a full terminal would hold the phone up
                await asyncio.sleep(0.002)


async def test_a_person_at_a_terminal_has_a_phone_and_gets_the_terminal_back() -> None:
    sitting = Sitting()
    before = sitting.mode()
    running = asyncio.create_task(sitting.terminal.run(sitting.posted.append))
    await sitting.until(lambda: "Lamps: all off" in sitting.look())
    os.write(sitting.person, b"5\r h\x1b[A")
    await sitting.until(lambda: len(sitting.posted) == 8)
    assert sitting.posted == [
        *(KeyDown("5"), KeyUp("5"), KeyDown("ok"), KeyUp("ok")),
        *(HookMoved(True), HookMoved(True), KeyDown("up"), KeyUp("up")),
    ]
    os.write(sitting.person, b"\x1b")
    await sitting.until(lambda: sitting.posted[-1] == KeyUp("cancel"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert LEAVE in sitting.look()
    assert sitting.mode() == before


async def test_letters_type_in_a_form_and_backspace_deletes() -> None:
    sitting = Sitting()
    sitting.phone = Phone(powered=True, pages=(Page("forward_to", fields=(Entry(),)),))
    running = asyncio.create_task(sitting.terminal.run(sitting.posted.append))
    await sitting.until(lambda: "Lamps" in sitting.look())
    os.write(sitting.person, b"q5 \x7f")
    await sitting.until(lambda: len(sitting.posted) == 5)
    assert sitting.posted == [TextTyped("q"), TextTyped("5"), TextTyped(" "), KeyDown("soft3"), KeyUp("soft3")]
    assert sitting.quits == 0
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_q_quits_and_plus_is_typed_into_a_number() -> None:
    sitting = Sitting()
    running = asyncio.create_task(sitting.terminal.run(sitting.posted.append))
    await sitting.until(lambda: "Lamps" in sitting.look())
    os.write(sitting.person, b"q")
    await sitting.until(lambda: sitting.quits == 1)
    sitting.phone = replace(sitting.phone, dialling=Dialling(Entry("4")))
    os.write(sitting.person, b"+")
    await sitting.until(lambda: sitting.posted == [TextTyped("+")])
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_change_of_the_phone_is_drawn() -> None:
    sitting = Sitting()
    running = asyncio.create_task(sitting.terminal.run(sitting.posted.append))
    await sitting.until(lambda: "on hook" in sitting.look())
    sitting.phone = replace(sitting.phone, sound=Sound(hook_off=True))
    sitting.terminal.changed()
    await sitting.until(lambda: "lifted" in sitting.look())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
