"""A far end on a plain socket that says anything: bytes out, answers in, one call by hand.

Law: reads answers with regular expressions only, so that no garbage of ours can stop it.
"""

from __future__ import annotations

import itertools
import queue
import re
import socket
import threading
import time
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
ANY_PORT = {"deskphone__sip__server_port": "0", "deskphone__sip__contact_mark": "OFF"}
"""Settings of a phone that knows its server by its address alone: here the far end is beside the server, on another
port; and many INVITEs in a row would be rationed without the mark."""
STRANGER = "127.0.0.2"
"""An address that no server of the phone has."""
T1 = 0.5
_numbers = itertools.count(1)

SDP = """v=0\r
o=- 1 1 IN IP4 127.0.0.1\r
s=-\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=audio 40000 RTP/AVP 8 101\r
a=rtpmap:8 PCMA/8000\r
a=rtpmap:101 telephone-event/8000\r
a=fmtp:101 0-15\r
"""
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"


def encrypted(description: str) -> str:
    """The same description, with SRTP."""
    return description.replace("RTP/AVP", "RTP/SAVP") + KEY


@dataclass
class Call:
    """The names of a dialog, as the templates need them."""

    call_id: str
    ours: str
    theirs: str = ""
    cseq: int = 1
    branch: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)


class Caller:
    """`heard`: every datagram that came, newest last; those that repeat one another are counted, too."""

    def __init__(
        self, phone: tuple[str, int], host: str = LOOPBACK, number: str = "2001", *, encrypted: bool = False
    ) -> None:
        self.encrypted = encrypted
        """Whether its calls offer SRTP."""
        self.phone, self.host, self.number = phone, host, number
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.settimeout(0.1)
        self.port: int = self.socket.getsockname()[1]
        self.heard: list[bytes] = []
        self.polite = True
        """Whether it answers the phone's requests."""
        self._news: queue.Queue[bytes] = queue.Queue()
        self._ending = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Be gone."""
        self._ending = True
        self._thread.join()
        self.socket.close()

    def fire(self, data: bytes) -> None:
        """Bytes as they are; what does not fit into a datagram is cut."""
        self.socket.sendto(data[:65_000], self.phone)

    def expect(self, pattern: str, within: float = 5.0) -> str:
        """The next datagram that matches; AssertionError with what came instead."""
        until = time.monotonic() + within
        seen: list[str] = []
        while True:
            try:
                data = self._news.get(timeout=max(0.001, until - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {pattern!r} within {within} s; what came: {seen}") from None
            text = data.decode("utf-8", "replace")
            if re.search(pattern, text):
                return text
            seen.append(text.split("\r\n", 1)[0])

    # --- one call ----------------------------------------------------------------------------------

    def request(self, method: str, call: Call, extra: str = "", body: str = "", branch: str = "") -> bytes:
        """A request as it should be; `extra` are whole lines with CRLF."""
        branch = branch or f"z9hG4bK-r{next(_numbers)}"
        target = call.target or f"sip:1502@{self.phone[0]}:{self.phone[1]}"
        kind = "Content-Type: application/sdp\r\n" if body else ""
        return (
            f"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP {self.host}:{self.port};branch={branch};rport\r\n"
            f'Max-Forwards: 70\r\nFrom: "Caller" <sip:{self.number}@{self.host}:{self.port}>;tag={call.ours}\r\n'
            f"To: <sip:1502@{self.phone[0]}>{f';tag={call.theirs}' if call.theirs else ''}\r\n"
            f"Call-ID: {call.call_id}\r\nCSeq: {call.cseq} {method}\r\n"
            f"Contact: <sip:{self.number}@{self.host}:{self.port}>\r\n{extra}{kind}"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def invite(self, extra: str = "", body: str = SDP) -> Call:
        """INVITE the phone."""
        number = next(_numbers)
        call = Call(f"robust-{number}-{time.monotonic_ns()}", f"c{number}", branch=f"z9hG4bK-i{number}")
        body = encrypted(body) if self.encrypted and body else body
        self.fire(self.request("INVITE", call, extra, body, call.branch))
        return call

    def taken(self, call: Call) -> str:
        """The phone's 200 to our INVITE: ACK it. The whole answer."""
        text = self.expect(rf"^SIP/2\.0 200 [^\0]*Call-ID: {re.escape(call.call_id)}")
        call.theirs = _find(r"\r\nTo:[^\r]*;tag=([^\r;]+)", text)
        call.target = _find(r"\r\nContact: *<([^>]+)>", text)
        self.fire(self.request("ACK", call))
        return text

    def cancel(self, call: Call) -> None:
        """CANCEL a call that rings; the 487 is ACKed so that it comes once."""
        self.fire(self.request("CANCEL", call, branch=call.branch))
        text = self.expect(rf"^SIP/2\.0 487 [^\0]*Call-ID: {re.escape(call.call_id)}")
        refused = Call(call.call_id, call.ours, _find(r"\r\nTo:[^\r]*;tag=([^\r;]+)", text), call.cseq)
        self.fire(self.request("ACK", refused, branch=call.branch))

    def bye(self, call: Call) -> None:
        """End it, and wait for the 200."""
        call.cseq += 1
        self.fire(self.request("BYE", call))
        self.expect(rf"^SIP/2\.0 200 [^\0]*CSeq: {call.cseq} BYE")

    def options(self, within: float = 5.0) -> float:
        """OPTIONS: the seconds until the 200; sent again after T1 as UDP asks for; AssertionError where none comes."""
        number = next(_numbers)
        request = self.request("OPTIONS", Call(f"alive-{number}-{time.monotonic_ns()}", f"o{number}"))
        began = time.monotonic()
        while True:
            self.fire(request)
            try:
                self.expect(rf"^SIP/2\.0 200 [^\0]*Call-ID: alive-{number}-", T1)
            except AssertionError:
                if time.monotonic() - began > within:
                    raise
            else:
                return time.monotonic() - began

    def _listen(self) -> None:
        while not self._ending:
            try:
                data = self.socket.recv(65_535)
            except (TimeoutError, ConnectionRefusedError):
                continue
            self.heard.append(data)
            self._news.put(data)
            if self.polite:
                self._answer(data)

    def _answer(self, data: bytes) -> None:
        """200 to what the phone asks in a call (BYE, NOTIFY), 488 to its offers, so that nothing waits 32 s for us."""
        text = data.decode("utf-8", "replace")
        method = text.partition(" ")[0]
        if method in ("SIP/2.0", "ACK") or "\r\nVia:" not in text:
            return
        same = "".join(line + "\r\n" for line in re.findall(r"(?im)^(?:Via|From|To|Call-ID|CSeq):[^\r]*", text))
        status = "488 Not Acceptable Here" if method in ("INVITE", "UPDATE") else "200 OK"
        self.fire(f"SIP/2.0 {status}\r\n{same}Content-Length: 0\r\n\r\n".encode())


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, f"no {pattern} in {text!r}"
    return found.group(1)
