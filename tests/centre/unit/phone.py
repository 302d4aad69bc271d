"""A phone made of one UDP socket, for the tests of the SIP Server stand-in.

It does only what a test tells it, message by message, and answers nothing by itself. Messages are built and read with
sipmessage; the digest is computed here from RFC 7616 and not with the server's own code.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import socket

from sipmessage import AuthChallenge, Message, Request, Response

PATIENCE = 10.0
"""Seconds for what must come: a busy machine may need them."""

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio {port} RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na={direction}\r\n"
)


def sdp(port: int = 4000, direction: str = "sendrecv") -> bytes:
    """A G.711 offer or answer."""
    return SDP.format(port=port, direction=direction).encode()


class Phone(asyncio.DatagramProtocol):
    """`async with Phone("1502", server_port) as phone`."""

    def __init__(self, dn: str, server_port: int, password: str = "secret", host: str = "127.0.0.1") -> None:
        self.dn, self.password = dn, password
        self.server = (host, server_port)
        self.source = ("", 0)  # of the last message
        self.inbox: asyncio.Queue[Request | Response] = asyncio.Queue()
        self.seen: list[Request | Response] = []
        self.absorb = True  # repeated requests are answered again by the socket, not shown to the test
        self._answers: dict[tuple[str, str], bytes] = {}
        self._asked: dict[tuple[str, str], int] = {}
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind(("127.0.0.1", 0))
        self.rtp.setblocking(False)
        self.rtp_port = self.rtp.getsockname()[1]

    async def __aenter__(self) -> Phone:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        self.port = self.transport.get_extra_info("sockname")[1]
        self.contact = f"<sip:{self.dn}@127.0.0.1:{self.port}>"
        return self

    async def __aexit__(self, *_: object) -> None:
        self.transport.close()
        self.rtp.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message, self.source = Message.parse(data), addr
        if isinstance(message, Request):
            key = (message.headers["Via"], message.method)
            if self.absorb and key in self._answers:
                if answer := self._answers[key]:
                    self.send_raw(answer)
                return
            self._answers.setdefault(key, b"")
        self.seen.append(message)
        self.inbox.put_nowait(message)

    def send_raw(self, data: bytes) -> None:
        self.transport.sendto(data, self.server)

    # Requests

    def request(
        self, method: str, to: str = "", *, headers: dict[str, str] | None = None, body: bytes = b"",
        kind: str = "application/sdp",
    ) -> Request:  # fmt: skip
        """A new out-of-dialog request, not yet sent."""
        server = f"{self.server[0]}:{self.server[1]}"
        uri = f"sip:{server}" if method == "REGISTER" else f"sip:{to or self.dn}@{server}"
        lines = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(6)};rport",
            f'From: "Desk {self.dn}" <sip:{self.dn}@{server}>;tag={secrets.token_hex(4)}',
            f"To: <sip:{to or self.dn}@{server}>",
            f"Call-ID: {secrets.token_hex(8)}",
            f"CSeq: 1 {method}",
            f"Contact: {self.contact}",
            "Max-Forwards: 70",
        ]
        request = Message.parse(("\r\n".join(lines) + "\r\n\r\n").encode())
        assert isinstance(request, Request)
        for name, value in (headers or {}).items():
            request.headers.set(name, value)
        request.body = body
        if body:
            request.headers.set("Content-Type", kind)
        return request

    def send(self, message: Request | Response) -> None:
        message.headers.set("Content-Length", str(len(message.body)))
        if isinstance(message, Response):
            self._answers[(message.headers["Via"], message.cseq.method)] = bytes(message)
        else:
            self._asked[(message.call_id, message.method)] = message.cseq.sequence
        self.send_raw(bytes(message))

    def again(self, request: Request, **headers: str) -> Request:
        """The same request with a new branch and the next CSeq."""
        copy = Message.parse(bytes(request))
        assert isinstance(copy, Request)
        copy.headers.set("Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(6)};rport")
        copy.headers.set("CSeq", f"{request.cseq.sequence + 1} {request.method}")
        for name, value in headers.items():
            copy.headers.set(name, value)
        return copy

    def authorized(self, request: Request, challenge: Response, nc: str = "00000001") -> Request:
        """The request again with an answer to the first challenge."""
        fields = AuthChallenge.parse(challenge.headers["WWW-Authenticate"]).parameters
        new = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[fields["algorithm"]]

        def hashed(text: str) -> str:
            return new(text.encode()).hexdigest()

        a1 = hashed(f"{self.dn}:{fields['realm']}:{self.password}")
        a2 = hashed(f"{request.method}:{request.uri}")
        proof = hashed(f"{a1}:{fields['nonce']}:{nc}:abc:auth:{a2}")
        return self.again(
            request,
            Authorization=f'Digest username="{self.dn}", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
            f'uri="{request.uri}", response="{proof}", algorithm={fields["algorithm"]}, qop=auth, nc={nc}, '
            f'cnonce="abc"',
        )

    async def ask(self, request: Request) -> Response:
        """Send and wait for the final response."""
        self.send(request)
        return await self.final(request.method)

    async def ask_authorized(self, request: Request) -> Response:
        """The same, answering one challenge."""
        response = await self.ask(request)
        if response.code != 401:
            return response
        if request.method == "INVITE":
            self.ack(request, response)
        self.last_request = self.authorized(request, response)
        return await self.ask(self.last_request)

    async def register(self, expires: int = 60) -> Response:
        return await self.ask_authorized(self.request("REGISTER", headers={"Expires": str(expires)}))

    # Waiting

    async def next(self, what: str | int, within: float = PATIENCE) -> Request | Response:
        """The next message that is a request of a method or a response of a code; others are skipped."""
        async with asyncio.timeout(within):
            while True:
                message = await self.inbox.get()
                if what == (message.method if isinstance(message, Request) else message.code):
                    return message

    async def next_request(self, method: str) -> Request:
        message = await self.next(method)
        assert isinstance(message, Request)
        return message

    async def next_response(self, code: int) -> Response:
        message = await self.next(code)
        assert isinstance(message, Response)
        return message

    async def final(self, method: str, within: float = PATIENCE) -> Response:
        """The next final response to a method; a late repeat of an answer to an older request is skipped."""
        async with asyncio.timeout(within):
            while True:
                message = await self.inbox.get()
                if isinstance(message, Response) and message.code >= 200 and message.cseq.method == method:
                    asked = self._asked.get((message.call_id, method))
                    if asked is not None and message.cseq.sequence >= asked:
                        return message

    # Answers and the inside of a dialog

    def reply(
        self, request: Request, code: int, *, tag: str = "phone", body: bytes = b"",
        headers: dict[str, str] | None = None,
    ) -> Response:  # fmt: skip
        """Send a response to a request that came."""
        response = Response(code=code, phrase="x", body=body)
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            response.headers.setlist(name, list(request.headers.getlist(name)))
        if code > 100 and ";tag=" not in request.headers["To"]:
            response.headers.set("To", f"{request.headers['To']};tag={tag}")
        response.headers.set("Contact", self.contact)
        response.headers.set("Allow", "INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, NOTIFY, REFER, INFO, OPTIONS")
        if body:
            response.headers.set("Content-Type", "application/sdp")
        for name, value in (headers or {}).items():
            response.headers.set(name, value)
        self.send(response)
        return response

    def ack(self, invite: Request, response: Response, body: bytes = b"") -> Request:
        """ACK: in the transaction for an error, a request of its own for a 2xx."""
        ack = Request("ACK", response.contact[0].uri if response.code < 300 else invite.uri, body)
        via = invite.headers["Via"] if response.code >= 300 else invite.headers["Via"] + "ack"
        ack.headers.set("Via", via.replace(";rportack", "ack;rport"))
        for name, source in (("From", invite), ("To", response), ("Call-ID", invite)):
            ack.headers.set(name, source.headers[name])
        ack.headers.set("CSeq", f"{invite.cseq.sequence} ACK")
        if body:
            ack.headers.set("Content-Type", "application/sdp")
        self.send(ack)
        return ack

    def in_dialog(self, method: str, ours: Request, theirs: Response, **headers: str) -> Request:
        """The next request in a dialog we began with `ours`; `theirs` is the response that made it."""
        request = self.again(ours)
        request.method, request.uri, request.body = method, theirs.contact[0].uri, b""
        request.headers.remove("Authorization")
        request.headers.set("To", theirs.headers["To"])
        self.sequence = max(getattr(self, "sequence", 0), ours.cseq.sequence) + 1
        request.headers.set("CSeq", f"{self.sequence} {method}")
        for name, value in headers.items():
            request.headers.set(name.replace("_", "-"), value)
        return request

    def in_dialog_back(self, method: str, theirs: Request, ours: Response, **headers: str) -> Request:
        """The next request in a dialog they began with `theirs` and we answered with `ours`."""
        request = self.request(method)
        request.uri = theirs.contact[0].uri
        request.headers.set("From", ours.headers["To"])
        request.headers.set("To", theirs.headers["From"])
        request.headers.set("Call-ID", theirs.headers["Call-ID"])
        self.sequence = getattr(self, "sequence", 0) + 1
        request.headers.set("CSeq", f"{self.sequence} {method}")
        for name, value in headers.items():
            request.headers.set(name.replace("_", "-"), value)
        return request

    async def call(self, number: str, body: bytes | None = None, **headers: str) -> tuple[Request, Response]:
        """INVITE with the password, up to and with the ACK of a 2xx; the INVITE and its final response."""
        offer = sdp(self.rtp_port) if body is None else body
        invite = self.request(
            "INVITE", number, body=offer, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        response = await self.ask_authorized(invite)
        invite = getattr(self, "last_request", invite)
        if response.code >= 300 or offer:
            self.ack(invite, response)
        return invite, response

    async def invite(self, number: str, headers: dict[str, str] | None = None) -> Request:
        """INVITE with the password, sent again after the challenge; nobody waits for what comes of it."""
        invite = self.request("INVITE", number, body=sdp(self.rtp_port), headers=headers)
        challenge = await self.ask(invite)
        self.ack(invite, challenge)
        authorized = self.authorized(invite, challenge)
        self.send(authorized)
        return authorized

    async def ring(self) -> Request:
        """The INVITE of an incoming call, answered with 180."""
        invite = await self.next_request("INVITE")
        self.reply(invite, 180)
        return invite

    async def pick_up(self, invite: Request) -> Response:
        """200 with our SDP; returns it after the ACK came."""
        response = self.reply(invite, 200, body=sdp(self.rtp_port))
        await self.next("ACK")
        return response


async def talk(alice: Phone, bob: Phone) -> tuple[Request, Response, Request, Response]:
    """Alice calls Bob and he answers: her INVITE and its 200, his INVITE and his 200."""
    calling = asyncio.ensure_future(alice.call("1503"))
    invite = await bob.ring()
    answer = await bob.pick_up(invite)
    mine, ok = await calling
    assert ok.code == 200
    return mine, ok, invite, answer
