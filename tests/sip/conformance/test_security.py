"""A host that is no registered server asks the real process for everything it can do, with all of it switched on."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from deskphone.wire.message import Request
from tests.sip.conformance.conftest import Wire
from tests.sip.useragent.peer import Dialog, Fields, Peer, sdp

pytestmark = pytest.mark.sip

OPEN = {
    "voip__talk_event__enabled": "1",
    "voip__services___3PCC__make_call__enabled": "1",
    "voip__auto_answer__enabled": "1",
}
TALK: Fields = (("Event", "talk"),)
HOLD: Fields = (("Event", "hold"),)
CHECK_SYNC: Fields = (("Event", "check-sync;reboot=true"),)
REFER_TO: Fields = (("Refer-To", "<sip:2002@127.0.0.1>"),)
AUTO_ANSWER: tuple[Fields, ...] = (
    (("Alert-Info", "<http://127.0.0.1>;info=alert-autoanswer"),),
    (("Call-Info", "<sip:x>;answer-after=0"),),
    (("Answer-Mode", "Auto;require"),),
    (("P-Asserted-Identity", '"The Boss" <sip:1@127.0.0.1>'), ("Priv-Answer-Mode", "Auto")),
)


@pytest.fixture
def stranger(wire: Wire) -> Iterator[Peer]:
    """Another host, which has found out where the phone is."""
    wire.power_on(**OPEN)
    peer = Peer("127.0.0.9")
    peer.phone = wire.peer.phone
    yield peer
    peer.close()


def sent_elsewhere(wire: Wire) -> list[str]:
    """Methods of what the phone asked of its server, registrations aside."""
    return [each.method for each in wire.peer.seen if isinstance(each, Request) and each.method != "REGISTER"]


def unmoved(wire: Wire) -> None:
    """The phone is idle, silent and registered, sent nothing, and its journal tells of the refusals, once a minute.

    That the process has not ended, which is a restart, the fixture looks after.
    """
    wire.phone.pass_time(0.2)
    wire.phone.idle()
    wire.phone.hears("")
    wire.phone.registered()
    assert "M1" not in wire.phone.screen().text
    assert sent_elsewhere(wire) == []
    told = re.compile(r"of 127\.0\.0\.9 is (refused: 40[13]|ignored)")
    lines = [line for line in wire.phone.journal().splitlines() if told.search(line)]
    assert len(lines) == 1, wire.phone.journal()


def test_an_invite_that_answers_itself_rings_nothing(wire: Wire, stranger: Peer) -> None:
    for fields in AUTO_ANSWER:
        stranger.invite(wire.target, fields, sdp(wire.rtp.port))
    unmoved(wire)
    assert stranger.seen == [], "not even a refusal: it would go to whoever's address is written there"


def test_click_to_dial_dials_nothing(wire: Wire, stranger: Peer) -> None:
    outside = Dialog("strange-refer", "<sip:666@127.0.0.9>;tag=s", f"<{wire.target}>", wire.target, 0)
    stranger.send("REFER", outside, REFER_TO)
    stranger.response(403, "REFER")
    unmoved(wire)


@pytest.mark.parametrize("event", ["check-sync", "check-sync;reboot=true", "resync", "reboot"])
def test_check_sync_restarts_nothing(wire: Wire, stranger: Peer, event: str) -> None:
    registers = len(wire.peer.seen)
    outside = Dialog("strange-sync", "<sip:666@127.0.0.9>;tag=s", f"<{wire.target}>", wire.target, 0)
    stranger.send("NOTIFY", outside, (("Event", event),))
    stranger.response(401, "NOTIFY")
    unmoved(wire)
    assert len(wire.peer.seen) == registers


def test_waiting_messages_light_no_lamp(wire: Wire, stranger: Peer) -> None:
    outside = Dialog("strange-mwi", "<sip:666@127.0.0.9>;tag=s", f"<{wire.target}>", wire.target, 0)
    body = b"Messages-Waiting: yes\r\nVoice-Message: 9/9\r\n"
    lamps = wire.phone.state()["lamps"]
    stranger.send(
        "NOTIFY", outside, (("Event", "message-summary"),), body, kind="application/simple-message-summary"
    )  # fmt: skip
    stranger.response(403, "NOTIFY")
    unmoved(wire)
    assert wire.phone.state()["lamps"] == lamps


def test_in_a_call_whose_tags_it_knows_it_commands_nothing(wire: Wire, stranger: Peer) -> None:
    dialog = wire.ring()
    overheard = Dialog(dialog.call_id, dialog.local, dialog.remote, dialog.target, 30)
    for method, fields in (("NOTIFY", TALK), ("REFER", REFER_TO)):
        stranger.send(method, overheard, fields)
        stranger.response(403, method)
    wire.phone.shows("Incoming call")
    wire.phone.press("soft1")
    wire.peer.ack(dialog, wire.peer.response(200, "INVITE"))
    wire.phone.in_call()
    for method, fields in (("NOTIFY", HOLD), ("REFER", REFER_TO), ("NOTIFY", CHECK_SYNC)):
        stranger.send(method, overheard, fields)
        stranger.response(489 if fields is CHECK_SYNC else 403, method)
    wire.phone.pass_time(0.2)
    wire.phone.in_call(1)
    wire.phone.shows("Talking", "Hold")
    assert sent_elsewhere(wire) == []
    assert wire.phone.journal().count("of 127.0.0.9 is refused") == 1, "one line a minute"


def test_a_call_is_not_taken_over(wire: Wire, stranger: Peer) -> None:
    dialog = wire.talk()
    tags = [each.partition(";tag=")[2] for each in (dialog.remote, dialog.local)]
    replaces = f"{dialog.call_id};to-tag={tags[0]};from-tag={tags[1]}"
    stranger.invite(wire.target, (("Replaces", replaces), ("Require", "replaces")), sdp(wire.rtp.port))
    wire.peer.nothing("BYE", 0.2)
    wire.phone.in_call(1)
    assert stranger.seen == []


def test_what_the_registered_server_asks_is_done(wire: Wire) -> None:
    """The same requests from the right host: else the refusals would prove nothing."""
    wire.power_on(**OPEN, deskphone__click_to_dial__only_logged_in="0")
    outside = Dialog("our-refer", "<sip:2001@127.0.0.1>;tag=s", f"<{wire.target}>", wire.target, 0)
    wire.peer.send("REFER", outside, REFER_TO)
    wire.peer.response(202, "REFER")
    invite = wire.peer.request("INVITE")
    assert invite.uri.startswith("sip:2002@")
    wire.peer.reply(invite, 486, "Busy Here")
    wire.phone.idle()
    wire.peer.invite(wire.target, AUTO_ANSWER[0], sdp(wire.rtp.port))
    wire.peer.response(200, "INVITE")
