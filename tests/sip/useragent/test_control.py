"""Control by the server: NOTIFY talk and hold, check-sync, REFER, transfers and subscriptions, on the wire."""

from __future__ import annotations

import deskphone_sipext as sipext
import pytest

from deskphone.core.documents import SetDoNotDisturb
from deskphone.core.effects import Answer, NotifyRefer, Resubscribe, Ring, Subscribe, Transfer
from deskphone.core.events import (
    CallEstablished,
    CallIncoming,
    CallNotified,
    CheckSync,
    MessageWaiting,
    NotifyBody,
    ReferReceived,
    SubscriptionAnswered,
    SubscriptionEnded,
    TransferProgress,
)
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, address_of, talk_out, wait_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
AGENT = "as-feature-event"
ONE = SetDoNotDisturb("", True)
TWO = SetDoNotDisturb("", False)
BODY = b'<AgentReadyEvent xmlns="http://www.ecma-international.org/standards/ecma-323/csta/ed3"><device/></AgentReadyEvent>'
XML = "application/x-as-feature-event+xml"


def test_talk_while_ringing_is_answered_200_and_told(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    ringing = peer.response(180)
    early = Dialog(dialog.call_id, dialog.local, ringing.headers.get("to"), dialog.target, dialog.cseq)
    peer.send("NOTIFY", early, (("Event", "talk"),))
    peer.response(200, "NOTIFY")
    assert phone.expect(CallNotified) == CallNotified("in-1", "talk")
    phone.do(Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished)


def test_hold_in_a_call_that_never_rang(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished)
    peer.send("NOTIFY", dialog, (("Event", "hold"),))
    peer.response(200, "NOTIFY")
    assert phone.expect(CallNotified) == CallNotified("in-1", "hold")


def test_talk_before_the_phone_rings_belongs_to_no_dialog(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """Nobody can know our tag yet: who sends one has made it up."""
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    early = Dialog(dialog.call_id, dialog.local, f"<{dialog.target}>;tag=guess", dialog.target, dialog.cseq)
    peer.send("NOTIFY", early, (("Event", "talk"),))
    peer.response(481, "NOTIFY")
    phone.nothing(CallNotified, 0.1)


def test_talk_in_a_call_we_made(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    peer.send("NOTIFY", dialog, (("Event", "hold"),))
    peer.response(200, "NOTIFY")
    assert phone.expect(CallNotified) == CallNotified("out-1", "hold")
    peer.send("NOTIFY", dialog, (("Event", "strange"),))
    assert "talk" in peer.response(489).headers.get("allow-events")
    wrong = Dialog(dialog.call_id, dialog.local.replace("tag=peer", "tag=forged"), dialog.remote, dialog.target, 200)
    peer.send("NOTIFY", wrong, (("Event", "talk"),))
    peer.response(481)
    unknown = Dialog("nowhere", dialog.local, dialog.remote, dialog.target, 200)
    peer.send("NOTIFY", unknown, (("Event", "talk"),))
    peer.response(481)
    phone.nothing(CallNotified, 0.1)


def test_a_repeated_notify_is_told_once(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    branch = peer.send("NOTIFY", dialog, (("Event", "talk"),))
    peer.send("NOTIFY", dialog, (("Event", "talk"),), cseq=dialog.cseq, branch=branch)
    peer.response(200, "NOTIFY")
    peer.response(200, "NOTIFY")
    phone.expect(CallNotified)
    phone.nothing(CallNotified, 0.1)


def test_check_sync_and_waiting_messages_come_without_a_subscription(phone: Phone, peer: Peer) -> None:
    outside = Dialog("check-1", "<sip:server@site>;tag=s", "<sip:1502@site>", address_of(phone))
    peer.send("NOTIFY", outside, (("Event", "check-sync;reboot=true"),))
    peer.response(200, "NOTIFY")
    assert phone.expect(CheckSync) == CheckSync(0, True)
    peer.send("NOTIFY", outside, (("Event", "message-summary"),), b"Messages-Waiting: yes\r\nVoice-Message: 1/2\r\n",
              kind="application/simple-message-summary")  # fmt: skip
    peer.response(200, "NOTIFY")
    assert phone.expect(MessageWaiting) == MessageWaiting(0, True, 1, 2)


def test_a_stranger_controls_nothing(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    stranger = Peer("127.0.0.2")
    stranger.phone = peer.phone
    stranger.send("NOTIFY", dialog, (("Event", "talk"),))
    stranger.response(403, "NOTIFY")
    outside = Dialog("x", "<sip:e@evil>;tag=e", "<sip:1502@site>", address_of(phone))
    stranger.send("NOTIFY", outside, (("Event", "check-sync;reboot=true"),))
    stranger.response(401, "NOTIFY")
    stranger.send("REFER", outside, (("Refer-To", "<sip:+4990012345@site>"),))
    stranger.response(403, "REFER")
    for kind in (CallNotified, CheckSync, ReferReceived):
        phone.nothing(kind, 0.05)
    stranger.close()


def test_a_message_that_cannot_be_read_is_refused_not_obeyed(phone: Phone, peer: Peer) -> None:
    outside = Dialog("big", "<sip:server@site>;tag=s", "<sip:1502@site>", address_of(phone))
    peer.send("NOTIFY", outside)
    peer.response(489)
    peer.send("PUBLISH", outside)
    assert "INVITE" in peer.response(405).headers.get("allow")
    peer.send("DANCE", outside)
    peer.response(501)
    peer.send("OPTIONS", outside)
    peer.response(200, "OPTIONS")
    peer.send(
        "NOTIFY", outside, (("Event", "message-summary"),), b"no summary", kind="application/simple-message-summary"
    )
    peer.response(400)


def test_click_to_dial_in_a_call_is_accepted_told_and_reported(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    peer.send("REFER", dialog, (("Refer-To", "<sip:2002@site>"),))
    peer.response(202)
    refer = phone.expect(ReferReceived)
    assert (refer.target, refer.call) == ("sip:2002@site", "out-1")
    phone.do(NotifyRefer(refer.refer, 100, "Trying", False), NotifyRefer(refer.refer, 200, "OK", True))
    first = peer.request("NOTIFY")
    peer.reply(first, 200, "OK")
    assert first.body.startswith(b"SIP/2.0 100 Trying")
    assert first.headers.get("event") == "refer"
    last = peer.request("NOTIFY")
    peer.reply(last, 200, "OK")
    assert last.body.startswith(b"SIP/2.0 200 OK")
    assert last.headers.get("subscription-state").startswith("terminated")


def test_a_blind_transfer_is_a_refer_whose_progress_is_told(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    phone.do(Transfer("out-1", "2005"))
    refer = peer.request("REFER")
    assert refer.headers.get("refer-to").startswith("<sip:2005@")
    assert "1502" in refer.headers.get("referred-by")
    peer.reply(refer, 202, "Accepted")
    for code, state in ((100, "active"), (200, "terminated;reason=noresource")):
        fields = (("Event", "refer"), ("Subscription-State", state))
        peer.send("NOTIFY", dialog, fields, f"SIP/2.0 {code} Said\r\n".encode(), kind="message/sipfrag")
        peer.response(200, "NOTIFY")
        progress = phone.expect(TransferProgress, code=code)
        assert progress.final is (code == 200)


def test_a_report_on_a_transfer_that_nobody_asked_for_has_no_subscription(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """RFC 6665 section 4.1.3: 481, by which the server forgets it."""
    _, dialog = talk_out(phone, peer, rtp)
    fields = (("Event", "refer"), ("Subscription-State", "active"))
    peer.send("NOTIFY", dialog, fields, b"SIP/2.0 100 Trying\r\n", kind="message/sipfrag")
    peer.response(481, "NOTIFY")
    phone.do(Transfer("out-1", "2005"))
    peer.reply(peer.request("REFER"), 202, "Accepted")
    peer.send("NOTIFY", dialog, fields, b"SIP/2.0 100 Trying\r\n", kind="message/sipfrag")
    peer.response(200, "NOTIFY")
    phone.expect(TransferProgress, code=100)


def test_a_refused_transfer_is_told(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    phone.do(Transfer("out-1", "2005"))
    peer.reply(peer.request("REFER"), 603, "Decline")
    progress = phone.expect(TransferProgress, final=True)
    assert progress.code == 603


def test_an_attended_transfer_names_the_consultation(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    invite, _ = talk_out(phone, peer, rtp, "out-2")
    phone.do(Transfer("out-1", consultation="out-2"))
    refer_to = peer.request("REFER").headers.get("refer-to")
    assert "Replaces=" in refer_to
    assert invite.call_id in refer_to


@pytest.mark.parametrize("code", [200, 486])
@pytest.mark.parametrize("state", ["active;expires=60", "pending", "terminated;reason=noresource"])
def test_a_final_status_ends_a_transfer_whatever_becomes_of_its_subscription(
    phone: Phone, peer: Peer, rtp: Rtp, code: int, state: str
) -> None:
    """Servers leave it active, and refuse the SUBSCRIBE that would end it."""
    _, dialog = talk_out(phone, peer, rtp)
    phone.do(Transfer("out-1", "2005"))
    peer.reply(peer.request("REFER"), 202, "Accepted")
    peer.automatic["SUBSCRIBE"] = lambda request: peer.reply(request, 489, "Bad Event")
    for fragment, how in ((b"SIP/2.0 100 Trying\r\n", "active;expires=60"), (b"SIP/2.0 %d So\r\n" % code, state)):
        fields = (("Event", "refer"), ("Subscription-State", how))
        peer.send("NOTIFY", dialog, fields, fragment, kind="message/sipfrag")
        peer.response(200, "NOTIFY")
    assert phone.expect(TransferProgress, final=True).code == code
    if code == 200 and state.startswith("active"):
        wait_for(lambda: any(getattr(each, "method", "") == "SUBSCRIBE" for each in peer.seen), "the end of it")
    assert len([each for each in phone.events if isinstance(each, TransferProgress) and each.final]) == 1


def subscribe(phone: Phone, peer: Peer, package: str = AGENT, accept: str = XML) -> tuple[Request, Dialog]:
    """A subscription the peer granted for 60 s."""
    phone.do(Subscribe(0, package, (accept,), 3600))
    request = peer.request("SUBSCRIBE")
    peer.reply(request, 200, "OK", (("Expires", "60"),))
    answered = phone.expect(SubscriptionAnswered)
    assert (answered.code, answered.expires) == (200, 60)
    target = request.headers.get("contact").partition("<")[2].partition(">")[0]
    to = request.headers.get("to") + ";tag=peer"
    return request, Dialog(request.call_id, to, request.headers.get("from"), target, 50)


def notify(
    peer: Peer, dialog: Dialog, body: bytes = BODY, state: str = "active;expires=60", event: str = AGENT
) -> None:
    """A NOTIFY in a subscription, and its 200."""
    peer.send("NOTIFY", dialog, (("Event", event), ("Subscription-State", state)), body, kind=XML if body else "")
    peer.response(200, "NOTIFY")


def test_a_subscription_brings_parsed_documents(phone: Phone, peer: Peer) -> None:
    request, dialog = subscribe(phone, peer)
    assert request.headers.get("event") == AGENT
    assert request.headers.get("accept") == XML
    assert request.uri.startswith("sip:1502@")
    notify(peer, dialog)
    event = phone.expect(NotifyBody)
    assert (event.server, event.package, len(event.documents)) == (0, AGENT, 1)


def test_a_command_goes_in_the_dialog_and_one_beside_it_is_told_as_pending(phone: Phone, peer: Peer) -> None:
    """No second queue: the core has one, and hears of every order what became of it."""
    first, _ = subscribe(phone, peer)
    phone.do(Resubscribe(0, AGENT, 3600, command=ONE), Resubscribe(0, AGENT, 3600, command=TWO))
    one = peer.request("SUBSCRIBE")
    assert b"<doNotDisturbOn>true<" in one.body
    assert one.headers.get("content-type") == XML
    assert one.call_id == first.call_id
    assert phone.expect(SubscriptionAnswered).code == 491
    peer.nothing("SUBSCRIBE", 0.1)
    peer.reply(one, 200, "OK", (("Expires", "60"),))
    assert phone.expect(SubscriptionAnswered).code == 200
    phone.do(Resubscribe(0, AGENT, 3600, command=TWO))
    two = peer.request("SUBSCRIBE")
    assert b"<doNotDisturbOn>false<" in two.body
    assert two.cseq[0] > one.cseq[0]
    peer.reply(two, 200, "OK", (("Expires", "60"),))
    assert phone.expect(SubscriptionAnswered).code == 200


def test_a_subscription_is_ended_although_a_command_is_pending(phone: Phone, peer: Peer) -> None:
    subscribe(phone, peer)
    phone.do(Resubscribe(0, AGENT, 3600, command=ONE))
    pending = peer.request("SUBSCRIBE")
    phone.do(Resubscribe(0, AGENT, 0))
    peer.reply(pending, 200, "OK", (("Expires", "60"),))
    last = peer.request("SUBSCRIBE")
    assert last.headers.get("expires") == "0"
    peer.reply(last, 200, "OK", (("Expires", "0"),))


@pytest.mark.parametrize("order", [0, 3600])
def test_an_order_for_a_subscription_whose_sending_fails_is_answered(
    phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    """Nothing may stay busy for ever: who was told to send tells that it could not."""
    subscribe(phone, peer)
    watched = phone.agent._subscriptions._all[(0, AGENT)]

    class Broken:
        busy = False
        call_id = "x"

        def refresh(self, *_: object, **__: object) -> None:
            raise sipext.Error("no buffer space")

        def close(self) -> None:
            """Nothing left to close."""

    monkeypatch.setattr(watched, "_subscription", Broken())
    phone.do(Resubscribe(0, AGENT, order, command=ONE))
    assert phone.expect(SubscriptionEnded).code == 481


@pytest.mark.parametrize(("code", "header", "value"), [(403, "", 0), (489, "", 0), (503, "Retry-After", 30)])
def test_a_refused_subscription_is_an_answer(phone: Phone, peer: Peer, code: int, header: str, value: int) -> None:
    phone.do(Subscribe(0, AGENT, (XML,), 3600))
    fields = ((header, str(value)),) if header else ()
    peer.reply(peer.request("SUBSCRIBE"), code, "No", fields)
    event = phone.expect(SubscriptionAnswered)
    assert (event.code, event.retry_after) == (code, value)


def test_too_short_tells_how_long(phone: Phone, peer: Peer) -> None:
    phone.do(Subscribe(0, AGENT, (XML,), 10))
    peer.reply(peer.request("SUBSCRIBE"), 423, "Too brief", (("Min-Expires", "120"),))
    event = phone.expect(SubscriptionAnswered)
    assert (event.code, event.min_expires) == (423, 120)


def test_a_server_may_end_a_subscription(phone: Phone, peer: Peer) -> None:
    _, dialog = subscribe(phone, peer)
    notify(peer, dialog, b"", "terminated;reason=probation;retry-after=7")
    event = phone.expect(SubscriptionEnded)
    assert (event.reason, event.retry_after) == ("probation", 7)
    phone.do(Resubscribe(0, AGENT, 60))
    phone.nothing(SubscriptionEnded)
    peer.nothing("SUBSCRIBE")


def test_a_refused_command_ends_the_subscription_with_its_code(phone: Phone, peer: Peer) -> None:
    subscribe(phone, peer)
    phone.do(Resubscribe(0, AGENT, 3600, command=ONE))
    peer.reply(peer.request("SUBSCRIBE"), 500, "CSeq too small")
    event = phone.expect(SubscriptionEnded)
    assert (event.code, event.reason) == (500, "CSeq too small")


def test_a_refused_command_tells_how_long_the_server_wants_it(phone: Phone, peer: Peer) -> None:
    subscribe(phone, peer)
    phone.do(Resubscribe(0, AGENT, 10))
    peer.reply(peer.request("SUBSCRIBE"), 423, "Too brief", (("Min-Expires", "120"),))
    event = phone.expect(SubscriptionEnded)
    assert (event.code, event.min_expires) == (423, 120)


def test_an_empty_message_summary_says_that_the_subscription_lives(phone: Phone, peer: Peer) -> None:
    _, dialog = subscribe(phone, peer, "message-summary", "application/simple-message-summary")
    peer.send("NOTIFY", dialog, (("Event", "message-summary"), ("Subscription-State", "active;expires=60")))
    assert phone.expect(NotifyBody) == NotifyBody(0, "message-summary", ())


def test_message_waiting_by_subscription(phone: Phone, peer: Peer) -> None:
    kind = "application/simple-message-summary"
    _, dialog = subscribe(phone, peer, "message-summary", kind)
    fields = (("Event", "message-summary"), ("Subscription-State", "active;expires=60"))
    peer.send("NOTIFY", dialog, fields, b"Messages-Waiting: no\r\nVoice-Message: 0/3\r\n", kind=kind)
    assert phone.expect(MessageWaiting) == MessageWaiting(0, False, 0, 3)


def test_without_an_account_there_is_no_subscription(phone: Phone) -> None:
    phone.do(Subscribe(1, AGENT, (XML,), 3600))
    assert phone.expect(SubscriptionAnswered).code == 503
