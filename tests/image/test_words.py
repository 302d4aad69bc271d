"""words: what the phone says while the unit that reads it runs starts it once more; systemctl is written down."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "image/rootfs/usr/lib/deskphone/words"
PATHS = [*ROOT.glob("image/rootfs/usr/lib/systemd/system/*.path"), *ROOT.glob("firmware/*/*.path")]


class Desk:
    """Two files of the phone's, and the script beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = (folder / "host-name", folder / "wish")
        systemctl = folder / "bin" / "systemctl"
        systemctl.parent.mkdir()
        systemctl.write_text(f'#!/bin/sh\necho "$*" >>{folder}/told\n')
        systemctl.chmod(0o755)

    def words(self, verb: str) -> str:
        """What systemctl has been told so far."""
        environment = {"PATH": f"{self.folder}/bin:{os.environ['PATH']}", "DESKPHONE_WORDS": f"{self.folder}/words"}
        command = [SCRIPT, verb, "some.service", *(self.files if verb == "note" else ())]
        subprocess.run(command, env=environment, check=True, timeout=30)
        told = self.folder / "told"
        return told.read_text() if told.exists() else ""

    def says(self, text: str, at: int = 0) -> None:
        new = self.folder / "new"
        new.write_text(text)
        new.replace(self.files[at])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_nothing_new_starts_nothing(desk: Desk) -> None:
    desk.words("note")
    assert desk.words("again") == "", "there is no file at all"
    desk.says("1501")
    desk.words("note")
    assert desk.words("again") == ""


@pytest.mark.parametrize("at", [0, 1])
def test_a_word_that_came_meanwhile_starts_the_unit_again(desk: Desk, at: int) -> None:
    desk.words("note")
    desk.says("1501", at)
    assert desk.words("again") == "--no-block start some.service\n"


def test_a_file_that_went_or_was_written_in_place_counts(desk: Desk) -> None:
    desk.says("1501")
    desk.words("note")
    desk.files[0].write_text("1502")
    assert desk.words("again").count("start") == 1
    desk.words("note")
    desk.files[0].unlink()
    assert desk.words("again").count("start") == 2


def test_the_same_words_said_again_are_new_ones(desk: Desk) -> None:
    """Closed, opened and closed again: what ran between may have read "opened"."""
    desk.says("closed")
    desk.words("note")
    desk.says("open")
    desk.says("closed")
    assert desk.words("again").count("start") == 1


def test_a_pipe_or_a_link_of_the_phones_is_not_waited_at(desk: Desk) -> None:
    os.mkfifo(desk.files[0])
    desk.files[1].symlink_to("/dev/zero")
    desk.words("note")
    assert desk.words("again") == ""


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_every_unit_that_a_path_starts_looks_again(path: Path) -> None:
    files = re.findall(r"^PathChanged=(.*)$", path.read_text(), re.MULTILINE)
    lines = path.with_suffix(".service").read_text().splitlines()
    assert files and f"ExecStartPre=+/usr/lib/deskphone/words note %n {' '.join(files)}" in lines
    assert {"OnSuccess=deskphone-words@%N.service", "OnFailure=deskphone-words@%N.service"} <= set(lines)
    assert "StartLimitIntervalSec=0" in lines, "a limit would end the path unit too, for good"
