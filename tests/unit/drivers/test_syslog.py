"""Syslog without a server of its own: what leaves the phone in the very moment its sending begins."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest

from deskphone.config import reader
from deskphone.core.state import Phone
from deskphone.drivers.syslog import Syslog

WORD = "pass-of-the-download"


def at(port: int, *more: str) -> Phone:
    """A phone that sends its lines to this port of loopback."""
    lines = ("mode=NETWORK", "server_address=127.0.0.1", f"server_port={port}")
    text = "".join(f"system/syslog/{line}\n" for line in lines) + "".join(f"{line}\n" for line in more)
    read = reader.read(text.encode(), "phone.cfg")
    assert read.layers is not None and not read.errors, read.report()
    return Phone(powered=True, layers=read.layers)


class Busy(logging.Logger):
    """A journal that another thread writes a line into as soon as somebody listens."""

    def addHandler(self, hdlr: logging.Handler) -> None:
        super().addHandler(hdlr)
        self.warning("logged in with %s", WORD)


def test_the_first_line_has_no_secret_either() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        log = Syslog(lambda: phone, Busy("root of a test"), logging.Logger("details of a test"))
        phone = at(server.getsockname()[1], f"deskphone/web/admin_password={WORD}")
        log.look()
        got = server.recv(4096)
        assert b"logged in with ***" in got and WORD.encode() not in got
        phone = Phone(powered=True)
        log.look()


@pytest.mark.parametrize(("before", "then"), [
    ((), ()), ((), ("system/syslog/log_level=DETAILED",)), (("system/syslog/mode=NONE",), ()),
], ids=["the password alone", "the server's lines, too", "sent from now on"])  # fmt: skip
def test_a_line_about_a_changed_password_shows_no_part_of_either(
    before: tuple[str, ...], then: tuple[str, ...]
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        port, root = server.getsockname()[1], logging.Logger("root of a test")
        log = Syslog(lambda: phone, root, logging.Logger("details of a test"))
        for word, more in (("winter2024-abc", before), ("winter2024", then)):  # one begins as the other
            phone = at(port, f"deskphone/web/admin_password={word}", *more)
            log.look()
        root.warning("was winter2024-abc, is winter2024")
        assert b"was ***, is ***" in server.recv(4096)
        phone = Phone(powered=True)
        log.look()


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        door.settimeout(20)
        yield door


def test_what_was_said_just_before_the_server_was_known_comes_first(server: socket.socket) -> None:
    """A start is told while the settings are still being read, and a phone at rest says nothing more for an hour."""
    root = logging.Logger("root of a test")
    log = Syslog(lambda: phone, root, logging.Logger("details of a test"))
    root.debug("a detail nobody asked for")
    root.warning("line 0 registered, the word is %s", WORD)
    phone = at(server.getsockname()[1], f"deskphone/web/admin_password={WORD}")
    log.look()
    root.warning("at rest")
    said = [server.recv(4096) for _ in range(2)]
    assert b"line 0 registered, the word is ***" in said[0] and b"at rest" in said[1]
    phone = Phone(powered=True)
    log.look()


def test_what_was_said_long_before_is_the_journals(server: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    root = logging.Logger("root of a test")
    log = Syslog(lambda: phone, root, logging.Logger("details of a test"))
    root.warning("yesterday")
    now = time.monotonic()
    with monkeypatch.context() as later:
        later.setattr("deskphone.drivers.syslog.time.monotonic", lambda: now + 61)
        phone = at(server.getsockname()[1])
        log.look()
    root.warning("today")
    assert b"today" in server.recv(4096)
    phone = Phone(powered=True)
    log.look()
