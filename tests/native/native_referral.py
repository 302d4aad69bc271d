"""REFER outside a dialog for the tests of the extension: a phone that accepts it, and the far end's half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import deskphone_sipext as sipext

from tests.native.native_peer import Message, Peer
from tests.native.native_phone import Phone

Headers = Sequence[tuple[str, str]]
TARGET = ("Refer-To", "<sip:2001@sips-a.example.com>")


class Referred:
    """A phone whose hook accepts every REFER: the referrals it got, and what became of them."""

    def __init__(self, phone: Phone, **arguments: Any) -> None:
        self.phone = phone
        self.referrals: list[sipext.Referral] = []
        self.events: list[sipext.Event] = []
        self.problems: list[str] = []
        self.arguments = arguments
        phone.decide = self.decide

    def decide(self, message: bytes) -> Any:
        """Accept a REFER; what is wrong with it is answered 400."""
        if not message.startswith(b"REFER "):
            return None
        arguments = {"account": self.phone.account.getId(), "callback": self.events.append, **self.arguments}
        try:
            self.referrals.append(sipext.accept_refer(arguments["account"], arguments["callback"]))
        except (sipext.Error, ValueError, TypeError) as error:
            self.problems.append(str(error))
            return 400, "", []
        return None

    def accepted(self, *headers: tuple[str, str], call_id: str = "click") -> tuple[sipext.Referral, Message]:
        """Send a REFER with further headers and see it accepted; the referral and the 202."""
        refer(self.phone.peer, self.phone, [TARGET, *headers], call_id)
        answer = self.phone.take("REFER", 202)
        return self.referrals[-1], answer


def refer(peer: Peer, phone: Phone, headers: Headers, call_id: str = "click", to_tag: str = "") -> bytes:
    """Send a REFER; its bytes."""
    fixed = [
        ("From", "<sip:1502@sips-a.example.com>;tag=server"),
        ("To", "<sip:1502@sips-a.example.com>" + to_tag),
        ("Call-ID", call_id),
        ("CSeq", "7 REFER"),
    ]
    return peer.request("REFER", phone.port, [*fixed, *headers])


def subscribe(phone: Phone, accepted: Message, expires: int, cseq: int = 8) -> None:
    """Refresh or end the subscription of a REFER."""
    headers = [(name, accepted.get(name)) for name in ("From", "To", "Call-ID")]
    headers += [("CSeq", f"{cseq} SUBSCRIBE"), ("Event", "refer"), ("Expires", str(expires))]
    phone.peer.request("SUBSCRIBE", phone.port, headers)


def report(phone: Phone) -> Message:
    """The next NOTIFY, answered 200."""
    notify = phone.take("NOTIFY")
    phone.peer.answer(notify, 200, "OK")
    return notify


def nothing_more(phone: Phone, method: str, code: int = 0) -> None:
    """No further such message: what was sent before the answer to an OPTIONS has arrived with it."""
    phone.decide = lambda _message: None
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:c@d>"), ("Call-ID", "probe"), ("CSeq", "1 OPTIONS")]
    phone.peer.request("OPTIONS", phone.port, headers)
    phone.take("OPTIONS", 200)
    assert phone.peer.take(method, code) is None
