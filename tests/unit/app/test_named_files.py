"""A file that the command line names: not there, unreadable is 66 (EX_NOINPUT), something else 65 (EX_DATAERR)."""

from __future__ import annotations

import faulthandler
import logging
import os
from pathlib import Path

import pytest

from deskphone.app.__main__ import main
from deskphone.manage import command as manage

WAYS = {  # a word of each command that names a file: the words with @ in its place, and the code of a malformed one
    "run --board": ("run --data DATA --board @", os.EX_DATAERR),
    "run --config": ("run --sim --no-terminal --data DATA --config @", os.EX_CONFIG),
    "run --audio": ("run --sim --no-terminal --data DATA --audio wav:@,", os.EX_DATAERR),
    "run --keyring": ("run --sim --no-terminal --data DATA --keyring @", None),  # looked into at an update
    "replay FILE": ("replay @", os.EX_DATAERR),
    "config check FILE": ("config check @", 76),
    "config dump FILE": ("config dump @", 76),
    "config dump --data": ("config dump --data @", os.EX_NOINPUT),
    "manage --certificate": ("manage --control DATA/none --https 127.0.0.1:0 --certificate @", os.EX_DATAERR),
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command does to its process is not done to the tests'."""
    monkeypatch.setattr(faulthandler, "enable", lambda: None)
    monkeypatch.setattr(logging, "basicConfig", lambda **kept: None)
    monkeypatch.setattr(manage, "bound", lambda: None)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)


def outcome(words: str, named: Path, folder: Path) -> int:
    return main([word.replace("@", str(named)).replace("DATA", str(folder / "data")) for word in words.split()])


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_is_not_there_is_66_and_named(way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(WAYS[way][0], tmp_path / "gone", tmp_path) == os.EX_NOINPUT
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and str(tmp_path / "gone") in told


@pytest.mark.parametrize("way", [way for way in WAYS if not way.endswith("--data")])
def test_a_file_that_cannot_be_read_is_66(way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder, which not even root can read as a file."""
    assert outcome(WAYS[way][0], tmp_path, tmp_path) == os.EX_NOINPUT
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and f"{tmp_path}" in told and "Is a directory" in told


@pytest.mark.parametrize("way", [way for way, (_, code) in WAYS.items() if code])
def test_a_file_that_is_something_else_has_the_code_of_data(way: str, tmp_path: Path) -> None:
    words, code = WAYS[way]
    named = tmp_path / "other"
    named.write_text("<html>nothing of the kind\n")
    assert outcome(words, named, tmp_path) == code


def test_a_recording_for_the_voice_that_cannot_be_made_is_73(tmp_path: Path) -> None:
    words = "run --sim --no-terminal --data DATA --audio wav:,@"
    assert outcome(words, tmp_path / "gone/out.wav", tmp_path) == os.EX_CANTCREAT


@pytest.mark.parametrize("text", ["[" * 100_000, '{"start":1,"steps":[],"end":1}', '{"start":1,"steps":[{"at":1}]}'])
def test_json_of_any_shape_is_no_recording(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "recording.json").write_text(text)
    assert outcome("replay @", tmp_path / "recording.json", tmp_path) == os.EX_DATAERR
    assert "not a recording of deskphone" in capsys.readouterr().err
