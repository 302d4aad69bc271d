"""Calls that come in: who calls, ringing, answering, refusing, and what crosses on the way."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest

from deskphone.config.schema.media import Codec
from deskphone.config.schema.words import CodecName
from deskphone.core.effects import Answer, Dial, Hangup, Hold, Register, Reject, Ring, SendDtmf
from deskphone.core.events import (
    CallEnded,
    CallEstablished,
    CallIncoming,
    CallMedia,
    CallNotified,
    CallProgress,
    CallRemoteChanged,
    HoldFailed,
    Party,
    Registered,
)
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, address_of, call_in, settings_for, talk_out, wait_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, audio_of, direction_of, learn, sdp

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def test_a_server_that_tries_while_we_hold_is_no_progress_of_the_call(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """A proxy in between answers each INVITE with 100, a re-INVITE of ours too."""
    call_in(phone, peer, rtp)
    phone.do(Hold("in-1"))
    hold = peer.request("INVITE")
    peer.reply(hold, 100, "Trying")
    peer.reply(hold, 200, "OK", (), sdp(rtp.port, "recvonly"))
    peer.request("ACK")
    wait_for(lambda: phone.expect(CallMedia, call="in-1").local_hold, "hold")
    phone.nothing(CallProgress, 0.05)


def test_a_call_rings_with_allow_events_and_is_answered(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (("Alert-Info", "<http://x>;info=alert-autoanswer"),), sdp(rtp.port))
    incoming = phone.expect(CallIncoming)
    assert incoming.call == "in-1"
    assert incoming.server == 0
    assert incoming.trusted
    assert incoming.has_offer
    assert incoming.remote.number == "2001"
    assert incoming.remote.name == "Peer"
    assert incoming.headers == (("alert-info", "<http://x>;info=alert-autoanswer"),)
    phone.do(Ring("in-1"))
    ringing = peer.response(180)
    assert ringing.headers.get("allow-events") == "talk,hold,conference,refer,check-sync"
    phone.do(Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished, call="in-1")
    assert phone.expect(CallMedia).codec == "PCMU/8000"
    phone.do(Hangup("in-1"))
    peer.reply(peer.request("BYE"), 200, "OK")
    assert phone.expect(CallEnded).code == 200


def test_who_calls_is_the_asserted_identity_and_hidden_where_asked(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    cases: tuple[tuple[tuple[tuple[str, str], ...], Party], ...] = (
        ((("P-Asserted-Identity", '"Jürgen" <sip:4711@site>'),), Party("4711", "Jürgen", "sip:4711@site")),
        ((("Remote-Party-ID", "Anna <sip:4712@site>;privacy=off"),), Party("4712", "Anna", "sip:4712@site")),
        ((("P-Asserted-Identity", "<sip:4711@site>"), ("Privacy", "id")), Party(anonymous=True)),
    )
    for fields, party in cases:
        dialog = peer.invite(address_of(phone), fields, sdp(rtp.port))
        incoming = phone.expect(CallIncoming)
        assert incoming.remote == party
        phone.do(Reject(incoming.call, 486))
        peer.ack(dialog, peer.response(486))


@pytest.mark.parametrize("code", [480, 486, 603])
def test_a_call_is_refused_with_the_code_asked_for(phone: Phone, peer: Peer, rtp: Rtp, code: int) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.do(Reject(phone.expect(CallIncoming).call, code))
    peer.ack(dialog, peer.response(code))
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.by_remote) == (code, False)


def test_a_forwarded_call_is_redirected_to_the_number(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), Reject("in-1", 302, "2424"))
    moved = peer.response(302)
    assert moved.headers.every("contact") == ("<sip:2424@127.0.0.1:" + str(peer.port) + ">",)
    peer.ack(dialog, moved)
    assert phone.expect(CallEnded).code == 302


def test_the_caller_gives_up(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    peer.response(180)
    peer.send("CANCEL", dialog, cseq=dialog.cseq, branch=dialog.branch)
    peer.response(200, "CANCEL")
    peer.ack(dialog, peer.response(487))
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.by_remote, ended.answered_elsewhere) == (487, True, False)


def test_a_call_another_phone_took_is_no_missed_call(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    peer.response(180)
    reason = (("Reason", 'SIP;cause=200;text="Call completed elsewhere"'),)
    peer.send("CANCEL", dialog, reason, cseq=dialog.cseq, branch=dialog.branch)
    peer.ack(dialog, peer.response(487))
    assert phone.expect(CallEnded).answered_elsewhere


def test_orders_for_a_call_that_is_gone_change_nothing(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    peer.send("CANCEL", dialog, cseq=dialog.cseq, branch=dialog.branch)
    peer.response(200, "CANCEL")
    phone.do(Ring("in-1"), Answer("in-1"))  # by one who has not heard of it yet
    phone.expect(CallEnded)
    phone.do(Answer("in-1"), Hangup("in-1"), Hangup("in-99"))
    peer.invite(address_of(phone), (), sdp(rtp.port))
    assert phone.expect(CallIncoming).call == "in-2"


def test_an_invite_without_an_offer_gets_ours_in_the_200(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone))
    assert not phone.expect(CallIncoming).has_offer
    phone.do(Ring("in-1"), Answer("in-1"))
    response = peer.response(200, "INVITE")
    assert b"m=audio" in response.body
    phone.nothing(CallMedia, 0.1)
    peer.ack(dialog, response, sdp(rtp.port))
    phone.expect(CallEstablished)
    phone.expect(CallMedia)


def test_a_black_hole_offer_is_answered_and_filled_later(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port, "inactive", "0.0.0.0"))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallMedia).remote_hold
    peer.send("INVITE", dialog)  # flow 2 of RFC 3725: who are you now?
    response = peer.response(200, "INVITE")
    peer.ack(dialog, response, sdp(rtp.port))
    assert not phone.expect(CallMedia).remote_hold


@pytest.mark.parametrize(
    ("code", "fields"), [(491, ()), (500, (("Retry-After", "0"),)), (500, (("Retry-After", "1 (overlapping)"),))]
)
def test_an_offer_that_met_another_request_is_tried_again(
    phone: Phone, peer: Peer, rtp: Rtp, code: int, fields: tuple[tuple[str, str], ...]
) -> None:
    """RFC 3261 section 14.2: 491 is for two offers, 500 with Retry-After for a request while another one is open; a
    B2BUA says the latter where its other side has not answered yet."""
    call_in(phone, peer, rtp)
    phone.do(Hold("in-1"))
    peer.reply(peer.request("INVITE"), code, "Request Pending", fields)
    peer.request("ACK")
    again = peer.request("INVITE", within=10.0)  # we did not choose the Call-ID: within 2 s
    assert direction_of(again) == "sendonly"
    peer.reply(again, 200, "OK", (), sdp(rtp.port, "recvonly"))
    assert phone.expect(CallMedia, local_hold=True)
    phone.nothing(HoldFailed, 0.05)


@pytest.mark.parametrize("fields", [(), (("Retry-After", "3600"),)])
def test_an_offer_refused_for_another_reason_is_not(
    phone: Phone, peer: Peer, rtp: Rtp, fields: tuple[tuple[str, str], ...]
) -> None:
    call_in(phone, peer, rtp)
    phone.do(Hold("in-1"))
    peer.reply(peer.request("INVITE"), 500, "Server Internal Error", fields)
    peer.request("ACK")
    assert phone.expect(HoldFailed).code == 500


def test_a_reliable_180_is_sent_where_the_caller_can(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (("Supported", "100rel"),), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    ringing = peer.response(180)
    assert "100rel" in ringing.headers.get("require")
    early = Dialog(dialog.call_id, dialog.local, ringing.headers.get("to"), dialog.target, dialog.cseq)
    number = ringing.headers.get("rseq")
    peer.send("PRACK", early, (("RAck", f"{number} {dialog.cseq} INVITE"),))
    peer.response(200, "PRACK")
    phone.do(Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished)


def test_a_session_timer_is_agreed(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    fields = (("Supported", "timer"), ("Session-Expires", "1800;refresher=uac"), ("Min-SE", "90"))
    dialog = peer.invite(address_of(phone), fields, sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Answer("in-1"))
    response = peer.response(200, "INVITE")
    assert response.headers.get("session-expires").startswith("1800")
    peer.ack(dialog, response)


def test_an_invite_with_replaces_takes_the_place_of_a_call(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    peer.request("ACK")
    phone.expect(CallEstablished)
    tag = invite.from_.params.get("tag")
    replaces = (("Replaces", f"{invite.call_id};to-tag={tag};from-tag=peer"), ("Require", "replaces"))
    dialog = peer.invite(address_of(phone), replaces, sdp(rtp.port), sender="<sip:2005@site>")
    incoming = phone.expect(CallIncoming)
    assert (incoming.replaces, incoming.remote.number) == ("out-1", "2005")
    phone.do(Ring(incoming.call), Answer(incoming.call))  # too late to matter: pjsip answered
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished, call=incoming.call)
    peer.reply(peer.request("BYE"), 200, "OK")
    phone.expect(CallEnded, call="out-1")
    peer.send("NOTIFY", dialog, (("Event", "hold"),))
    peer.response(200, "NOTIFY")
    assert phone.expect(CallNotified) == CallNotified(incoming.call, "hold")
    phone.do(Hangup(incoming.call))
    peer.reply(peer.request("BYE"), 200, "OK")
    phone.expect(CallEnded, call=incoming.call)


def test_a_hundred_quick_calls_leave_nothing_behind(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    def serve(invite: Request) -> None:
        peer.reply(invite, 200, "OK", (), sdp(rtp.port))

    peer.automatic |= {"INVITE": serve, "ACK": lambda _: None, "BYE": lambda bye: peer.reply(bye, 200, "OK")}
    for number in range(25):
        phone.do(Dial(f"out-{number}", 0, "2001"))
        phone.expect(CallEstablished, call=f"out-{number}")
        phone.do(Hangup(f"out-{number}"))
        phone.expect(CallEnded, call=f"out-{number}")
    for number in range(75):
        dialog = peer.invite(address_of(phone))
        phone.do(Reject(phone.expect(CallIncoming).call, 486))
        peer.ack(dialog, peer.response(486))
        phone.expect(CallEnded, call=f"in-{number + 1}")
    agent = phone.agent
    wait_for(lambda: not agent._calls.legs and not agent._calls.dialogs, "every call object gone")


def test_an_ended_call_goes_on_the_sip_thread_and_not_with_the_garbage(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """Its destructor speaks to pjsip: a circle of references would leave it to whatever thread collects."""
    peer.automatic["BYE"] = lambda bye: peer.reply(bye, 200, "OK")
    gc.collect()
    gc.disable()
    try:
        talk_out(phone, peer, rtp)
        leg = weakref.ref(phone.agent._calls.legs["out-1"])
        phone.do(Hold("out-1"))
        peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, "recvonly"))
        peer.request("ACK")
        phone.do(SendDtmf("out-1", "1", "inband"), Hangup("out-1"))
        phone.expect(CallEnded, call="out-1")
        wait_for(lambda: leg() is None, "the end of the call object")
    finally:
        gc.enable()


def test_a_stop_with_calls_up_says_goodbye_to_all(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    call_in(phone, peer, rtp)
    peer.automatic["BYE"] = lambda bye: peer.reply(bye, 200, "OK")
    peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.stop()
    methods = [message.method for message in peer.seen if isinstance(message, Request)]
    assert methods.count("BYE") == 1
    assert peer.response(603)
    assert phone.failure is None


@pytest.mark.usefixtures("failures_expected")
def test_the_thread_survives_a_failing_order_and_a_failing_callback(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    agent = phone.agent
    agent._loop.post(lambda: 1 / 0)  # type: ignore[arg-type]
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    legs = agent._calls.legs
    legs["in-1"].getInfo = None  # every callback of this call raises from now on
    peer.send("CANCEL", dialog, cseq=dialog.cseq, branch=dialog.branch)
    peer.ack(dialog, peer.response(487))
    peer.invite(address_of(phone), (), sdp(rtp.port))
    assert phone.expect(CallIncoming).call == "in-2"


def test_our_rtp_is_bound_where_we_said(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    host, port = audio_of(peer.request("INVITE"))
    assert host == "127.0.0.1"
    assert 21_000 <= port < 21_100


def test_codecs_are_offered_in_the_configured_order(make_phone: Make, peer: Peer) -> None:
    settings = settings_for()
    places = tuple(Codec(enabled=True, name=name) for name in (CodecName.OPUS, CodecName.PCMA, CodecName.G722))
    phone = make_phone(replace(settings, media=replace(settings.media, codec=places)))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    lines = peer.request("INVITE").body.decode().split("\r\n")
    names = [line.split()[1].split("/")[0] for line in lines if line.startswith("a=rtpmap:")]
    assert [name for name in names if name != "telephone-event"] == ["opus", "PCMA", "G722"]
    assert not [line for line in lines if line.startswith(("m=text", "m=video"))]


@pytest.mark.parametrize(
    "before",
    [
        b"m=audio 40000 RTP/SAVP 0\r\n",
        b"m=audio 40000 UDP/TLS/RTP/SAVPF 0\r\n",
        b"m=video 41000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
        b"m=audio 0 RTP/AVP 0\r\n",
    ],
    ids=["savp", "dtls", "video", "refused"],
)
def test_the_accepted_audio_line_counts_wherever_it_stands(phone: Phone, peer: Peer, rtp: Rtp, before: bytes) -> None:
    body = sdp(rtp.port)
    place = body.index(b"m=audio")
    dialog = peer.invite(address_of(phone), (), body[:place] + before + body[place:])
    phone.expect(CallIncoming)
    phone.do(Answer("in-1"))
    answer = peer.response(200, "INVITE")
    assert b"m=audio 0 " in answer.body or b"m=video 0 " in answer.body
    peer.ack(dialog, answer)
    assert phone.expect(CallMedia, call="in-1").codec == "PCMU/8000"
    phone.expect(CallEstablished)
    phone.do(Hold("in-1"))
    offer = peer.request("INVITE")
    assert b"a=sendonly" in offer.body
    refused = before.split()[0] + b" 0 " + before.split()[2] + b" " + before.split()[3] + b"\r\n"
    held = sdp(rtp.port, "recvonly")
    peer.reply(offer, 200, "OK", (), held[: held.index(b"m=audio")] + refused + held[held.index(b"m=audio") :])
    assert phone.expect(CallMedia, call="in-1").local_hold


def test_a_caller_that_becomes_somebody_else_while_it_rings_here_is_told(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """UPDATE with P-Asserted-Identity before the answer (RFC 3311, RFC 3325)."""
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    learn(dialog, peer.response(180))
    peer.send("UPDATE", dialog, (("P-Asserted-Identity", '"Olga" <sip:2002@site>'),))
    peer.response(200, "UPDATE")
    assert phone.expect(CallRemoteChanged).remote.number == "2002"
    phone.nothing(CallRemoteChanged, 0.1)


def test_an_invite_with_an_asserted_identity_is_announced_once(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    peer.invite(address_of(phone), (("P-Asserted-Identity", '"Olga" <sip:2002@site>'),), sdp(rtp.port))
    assert phone.expect(CallIncoming).remote.number == "2002"
    phone.nothing(CallRemoteChanged, 0.2)


def test_a_call_answered_elsewhere_in_the_words_of_isdn_is_no_missed_call(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"))
    peer.response(180)
    peer.send("CANCEL", dialog, (("Reason", "Q.850;cause=26"),), cseq=dialog.cseq, branch=dialog.branch)
    assert phone.expect(CallEnded).answered_elsewhere


def test_a_call_to_an_address_that_wants_tls_is_refused_over_udp(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """RFC 3261 section 26.2.2."""
    dialog = peer.invite(address_of(phone).replace("sip:", "sips:"), (), sdp(rtp.port))
    peer.ack(dialog, peer.response(416, "INVITE"))
    phone.nothing(CallIncoming)


def test_after_the_first_call_that_came_to_our_contact_a_forged_one_does_not_ring(
    phone: Phone, peer: Peer, rtp: Rtp
) -> None:
    """Until then it does: some servers do not keep the Contact."""
    bare = address_of(phone).partition(";")[0]
    for target in (bare, address_of(phone)):
        peer.invite(target, (), sdp(rtp.port))
        phone.expect(CallIncoming)
    peer.invite(bare, (), sdp(rtp.port))
    phone.nothing(CallIncoming)
    peer.invite(address_of(phone), (), sdp(rtp.port))
    phone.expect(CallIncoming)
