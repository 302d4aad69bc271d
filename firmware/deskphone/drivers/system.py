"""systemd: readiness, watchdog, status line, journal.

Law: says what it is told, decides nothing. Not started by systemd, everything here does nothing and the log goes to
standard error.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Mapping
from typing import Protocol, cast


class Daemon(Protocol):
    """The module systemd.daemon."""

    def notify(self, status: str) -> bool: ...


class Systemd:
    """sd_notify(3). daemon: the module systemd.daemon where none is given; environment: the process's own."""

    def __init__(self, daemon: Daemon | None = None, environment: Mapping[str, str] | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._daemon = daemon
        self._told = ""
        self._there = bool(environment.get("NOTIFY_SOCKET"))
        self._watchdog_us = environment.get("WATCHDOG_USEC", "") if self._mine(environment) else ""

    @staticmethod
    def _mine(environment: Mapping[str, str]) -> bool:
        pid = environment.get("WATCHDOG_PID", "")
        return pid in ("", str(os.getpid()))

    @property
    def watchdog_s(self) -> float:
        """Seconds between two `alive`: half of what the unit allows; 0 where no watchdog waits."""
        return int(self._watchdog_us) / 2e6 if self._watchdog_us.isdigit() else 0.0

    def ready(self, status: str = "") -> None:
        """READY=1: the phone works; with Type=notify the unit counts as started now."""
        self._notify("READY=1" + (f"\nSTATUS={_line(status)}" if status else ""))

    def alive(self) -> None:
        """WATCHDOG=1, within each WatchdogSec of the unit; nothing where no watchdog waits."""
        if self.watchdog_s:
            self._notify("WATCHDOG=1")

    def status(self, text: str) -> None:
        """STATUS=: one line for `systemctl status`; the same line again is not sent."""
        if text != self._told:
            self._told = text
            self._notify(f"STATUS={_line(text)}")

    def stopping(self) -> None:
        """STOPPING=1: an orderly end has begun."""
        self._notify("STOPPING=1")

    def _notify(self, message: str) -> None:
        if not self._there:
            return
        if self._daemon is None:
            try:
                self._daemon = cast(Daemon, importlib.import_module("systemd.daemon"))
            except ImportError:
                self._there = False
                return
        self._daemon.notify(message)


def _line(text: str) -> str:
    return " ".join(text.split())


def log_handler(environment: Mapping[str, str] | None = None) -> logging.Handler:
    """A handler for the root logger: the journal under systemd, else standard error."""
    environment = os.environ if environment is None else environment
    if environment.get("JOURNAL_STREAM"):
        try:
            journal = importlib.import_module("systemd.journal")
            return cast(logging.Handler, journal.JournalHandler(SYSLOG_IDENTIFIER="deskphone"))
        except (ImportError, OSError):
            pass
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    return handler
