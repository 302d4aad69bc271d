"""The updater's own notes on a card that somebody else had in his hands: it runs as root at each start, and waits for
nothing, follows nothing and reads no more than it wrote."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import updater

WITHIN = 10.0


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def deep(path: Path) -> None:
    path.write_text("[" * 100_000)


def link(path: Path) -> None:
    path.with_name("elsewhere").write_text('{"version": "9"}')
    path.symlink_to(path.with_name("elsewhere"))


def in_time(work: Callable[[], Any]) -> Any:
    """What it returns; AssertionError where it waits."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()), daemon=True)
    thread.start()
    thread.join(WITHIN)
    assert found, "it waits for somebody, or ended with an error"
    return found[0]


@pytest.mark.parametrize("make", [pipe, endless, deep, link])
def test_notes_that_are_none_are_nothing_and_new_ones_are_kept(tmp_path: Path, make: Callable[[Path], None]) -> None:
    note = tmp_path / "note"
    make(note)
    make(tmp_path / "note.new")
    made = updater.Updater(note=note, obeyed=note)
    assert in_time(made._note) == {}
    assert in_time(made._last_order) == 0
    in_time(lambda: updater._keep(note, '{"version": "1"}') or True)
    assert made._note() == {"version": "1"} and not note.is_symlink()
    if make is link:
        assert (tmp_path / "elsewhere").read_text() == '{"version": "9"}'
