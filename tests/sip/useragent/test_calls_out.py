"""Calls the phone makes, as the far end sees them and as the core is told."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from deskphone.core.effects import Dial, Hangup, Hold, Register, Retrieve
from deskphone.core.events import (
    CallEnded,
    CallEstablished,
    CallMedia,
    CallProgress,
    CallRemoteChanged,
    HoldFailed,
    Party,
    Registered,
    ServerSpoke,
)
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, settings_for, talk_out, wait_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, answered, audio_of, direction_of, sdp

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def test_a_dialled_number_rings_answers_and_is_hung_up(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    assert invite.uri.startswith("sip:2001@127.0.0.1")
    assert invite.headers.get("allow-events") == "talk,hold,conference,refer,check-sync"
    assert invite.from_.display == "Desk"
    peer.reply(invite, 180, "Ringing")
    assert phone.expect(CallProgress).code == 180
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    phone.expect(CallEstablished, call="out-1")
    media = phone.expect(CallMedia)
    assert (media.codec, media.local_hold, media.remote_hold) == ("PCMU/8000", False, False)
    peer.request("ACK")
    phone.do(Hangup("out-1"))
    bye = peer.request("BYE")
    peer.reply(bye, 200, "OK")
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.by_remote) == (200, False)


@pytest.mark.parametrize("tag", ["peer", ""], ids=["named later", "never named"])
def test_it_rings_where_the_server_gives_its_ringing_no_tag(phone: Phone, peer: Peer, rtp: Rtp, tag: str) -> None:
    """As of RFC 2543 (RFC 3261 section 12.1.2); pjsip tells of no early dialog without one."""
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 180, "Ringing", tag="")
    assert phone.expect(CallProgress).code == 180
    peer.reply(invite, 200, "OK", (), sdp(rtp.port), tag=tag)
    phone.expect(CallEstablished, call="out-1")
    assert peer.request("ACK").headers.get("to").partition(";tag=")[2] == tag
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("BYE"), 200, "OK")
    assert phone.expect(CallEnded).code == 200


def test_the_far_end_hangs_up(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    peer.send("BYE", dialog)
    peer.response(200, "BYE")
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.by_remote, ended.answered_elsewhere) == (200, True, False)


@pytest.mark.parametrize("code", [404, 480, 486, 503, 603])
def test_a_refusal_ends_the_call_with_its_code(phone: Phone, peer: Peer, code: int) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), code, "No thanks")
    peer.request("ACK")
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.reason, ended.by_remote) == (code, "No thanks", True)


def test_a_way_that_is_not_open_is_told_without_a_name_of_the_stack(phone: Phone) -> None:
    phone.do(Dial("out-1", 0, "sips:2002@127.0.0.1"))
    ended = phone.expect(CallEnded)
    assert ended.code == 503
    assert ended.reason == "Unsupported transport"


def test_a_refusal_says_for_how_long_the_server_wants_to_be_left_alone(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 503, "Overloaded", (("Retry-After", "45 (later);duration=9"),))
    assert phone.expect(CallEnded).retry_after == 45


@pytest.mark.parametrize("code", [180, 200])
def test_a_call_given_up_before_any_answer_is_over_at_the_far_end_too(
    phone: Phone, peer: Peer, rtp: Rtp, code: int
) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    phone.do(Hangup("out-1"))
    phone.expect(CallEnded)
    peer.reply(invite, code, "Late", (), sdp(rtp.port) if code == 200 else b"")
    peer.request("CANCEL" if code == 180 else "BYE")


def test_a_request_of_a_server_is_a_sign_of_life_told_now_and_then(phone: Phone, peer: Peer) -> None:
    register = next(each for each in peer.seen if isinstance(each, Request) and each.method == "REGISTER")
    ours = register.headers.get("contact").partition("<")[2].partition(">")[0]
    for number in range(3):
        peer.send("OPTIONS", Dialog(f"alive-{number}", "<sip:s@x>;tag=1", "<sip:1502@phone>", ours))
        peer.response(200, "OPTIONS")
    assert phone.expect(ServerSpoke) == ServerSpoke(0)
    phone.nothing(ServerSpoke)


def test_a_redirect_is_reported_not_followed(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 302, "Moved", (("Contact", "<sip:2002@elsewhere.example>"),))
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.redirect) == (302, "sip:2002@elsewhere.example")
    peer.nothing("INVITE", 0.1)


def test_early_media_is_heard_before_the_answer(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 183, "Progress", (), sdp(rtp.port))
    progress = phone.expect(CallProgress)
    assert (progress.code, progress.early_media) == (183, True)
    for number in range(3):
        rtp.send(audio_of(invite), 0, bytes(160), number, 160 * number)
    wait_for(phone.agent._calls.legs["out-1"].early.packets, "the announcement")
    peer.reply(invite, 180, "Ringing")
    later = phone.expect(CallProgress)
    assert (later.code, later.early_media) == (180, True)


def test_a_session_of_early_media_without_packets_rings_here_until_they_come(
    phone: Phone, peer: Peer, rtp: Rtp
) -> None:
    """RFC 3960 section 3.2: local ringing unless packets arrive."""
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 183, "Progress", (), sdp(rtp.port))
    phone.expect(CallProgress, code=183)
    peer.reply(invite, 180, "Ringing")
    assert not phone.expect(CallProgress, code=180).early_media
    for number in range(3):
        rtp.send(audio_of(invite), 0, bytes(160), number, 160 * number)
    assert phone.expect(CallProgress, early_media=True).code == 180
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    phone.expect(CallEstablished)


@pytest.mark.parametrize(
    ("contacts", "targets"),
    [
        (("<sip:a@h:5080;transport=tcp>",), ("sip:a@h:5080;transport=tcp",)),
        (("<sip:a@h>;q=0.3, <sip:b@h>;q=0.9", "<sip:c@h>"), ("sip:c@h", "sip:b@h", "sip:a@h")),
        (("<sip:a@h>", "<mailto:b@h>", "<tel:+4930>", "<sip:a@h>"), ("sip:a@h", "tel:+4930")),
        (("<tel:+4930;phone-context=x>;q=0.5", "tel:110"), ("tel:110", "tel:+4930;phone-context=x")),
        (("<mailto:b@h>",), ("",)),
    ],
)
def test_a_redirect_is_a_list_of_uris(
    phone: Phone, peer: Peer, contacts: tuple[str, ...], targets: tuple[str, ...]
) -> None:
    """RFC 3261 section 8.1.3.4: by q, then as they stand; port and transport are part of a URI."""
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 300, "Choices", tuple(("Contact", each) for each in contacts))
    ended = phone.expect(CallEnded)
    assert (ended.code, (ended.redirect, *ended.others)) == (300, targets)


def test_hanging_up_a_ringing_call_sends_cancel(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 180, "Ringing")
    phone.expect(CallProgress)
    phone.do(Hangup("out-1"))
    peer.reply(peer.request("CANCEL"), 200, "OK")
    peer.reply(invite, 487, "Request Terminated")
    peer.request("ACK")
    ended = phone.expect(CallEnded)
    assert (ended.code, ended.by_remote) == (487, False)


def test_an_answer_that_crosses_our_cancel_is_hung_up(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 180, "Ringing")
    phone.expect(CallProgress)
    phone.do(Hangup("out-1"))
    cancel = peer.request("CANCEL")
    peer.reply(invite, 200, "OK", (), sdp(rtp.port))
    peer.reply(cancel, 200, "OK")
    peer.request("ACK")
    peer.reply(peer.request("BYE"), 200, "OK")
    phone.expect(CallEnded)
    phone.nothing(CallEstablished, 0.1)


def test_a_far_end_without_any_answer_is_given_up(make_phone: Make, peer: Peer) -> None:
    phone = make_phone(settings_for(sip={"invite_timeout": 300}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    peer.request("INVITE")
    assert phone.expect(CallEnded).code == 408


def test_dialling_a_server_we_do_not_have_ends_at_once(phone: Phone) -> None:
    phone.do(Dial("out-1", 1, "2001"))
    assert phone.expect(CallEnded).code == 503


def test_a_hash_is_escaped_in_the_address(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "*72#5"))
    assert peer.request("INVITE").uri.startswith("sip:*72%235@")


def test_hold_and_retrieve_are_offers(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    offer = peer.request("INVITE")
    assert direction_of(offer) == "sendonly"
    peer.reply(offer, 200, "OK", (), sdp(rtp.port, "recvonly"))
    held = phone.expect(CallMedia)
    assert (held.local_hold, held.remote_hold) == (True, False)
    phone.do(Retrieve("out-1"))
    offer = peer.request("INVITE")
    assert direction_of(offer) == "sendrecv"
    peer.reply(offer, 200, "OK", (), sdp(rtp.port))
    back = phone.expect(CallMedia)
    assert (back.local_hold, back.remote_hold) == (False, False)


def test_a_refused_hold_is_told_and_the_call_goes_on(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    peer.reply(peer.request("INVITE"), 488, "Not here")
    peer.request("ACK")
    failed = phone.expect(HoldFailed)
    assert (failed.code, failed.reason) == (488, "Not here")
    peer.send("BYE", dialog)
    phone.expect(CallEnded)


def test_an_incoming_hold_is_understood_in_all_its_forms(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    for direction, host, held in (
        ("sendonly", "127.0.0.1", True),
        ("", "127.0.0.1", False),
        ("inactive", "127.0.0.1", True),
        ("", "127.0.0.1", False),
        ("", "0.0.0.0", True),
        ("", "127.0.0.1", False),
    ):
        peer.send("INVITE", dialog, (), sdp(rtp.port, direction, host))
        peer.ack(dialog, peer.response(200, "INVITE"))
        assert phone.expect(CallMedia).remote_hold is held, (direction, host)


def test_both_ends_may_hold_at_once(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, "recvonly"))
    phone.expect(CallMedia, local_hold=True)
    peer.send("INVITE", dialog, (), sdp(rtp.port, "inactive"))
    peer.ack(dialog, peer.response(200, "INVITE"))
    both = phone.expect(CallMedia)
    assert (both.local_hold, both.remote_hold) == (True, True)


def test_an_offer_without_sdp_is_answered_with_ours(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    _, dialog = talk_out(phone, peer, rtp)
    peer.send("INVITE", dialog)
    response = peer.response(200, "INVITE")
    assert b"m=audio" in response.body
    peer.ack(dialog, response, sdp(rtp.port))
    phone.expect(CallMedia)


def test_the_connected_party_is_the_one_that_answered_and_may_change(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 200, "OK", (("P-Asserted-Identity", '"Zoë Ruth" <sip:2009@site.example>'),), sdp(rtp.port))
    assert phone.expect(CallEstablished).remote == Party("2009", "Zoë Ruth", "sip:2009@site.example")
    peer.request("ACK")
    dialog = answered(invite)
    peer.send("UPDATE", dialog, (("P-Asserted-Identity", '"Max" <sip:2010@site.example>'),))
    peer.response(200, "UPDATE")
    assert phone.expect(CallRemoteChanged).remote.number == "2010"


def test_a_voice_port_that_is_taken_is_no_error(
    make_phone: Make, peer: Peer, rtp: Rtp, caplog: pytest.LogCaptureFixture
) -> None:
    """The next pair of the range is taken; both halves of a pair may be in use by somebody else."""
    taken = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    taken[0].bind(("127.0.0.1", 0))
    first = taken[0].getsockname()[1] & ~1
    taken[1].bind(("127.0.0.1", first + 3))
    phone = make_phone(media_port=first)
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    talk_out(phone, peer, rtp)
    for each in taken:
        each.close()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert [record for record in caplog.records if "bind() at" in record.getMessage()] == []


@pytest.mark.parametrize("answer", [sdp(0), b""], ids=["port 0", "no session"])
def test_a_hold_that_is_answered_without_live_audio_is_refused_and_the_key_lives(
    phone: Phone, peer: Peer, rtp: Rtp, answer: bytes
) -> None:
    talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    offer = peer.request("INVITE")
    peer.reply(offer, 200, "OK", (), answer)
    peer.request("ACK")
    assert phone.expect(HoldFailed).code == 488
    phone.do(Hold("out-1"))
    again = peer.request("INVITE")
    assert audio_of(again)[1] > 0
    assert direction_of(again) == "sendonly"
    peer.reply(again, 200, "OK", (), sdp(rtp.port, "recvonly"))
    assert phone.expect(CallMedia).local_hold


def test_a_hold_whose_interval_was_too_small_is_sent_again_and_held(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """RFC 4028: 422 with Min-SE is no refusal of the hold."""
    talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    peer.reply(peer.request("INVITE"), 422, "Session Interval Too Small", (("Min-SE", "3600"),))
    peer.request("ACK")
    again = peer.request("INVITE")
    assert int(again.headers.get("session-expires").partition(";")[0]) >= 3600
    peer.reply(again, 200, "OK", (), sdp(rtp.port, "recvonly"))
    assert phone.expect(CallMedia).local_hold
    phone.nothing(HoldFailed, 0.1)


TOO_SMALL = {
    "again and again": (1800, ("3600", "7200"), 2),
    "without a number": (1800, ("",), 1),
    "where there are no session timers": (0, ("3600",), 1),
}


@pytest.mark.parametrize("case", TOO_SMALL.values(), ids=TOO_SMALL)
def test_a_hold_refused_for_its_interval_is_told_and_the_key_lives(
    make_phone: Make, peer: Peer, rtp: Rtp, case: tuple[int, tuple[str, ...], int]
) -> None:
    """RFC 4028 section 7.4: sent again where there is something to change, and a refusal like any other where not."""
    timer, least, asked = case
    phone = make_phone(settings_for(sip={"session_timer": timer}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    talk_out(phone, peer, rtp)
    phone.do(Hold("out-1"))
    for number in range(asked):
        fields = (("Min-SE", least[number]),) if least[number] else ()
        peer.reply(peer.request("INVITE"), 422, "Session Interval Too Small", fields)
        peer.request("ACK")
    assert phone.expect(HoldFailed).code == 422
    peer.nothing("INVITE")
    phone.do(Hold("out-1"))
    peer.reply(peer.request("INVITE"), 200, "OK", (), sdp(rtp.port, "recvonly"))
    assert phone.expect(CallMedia, local_hold=True).local_hold


def test_who_the_far_end_is_by_now_is_told_while_it_rings(phone: Phone, peer: Peer) -> None:
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 180, "Ringing", (("P-Asserted-Identity", '"Olga" <sip:2002@site>'),))
    assert phone.expect(CallRemoteChanged).remote == Party("2002", "Olga", "sip:2002@site")


def test_who_answers_and_hides_himself_is_still_the_number_that_was_dialled(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    hidden = (("P-Asserted-Identity", '"Olga" <sip:2002@site>'), ("Privacy", "id"))
    phone.do(Dial("out-1", 0, "2001"))
    invite = peer.request("INVITE")
    peer.reply(invite, 180, "Ringing", hidden)
    peer.reply(invite, 200, "OK", hidden, sdp(rtp.port))
    established = phone.expect(CallEstablished)
    assert established.remote is None or not established.remote.anonymous
    phone.nothing(CallRemoteChanged)


def test_a_conference_server_says_which_conference_it_is(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    """RFC 4579 section 5.1: the focus is the Contact with `isfocus`."""
    phone.do(Dial("out-1", 0, "8000"))
    room = f"sip:room-7@{peer.host}:{peer.port}"
    peer.reply(peer.request("INVITE"), 200, "OK", (("Contact", f"<{room}>;isfocus"),), sdp(rtp.port))
    assert phone.expect(CallEstablished, call="out-1").focus == room
