"""Offers and answers by which no voice can come, who is there by From, and what else is asked in a call."""

from __future__ import annotations

import re

import pytest

from deskphone.core.effects import Answer, Dial, Hangup, Ring
from deskphone.core.events import CallEnded, CallEstablished, CallIncoming, CallMedia, CallRemoteChanged, Party
from deskphone.core.voice_path import VoicePath
from deskphone.view.outputs import Audio
from deskphone.wire.message import Response
from tests.sip.useragent.conftest import Phone, address_of, call_in, wait_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
HERE = b"IN IP4 127.0.0.1"
UNFIT = {
    "another family": (HERE, b"IN IP6 ::1", "300"),
    "a name": (HERE, b"IN IP4 media.example.invalid", "301"),
    "no address": (HERE, b"IN IP4 127.0.0.999", "301"),
    "digits alone": (b"AVP 0 101", b"AVP 101", "305"),
    "a group": (HERE, b"IN IP4 239.1.2.3", "330"),
    "everybody": (HERE, b"IN IP4 255.255.255.255", "330"),
    "no codec of ours": (b"AVP 0 101", b"AVP 4 101", "305"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_offer_no_voice_can_come_of_rings_nobody_and_changes_no_call(
    phone: Phone, peer: Peer, rtp: Rtp, name: str
) -> None:
    good, bad, code = UNFIT[name]
    offer = sdp(rtp.port).replace(good, bad)
    peer.invite(address_of(phone), (), offer)
    assert peer.response(488, "INVITE").headers.get("warning").startswith(f"{code} ")
    phone.nothing(CallIncoming, 0.1)
    dialog = call_in(phone, peer, rtp)
    phone.expect(CallMedia)
    for method in ("INVITE", "UPDATE"):
        dialog.branch = peer.send(method, dialog, (), offer)
        refused = peer.response(488, method)
        if method == "INVITE":
            peer.ack(dialog, refused)
    phone.nothing(CallMedia, 0.2)


@pytest.mark.parametrize("name", ["another family", "a name", "a group"])
def test_an_answer_no_voice_can_come_of_ends_the_call_as_not_acceptable(
    phone: Phone, peer: Peer, rtp: Rtp, name: str
) -> None:
    good, bad, _ = UNFIT[name]
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port).replace(good, bad))
    peer.reply(peer.request("BYE"), 200)
    assert phone.expect(CallEnded).code == 488


@pytest.mark.parametrize("method", ["INVITE", "UPDATE"])
def test_who_is_there_by_now_is_told_by_from_where_nothing_better_is(
    phone: Phone, peer: Peer, rtp: Rtp, method: str
) -> None:
    """RFC 4916: a transfer behind a server changes From in the same dialog."""
    dialog = call_in(phone, peer, rtp)
    dialog.local = dialog.local.replace('"Peer" <sip:2001@', '"Olga" <sip:2002@')
    peer.send(method, dialog, (("Supported", "from-change"),), sdp(rtp.port))
    told = peer.response(200, method)
    assert "from-change" in told.headers.get("supported")
    found = phone.expect(CallRemoteChanged).remote
    assert (found.name, found.number) == ("Olga", "2002")
    peer.send("UPDATE", dialog, (("P-Asserted-Identity", "<sip:2003@site>"),))
    assert phone.expect(CallRemoteChanged).remote == Party("2003", "", "sip:2003@site")
    peer.send("UPDATE", dialog)
    peer.response(200, "UPDATE")
    phone.nothing(CallRemoteChanged, 0.2)


CHANNEL = b"m=application 9 DTLS/SCTP 5000\r\na=sctpmap:5000 webrtc-datachannel 1024\r\n"
OTHERS = {
    "a data channel by number": CHANNEL,
    "a control of a conference": b"m=control 3000 TCP 300\r\n",
    "a fax without a format": b"m=image 4000 udptl\r\n",
    "a video whose port is no number": b"m=video x RTP/AVP 96\r\n",
    "a line of nothing": b"m=\r\n",
    "a text by number": b"m=text 11000 TCP/RTP/AVP 200\r\na=rtpmap:200 t140/1000\r\n",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_line_of_another_protocol_costs_itself_alone(phone: Phone, peer: Peer, rtp: Rtp, name: str) -> None:
    """Its format may be a number that no payload type is: pjmedia refuses the whole description for it."""
    offer = sdp(rtp.port).replace(b"m=audio", OTHERS[name] + b"m=audio")
    dialog = call_in(phone, peer, rtp)
    phone.expect(CallMedia)
    for method in ("INVITE", "UPDATE"):
        peer.send(method, dialog, (), offer)
        answer = peer.response(200, method)
        lines = [line for line in answer.body.decode().split("\r\n") if line.startswith("m=")]
        assert [int(line.split()[1]) > 0 for line in lines] == [False, True]
        if method == "INVITE":
            peer.send("ACK", dialog, cseq=answer.cseq[0])
    peer.invite(address_of(phone), (), offer)
    assert phone.expect(CallIncoming).has_offer


@pytest.mark.parametrize("where", ["of the line", "of the session"])
def test_an_address_in_brackets_as_a_uri_has_it_is_one(phone: Phone, peer: Peer, rtp: Rtp, where: str) -> None:
    offer, there = sdp(rtp.port), b"c=IN IP4 [127.0.0.1]\r\n"
    offer = offer + there if where == "of the line" else offer.replace(b"c=IN IP4 127.0.0.1\r\n", there)
    dialog = peer.invite(address_of(phone), (), offer)
    name = phone.expect(CallIncoming).call
    phone.do(Ring(name), Answer(name))
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallMedia).codec == "PCMU/8000"


RTCP = {
    "another family": b"a=rtcp:40001 IN IP6 ::1\r\n",
    "a name": b"a=rtcp:40001 IN IP4 media.example.invalid\r\n",
    "brackets": b"a=rtcp:40001 IN IP4 [127.0.0.1]\r\n",
    "no number": b"a=rtcp:x IN IP4\r\n",
}
PORT = re.compile(r"(?m)^m=(\w+) (\d+) ")


def talking(phone: Phone, peer: Peer, offer: bytes) -> tuple[Dialog, Response]:
    """A call with this offer, answered; the answer."""
    dialog = peer.invite(address_of(phone), (), offer)
    name = phone.expect(CallIncoming).call
    phone.do(Ring(name), Answer(name))
    answer = peer.response(200, "INVITE")
    peer.ack(dialog, answer)
    return dialog, answer


@pytest.mark.parametrize("name", RTCP)
def test_a_place_for_reports_that_nobody_can_send_to_costs_no_call(
    phone: Phone, peer: Peer, rtp: Rtp, name: str
) -> None:
    """RFC 3605: pjmedia fails the stream for it, after the person has answered."""
    offer = sdp(rtp.port) + RTCP[name]
    dialog, _ = talking(phone, peer, offer)
    assert phone.expect(CallMedia).codec == "PCMU/8000"
    peer.send("BYE", dialog)
    phone.expect(CallEnded)
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), offer)
    peer.request("ACK")
    assert phone.expect(CallMedia).codec == "PCMU/8000"


def test_an_audio_in_capital_letters_is_one(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    offer = sdp(rtp.port).replace(b"m=audio", b"m=AUDIO")
    dialog, _ = talking(phone, peer, offer)
    assert phone.expect(CallMedia).codec == "PCMU/8000"
    peer.send("INVITE", dialog, (), offer + b"a=sendonly\r\n")
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallMedia).remote_hold


@pytest.mark.parametrize("place", [b"IN IP6 ::1", b"IN IP4 media.example.invalid"], ids=["another family", "a name"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_of_two_lines_the_one_with_a_way_to_it_is_taken(
    phone: Phone, peer: Peer, rtp: Rtp, place: bytes, first: bool
) -> None:
    """So a server offers both families (RFC 4091); the line that leads nowhere is refused by itself, in a call, too."""
    other = b"m=audio 40002 RTP/AVP 0\r\nc=" + place + b"\r\n"
    good = sdp(rtp.port)
    offer = good.replace(b"m=audio", other + b"m=audio") if first else good + other
    dialog, answer = talking(phone, peer, offer)
    live = [False, True] if first else [True, False]
    assert [int(port) > 0 for _, port in PORT.findall(answer.body.decode())] == live
    assert phone.expect(CallMedia).codec == "PCMU/8000"
    peer.send("INVITE", dialog, (), offer)
    answer = peer.response(200, "INVITE")
    peer.ack(dialog, answer)
    assert [int(port) > 0 for _, port in PORT.findall(answer.body.decode())] == live
    phone.sound(Audio(VoicePath.HANDSET, calls=("in-1",)))
    wait_for(lambda: bool(rtp.packets), "the voice")


@pytest.mark.parametrize("where", ["of the line", "of the session"])
@pytest.mark.parametrize("word", ["SendOnly", "SENDONLY", "Inactive"])
def test_a_hold_in_capital_letters_is_one(phone: Phone, peer: Peer, rtp: Rtp, word: str, where: str) -> None:
    dialog = call_in(phone, peer, rtp)
    phone.expect(CallMedia)
    held = f"a={word}\r\n".encode()
    offer = sdp(rtp.port)
    offer = offer + held if where == "of the line" else offer.replace(b"t=0 0\r\n", b"t=0 0\r\n" + held)
    peer.send("INVITE", dialog, (), offer)
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallMedia).remote_hold


def test_a_body_that_may_be_passed_over_is(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    signal = (("Content-Disposition", "signal;handling=optional"),)
    dialog = Dialog("isup", "<sip:2001@site>;tag=them", "<sip:1502@site>", address_of(phone))
    peer.send("INVITE", dialog, signal, b"\x01\x10", "application/ISUP;version=itu-t92+")
    assert not phone.expect(CallIncoming).has_offer
    phone.do(Ring("in-1"), Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"), sdp(rtp.port))
    phone.expect(CallEstablished)
    peer.send("UPDATE", dialog, signal, b"\x01", "application/ISUP")
    peer.response(200, "UPDATE")
    peer.send("UPDATE", dialog, (), b"\x01", "application/ISUP")
    assert "application/sdp" in peer.response(415, "UPDATE").headers.get("accept")


def test_an_early_session_and_a_lost_end_change_nothing_of_the_offer(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """RFC 3959; RFC 2046 wants a boundary at the end, and without it the offer got our own offer for an answer."""
    early = sdp(rtp.port, codec="97 AMR/8000")
    body = b"--b\r\nContent-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\n" + early
    body += b"\r\n--b\r\nContent-Type: application/sdp\r\n\r\n" + sdp(rtp.port)
    dialog = Dialog("parts", "<sip:2001@site>;tag=them", "<sip:1502@site>", address_of(phone))
    peer.send("INVITE", dialog, (), body, "multipart/mixed;boundary=b")
    phone.do(Answer(phone.expect(CallIncoming).call))
    peer.ack(dialog, peer.response(200, "INVITE"))
    assert phone.expect(CallMedia).codec == "PCMU/8000"


def test_a_short_interval_of_who_has_no_timers_is_passed_over(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """422 asks for something that such a caller cannot do (RFC 4028 section 9)."""
    peer.invite(address_of(phone), (("Session-Expires", "30"), ("Supported", "100rel, replaces")), sdp(rtp.port))
    phone.expect(CallIncoming)
    peer.invite(address_of(phone), (("Session-Expires", "30"), ("Supported", "100rel, timer")), sdp(rtp.port))
    peer.response(422, "INVITE")


def test_an_interval_below_the_callers_own_least_is_that_least(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """422 would name the Min-SE that the caller has written beside it (RFC 4028 section 7.1)."""
    fields = (("Session-Expires", "1800"), ("Min-SE", "3600"), ("Supported", "timer"))
    dialog = peer.invite(address_of(phone), fields, sdp(rtp.port))
    phone.do(Answer(phone.expect(CallIncoming).call))
    answer = peer.response(200, "INVITE")
    peer.ack(dialog, answer)
    assert answer.headers.get("session-expires").partition(";")[0] == "3600"


@pytest.mark.parametrize("ours", [False, True], ids=["they end it", "we end it"])
def test_a_call_that_has_ended_is_known_no_more(phone: Phone, peer: Peer, rtp: Rtp, ours: bool) -> None:
    """pjsip keeps its dialog for half a minute, and says nothing at all to an INVITE there."""
    dialog = call_in(phone, peer, rtp)
    if ours:
        phone.do(Hangup("in-1"))
        peer.reply(peer.request("BYE"), 200)
    else:
        peer.send("BYE", dialog)
        peer.response(200, "BYE")
    phone.expect(CallEnded)
    for method in ("INVITE", "UPDATE", "INFO", "OPTIONS", "SUBSCRIBE", "REFER"):
        dialog.branch = peer.send(method, dialog, (("Refer-To", "<sip:2002@site>"), ("Event", "talk")))
        gone = peer.response(481, method)
        if method == "INVITE":
            peer.ack(dialog, gone)


def test_a_call_that_requires_what_we_have_rings(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = peer.invite(address_of(phone), (("Require", "answermode, timer, from-change"),), sdp(rtp.port))
    phone.expect(CallIncoming)
    phone.do(Ring("in-1"), Answer("in-1"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    phone.expect(CallEstablished)


def test_an_info_in_a_call_is_answered_by_what_it_brings(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    dialog = call_in(phone, peer, rtp)
    for fields, body, kind, code in (
        ((), b"", "", 200), ((("Info-Package", "conference"),), b"", "", 469), ((), b"<x/>", "application/xml", 415),
        ((), b"Signal=5\r\nDuration=100\r\n", "application/dtmf-relay", 200),
    ):  # fmt: skip
        peer.send("INFO", dialog, fields, body, kind)
        peer.response(code, "INFO")


def test_a_call_id_longer_than_we_keep_is_refused_and_the_next_call_rings(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    target = address_of(phone)
    for name in ("x" * 300, "one\r\nCall-ID: two"):
        dialog = Dialog(name, "<sip:2001@site>;tag=them", "<sip:1502@site>", target)
        peer.send("INVITE", dialog, (), sdp(rtp.port))
        peer.response(400, "INVITE")
    phone.nothing(CallIncoming, 0.1)
    call_in(phone, peer, rtp)
