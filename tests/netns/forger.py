"""The voice LAN with one phone, and what a forger sends to it in the server's name.

Law: the forger writes any source address and sees no answer to it; what he wants is to be called, dialled or answered.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from deskphone.wire.message import Request
from tests.netns.lan import PHONE, SERVER, STRANGER, Lan, LanPhone
from tests.sip.useragent.peer import Dialog, Rtp, learn, sdp
from tests.stories.bench import Story

OPEN = {
    "voip__talk_event__enabled": "1",
    "voip__auto_answer__enabled": "1",
    "deskphone__click_to_dial__only_logged_in": "0",
    "voip__signalling__sip__registration_failed_timeout": "1",
}
"""Everything that a server may ask for."""
_numbers = itertools.count(1)


@dataclass
class Site:
    """The voice LAN with its phone. target: the Contact that the phone gave its server, with the mark."""

    lan: Lan
    phone: LanPhone
    story: Story
    voice: Rtp

    @property
    def target(self) -> str:
        register = next(each for each in reversed(self.lan.server.seen)
                        if isinstance(each, Request) and each.method == "REGISTER")  # fmt: skip
        return register.headers.get("contact").partition("<")[2].partition(">")[0]

    @property
    def port(self) -> int:
        return self.lan.server.phone[1]

    def forge(
        self, method: str, *lines: str, uri: str = "", via: str = ";rport", body: bytes = b"", source: int = 5060,
        sent_by: str = SERVER,
    ) -> None:  # fmt: skip
        """A request of the stranger that says it is the server's; unless told otherwise it names the stranger as who
        is to be answered and called.
        """
        number = next(_numbers)
        head = (
            f"{method} {uri or f'sip:1502@{PHONE}:{self.port}'} SIP/2.0",
            f"Via: SIP/2.0/UDP {sent_by}:{source};branch=z9hG4bK-forged-{number}{via}", "Max-Forwards: 70",
            f"From: <sip:666@{SERVER}>;tag=f{number}", f"To: <sip:1502@{SERVER}>", f"Call-ID: forged-{number}",
            f"CSeq: 1 {method}", f"Contact: <sip:666@{STRANGER}:5060>", *lines,
            *(("Content-Type: application/sdp",) if body else ()), f"Content-Length: {len(body)}", "", "",
        )  # fmt: skip
        self.lan.forge((SERVER, source), (PHONE, self.port), "\r\n".join(head).encode() + body)

    def registers(self) -> int:
        """How often the phone has registered."""
        return sum(isinstance(each, Request) and each.method == "REGISTER" for each in self.lan.server.seen)

    def heard_out(self) -> None:
        """The phone has taken everything that was sent to it: the server's OPTIONS is answered after it."""
        number = next(_numbers)
        server = self.lan.server
        dialog = Dialog(f"alive-{number}", f"<sip:a@b>;tag=o{number}", "<sip:1502@b>", self.target, 0)
        for left in reversed(range(10)):  # a flood may have filled the phone's socket: asked again, as UDP wants it
            server.send("OPTIONS", dialog, cseq=1, branch=f"z9hG4bK-alive-{number}")
            try:
                server.response(200, "OPTIONS", within=1.0)
            except AssertionError:
                if not left:
                    raise
            else:
                return

    def nothing_happened(self) -> None:
        """Idle, silent, and not one datagram to the stranger."""
        self.heard_out()
        self.story.pass_time(0.3)
        state = self.phone.state()
        assert (state["calls"], state["tone"], state["audio"]["path"]) == ([], "", "none")
        assert self.lan.of_the_phone() == []
        asked = [each.method for each in self.lan.server.seen if isinstance(each, Request)]
        assert set(asked) <= {"REGISTER", "OPTIONS", "SUBSCRIBE"}, asked

    def honest_call(self) -> None:
        """The server calls, the person answers, the voice goes to the server, and the call ends."""
        server, before = self.lan.server, len(self.voice.packets)
        dialog = server.invite(self.target, (), sdp(self.voice.port, host=SERVER))
        learn(dialog, server.response(180))
        self.story.shows("Incoming call")
        self.story.press("soft1")
        server.ack(dialog, server.response(200, "INVITE"))
        self.story.in_call()
        self.story.wait("voice", lambda _: len(self.voice.packets) > before + 10)
        server.send("BYE", dialog)
        server.response(200, "BYE")
        self.story.idle()
