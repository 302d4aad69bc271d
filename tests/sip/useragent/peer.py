"""A SIP far end under a test's thumb: one UDP socket, nothing automatic but what the test asks for.

Law: it says exactly what a test tells it, right or wrong; it keeps no state but the sockets. Parsing is `wire`'s.
"""

from __future__ import annotations

import itertools
import queue
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deskphone.wire.message import Request, Response, parse_request, parse_response

TIMEOUT = 5.0
Message = Request | Response
Fields = tuple[tuple[str, str], ...]
_numbers = itertools.count(1)


class Rtp:
    """The media of a far end: counts and keeps what arrives (RTCP where that is what it is told of), sends what it is
    given. numbers: the sequence numbers of the packets.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(0.02)
        self.port = self.socket.getsockname()[1]
        self.packets: list[tuple[int, bytes]] = []
        self.numbers: list[int] = []
        self._ending = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def payloads(self, kind: int) -> list[bytes]:
        """What came with this payload type."""
        return [payload for each, payload in self.packets if each == kind]

    def send(self, to: tuple[str, int], kind: int, payload: bytes, number: int, timestamp: int) -> None:
        """One RTP packet; number 0 is marked."""
        head = struct.pack("!BBHII", 0x80, kind | (0 if number else 0x80), number, timestamp, 0x1234)
        self.socket.sendto(head + payload, to)

    def close(self) -> None:
        """Stop listening."""
        self._ending = True
        self._thread.join()
        self.socket.close()

    def _listen(self) -> None:
        while not self._ending:
            try:
                packet = self.socket.recv(2048)
            except TimeoutError:
                continue
            if len(packet) >= 12 and packet[0] >> 6 == 2:
                self.packets.append((packet[1] & 0x7F, packet[12:]))
                self.numbers.append(int.from_bytes(packet[2:4], "big"))


def sdp(port: int, direction: str = "", host: str = "127.0.0.1", codec: str = "0 PCMU/8000", extra: str = "") -> bytes:
    """A session with one audio stream of one codec and telephone-event 101."""
    kind, name = codec.split()
    place = f"IN IP6 {host}" if ":" in host else f"IN IP4 {host}"
    lines = [
        "v=0", f"o=- 1 {next(_numbers)} {place}", "s=-", f"c={place}", "t=0 0",
        f"m=audio {port} RTP/AVP {kind} 101", f"a=rtpmap:{kind} {name}",
        "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15",
    ]  # fmt: skip
    if direction:
        lines.append(f"a={direction}")
    if extra:
        lines.append(extra)
    return "".join(line + "\r\n" for line in lines).encode()


@dataclass
class Dialog:
    """What a test needs to go on in a dialog: who is who, and the numbers."""

    call_id: str
    local: str
    remote: str
    target: str
    cseq: int = 1
    branch: str = ""
    contact: str = field(default="")


class Peer:
    """The far end. `automatic` answers requests of a method by itself, from the reading thread.

    A request that comes again is answered so again, but seen and taken once.
    """

    protocol = "UDP"

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self.socket = self._open(host, port)
        self.port = self.socket.getsockname()[1]
        self.host = f"[{host}]" if ":" in host else host
        self.phone = ("127.0.0.1", 0)
        self.automatic: dict[str, Callable[[Request], None]] = {}
        self.seen: list[Message] = []
        self._queue: queue.Queue[Message] = queue.Queue()
        self._kept: list[Message] = []
        self._came_before = set[tuple[str, str]]()  # branch and method of requests
        self._ending = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    # --- taking ------------------------------------------------------------------------------------

    def request(self, method: str, within: float = TIMEOUT) -> Request:
        """The next request of that method."""
        found = self._take(lambda each: isinstance(each, Request) and each.method == method, within, method)
        assert isinstance(found, Request)
        return found

    def response(self, code: int, method: str = "", within: float = TIMEOUT) -> Response:
        """The next response of that code, to that method."""

        def fits(each: Message) -> bool:
            return isinstance(each, Response) and each.code == code and (not method or each.cseq[1] == method)

        found = self._take(fits, within, f"{code} {method}")
        assert isinstance(found, Response)
        return found

    def nothing(self, method: str, within: float = 0.3) -> None:
        """No request of that method arrives for so long."""
        try:
            found = self.request(method, within)
        except AssertionError:
            return
        raise AssertionError(f"an unexpected {found.method} arrived")

    # --- giving ------------------------------------------------------------------------------------

    def reply(
        self,
        request: Request,
        code: int,
        reason: str = "Said",
        fields: Fields = (),
        body: bytes = b"",
        *,
        tag: str = "peer",
    ) -> None:
        """A response to a request, with a To tag above 100 but where it is ""."""
        to = request.headers.get("to")
        if code > 100 and tag and "tag=" not in to:
            to += f";tag={tag}"
        lines = [f"SIP/2.0 {code} {reason}"]
        lines += [f"Via: {via}" for via in request.headers.every("via")]
        lines += [f"From: {request.headers.get('from')}", f"To: {to}"]
        lines += [f"Call-ID: {request.call_id}", f"CSeq: {request.cseq[0]} {request.cseq[1]}"]
        names = {name.lower() for name, _ in fields}
        if "contact" not in names and request.method in ("INVITE", "SUBSCRIBE", "UPDATE"):
            lines.append(f"Contact: <sip:peer@{self.host}:{self.port}>")
        lines += [f"{name}: {value}" for name, value in fields]
        self._send(lines, body, "application/sdp" if "content-type" not in names else "")

    def answer_raw(self, request: Request, code: int, via: str, fields: Fields) -> None:
        """A response with this Via in place of the request's."""
        kept = [f"{name}: {request.headers.get(name.lower())}" for name in ("From", "To", "Call-ID", "CSeq")]
        lines = [f"SIP/2.0 {code} Said", f"Via: {via}", *kept, *(f"{name}: {value}" for name, value in fields)]
        self._send(lines, b"", "")

    def send(
        self, method: str, dialog: Dialog, fields: Fields = (), body: bytes = b"", kind: str = "application/sdp",
        *, cseq: int | None = None, branch: str = "",
    ) -> str:  # fmt: skip
        """A request in (or opening) a dialog; returns its branch."""
        if cseq is None and method not in ("ACK", "CANCEL"):
            dialog.cseq += 1
        branch = branch or f"z9hG4bK-{next(_numbers)}-{time.monotonic_ns()}"
        lines = [
            f"{method} {dialog.target} SIP/2.0",
            f"Via: SIP/2.0/{self.protocol} {self.host}:{self.port};branch={branch};rport",
        ]
        lines += ["Max-Forwards: 70", f"From: {dialog.local}", f"To: {dialog.remote}", f"Call-ID: {dialog.call_id}"]
        lines += [f"CSeq: {cseq or dialog.cseq} {method}"]
        if not any(name.lower() == "contact" for name, _ in fields):
            lines.append(f"Contact: <sip:peer@{self.host}:{self.port}>")
        lines += [f"{name}: {value}" for name, value in fields]
        self._send(lines, body, kind)
        return branch

    def invite(self, target: str, fields: Fields = (), body: bytes = b"", sender: str = "") -> Dialog:
        """A new call to the phone."""
        number = next(_numbers)
        sender = sender or f'"Peer" <sip:2001@{self.host}:{self.port}>'
        dialog = Dialog(f"call-{number}-{time.monotonic_ns()}", f"{sender};tag=p{number}", f"<{target}>", target, 0)
        dialog.branch = self.send("INVITE", dialog, fields, body)
        return dialog

    def ack(self, dialog: Dialog, response: Response, body: bytes = b"") -> None:
        """ACK a final answer to our INVITE; the dialog learns the far tag."""
        if response.code < 300:
            learn(dialog, response)
            self.send("ACK", dialog, (), body, cseq=response.cseq[0])
        else:
            dialog.remote = response.headers.get("to")
            self.send("ACK", dialog, cseq=response.cseq[0], branch=dialog.branch)

    def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self.socket.sendto(data, self.phone)

    def close(self) -> None:
        """Be gone: whoever sends here gets nothing."""
        self._ending = True
        self._thread.join()
        self.socket.close()

    # --- inside ------------------------------------------------------------------------------------

    def _open(self, host: str, port: int) -> socket.socket:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.socket(family, socket.SOCK_DGRAM)
        opened.bind((host, port))
        opened.settimeout(0.02)
        return opened

    def _send(self, lines: list[str], body: bytes, kind: str) -> None:
        if body and kind:
            lines = [*lines, f"Content-Type: {kind}"]
        lines = [*lines, f"Content-Length: {len(body)}"]
        self.raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def _listen(self) -> None:
        while not self._ending:
            try:
                data, source = self.socket.recvfrom(65_535)
            except TimeoutError:
                continue
            if data.strip():  # an empty line asks whether the port is open, from a socket of its own
                self.phone = source[:2]
            self._came(data)

    def _came(self, data: bytes) -> None:
        if not data.strip():
            return
        message: Message = parse_response(data) if data.startswith(b"SIP/") else parse_request(data)
        again, handler = False, None
        if isinstance(message, Request):
            transaction = message.via.branch, message.method
            again = transaction in self._came_before
            self._came_before.add(transaction)
            handler = self.automatic.get(message.method)
        if not again:
            self.seen.append(message)
        if handler is not None and isinstance(message, Request):
            handler(message)
        elif not again:
            self._queue.put(message)

    def _take(self, fits: Callable[[Message], bool], within: float, what: str) -> Message:
        until = time.monotonic() + within
        for each in self._kept:
            if fits(each):
                self._kept.remove(each)
                return each
        while True:
            left = until - time.monotonic()
            try:
                message = self._queue.get(timeout=max(0.001, left))
            except queue.Empty:
                kept = [f"{m.method}" if isinstance(m, Request) else f"{m.code}" for m in self._kept]
                raise AssertionError(f"no {what} within {within} s; what came: {kept}") from None
            if fits(message):
                return message
            self._kept.append(message)


class StreamPeer(Peer):
    """The same over TCP, or over TLS with a certificate: one connection at a time, the phone's."""

    protocol = "TCP"

    def __init__(self, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._connection: socket.socket | None = None
        self.protocol = "TLS" if tls else "TCP"
        super().__init__(host)

    def raw(self, data: bytes) -> None:
        """Bytes into the connection."""
        assert self._connection is not None, "the phone has not connected"
        self._connection.sendall(data)

    def hang_up(self) -> None:
        """Close the connection, not the door."""
        if self._connection is not None:
            self._connection.shutdown(socket.SHUT_RDWR)

    def _open(self, host: str, port: int) -> socket.socket:
        opened = socket.create_server((host, port))
        opened.settimeout(0.02)
        return opened

    def _listen(self) -> None:
        while not self._ending:
            try:
                connection, self.phone = self.socket.accept()
            except TimeoutError:
                continue
            try:
                self._serve(self._tls.wrap_socket(connection, server_side=True) if self._tls else connection)
            except (OSError, ssl.SSLError):
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(0.02)
        data = b""
        while not self._ending:
            try:
                piece = connection.recv(65_535)
            except TimeoutError:
                continue
            if not piece:
                break
            data = (data + piece).lstrip(b"\r\n")
            while b"\r\n\r\n" in data:
                head = data.index(b"\r\n\r\n") + 4
                length = re.search(rb"(?im)^content-length: *(\d+)", data[:head])
                end = head + (int(length[1]) if length else 0)
                if len(data) < end:
                    break
                self._came(data[:end])
                data = data[end:]
        connection.close()


def learn(dialog: Dialog, response: Response) -> None:
    """The far tag and target of a dialog from a response."""
    dialog.remote = response.headers.get("to")
    contact = response.headers.get("contact")
    if contact:
        dialog.target = contact.partition("<")[2].partition(">")[0]


def answered(invite: Request, tag: str = "peer") -> Dialog:
    """The peer's side of a dialog that the phone opened."""
    to = invite.headers.get("to") + f";tag={tag}"
    target = invite.headers.get("contact").partition("<")[2].partition(">")[0]
    return Dialog(invite.call_id, to, invite.headers.get("from"), target, 100)


def audio_of(message: Message) -> tuple[str, int]:
    """Host and port of the audio of an SDP body."""
    lines = message.body.decode().split("\r\n")
    host = next(line for line in lines if line.startswith("c=")).split()[-1]
    port = next(line for line in lines if line.startswith("m=audio")).split()[1]
    return host, int(port)


def direction_of(message: Message) -> str:
    """sendrecv, sendonly, recvonly or inactive of an SDP body."""
    words = ("sendrecv", "sendonly", "recvonly", "inactive")
    lines = message.body.decode().split("\r\n")
    return next((line[2:] for line in lines if line[2:] in words), "sendrecv")
