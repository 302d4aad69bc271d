"""What survives power-off: the old file or the new one, never half of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deskphone.app import store as stores
from deskphone.config.secret import Secret
from deskphone.core.effects import KeepSecret


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


@pytest.mark.parametrize("damage", ["none", "byte", "key", "huge"])
def test_a_secret_is_sealed_to_this_phones_key(tmp_path: Path, damage: str) -> None:
    store = stores.Store(tmp_path)
    store.perform(KeepSecret("session", Secret("8841-word-7752")))
    store._write()
    path = tmp_path / "session.sealed"
    whole = path.read_bytes()
    assert b"8841" not in whole and path.stat().st_mode & 0o777 == 0o600
    if damage == "byte":
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    elif damage == "key":
        (tmp_path / "certificates" / "device.pem").unlink()
        stores.seal(tmp_path, "another key is made")
    elif damage == "huge":
        path.write_bytes(whole * 100)
    found = stores.Store(tmp_path).secret("session")
    assert found == (Secret("8841-word-7752") if damage == "none" else Secret())
    assert store.load() == (), "it is no section"
    store.perform(KeepSecret("session", Secret()))
    store._write()
    assert not path.exists()
