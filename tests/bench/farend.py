"""The far end of one phone: its registrar and its caller, on one plain UDP socket.

Law: measures and does nothing else meanwhile. Times are perf_counter_ns, taken right before sendto and right after
recvfrom. Everything the measurement does not wait for (REGISTER, OPTIONS, BYE ...) is answered in passing.
"""

from __future__ import annotations

import itertools
import select
import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from tests.bench.message import Message, media_address, parse, text

HOST = "127.0.0.1"
PATIENCE = 3.0  # seconds; what takes longer is lost, and the table says so
CHALLENGE = 'Digest realm="bench", nonce="6d657473", algorithm=MD5, qop="auth"'
_numbers = itertools.count(1)


class Lost(Exception):
    """An answer did not come."""


class FarEnd:
    """One socket, one phone behind it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((HOST, 0))
        self.port = int(self.socket.getsockname()[1])
        self.contacts: dict[str, tuple[str, tuple[str, int]]] = {}
        """What registered: number to (contact URI, address)."""
        self.registered_at: dict[str, int] = {}
        self.automatic: dict[str, Callable[[Message, tuple[str, int], int], None]] = {"REGISTER": self._register}
        """method: what to do with a request of the phone, with its sender and its time."""
        self._waiting: list[tuple[Message, int]] = []

    def close(self) -> None:
        """Free the port."""
        self.socket.close()

    def forget(self) -> None:
        """As if nobody had registered yet."""
        self.contacts.clear()
        self.registered_at.clear()
        self.drain()

    # --- in ------------------------------------------------------------------------------------------

    def receive(self, seconds: float) -> tuple[Message, int] | None:
        """The next response (or request nobody answers in passing), None after so many seconds."""
        until = time.monotonic() + seconds
        while True:
            ready, _, _ = select.select([self.socket], [], [], max(0.0, until - time.monotonic()))
            if not ready:
                return None
            data, address = self.socket.recvfrom(65535)
            at = time.perf_counter_ns()
            message = parse(data)
            if message is None:
                continue
            if message.code:
                return message, at
            self._request(message, address, at)

    def drain(self) -> None:
        """Answer what lies there."""
        while self.receive(0) is not None:
            pass

    def until(self, fits: Callable[[Message], bool], what: str) -> tuple[Message, int]:
        """The first response that fits; Lost after PATIENCE."""
        deadline = time.monotonic() + PATIENCE
        while (got := self.receive(max(0.0, deadline - time.monotonic()))) is not None:
            if fits(got[0]):
                return got
        raise Lost(f"{what}: nothing within {PATIENCE} s")

    def wait_registered(self, number: str, seconds: float) -> int:
        """When the REGISTER of this number was answered with 200 (perf_counter_ns); Lost after so many seconds."""
        deadline = time.monotonic() + seconds
        while number not in self.registered_at:
            if time.monotonic() > deadline:
                raise Lost(f"{number} did not register within {seconds} s")
            self.receive(0.05)
        return self.registered_at[number]

    # --- out -----------------------------------------------------------------------------------------

    def send(self, data: bytes, address: tuple[str, int]) -> int:
        """Send; returns the time right before."""
        at = time.perf_counter_ns()
        self.socket.sendto(data, address)
        return at

    def reply(
        self, request: Message, address: tuple[str, int], code: int,
        headers: Iterable[tuple[str, str]] = (), body: bytes = b"",
    ) -> None:  # fmt: skip
        """Answer a request of the phone."""
        to = request.one("to") if request.to_tag else f"{request.one('to')};tag=bench"
        same = [(name.title(), request.one(name)) for name in ("from", "call-id", "cseq")]
        vias = [("Via", value) for value in request.all("via")]
        self.send(text(f"SIP/2.0 {code} Bench", [*vias, *same, ("To", to), *headers], body), address)

    def _request(self, request: Message, address: tuple[str, int], at: int) -> None:
        handler = self.automatic.get(request.method)
        if handler is not None:
            handler(request, address, at)
        elif request.method == "SUBSCRIBE":
            self.reply(request, address, 489)
        elif request.method != "ACK":
            self.reply(request, address, 200)

    def _register(self, request: Message, address: tuple[str, int], _at: int) -> None:
        if not request.one("authorization"):
            self.reply(request, address, 401, [("WWW-Authenticate", CHALLENGE)])
            return
        number = request.one("to").partition("sip:")[2].partition("@")[0]
        contact = request.one("contact")
        gone = "expires=0" in contact.replace(" ", "") or request.one("expires") == "0"
        self.reply(request, address, 200, [("Contact", contact), ("Expires", "0" if gone else "300")])
        if not gone:
            self.contacts[number] = (request.contact, address)
            self.registered_at.setdefault(number, time.perf_counter_ns())


class Call:
    """One call from the bench to a phone."""

    def __init__(self, far: FarEnd, number: str, sdp: bytes, headers: Iterable[tuple[str, str]] = ()) -> None:
        self.far = far
        self.name = f"bench-{next(_numbers)}"
        self.uri, self.address = far.contacts[number]
        self._sdp, self._headers = sdp, list(headers)
        self._to = f"<sip:{number}@{HOST}>"
        self._tag = ""
        self._sequence = 1
        self.sent_at = 0

    def invite(self) -> None:
        """Send the INVITE."""
        extra = [("Content-Type", "application/sdp"), ("Allow", "INVITE, ACK, BYE, CANCEL, NOTIFY"), *self._headers]
        self.sent_at = self.far.send(self._text("INVITE", 1, extra, self._sdp), self.address)

    def response(self, code: int, method: str = "INVITE") -> int:
        """Wait for this response; returns its time. Another final response is Lost."""

        def fits(message: Message) -> bool:
            if message.call_id != self.name or message.method != method or message.code < 101:
                return False
            if message.code != code and message.code >= 200:
                raise Lost(f"{self.name}: {message.code} to {method}, expected {code}")
            return message.code == code

        message, at = self.far.until(fits, f"{code} to {method}")
        self._tag = message.to_tag or self._tag
        if method == "INVITE" and 200 <= code < 300:
            self.uri, self.media = message.contact or self.uri, media_address(message.body)
        return at

    def cancel(self) -> None:
        """CANCEL, 487, ACK."""
        tag, self._tag = self._tag, ""  # RFC 3261 section 9.1: To of the CANCEL is that of the INVITE
        self.far.send(self._text("CANCEL", 1), self.address)
        self._tag = tag
        self.response(487)
        self.far.send(self._text("ACK", 1), self.address)

    def ack(self) -> None:
        """ACK the 200."""
        self.far.send(self._text("ACK", 1, branch="a"), self.address)

    def bye(self) -> None:
        """BYE and its 200."""
        self._sequence += 1
        self.far.send(self._text("BYE", self._sequence), self.address)
        self.response(200, "BYE")

    def notify(self, event: str) -> int:
        """NOTIFY in this dialog; returns when it was sent."""
        self._sequence += 1
        fields = [("Event", event), ("Subscription-State", "active")]
        return self.far.send(self._text("NOTIFY", self._sequence, fields), self.address)

    def _text(
        self, method: str, sequence: int, headers: Iterable[tuple[str, str]] = (), body: bytes = b"", branch: str = ""
    ) -> bytes:
        place = f"{HOST}:{self.far.port}"
        return text(
            f"{method} {self.uri} SIP/2.0",
            [
                ("Via", f"SIP/2.0/UDP {place};branch=z9hG4bK-{self.name}-{sequence}{branch};rport"),
                ("Max-Forwards", "70"),
                ("From", f"<sip:030123456@{place}>;tag=caller"),
                ("To", f"{self._to};tag={self._tag}" if self._tag else self._to),
                ("Call-ID", self.name),
                ("CSeq", f"{sequence} {method}"),
                ("Contact", f"<sip:030123456@{place}>"),
                *headers,
            ],
            body,
        )


def serve(fars: Iterable[FarEnd], seconds: float) -> None:
    """Answer in passing for so long, measuring nothing."""
    sockets = {far.socket: far for far in fars}
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for each in select.select(list(sockets), [], [], left)[0]:
            with suppress(OSError):
                sockets[each].drain()
