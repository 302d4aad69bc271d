"""What survives power-off: the old file or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deskphone.app import store as stores


def test_sections_come_back(tmp_path: Path) -> None:
    store = stores.Store(tmp_path / "data")
    store.save("volumes.json", '{"ring": 3}')
    store.save("volumes.json", '{"ring": 4}')
    assert stores.Store(tmp_path / "data").load() == (("volumes", '{"ring": 4}'),)
    assert (tmp_path / "data" / "volumes.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_power_cut_leaves_the_old_file(tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = stores.Store(tmp_path)
    store.save("calls.json", "old")

    def cut(*_: object) -> int:
        raise OSError("power cut")

    monkeypatch.setattr(os, step, cut)
    with pytest.raises(OSError, match="power cut"):
        store.save("calls.json", "new and longer")
    monkeypatch.undo()
    assert store.load() == (("calls", "old"),)
    assert [path.name for path in tmp_path.iterdir()] == ["calls.json"], "nothing is left of the attempt"


def test_unreadable_sections_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_bytes(b"\xff\xfe")
    (tmp_path / "huge.json").write_bytes(b"x" * (stores.LIMIT + 1))
    assert stores.Store(tmp_path).load() == ()
