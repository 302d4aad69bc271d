"""systemd: the real sd_notify over a real socket, and nothing at all without it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from pathlib import Path

import pytest

from deskphone.drivers.system import Systemd, log_handler


@pytest.fixture
def notifications(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> socket.socket:
    path = tmp_path / "notify"
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(str(path))
    listening.settimeout(2)
    monkeypatch.setenv("NOTIFY_SOCKET", str(path))
    monkeypatch.setenv("WATCHDOG_USEC", "10000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()))
    return listening


def test_the_unit_hears_ready_alive_status_and_stopping(notifications: socket.socket) -> None:
    systemd = Systemd()
    systemd.ready("no line\nyet")
    systemd.alive()
    systemd.status("1502 registered at both servers")
    systemd.status("1502 registered at both servers")
    systemd.stopping()
    heard = [notifications.recv(500).decode() for _ in range(4)]
    assert heard == [
        "READY=1\nSTATUS=no line yet",
        "WATCHDOG=1",
        "STATUS=1502 registered at both servers",
        "STOPPING=1",
    ]


def test_the_watchdog_is_fed_twice_in_its_time(notifications: socket.socket) -> None:
    assert Systemd().watchdog_s == 5.0


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "10000000", "WATCHDOG_PID": "1"}],
)
def test_without_systemd_nothing_is_said_and_nothing_fails(environment: dict[str, str]) -> None:
    class Loud:
        def notify(self, status: str) -> bool:
            raise AssertionError(f"said {status}")

    systemd = Systemd(Loud(), environment)
    systemd.ready("x")
    systemd.alive()
    systemd.status("y")
    systemd.stopping()
    assert systemd.watchdog_s == 0.0


def test_the_log_goes_to_standard_error_on_a_laptop_and_to_the_journal_under_systemd() -> None:
    handler = log_handler({})
    assert isinstance(handler, logging.StreamHandler) and handler.stream is sys.stderr
    assert type(log_handler({"JOURNAL_STREAM": "8:1"})).__name__ == "JournalHandler"
