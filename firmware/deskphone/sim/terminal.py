"""The phone in a terminal: its display in characters, lamps and softkeys as words, the keyboard as its keys.

Law: a driver over the standard library only. It gives the terminal back as it found it, whatever happens, and
decides nothing: keys become the events copper would post. Nothing else may write to the terminal meanwhile.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Callable
from typing import Any, TextIO

from PIL.Image import Image

from deskphone.core.events import HookMoved, KeyDown, KeyUp, TextTyped
from deskphone.core.screen.command import Command
from deskphone.core.screen.commands import softkeys
from deskphone.core.state import Phone
from deskphone.core.voice_path import VoicePath
from deskphone.drivers.ports import Part, Post
from deskphone.sim import pixels
from deskphone.sim.copper import SimCopper
from deskphone.sim.keyboard import DELETE_LETTERS, HOOK_LETTERS, LETTERS, QUIT_LETTER, Keyboard, Stroke
from deskphone.view.outputs import Lamp, Outputs
from deskphone.view.state_json import typing

Snapshot = Callable[[], tuple[Phone, Outputs, Image]]

ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J"  # alternate screen, no cursor, no wrapping, empty
LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
HOME, LINE_END, BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
BOLD, DIM, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"
ESCAPE_WAIT = 0.05
"""Seconds until an escape without more is the key Cancel."""

HOW = {Lamp.ON: "on", Lamp.SLOW: "blinks", Lamp.FAST: "blinks fast"}
HELP = (
    "digits * #   Enter OK   Esc Cancel   F1-F4 softkeys   arrows   Space lift/put down",
    "n Menu  o Hold  t Transfer  m Mute  r Redial  v Mail  c Contacts  e Headset  s Speaker  +/-  q Quit",
)


class Terminal(Part):
    """A driver: shows the phone on `screen` and takes keys from `keys`, both the same terminal."""

    name = "terminal"

    def __init__(
        self,
        snapshot: Snapshot,
        copper: SimCopper,
        quit_phone: Callable[[], None],
        *,
        url: str = "",
        screen: TextIO | None = None,
        keys: TextIO | None = None,
    ) -> None:
        """`quit_phone` is called on q; `url` is shown so that a person finds the page."""
        self._snapshot = snapshot
        self._quit = quit_phone
        self._url = url
        self._screen = screen or sys.stdout
        self._keys = keys or sys.stdin
        self._keyboard = Keyboard()
        self._settle: asyncio.TimerHandle | None = None
        self._soon: asyncio.Handle | None = None
        self._post: Post | None = None
        self._before: list[Any] | None = None
        self._shown = ""
        copper.listen(self.changed)

    async def run(self, post: Post) -> None:
        """Draw and listen until cancelled; the terminal is as it was afterwards."""
        self._post = post
        loop = asyncio.get_running_loop()
        resized = getattr(signal, "SIGWINCH", None)
        self._take_terminal()
        try:
            loop.add_reader(self._keys.fileno(), self._read)
            if resized is not None:
                with contextlib.suppress(ValueError, RuntimeError):  # not the main thread
                    loop.add_signal_handler(resized, self._resized)
            self._draw()
            await loop.create_future()
        finally:
            loop.remove_reader(self._keys.fileno())
            if resized is not None:
                with contextlib.suppress(ValueError, RuntimeError):
                    loop.remove_signal_handler(resized)
            self._post = None
            self._give_back()

    def show(self, outputs: Outputs) -> None:
        """The outputs changed: they are drawn anew."""
        self.changed()

    def changed(self) -> None:
        """Something on the phone changed; drawn once for all changes of this turn of the loop."""
        if self._post is not None and self._soon is None:
            self._soon = asyncio.get_running_loop().call_soon(self._draw)

    # --- the terminal --------------------------------------------------------------------------------

    def _take_terminal(self) -> None:
        handle = self._keys.fileno()
        self._before = termios.tcgetattr(handle)
        atexit.register(self._give_back)  # sys.exit from elsewhere must not leave a dead terminal
        tty.setcbreak(handle)
        mode = termios.tcgetattr(handle)
        mode[0] &= ~termios.IXON  # Ctrl-S would hold up the whole phone
        mode[6][termios.VSUSP] = b"\0"  # Ctrl-Z would leave the shell in our screen; Ctrl-C still ends us
        termios.tcsetattr(handle, termios.TCSANOW, mode)
        self._write(ENTER)

    def _give_back(self) -> None:
        if self._before is None:
            return
        before, self._before = self._before, None
        atexit.unregister(self._give_back)
        self._write(LEAVE)
        with contextlib.suppress(termios.error, OSError, ValueError):
            termios.tcsetattr(self._keys.fileno(), termios.TCSANOW, before)

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone; the phone goes on
            self._screen.write(text)
            self._screen.flush()

    def _size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self._screen.fileno())
        except (OSError, ValueError):
            size = shutil.get_terminal_size()
        return size.columns or 80, size.lines or 24  # a serial line does not know its size

    # --- the picture ---------------------------------------------------------------------------------

    def _resized(self) -> None:
        self._shown = ""
        self._write("\x1b[2J")
        self.changed()

    def _draw(self) -> None:
        self._soon = None
        if self._post is None:
            return
        columns, lines = self._size()
        drawn = drawing(*self._snapshot(), size=(columns, lines), url=self._url)
        text = "\r\n".join(f"{line}{LINE_END}" for line in drawn) + BELOW
        if text != self._shown:
            self._shown = text
            self._write(HOME + text)

    # --- the keyboard --------------------------------------------------------------------------------

    def _read(self) -> None:
        try:
            data = os.read(self._keys.fileno(), 1024)
        except OSError:
            data = b""
        if not data:  # the terminal is gone
            asyncio.get_running_loop().remove_reader(self._keys.fileno())
            return
        if self._settle is not None:
            self._settle.cancel()
            self._settle = None
        for stroke in self._keyboard.feed(data):
            self._stroke(stroke)
        if self._keyboard.undecided:
            self._settle = asyncio.get_running_loop().call_later(ESCAPE_WAIT, self._settled)

    def _settled(self) -> None:
        self._settle = None
        for stroke in self._keyboard.settle():
            self._stroke(stroke)

    def _stroke(self, stroke: Stroke) -> None:
        assert self._post is not None
        phone, letter = self._snapshot()[0], stroke.letter
        typed = typing(phone)
        if stroke.key:
            self._press(stroke.key)
        elif letter in DELETE_LETTERS:
            self._press(_delete_key(phone))
        elif letter.isprintable() and (typed == "text" or (typed == "digits" and letter == "+")):
            self._post(TextTyped(letter))
        elif letter == QUIT_LETTER:
            self._quit()
        elif letter in HOOK_LETTERS:
            self._post(HookMoved(not phone.sound.hook_off))
        elif letter in LETTERS:
            self._press(LETTERS[letter])

    def _press(self, key: str) -> None:
        # A terminal tells no key's release: every press is a short one.
        assert self._post is not None
        self._post(KeyDown(key))
        self._post(KeyUp(key))


def _delete_key(phone: Phone) -> str:
    """The softkey that deletes a character now, else Cancel."""
    offered = softkeys(phone)
    return f"soft{offered.index(Command.DELETE) + 1}" if Command.DELETE in offered else "cancel"


def drawing(phone: Phone, outputs: Outputs, frame: Image, *, size: tuple[int, int], url: str = "") -> list[str]:
    """The whole phone in `size` (columns, lines), escape codes not counted."""
    columns, lines = size
    below = [_softkeys(outputs, columns), *_words(phone, outputs, columns), f"{DIM}{url}{PLAIN}"]
    below += [f"{DIM}{line[:columns]}{PLAIN}" for line in HELP]
    room = lines - len(below) - 2
    if columns >= frame.width + 2 and room >= (frame.height + 1) // 2:
        picture = pixels.half_blocks(frame)
    elif columns >= frame.width // 2 + 2 and room >= (frame.height + 3) // 4:
        picture = pixels.braille(frame)
    else:
        screen = outputs.screen
        picture = [screen.title, *screen.words()]
    shade = "" if outputs.screen.bright else DIM
    return _framed(picture, shade, below, columns, lines)


def _framed(picture: list[str], shade: str, below: list[str], columns: int, lines: int) -> list[str]:
    width = min(max(len(line) for line in picture), columns - 2)
    bar = "─" * width
    drawn = [f"╭{bar}╮"]
    drawn += [f"│{shade}{line[:width]:<{width}}{PLAIN}│" for line in picture]
    drawn += [f"╰{bar}╯", *below]
    return drawn[:lines]


def _softkeys(outputs: Outputs, columns: int) -> str:
    labels = [f"F{place} {label or '-'}" for place, label in enumerate(outputs.screen.softkeys, 1)]
    return f"{BOLD}{'   '.join(labels)[:columns]}{PLAIN}"


def _words(phone: Phone, outputs: Outputs, columns: int) -> list[str]:
    """Lamps, handset and sound in words."""
    lamps = outputs.lamps
    names = ("ring", "message", "mute", "headset", "speaker")
    lit = [f"{name} {HOW[lamp]}" for name in names if (lamp := getattr(lamps, name)) is not Lamp.OFF]
    audio = outputs.audio
    tone = audio.tone.replace("_", " ") or (f"ringing ({outputs.ringing.name})" if outputs.ringing else "none")
    path = "none" if audio.path is VoicePath.NONE else f"{audio.path} at {audio.volume}"
    handset = "lifted" if phone.sound.hook_off else "on hook"
    return [
        f"Lamps: {', '.join(lit) or 'all off'}"[:columns],
        f"Handset {handset}   Sound {path}{' MUTED' if audio.muted else ''}   Tone {tone}"[:columns],
    ]
