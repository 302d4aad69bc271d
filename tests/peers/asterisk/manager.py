"""Asterisk's manager interface (AMI): actions with their answers, and the events as they come.

Law: one connection; a thread reads, everybody may ask. Errors of Asterisk are AssertionErrors with its own words.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable

from tests.peers.child import LOOPBACK, wait_until

Message = list[tuple[str, str]]


class Manager:
    """`events`: everything it told that answers no action, in order."""

    def __init__(self, port: int) -> None:
        self.events: list[dict[str, str]] = []
        self._answers: dict[str, Message] = {}
        self._numbers = itertools.count(1)
        self._socket = socket.create_connection((LOOPBACK, port), 10)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self.action("Login", Username="tests", Secret="secret")

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def action(self, name: str, *variables: str, **fields: str) -> dict[str, str]:
        """One action; variables: NAME=VALUE of the channel. Its answer; AssertionError where it is an error."""
        number = str(next(self._numbers))
        lines = [f"Action: {name}", f"ActionID: {number}", *(f"{key}: {value}" for key, value in fields.items())]
        lines += [f"Variable: {each}" for each in variables]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        answer = wait_until(f"Asterisk's answer to {name}", lambda: self._answers.get(number))
        told = dict(answer)
        assert told.get("Response") != "Error", f"Asterisk refused {name} {fields}: {told.get('Message')}"
        return told

    def command(self, words: str) -> str:
        """What the command line says to this."""
        number = str(next(self._numbers))
        self._socket.sendall(f"Action: Command\r\nActionID: {number}\r\nCommand: {words}\r\n\r\n".encode())
        answer = wait_until(f"Asterisk's answer to {words}", lambda: self._answers.get(number))
        return "\n".join(value for key, value in answer if key == "Output")

    def event(self, kind: str, after: int = 0, within: float = 10.0, **fields: str) -> dict[str, str]:
        """Wait for an event of this kind with these fields behind the first `after` events."""

        def fits(each: dict[str, str]) -> bool:
            return each.get("Event") == kind and all(each.get(key) == value for key, value in fields.items())

        return self.wait(f"Asterisk's event {kind} {fields}", fits, after, within)

    def wait(
        self, what: str, fits: Callable[[dict[str, str]], bool], after: int = 0, within: float = 10.0
    ) -> dict[str, str]:
        """Wait for the first event that fits."""
        return wait_until(what, lambda: next((each for each in self.events[after:] if fits(each)), None), within) or {}

    # --- inside ------------------------------------------------------------------------------------

    def _listen(self) -> None:
        rest = b""
        while True:
            try:
                data = self._socket.recv(65_536)
            except OSError:
                return
            if not data:
                return
            rest += data
            while (end := rest.find(b"\r\n\r\n")) >= 0:
                self._take(rest[:end].decode("utf-8", "replace"))
                rest = rest[end + 4 :]

    def _take(self, text: str) -> None:
        pairs = [
            (name, value.strip()) for name, colon, value in (line.partition(":") for line in text.splitlines()) if colon
        ]
        told = dict(pairs)
        if "Response" in told:
            self._answers[told.get("ActionID", "")] = pairs
        elif "Event" in told:
            self.events.append(told)
