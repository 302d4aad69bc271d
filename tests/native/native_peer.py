"""A SIP far end for the tests of the extension: one UDP socket on loopback, whole control of every datagram.

No threads: the test drives it and the phone in turn. It knows just enough SIP to answer, ask and check a digest.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

Headers = Sequence[tuple[str, str]]
USER, PASSWORD, REALM = "1502", "secret", "test"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Message:
    """One SIP message, parsed as far as the tests look."""

    first_line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    source: tuple[str, int] = field(compare=False)

    @classmethod
    def parse(cls, datagram: bytes, source: tuple[str, int]) -> Message:
        """Parse a datagram; header names keep the case of the wire."""
        head, _, body = datagram.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = tuple((n.strip(), v.strip()) for n, _, v in (line.partition(":") for line in lines[1:]))
        return cls(lines[0], headers, body, source)

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name: str) -> str:
        """The first value of a header, or ""."""
        return next(iter(self.all(name)), "")

    @property
    def method(self) -> str:
        """The method of a request or of the CSeq of a response."""
        return self.get("CSeq").split()[-1]

    @property
    def code(self) -> int:
        """The status code of a response, 0 for a request."""
        return int(self.first_line.split()[1]) if self.first_line.startswith("SIP/2.0") else 0

    def tag(self, name: str) -> str:
        """The tag of From or To, or ""."""
        found = re.search(r";tag=([^;>\s]+)", self.get(name))
        return found[1] if found else ""

    def contact(self) -> str:
        """The URI of Contact."""
        return self.get("Contact").strip().lstrip("<").split(">")[0]


class Peer:
    """The far end; `received` holds what came and was not yet taken."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)
        self.port: int = self.socket.getsockname()[1]
        self.received: list[Message] = []

    def close(self) -> None:
        """Give the port back."""
        self.socket.close()

    def poll(self) -> None:
        """Take in every waiting datagram."""
        while True:
            try:
                datagram, source = self.socket.recvfrom(65536)
            except BlockingIOError:
                return
            if datagram.strip():
                self.received.append(Message.parse(datagram, source))

    def take(self, method: str, code: int = 0) -> Message | None:
        """Remove and return the first waiting request of `method`, or response with `code` to it."""
        self.poll()
        for message in self.received:
            if message.method == method and message.code == code:
                self.received.remove(message)
                return message
        return None

    def send(self, first_line: str, headers: Headers, body: bytes, to: tuple[str, int]) -> bytes:
        """Send one message and return its bytes, to send them again."""
        lines = [first_line, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}"]
        datagram = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        self.socket.sendto(datagram, to)
        return datagram

    def answer(
        self,
        request: Message,
        code: int,
        reason: str,
        headers: Headers = (),
        *,
        to_tag: str = "peer",
        body: bytes = b"",
    ) -> None:
        """Answer a request; the To tag is added where the request has none. body: a session description."""
        to = request.get("To") if request.tag("To") else f"{request.get('To')};tag={to_tag}"
        copied = [("Via", via) for via in request.all("Via")]
        copied += [(name, request.get(name)) for name in ("From", "Call-ID", "CSeq")]
        kind = [("Content-Type", "application/sdp")] if body else []
        self.send(f"SIP/2.0 {code} {reason}", [*copied, ("To", to), *headers, *kind], body, request.source)

    def challenge(self, request: Message, nonce: str, stale: bool = False) -> None:
        """Answer 401 with a digest challenge."""
        value = f'Digest realm="{REALM}", nonce="{nonce}", algorithm=MD5, qop="auth"' + (
            ", stale=true" if stale else ""
        )
        self.answer(request, 401, "Unauthorized", [("WWW-Authenticate", value)], to_tag=f"challenge{next(_numbers)}")

    def accept(self, subscribe: Message, expires: int = 600) -> None:
        """Answer 200 to a SUBSCRIBE."""
        self.answer(subscribe, 200, "OK", [("Expires", str(expires)), ("Contact", f"<sip:127.0.0.1:{self.port}>")])

    def request(self, method: str, phone: int, headers: Headers, body: bytes = b"", contact: str = "") -> bytes:
        """Send a request to the phone's port with a fresh branch; From, To, Call-ID and CSeq come in `headers`.
        contact: another one than the peer's own address."""
        via = f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK-peer-{next(_numbers)}"
        fixed = [("Via", via), ("Max-Forwards", "70"), ("Contact", contact or f"<sip:peer@127.0.0.1:{self.port}>")]
        return self.send(f"{method} sip:1502@127.0.0.1:{phone} SIP/2.0", [*fixed, *headers], body,
                         ("127.0.0.1", phone))  # fmt: skip

    def notify(self, subscribe: Message, state: str, body: bytes = b"", cseq: int | None = None) -> bytes:
        """Send a NOTIFY in the dialog of a SUBSCRIBE we got."""
        headers = [
            ("From", f"{subscribe.get('To').split(';tag=')[0]};tag={subscribe.tag('To') or 'peer'}"),
            ("To", subscribe.get("From")),
            ("Call-ID", subscribe.get("Call-ID")),
            ("CSeq", f"{cseq or next(_numbers)} NOTIFY"),
            ("Event", subscribe.get("Event")),
        ]
        if state:
            headers.append(("Subscription-State", state))
        if body:
            headers.append(("Content-Type", "application/x-test"))
        return self.request("NOTIFY", subscribe.source[1], headers, body)


def digest_is_right(request: Message, nonce: str) -> bool:
    """Whether the Authorization of a request proves PASSWORD for `nonce` (RFC 2617, MD5, qop=auth)."""
    value = request.get("Authorization")
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', value))
    if given.get("nonce") != nonce or given.get("username") != USER or given.get("realm") != REALM:
        return False

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    ha1 = md5(f"{USER}:{REALM}:{PASSWORD}")
    ha2 = md5(f"{request.method}:{given['uri']}")
    return bool(given["response"] == md5(f"{ha1}:{nonce}:{given['nc']}:{given['cnonce']}:{given['qop']}:{ha2}"))
