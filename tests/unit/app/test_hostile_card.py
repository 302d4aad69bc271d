"""The data folder as it comes back from somebody else's hands: pipes nobody writes into, devices without an end, links,
folders, more bytes than there are, where the phone keeps its files."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deskphone import files
from deskphone.app import configuration
from deskphone.app.store import Store
from deskphone.config.secret import Secret
from deskphone.files import is_small, read_small, write_whole
from deskphone.provision import known, typed_login
from deskphone.trust import certificates, sealed

WITHIN = 10.0
"""Seconds: what waits for a pipe waits for ever."""


def pipe(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def silent(path: Path) -> None:
    path.symlink_to("/dev/tty")


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def folder(path: Path) -> None:
    path.mkdir()


def loop(path: Path) -> None:
    path.symlink_to(path)


KINDS = (pipe, endless, silent, huge, folder, loop)
"""What may lie there."""


def in_time(work: Callable[[], Any]) -> Any:
    """What `work` returns, or its error; AssertionError where it waits."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.append(work())
        except (OSError, ValueError) as error:
            found.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WITHIN)
    assert found, "it waits for somebody"
    return found[0]


@pytest.mark.parametrize("make", KINDS)
def test_what_is_read_is_a_plain_file_of_a_size_that_was_told(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "file"
    make(path)
    assert isinstance(in_time(lambda: read_small(path, 1000)), OSError)
    assert not is_small(path, 1000)


def test_a_plain_file_is_read_to_its_last_byte_and_no_further(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x" * 1000)
    assert read_small(path, 1000) == path.read_bytes() and is_small(path, 1000)
    assert isinstance(in_time(lambda: read_small(path, 999)), OSError) and not is_small(path, 999)


@pytest.mark.parametrize("make", [each for each in KINDS if each is not folder])
def test_what_lies_where_a_new_file_is_written_is_not_written_into(
    tmp_path: Path, make: Callable[[Path], None]
) -> None:
    other = tmp_path / "somebody's"
    other.write_text("his")
    for name, plant in (("a", make), ("b", lambda path: path.symlink_to(other))):
        plant(tmp_path / f"{name}.new")
        plant(tmp_path / name)
        assert in_time(lambda name=name: write_whole(tmp_path / name, b"ours")) is None  # type: ignore[misc]
        assert (tmp_path / name).read_bytes() == b"ours" and not (tmp_path / name).is_symlink()
    assert other.read_text() == "his"


@pytest.mark.parametrize("make", KINDS)
def test_each_store_takes_what_is_no_file_for_nothing_and_goes_on(tmp_path: Path, make: Callable[[Path], None]) -> None:
    keys = tmp_path / certificates.FOLDER
    keys.mkdir()
    for name in ("log.json", "agent.sealed", configuration.LAST_GOOD, known.NAME, typed_login.NAME, "web.json"):
        make(tmp_path / name)
    for name in ("authority-0.pem", certificates.CLIENT, certificates.SIP_CLIENT, certificates.WEB, sealed.FILE):
        make(keys / name)
    store = Store(tmp_path)
    assert in_time(store.load) == ()
    assert in_time(lambda: store.secret("agent")) == Secret()
    assert in_time(lambda: configuration.kept(tmp_path)) is None
    assert in_time(lambda: known.load(tmp_path)) == known.Known()
    assert in_time(lambda: typed_login.load(tmp_path)) is None
    assert isinstance(in_time(lambda: certificates.trust(tmp_path, True)), certificates.Trust)
    assert not in_time(lambda: certificates.credentials(tmp_path, None)).certificate
    assert not in_time(lambda: certificates.of_web(tmp_path)).certificate
    if make is not folder:
        assert in_time(lambda: store.save("log.json", json.dumps({}))) is None
        assert store.load() == (("log", "{}"),)


ELSEWHERE = {
    "app/replay_command.py", "app/demo_command.py", "app/figures.py", "manage/addresses.py",
    "manage/certificate.py", "trust/sealed.py", "trust/certificates.py",
}  # fmt: skip
"""What a person names, /proc, scratch of openssl, the system's authorities."""


def test_who_reads_what_the_phone_kept_reads_it_by_files() -> None:
    package = Path(files.__file__).parent
    readers = {
        str(path.relative_to(package))
        for room in ("app", "manage", "provision", "trust")
        for path in (package / room).rglob("*.py")
        if any(word in path.read_text() for word in (".read_bytes(", ".read_text("))
    }
    assert readers - ELSEWHERE == set()
