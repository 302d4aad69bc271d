"""What reaches Python of a call: each answer of ours and each change, not what nobody hears while a caller waits."""

from __future__ import annotations

from typing import Any

import deskphone_sipext as sipext
import pjsua2 as pj
import pytest

from tests.native import native_phone
from tests.native.native_peer import Message, Peer
from tests.native.native_phone import SDP, Phone, answer, ring


class Call(pj.Call):  # type: ignore[misc]
    """A call that notes its callbacks."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.heard: list[str] = []

    def onCallState(self, prm: Any) -> None:
        self.heard.append(f"state {self.getInfo().stateText}")

    def onCallTsxState(self, prm: Any) -> None:
        tsx = prm.e.body.tsxState.tsx
        self.heard.append(f"{tsx.method} {tsx.statusCode}")

    def onCallSdpCreated(self, prm: Any) -> None:
        self.heard.append("answer" if prm.remSdp.wholeSdp else "offer")


@pytest.fixture(autouse=True)
def noting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_phone, "Call", Call)


def heard(call: native_phone.Call) -> list[str]:
    assert isinstance(call, Call)
    return call.heard


def in_dialog(peer: Peer, phone: Phone, answered: Message, method: str, number: int) -> None:
    """The caller's next request."""
    headers = [("From", "<sip:2001@sips-a.example.com>;tag=caller"), ("To", answered.get("To")),
               ("Call-ID", "a-call"), ("CSeq", f"{number} {method}")]  # fmt: skip
    peer.request(method, phone.port, headers, SDP if method == "INVITE" else b"")


def test_of_a_call_that_rings_nothing_is_told_but_its_tag_is_known(phone: Phone, peer: Peer) -> None:
    ringing, call = ring(peer, phone)
    assert heard(call) == []
    assert sipext.local_tag(call.getId()) == ringing.tag("To") != ""
    with pytest.raises(ValueError, match="local_tag: expected a call from 0 to"):
        sipext.local_tag(99)


def test_an_answered_call_tells_each_step_and_then_each_transaction(phone: Phone, peer: Peer) -> None:
    _, call = ring(peer, phone)
    answer(call, 200)
    answered = phone.take("INVITE", 200)
    in_dialog(peer, phone, answered, "ACK", 1)
    phone.until(lambda: heard(call)[-1] == "state CONFIRMED")
    assert [each for each in heard(call) if each.startswith("state")] == [
        "state CONNECTING", "state CONFIRMED",
    ]  # fmt: skip
    assert not {"answer", "INVITE 100", "INVITE 180", "INVITE 200"} & set(heard(call))
    in_dialog(peer, phone, answered, "INVITE", 2)
    phone.take("INVITE", 200)
    phone.until(lambda: "INVITE 200" in heard(call))
    in_dialog(peer, phone, answered, "ACK", 2)
    in_dialog(peer, phone, answered, "BYE", 3)
    phone.take("BYE", 200)
    assert heard(call)[-1] == "state DISCONNECTED"


def test_a_call_that_is_given_up_tells_of_the_cancel(phone: Phone, peer: Peer) -> None:
    ringing, call = ring(peer, phone)
    headers = [("Via", ringing.get("Via").replace(";received=127.0.0.1", "")), ("From", ringing.get("From")),
               ("To", "<sip:1502@sips-a.example.com>"), ("Call-ID", "a-call"), ("CSeq", "1 CANCEL")]  # fmt: skip
    peer.send(f"CANCEL sip:1502@127.0.0.1:{phone.port} SIP/2.0", headers, b"", ("127.0.0.1", phone.port))
    phone.take("INVITE", 487)
    assert any(each.startswith("CANCEL") for each in heard(call))
    assert heard(call)[-1] == "state DISCONNECTED"


def test_an_offer_of_ours_is_shown_before_it_leaves(phone: Phone, peer: Peer) -> None:
    call = Call(phone.account)
    prm = pj.CallOpParam(True)
    prm.opt.audioCount, prm.opt.videoCount = 1, 0
    call.makeCall("sip:2001@sips-a.example.com", prm)
    phone.take("INVITE")
    assert heard(call)[0] == "offer"
    call.hangup(pj.CallOpParam())
    del call


def test_a_call_without_an_offer_gets_ours_shown_when_it_is_answered(phone: Phone, peer: Peer) -> None:
    _, call = ring(peer, phone, b"")
    answer(call, 200)
    phone.take("INVITE", 200)
    assert "offer" in heard(call)
