"""The SIP Server the phone sees while SIPp plays: a registrar of its own, and a pipe to SIPp for all the rest.

Law: REGISTER is granted here, and OPTIONS asked and answered: whether its server lives the phone may ask at any moment,
and no scenario says when. Every other datagram goes through unread and unchanged, so that what SIPp says, right or
wrong, is what the phone hears from its registered server. Without SIPp every number is unknown.
"""

from __future__ import annotations

import itertools
import queue
import re
import socket
import threading

from tests.peers.child import LOOPBACK

_numbers = itertools.count(1)
EXPIRES = 300


class Exchange:
    """`port` is the phone's SIP server; `sipp` the port SIPp listens on, 0 for none."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOOPBACK, 0))
        self._socket.settimeout(0.1)
        self.port: int = self._socket.getsockname()[1]
        self.sipp = 0
        self.registrar = True
        """False: SIPp hears the REGISTERs too."""
        self.register = ""
        """The last REGISTER it granted."""
        self._phone = (LOOPBACK, 0)
        self._answers: queue.Queue[bytes] = queue.Queue()
        self._ending = False
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up for good."""
        self._ending = True
        self._thread.join()
        self._socket.close()

    @property
    def phone(self) -> tuple[str, int]:
        """Where the phone's REGISTER came from."""
        return self._phone

    def send(self, data: bytes) -> None:
        """Bytes to the phone, from its server's own address and port; what does not fit into a datagram is cut."""
        self._socket.sendto(data[:65_000], self._phone)

    def options(self, within: float = 5.0) -> int:
        """Ask the phone how it is: the code of its answer; AssertionError where none comes."""
        number = next(_numbers)
        lines = (
            f"OPTIONS sip:1502@{self._phone[0]}:{self._phone[1]} SIP/2.0",
            f"Via: SIP/2.0/UDP {LOOPBACK}:{self.port};branch=z9hG4bK-probe-{number}",
            f"From: <sip:exchange@{LOOPBACK}>;tag=probe",
            f"To: <sip:1502@{LOOPBACK}>",
            f"Call-ID: probe-{number}",
            f"CSeq: {number} OPTIONS",
            "Max-Forwards: 70",
            "Content-Length: 0",
        )
        self._socket.sendto(_message(lines), self._phone)
        while True:
            try:
                answer = self._answers.get(timeout=within)
            except queue.Empty:
                raise AssertionError(f"the phone did not answer OPTIONS within {within} s") from None
            if f"probe-{number}\r\n".encode() in answer:
                return int(answer.split(b" ", 2)[1])

    # --- inside ------------------------------------------------------------------------------------

    def _live(self) -> None:
        while not self._ending:
            try:
                data, source = self._socket.recvfrom(65_535)
            except (TimeoutError, ConnectionRefusedError):
                continue
            if source[1] == self.sipp:
                self._socket.sendto(data, self._phone)
            elif data.startswith(b"SIP/2.0") and b"z9hG4bK-probe-" in data:
                self._answers.put(data)
            elif data.startswith(b"REGISTER ") and (self.registrar or not self.sipp):
                self._grant(data, source)
            elif data.startswith(b"OPTIONS "):
                self._answer(data, "200 OK", source)
            elif self.sipp:
                self._phone = source if data.startswith(b"REGISTER ") else self._phone
                self._socket.sendto(data, (LOOPBACK, self.sipp))
            elif not data.startswith((b"SIP/2.0", b"ACK ")) and b"\r\nVia:" in data:
                self._answer(data, "404 Not Found" if data.startswith(b"INVITE ") else "200 OK", source)

    def _grant(self, data: bytes, source: tuple[str, int]) -> None:
        """200 to REGISTER, with the binding it asked for."""
        self._phone = source
        text = self.register = data.decode("utf-8", "replace")
        gone = _field(text, "Expires") == "0"
        binding = () if gone else (f"Contact: {_field(text, 'Contact')};expires={EXPIRES}",)
        self._answer(data, "200 OK", source, *binding, f"Expires: {0 if gone else EXPIRES}")

    def _answer(self, data: bytes, status: str, to: tuple[str, int], *lines: str) -> None:
        """A final answer: nobody here is called, everything else is fine."""
        text = data.decode("utf-8", "replace")
        tag = "" if ";tag=" in _field(text, "To") else ";tag=exchange"
        same = (f"{name}: {_field(text, name)}" for name in ("From", "Call-ID", "CSeq"))
        vias = (f"Via: {via}" for via in re.findall(r"(?im)^Via:\s*(.*?)\r$", text))
        head = (f"SIP/2.0 {status}", *vias, f"To: {_field(text, 'To')}{tag}", *same)
        self._socket.sendto(_message((*head, *lines, "Content-Length: 0")), to)


def _field(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}:\s*(.*?)\r$", text)
    return found.group(1) if found else ""


def _message(lines: tuple[str, ...]) -> bytes:
    return "\r\n".join(lines).encode() + b"\r\n\r\n"
