"""A name server on loopback for tests: answers A, AAAA and SRV from a table, lies or is silent where it is told to."""

from __future__ import annotations

import socket
import struct
import threading

TYPES = {1: "A", 28: "AAAA", 33: "SRV"}
CNAME, TRUNCATED = 5, 0x0200


class NameServer:
    """records: (name, type) to a list of values: an address, or (priority, weight, port, target). life: seconds.

    deaf: kinds of question it never answers. aliases: name to (canonical name, life). truncates: by UDP it says only
    that its answer is too long for it (RFC 1035 section 4.2.1), and by TCP, at the same port, the answer.
    """

    def __init__(self, records: dict[tuple[str, str], list[object]], life: int = 30) -> None:
        self.records, self.life = records, life
        self.silent = False
        self.deaf: set[str] = set()
        self.aliases: dict[str, tuple[str, int]] = {}
        self.truncates = False
        self.liar: tuple[str, str] | None = None  # the address a stranger claims, in time
        self.asked: list[tuple[str, str]] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._stream = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._serve_stream, daemon=True).start()
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._socket.close()
        self._stream.close()

    def _serve(self) -> None:
        while True:
            try:
                packet, peer = self._socket.recvfrom(4096)
            except OSError:
                return
            name, kind, question = _question(packet)
            self.asked.append((name, kind))
            if self.liar is not None:
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                    stranger.sendto(self._answer(packet, question, [self.liar[0]], "A"), peer)
            if not self.silent and kind not in self.deaf:
                self._socket.sendto(self._whole(packet, name, kind, question, truncated=self.truncates), peer)

    def _serve_stream(self) -> None:
        while True:
            try:
                connection, _ = self._stream.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as questions:
                while head := questions.read(2):
                    packet = questions.read(struct.unpack(">H", head)[0])
                    name, kind, question = _question(packet)
                    answer = self._whole(packet, name, kind, question, truncated=False)
                    connection.sendall(struct.pack(">H", len(answer)) + answer)

    def _whole(self, packet: bytes, name: str, kind: str, question: bytes, *, truncated: bool) -> bytes:
        if truncated:
            return packet[:2] + struct.pack(">HHHHH", 0x8180 | TRUNCATED, 1, 0, 0, 0) + question
        aliases = b""
        count = 0
        while name in self.aliases:
            target, life = self.aliases[name]
            data = _labels(target)
            aliases += _labels(name) + struct.pack(">HHIH", CNAME, 1, life, len(data)) + data
            name, count = target, count + 1
        if not count:
            return self._answer(packet, question, self.records.get((name, kind), []), kind)
        number = next(number for number, word in TYPES.items() if word == kind)
        found = [_data(value, kind) for value in self.records.get((name, kind), [])]
        head = packet[:2] + struct.pack(">HHHHH", 0x8180, 1, count + len(found), 0, 0)
        return (
            head
            + question
            + aliases
            + b"".join(_labels(name) + struct.pack(">HHIH", number, 1, self.life, len(data)) + data for data in found)
        )

    def _answer(self, packet: bytes, question: bytes, values: list[object], kind: str) -> bytes:
        number = next(number for number, word in TYPES.items() if word == kind) if kind in TYPES.values() else 0
        code = 0 if values or any(name for name, _ in self.records) else 3
        head = packet[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, len(values), 0, 0)
        body = b"".join(
            b"\xc0\x0c" + struct.pack(">HHIH", number, 1, self.life, len(data)) + data
            for data in (_data(value, kind) for value in values)
        )
        return head + question + body


def _question(packet: bytes) -> tuple[str, str, bytes]:
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1 : at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    kind = struct.unpack(">H", packet[at + 1 : at + 3])[0]
    return ".".join(labels).lower(), TYPES.get(kind, str(kind)), packet[12 : at + 5]


def _labels(name: str) -> bytes:
    return b"".join(bytes([len(each)]) + each.encode() for each in name.split(".") if each) + b"\0"


def _data(value: object, kind: str) -> bytes:
    if kind == "SRV":
        priority, weight, port, target = value  # type: ignore[misc]
        return struct.pack(">HHH", priority, weight, port) + _labels(str(target))
    return socket.inet_pton(socket.AF_INET6 if ":" in str(value) else socket.AF_INET, str(value))
