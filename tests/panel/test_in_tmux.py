"""The phone in a real terminal emulator (tmux): drawn, pressed, resized, and the shell given back."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.needs("tmux"),
]
ROOT = Path(__file__).parents[2]
BLOCKS = "▀▄█"


class Window:
    """A window of a tmux server of its own."""

    def __init__(self, socket: Path) -> None:
        self._tmux = ["tmux", "-f", "/dev/null", "-S", str(socket)]
        shell = ["env", "PS1=$ ", "bash", "--norc", "--noprofile"]
        self._run("new-session", "-d", "-x", "80", "-y", "24", "-c", str(ROOT), *shell)
        self.until("the shell", lambda: "$" in self.text())

    def _run(self, *words: str) -> str:
        return subprocess.run([*self._tmux, *words], check=True, capture_output=True, text=True, timeout=10).stdout

    def text(self) -> str:
        return self._run("capture-pane", "-p")

    def type(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def resize(self, columns: int, lines: int) -> None:
        self._run("resize-window", "-x", str(columns), "-y", str(lines))

    def until(self, what: str, test: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not test():
            assert time.monotonic() < deadline, f"waited for {what}; the window shows\n{self.text()}"
            time.sleep(0.05)

    def close(self) -> None:
        self._run("kill-server")


@pytest.fixture
def window(tmp_path: Path) -> Iterator[Window]:
    it = Window(tmp_path / "tmux")
    yield it
    it.close()


def start(window: Window) -> None:
    window.type(f"clear; echo before; {sys.executable} -m tests.panel.bench_phone --terminal; echo code $?", "Enter")
    window.until("the phone", lambda: "F1 Directory" in window.text())


def braille(text: str) -> int:
    return sum("⠀" <= letter <= "⣿" for letter in text)


def test_a_person_without_a_browser_calls_the_echo(window: Window) -> None:
    start(window)
    assert braille(window.text()) == 64 * 16
    window.type("9", "1", "9", "6", "Enter")
    window.until("the call", lambda: "F1 Hold" in window.text())
    assert "speaker on" in window.text()
    window.type("m")
    window.until("mute", lambda: "MUTED" in window.text())
    window.type("Escape")
    window.until("the end", lambda: "F1 Directory" in window.text())
    window.type("Space")
    window.until("the handset", lambda: "Handset lifted" in window.text())


@pytest.mark.parametrize("leave", ["q", "C-c"])
def test_the_shell_is_as_it_was_afterwards(window: Window, leave: str) -> None:
    start(window)
    window.type(leave)
    window.until("the shell", lambda: "code 0" in window.text())
    assert "before" in window.text()
    assert "F1" not in window.text()
    window.type("echo a", "Left", "b", "Enter")  # the shell's own line editing and echo work again
    window.until("echo", lambda: "\nba" in window.text())


def test_the_picture_follows_the_windows_size(window: Window) -> None:
    start(window)
    window.resize(140, 50)
    window.until("large pixels", lambda: sum(letter in BLOCKS for letter in window.text()) > 500)
    assert braille(window.text()) == 0
    window.resize(50, 12)
    window.until("words", lambda: "1502" in window.text() and "Softkeys" not in window.text())
    assert sum(letter in BLOCKS for letter in window.text()) == 0
