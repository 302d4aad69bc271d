"""Every answer of this phone, whoever in it gives it: who wrote it stands there, and no header field stands twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from deskphone.core.effects import Answer, Hold, Reject, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming
from deskphone.wire.message import Request, Response
from tests.sip.useragent.conftest import Phone, address_of
from tests.sip.useragent.peer import Dialog, Fields, Message, Peer, Rtp, learn, sdp

pytestmark = pytest.mark.sip
LISTS = {"via", "record-route", "route", "contact", "www-authenticate", "warning"}
"""Fields that may stand several times; every other one stands once."""
DTLS = sdp(40_000).replace(b"RTP/AVP", b"UDP/TLS/RTP/SAVPF")
EXPECTED = {
    *((code, "INVITE") for code in (100, 180, 200, 302, 420, 422, 481, 482, 486, 487, 488, 491, 500)),
    *((code, "OPTIONS") for code in (200, 420, 481)), *((code, "CANCEL") for code in (200, 481)),
    *((code, "BYE") for code in (200, 481)), *((code, "PRACK") for code in (200, 481)),
    *((code, "UPDATE") for code in (200, 481, 488)), *((code, "INFO") for code in (200, 481)),
    *((code, "NOTIFY") for code in (200, 481, 489, 500)), *((code, "REFER") for code in (202, 400, 481)),
    (489, "SUBSCRIBE"), (405, "MESSAGE"), (405, "PUBLISH"), (405, "REGISTER"), (501, "DANCE"),
}  # fmt: skip


def flaws(message: Message) -> list[str]:
    """What is wrong with the header of a message of ours."""
    names = Counter(name for name, _ in message.headers.fields)
    found = [f"{name} stands {count} times" for name, count in names.items() if count > 1 and name not in LISTS]
    writer = "server" if isinstance(message, Response) else "user-agent"
    if names["server"] + names["user-agent"] != 1 and not (isinstance(message, Request) and message.method == "ACK"):
        found.append(f"no {writer}, or two")
    return found


class Asking:
    """A far end that asks for everything. said: code and method of each answer."""

    def __init__(self, phone: Phone, peer: Peer, rtp: Rtp) -> None:
        self.phone, self.peer, self.rtp = phone, peer, rtp
        self.target = address_of(phone)
        self.name = ""

    @property
    def answers(self) -> Iterator[Response]:
        return (each for each in self.peer.seen if isinstance(each, Response))

    def outside(self, number: int = 1) -> Dialog:
        """A dialog that is none."""
        return Dialog(f"outside-{number}", f"<sip:a@b>;tag=o{number}", f"<{self.target}>", self.target, number)

    def ask(self, code: int, method: str, dialog: Dialog, fields: Fields = (), body: bytes = b"") -> Response:
        """Send it, and have that answer."""
        self.peer.send(method, dialog, fields, body)
        return self.peer.response(code, method)

    def call(self, fields: Fields = (), body: bytes = b"") -> Dialog:
        """A call that rings."""
        dialog = self.peer.invite(self.target, fields, body or sdp(self.rtp.port))
        self.name = self.phone.expect(CallIncoming).call
        return dialog

    def refused_invites(self) -> None:
        for number, (code, fields, body) in enumerate(
            ((420, (("Require", "x-odd"),), sdp(1)), (422, (("Session-Expires", "40"), ("Supported", "timer")), sdp(1)),
             (488, (), DTLS), (481, (("Replaces", "gone;to-tag=a;from-tag=b"),), sdp(1))), 50
        ):  # fmt: skip
            self.ask(code, "INVITE", self.outside(number), fields, body)

    def outside_of_dialogs(self) -> None:
        odd = self.outside()
        self.ask(200, "OPTIONS", odd)
        self.ask(420, "OPTIONS", odd, (("Require", "x-odd"),))
        self.ask(489, "NOTIFY", odd, (("Event", "x-odd"),))
        self.ask(481, "NOTIFY", odd, (("Event", "talk"),))
        self.ask(400, "REFER", odd, (("Refer-To", "nonsense"),))
        self.ask(489, "SUBSCRIBE", odd, (("Event", "talk"),))
        for method, code in (("MESSAGE", 405), ("PUBLISH", 405), ("REGISTER", 405), ("DANCE", 501), ("BYE", 481)):
            self.ask(code, method, odd)
        for method in ("PRACK", "UPDATE", "INFO", "CANCEL"):
            self.ask(481, method, odd)
        gone = Dialog("gone", "<sip:a@b>;tag=g", f"<{self.target}>;tag=x", self.target, 1)
        for method in ("OPTIONS", "REFER", "BYE"):
            self.ask(481, method, gone, (("Refer-To", "<sip:1@b>"),) if method == "REFER" else ())

    def calls_that_are_not_taken(self) -> None:
        call = self.call()
        self.phone.do(Ring(self.name), Reject(self.name, 302, "2424", "unconditional"))
        self.peer.ack(call, self.peer.response(302))
        call = self.call()
        self.phone.do(Ring(self.name), Reject(self.name, 486))
        self.peer.ack(call, self.peer.response(486))
        call = self.call((("Supported", "100rel"),))
        self.phone.do(Ring(self.name))
        ringing = self.peer.response(180)
        while not ringing.headers.get("rseq"):
            ringing = self.peer.response(180)
        early = Dialog(call.call_id, call.local, ringing.headers.get("to"), call.target, call.cseq)
        self.ask(200, "PRACK", early, (("RAck", f"{ringing.headers.get('rseq')} {call.cseq} INVITE"),))
        self.ask(200, "UPDATE", early)
        self.peer.send("INVITE", Dialog(call.call_id, call.local, call.remote, call.target, call.cseq), (),
                       sdp(self.rtp.port), cseq=call.cseq)  # fmt: skip
        self.peer.response(482)
        self.peer.send("CANCEL", call, cseq=call.cseq, branch=call.branch)
        self.peer.response(200, "CANCEL")
        self.peer.ack(call, self.peer.response(487))
        self.phone.expect(CallEnded, call=self.name)

    def within_a_call(self) -> None:
        call = self.call()
        self.phone.do(Answer(self.name))
        self.peer.ack(call, self.peer.response(200, "INVITE"))
        self.phone.expect(CallEstablished, call=self.name)
        self.ask(200, "OPTIONS", call)
        self.peer.send("INFO", call, (), b"Signal=1\r\nDuration=100\r\n", "application/dtmf-relay")
        self.peer.response(200, "INFO")
        self.ask(200, "NOTIFY", call, (("Event", "talk"),))
        self.ask(488, "UPDATE", call, (), DTLS)
        refused = self.ask(488, "INVITE", call, (), DTLS)
        self.peer.send("ACK", call, cseq=refused.cseq[0])
        self.ask(202, "REFER", call, (("Refer-To", "<sip:2@b>"),))
        self.peer.send("NOTIFY", call, (("Event", "talk"),), cseq=1)
        self.peer.response(500, "NOTIFY")
        self.phone.do(Hold(self.name))
        ours = self.peer.request("INVITE")
        self.ask(491, "INVITE", call, (), sdp(self.rtp.port))
        self.peer.reply(ours, 200, "OK", (), sdp(self.rtp.port, "recvonly"))
        self.peer.request("ACK")
        self.peer.send("INVITE", call, (), sdp(self.rtp.port), cseq=1)
        self.peer.response(500, "INVITE")
        self.ask(200, "BYE", call)
        self.phone.expect(CallEnded, call=self.name)


def test_every_answer_says_who_wrote_it_and_has_no_field_twice(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    asking = Asking(phone, peer, rtp)
    asking.refused_invites()
    asking.outside_of_dialogs()
    asking.calls_that_are_not_taken()
    asking.within_a_call()
    found = {(each.code, each.cseq[1]) for each in asking.answers}
    assert found >= EXPECTED, EXPECTED - found
    bad = {f"{each.code} to {each.cseq[1]}": flaws(each) for each in asking.answers if flaws(each)}
    asked = {each.method: flaws(each) for each in peer.seen if isinstance(each, Request) and flaws(each)}
    assert (bad, asked) == ({}, {})


def test_a_challenge_says_who_wrote_it(phone: Phone, peer: Peer) -> None:
    manager = Peer("127.0.0.9")
    manager.phone = peer.phone
    target = address_of(phone)
    manager.send("NOTIFY", Dialog("sync", "<sip:a@b>;tag=o", f"<{target}>", target, 1), (("Event", "check-sync"),))
    assert flaws(manager.response(401, "NOTIFY")) == []
    manager.close()


def test_the_200_that_answers_a_call_has_its_events_once(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """A server that found them twice did not believe them."""
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    learn(dialog, peer.response(180))
    phone.do(Answer("in-1"))
    answer = peer.response(200, "INVITE")
    assert answer.headers.every("allow-events") == ("talk,hold,conference,refer,check-sync",)
