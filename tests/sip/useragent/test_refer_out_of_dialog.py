"""Click to dial: the desktop's REFER outside a dialog, the call it asks for, and the reports on it, on the wire."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Dial, Hangup, NotifyRefer
from deskphone.core.events import CallEnded, CallEstablished, ReferReceived
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, address_of
from tests.sip.useragent.peer import Dialog, Fields, Peer, Rtp, learn, sdp

pytestmark = pytest.mark.sip
TARGET = ("Refer-To", "<sip:2001@site>")


def outside(phone: Phone, call_id: str = "click-1") -> Dialog:
    """The server's side of a dialog not yet begun."""
    return Dialog(call_id, "<sip:server@site>;tag=s", "<sip:1502@site>", address_of(phone), 6)


def click(phone: Phone, peer: Peer, *fields: tuple[str, str], call_id: str = "click-1") -> tuple[ReferReceived, Dialog]:
    """A REFER that is accepted; what the phone was told, and the server's side of the dialog."""
    dialog = outside(phone, call_id)
    peer.send("REFER", dialog, (TARGET, *fields))
    accepted = peer.response(202, "REFER")
    learn(dialog, accepted)
    return phone.expect(ReferReceived), dialog


def report(peer: Peer, code: int = 200, fields: Fields = ()) -> Request:
    """The next NOTIFY, answered."""
    notify = peer.request("NOTIFY")
    peer.reply(notify, code, "Said", fields)
    return notify


def test_click_to_dial_is_accepted_dialled_and_reported(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    refer, dialog = click(phone, peer)
    assert refer == ReferReceived("click-1/7", 0, "sip:2001@site")
    assert "tag=" in dialog.remote and dialog.target.startswith("sip:1502@127.0.0.1:")
    peer.nothing("INVITE", 0.05)  # the core has not ordered it

    phone.do(NotifyRefer(refer.refer, 100, "Trying", False), Dial("out-1", refer.server, refer.target))
    first = report(peer)
    assert first.body == b"SIP/2.0 100 Trying\r\n"
    assert first.headers.get("content-type") == "message/sipfrag;version=2.0"
    assert (first.headers.get("event"), first.call_id) == ("refer", "click-1")
    assert first.headers.get("subscription-state").startswith("active;expires=")
    assert (first.headers.get("from"), first.headers.get("to")) == (dialog.remote, dialog.local)

    invite = peer.request("INVITE")
    assert invite.uri.startswith("sip:2001@") and invite.call_id != "click-1"
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    peer.request("ACK")
    phone.expect(CallEstablished, call="out-1")
    phone.do(NotifyRefer(refer.refer, 200, "OK", True))
    last = report(peer)
    assert last.body == b"SIP/2.0 200 OK\r\n"
    assert last.headers.get("subscription-state") == "terminated;reason=noresource"
    phone.do(NotifyRefer(refer.refer, 487, "Request Terminated", True))
    peer.nothing("NOTIFY", 0.1)


def test_a_call_that_fails_is_reported_with_its_reason(phone: Phone, peer: Peer) -> None:
    refer, _ = click(phone, peer)
    phone.do(Dial("out-1", refer.server, refer.target))
    invite = peer.request("INVITE")
    peer.reply(invite, 486, "Besetzt")
    phone.expect(CallEnded, call="out-1")
    phone.do(NotifyRefer(refer.refer, 486, "Besetzt\r\nEvil: 1", True))
    last = report(peer)
    assert last.body == b"SIP/2.0 486 Besetzt Evil: 1\r\n"
    assert last.headers.get("subscription-state").startswith("terminated")


@pytest.mark.parametrize("wish", [("Refer-Sub", "false"), ("Require", "norefersub")])
def test_who_wants_no_reports_gets_the_call_and_no_reports(phone: Phone, peer: Peer, wish: tuple[str, str]) -> None:
    dialog = outside(phone)
    peer.send("REFER", dialog, (TARGET, wish))
    assert peer.response(202, "REFER").headers.get("refer-sub") == "false"
    refer = phone.expect(ReferReceived)
    phone.do(NotifyRefer(refer.refer, 100, "Trying", False), Dial("out-1", refer.server, refer.target))
    peer.request("INVITE")
    phone.do(NotifyRefer(refer.refer, 200, "OK", True), Hangup("out-1"))
    peer.nothing("NOTIFY", 0.1)


def test_a_stranger_s_click_dials_nothing(phone: Phone, peer: Peer) -> None:
    stranger = Peer("127.0.0.2")
    stranger.phone = peer.phone
    try:
        stranger.send("REFER", outside(phone), (TARGET,))
        refused = stranger.response(403, "REFER")
        assert not refused.headers.get("refer-sub")
        phone.nothing(ReferReceived, 0.1)
        for method in ("INVITE", "NOTIFY"):
            peer.nothing(method, 0.05)
            stranger.nothing(method, 0.05)
    finally:
        stranger.close()


@pytest.mark.parametrize("refer_to", ["", "<http://site/>", "<sip:2001@site;method=BYE>", "<sip:a@b>, <sip:c@d>"])
def test_a_click_on_nonsense_is_a_bad_request(phone: Phone, peer: Peer, refer_to: str) -> None:
    peer.send("REFER", outside(phone), (("Refer-To", refer_to),))
    peer.response(400, "REFER")
    phone.nothing(ReferReceived, 0.05)


def test_a_click_that_cannot_be_reported_on_is_refused(phone: Phone, peer: Peer) -> None:
    peer.send("REFER", outside(phone), (TARGET, ("Contact", "*")))
    peer.response(400, "REFER")
    phone.nothing(ReferReceived, 0.05)


def test_a_repeated_click_dials_once(phone: Phone, peer: Peer) -> None:
    dialog = outside(phone)
    branch = peer.send("REFER", dialog, (TARGET,))
    peer.response(202, "REFER")
    peer.send("REFER", dialog, (TARGET,), cseq=dialog.cseq, branch=branch)
    peer.response(202, "REFER")
    peer.send("REFER", dialog, (TARGET,), cseq=dialog.cseq)  # the same over another path
    peer.response(482, "REFER")
    phone.expect(ReferReceived)
    phone.nothing(ReferReceived, 0.1)


def test_two_clicks_are_reported_on_apart(phone: Phone, peer: Peer) -> None:
    one, _ = click(phone, peer, call_id="click-1")
    two, _ = click(phone, peer, call_id="click-2")
    phone.do(NotifyRefer(two.refer, 486, "Busy Here", True), NotifyRefer(one.refer, 180, "Ringing", False))
    reports = {each.call_id: each.body for each in (report(peer), report(peer))}
    assert reports == {"click-2": b"SIP/2.0 486 Busy Here\r\n", "click-1": b"SIP/2.0 180 Ringing\r\n"}


def test_a_desktop_that_forgot_its_click_hears_no_more(phone: Phone, peer: Peer) -> None:
    refer, _ = click(phone, peer)
    phone.do(NotifyRefer(refer.refer, 100, "Trying", False))
    report(peer, 481)
    click(phone, peer, call_id="click-2")  # the 481 came before this
    phone.do(NotifyRefer(refer.refer, 200, "OK", True))
    peer.nothing("NOTIFY", 0.1)


def test_a_desktop_may_end_the_reports_and_the_call_goes_on(phone: Phone, peer: Peer) -> None:
    refer, dialog = click(phone, peer)
    phone.do(Dial("out-1", refer.server, refer.target))
    invite = peer.request("INVITE")
    peer.send("SUBSCRIBE", dialog, (("Event", "refer"), ("Expires", "0")))
    peer.response(200, "SUBSCRIBE")
    assert report(peer).headers.get("subscription-state") == "terminated;reason=timeout"
    phone.do(NotifyRefer(refer.refer, 180, "Ringing", False), NotifyRefer(refer.refer, 200, "OK", True))
    peer.nothing("NOTIFY", 0.1)
    peer.reply(invite, 486, "Busy Here")
    assert phone.expect(CallEnded, call="out-1").code == 486


def test_a_phone_that_goes_says_so_to_the_desktop(phone: Phone, peer: Peer) -> None:
    click(phone, peer)
    peer.automatic["NOTIFY"] = lambda request: peer.reply(request, 200, "OK")
    phone.stop()
    (last,) = [each for each in peer.seen if isinstance(each, Request) and each.method == "NOTIFY"]
    assert last.body == b"SIP/2.0 503 Service Unavailable\r\n"
    assert last.headers.get("subscription-state") == "terminated;reason=noresource"
