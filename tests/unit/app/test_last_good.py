"""A running phone's configuration: a file with what it includes; the last good one, kept as read and as written."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskphone.app import configuration
from deskphone.config.reader import read

FILE = "; desk 7\nvoip/line/0/id=1502\nvoip/line/0/auth_password=example-1\ndeskphone/volume/ring=6\nsome/thing=1\n"


def keep(data: Path, text: str) -> None:
    layers = read(text.encode()).layers
    assert layers is not None
    configuration.keep(data, layers, text.encode())


def test_it_is_kept_as_read_and_as_written(tmp_path: Path) -> None:
    keep(tmp_path, FILE)
    assert (tmp_path / configuration.AS_WRITTEN).read_text() == FILE
    kept = configuration.kept(tmp_path)
    assert kept is not None and kept == read(FILE.encode()).layers, "the default that a file names is the file's, too"
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("strict", ["0", "1"])
def test_a_line_that_a_newer_program_refuses_costs_that_line_even_where_files_are_read_strictly(
    tmp_path: Path, strict: str
) -> None:
    keep(tmp_path, f"{FILE}deskphone/provisioning/strict={strict}\n")
    path = tmp_path / configuration.LAST_GOOD
    path.write_text(path.read_text() + "voip/signalling/sip/proxy_port=80\n")
    kept = configuration.kept(tmp_path)
    assert kept is not None and kept.settings.line[0].id == "1502" and kept.settings.proxy.port == 5060


@pytest.mark.parametrize("data", [b"", b"\0\1\2", b"<html>", b"x=1\n", b"voip/line/0/id=1502\0\0"])
def test_what_is_none_is_none(tmp_path: Path, data: bytes) -> None:
    assert configuration.kept(tmp_path) is None
    (tmp_path / configuration.LAST_GOOD).write_bytes(data)
    assert configuration.kept(tmp_path) is None


def test_a_file_named_by_where_one_stands_includes_what_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`deskphone run --config phones/desk.cfg`: the reader has resolved the reference, once is enough."""
    (tmp_path / "phones/floors").mkdir(parents=True)
    (tmp_path / "phones/desk.cfg").write_text("include floors/first.cfg\n")
    (tmp_path / "phones/floors/first.cfg").write_text("include all.cfg\nvoip/line/0/id=1502\n")
    (tmp_path / "phones/floors/all.cfg").write_text("deskphone/volume/ring=6\n")
    monkeypatch.chdir(tmp_path)
    result, _ = configuration.load("phones/desk.cfg")
    assert result.layers is not None and not result.errors
    assert (result.layers.settings.line[0].id, result.layers.settings.volume.ring) == ("1502", 6)
