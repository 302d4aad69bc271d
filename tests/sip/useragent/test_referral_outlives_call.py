"""A REFER in a call whose dialog ends before the call it asked for is up: the referral lives on its own (RFC 5057)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.effects import Dial, Hangup, Hold, NotifyRefer, Transfer
from deskphone.core.events import CallEnded, CallEstablished, ReferReceived, TransferProgress
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, talk_out
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
REFER_TO = (("Refer-To", "<sip:2002@site>"),)


def referred(phone: Phone, peer: Peer, dialog: Dialog) -> str:
    """A REFER in the call, accepted and begun; what the reports are called."""
    peer.send("REFER", dialog, REFER_TO)
    peer.response(202, "REFER")
    name = phone.expect(ReferReceived).refer
    phone.do(NotifyRefer(name, 100, "Trying", False))
    report(peer, dialog, "SIP/2.0 100 Trying")
    return name


def report(peer: Peer, dialog: Dialog, line: str, code: int = 200) -> Request:
    """The next report, in the dialog of the REFER."""
    notify = peer.request("NOTIFY")
    peer.reply(notify, code)
    assert notify.call_id == dialog.call_id
    assert (notify.from_tag, notify.to_tag) == (dialog.remote.partition("tag=")[2], dialog.local.partition("tag=")[2])
    assert notify.body.decode().startswith(line)
    return notify


def the_server_hangs_up(phone: Phone, peer: Peer, dialog: Dialog) -> None:
    peer.send("BYE", dialog)
    peer.response(200, "BYE")


def the_person_hangs_up(phone: Phone, peer: Peer, dialog: Dialog) -> None:
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("BYE"), 200, "OK")


@pytest.mark.parametrize("end", [the_server_hangs_up, the_person_hangs_up])
def test_the_reports_go_on_when_the_call_ends(
    phone: Phone, peer: Peer, rtp: Rtp, end: Callable[[Phone, Peer, Dialog], None]
) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    name = referred(phone, peer, dialog)
    end(phone, peer, dialog)
    phone.expect(CallEnded, call="out-1")
    phone.do(Dial("out-2", 0, "2002"))
    invite = peer.request("INVITE")
    phone.do(NotifyRefer(name, 180, "Ringing", False))
    report(peer, dialog, "SIP/2.0 180 Ringing")
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    phone.expect(CallEstablished, call="out-2")
    phone.do(NotifyRefer(name, 200, "OK", True))
    last = report(peer, dialog, "SIP/2.0 200 OK")
    assert last.headers.get("subscription-state").startswith("terminated")
    phone.do(Hangup("out-2"))
    peer.reply(peer.request("BYE"), 200, "OK")


@pytest.mark.parametrize("method", ["INVITE", "UPDATE", "INFO", "BYE", "OPTIONS", "NOTIFY", "REFER"])
def test_the_call_itself_is_over(phone: Phone, peer: Peer, rtp: Rtp, method: str) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    name = referred(phone, peer, dialog)
    the_server_hangs_up(phone, peer, dialog)
    phone.expect(CallEnded, call="out-1")
    fields = {"NOTIFY": (("Event", "talk"),), "REFER": REFER_TO}.get(method, ())
    peer.send(method, dialog, fields, sdp(rtp.port) if method in ("INVITE", "UPDATE") else b"")
    refused = peer.response(481, method)
    if method == "INVITE":
        peer.send("ACK", dialog, cseq=refused.cseq[0])
    phone.do(NotifyRefer(name, 503, "Service Unavailable", True))
    report(peer, dialog, "SIP/2.0 503")


def test_a_referrer_that_wants_to_hear_no_more_costs_nothing(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    name = referred(phone, peer, dialog)
    the_server_hangs_up(phone, peer, dialog)
    phone.expect(CallEnded, call="out-1")
    for code in (401, 481, 500):
        phone.do(NotifyRefer(name, 180, "Ringing", False))
        assert not report(peer, dialog, "SIP/2.0 180", code).headers.get("authorization")
    peer.nothing("NOTIFY")
    phone.do(NotifyRefer(name, 200, "OK", True))


@pytest.mark.parametrize(("code", "fields"), [(500, (("Retry-After", "1"),)), (491, ())])
def test_a_last_report_that_met_another_request_goes_again(
    phone: Phone, peer: Peer, rtp: Rtp, code: int, fields: tuple[tuple[str, str], ...]
) -> None:
    """The call is put on hold in the instant the transfer is done: a B2BUA with one request at a time refuses the
    report, and who transferred would wait for ever."""
    _, dialog = talk_out(phone, peer, rtp)
    name = referred(phone, peer, dialog)
    phone.do(Hold("out-1"), NotifyRefer(name, 200, "OK", True))
    hold, notify = peer.request("INVITE"), peer.request("NOTIFY")
    peer.reply(notify, code, "Overlapping Requests", fields)
    peer.reply(hold, 200, "OK", (), sdp(rtp.port, "recvonly"))
    again = report(peer, dialog, "SIP/2.0 200 OK")
    assert again.cseq[0] > notify.cseq[0]
    assert again.headers.get("event") == notify.headers.get("event")
    assert again.headers.get("subscription-state").startswith("terminated")
    peer.nothing("NOTIFY")


@pytest.mark.parametrize(("code", "fields"), [(500, ()), (481, ()), (500, (("Retry-After", "60"),))])
def test_a_last_report_refused_for_another_reason_is_left(
    phone: Phone, peer: Peer, rtp: Rtp, code: int, fields: tuple[tuple[str, str], ...]
) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    name = referred(phone, peer, dialog)
    phone.do(NotifyRefer(name, 200, "OK", True))
    peer.reply(peer.request("NOTIFY"), code, "", fields)
    peer.nothing("NOTIFY", 1.5)


def test_two_referrals_in_one_call_are_told_apart(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    first = referred(phone, peer, dialog)
    peer.send("REFER", dialog, REFER_TO)
    peer.response(202, "REFER")
    second = phone.expect(ReferReceived).refer
    phone.do(NotifyRefer(second, 486, "Busy Here", True), NotifyRefer(first, 200, "OK", True))
    events = [report(peer, dialog, line).headers.get("event") for line in ("SIP/2.0 486", "SIP/2.0 200")]
    assert events == [f"refer;id={second.rpartition('/')[2]}", "refer"]


@pytest.mark.parametrize("before", [0, 1], ids=["the first in its dialog", "one with an id"])
@pytest.mark.parametrize("accepted", [202, 405])
def test_reports_go_out_where_a_refer_of_ours_is_in_the_same_dialog(
    phone: Phone, peer: Peer, rtp: Rtp, before: int, accepted: int
) -> None:
    """pjsip took them for reports on that one, and the phone ended."""
    _, dialog = talk_out(phone, peer, rtp)
    for _ in range(before):
        referred(phone, peer, dialog)
    phone.do(Transfer("out-1", "2009"))
    peer.reply(peer.request("REFER"), accepted)
    name = referred(phone, peer, dialog)
    phone.do(NotifyRefer(name, 200, "OK", True))
    last = report(peer, dialog, "SIP/2.0 200 OK")
    assert last.headers.get("event").startswith("refer;id=" if before else "refer")
    fields = (("Event", "refer"), ("Subscription-State", "active;expires=60"))
    peer.send("NOTIFY", dialog, fields, b"SIP/2.0 200 OK\r\n", "message/sipfrag;version=2.0")
    peer.response(200 if accepted == 202 else 481, "NOTIFY")
    done = phone.expect(TransferProgress, final=True)
    assert done.code == (200 if accepted == 202 else accepted)


def test_a_phone_that_goes_says_so_to_the_referrer(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    referred(phone, peer, dialog)
    peer.automatic["BYE"] = lambda bye: peer.reply(bye, 200, "OK")
    seen: list[Request] = []
    peer.automatic["NOTIFY"] = lambda notify: (seen.append(notify), peer.reply(notify, 200, "OK"))[1]
    phone.stop()
    assert [each.body[:11] for each in seen] == [b"SIP/2.0 503"]
