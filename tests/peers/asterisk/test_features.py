"""What else Asterisk does: voice mail, digits, queue, automatic answer, calls by AMI, NOTIFY, its own restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.peers.asterisk.endpoint import Endpoint
from tests.peers.asterisk.instance import TONE, Asterisk
from tests.peers.asterisk.office import CARL, Desk, Office
from tests.peers.child import wait_until

PEER = "Asterisk 22"
pytestmark = [pytest.mark.peer, pytest.mark.slow]
MakeDesk = Callable[..., Desk]
DIGITS = "159*0"
STARTS = 4


@pytest.mark.proves("message lamp by NOTIFY and by subscription", PEER)
def test_the_message_lamp_follows_the_mailbox(office: Office, make_desk: MakeDesk) -> None:
    subscriber = make_desk("1720", office.asterisk.port, voip__services__msg_waiting_ind__subscribe="1")
    subscriber.registered()
    office.bob.story.dial("7000")
    office.bob.story.in_call(within=10)
    mailbox = office.asterisk.folder / "spool" / "voicemail" / "default" / "1001"
    wait_until("three seconds of a message", lambda: any(
        each.stat().st_size > 3 * 16_000 for each in (mailbox / "tmp").glob("*.wav")
    ), 15)  # fmt: skip
    office.bob.story.press("cancel")
    for desk in (office.alice, subscriber):
        desk.story.lamp("message", "on", within=15)
    for _ in range(STARTS):  # Asterisk tells of mail the moment it has the binding: often before its 200
        told = make_desk("1721", office.asterisk.port)
        told.story.lamp("message", "on", within=10)
        told.end()
    for message in (mailbox / "INBOX").iterdir():
        message.unlink()
    office.asterisk.manager.action("VoicemailRefresh", Context="default", Mailbox="1001")
    for desk in (office.alice, subscriber):
        desk.story.lamp("message", "off", within=15)
    assert subscriber.troubles() == []


@pytest.mark.parametrize(
    ("number", "method"),
    [
        pytest.param("1400", "RFC2833", marks=pytest.mark.proves("digits by RFC 4733", PEER)),
        pytest.param("1710", "VIA_SIP", marks=pytest.mark.proves("digits by INFO", PEER)),
        pytest.param("1711", "INBAND", marks=pytest.mark.proves("digits by tone", PEER)),
    ],
)
def test_digits_arrive_in_order_and_once(make_desk: MakeDesk, asterisk: Asterisk, number: str, method: str) -> None:
    desk = make_desk(number, asterisk.port, voip__media__out_of_band_dtmf=method)
    desk.registered()
    seen = len(asterisk.manager.events)
    desk.story.dial("7100")
    desk.story.in_call(within=10)
    desk.story.press(*DIGITS)
    told = asterisk.manager.event("UserEvent", seen, 20, UserEvent="Digits")
    assert told["Got"] == DIGITS
    desk.ear.hears(TONE)
    assert desk.troubles() == []


@pytest.mark.proves("queue member", PEER)
def test_a_queue_gives_its_caller_to_the_agent(office: Office) -> None:
    manager = office.asterisk.manager
    seen = len(manager.events)
    manager.action("QueueAdd", Queue="service", Interface="PJSIP/1001", MemberName="Alice Agent")
    try:
        office.carl_calls("8100")
        office.alice.story.shows("Incoming call", "Carl Customer", within=10)
        office.alice.story.press("ok")
        manager.event("AgentConnect", seen, Queue="service", MemberName="Alice Agent")
        office.alice.ear.hears(CARL)
        office.alice.story.press("cancel")
        manager.event("AgentComplete", seen, Reason="agent")
        office.carl.command("hangup")
    finally:
        manager.action("QueueRemove", Queue="service", Interface="PJSIP/1001")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Call-Info", "<sip:127.0.0.1>;answer-after=0"),
        ("Alert-Info", "<http://127.0.0.1>;info=alert-autoanswer;delay=0"),
        ("Alert-Info", "info=alert-autoanswer"),
        ("Alert-Info", "Auto Answer"),
        ("Alert-Info", "ring-answer"),
        ("Answer-Mode", "Auto"),
        ("Priv-Answer-Mode", "Auto"),
    ],
)
@pytest.mark.proves("automatic answer by header", PEER)
def test_the_server_lets_the_phone_answer_by_itself(office: Office, name: str, value: str) -> None:
    office.asterisk.call("1001", "tone", "add-header", HEADER_NAME=name, HEADER_VALUE=value)
    office.alice.story.in_call(within=10)
    office.alice.ear.hears(TONE)


@pytest.mark.proves("automatic answer by header", PEER)
def test_a_header_that_forbids_it_rings(office: Office) -> None:
    office.asterisk.call("1001", "tone", "add-header", HEADER_NAME="Answer-Mode", HEADER_VALUE="Manual")
    office.alice.story.shows("Incoming call", within=10)
    office.alice.story.press("ok")
    office.alice.ear.hears(TONE)


@pytest.mark.proves("originate", PEER)
def test_the_server_calls_for_the_agent(office: Office) -> None:
    """Click to dial the Asterisk way: first the agent's phone, then the customer."""
    seen = len(office.carl.events)
    office.asterisk.manager.action(
        "Originate", Channel="PJSIP/1001", Context="main", Exten="1003", Priority="1", Async="true",
        CallerID='"Carl Customer" <1003>',
    )  # fmt: skip
    office.alice.story.shows("Incoming call", "Carl Customer", within=10)
    office.alice.story.press("ok")
    office.carl_answers(seen)
    office.alice.ear.hears(CARL)


@pytest.mark.proves("check-sync and unknown events", PEER)
@pytest.mark.parametrize(("event", "code"), [("check-sync", 200), ("resync", 200), ("unknown", 489), ("talk", 481)])
def test_each_event_gets_the_right_answer(office: Office, event: str, code: int) -> None:
    since = office.asterisk.mark()
    office.asterisk.manager.command(f"pjsip send notify {event} endpoint 1001")
    assert office.asterisk.answered("NOTIFY", since) == code


@pytest.mark.proves("talk and hold", PEER)
def test_the_server_answers_holds_and_takes_back(office: Office) -> None:
    def notify(event: str) -> None:
        office.asterisk.manager.action("PJSIPNotify", f"Event={event}", Channel=office.asterisk.channel_of("1001"))

    office.asterisk.call("1001", "tone")
    office.alice.story.shows("Incoming call", within=10)
    notify("talk")
    office.alice.ear.hears(TONE)
    notify("hold")
    office.alice.story.shows("On hold", within=10)
    office.alice.ear.hears()
    notify("talk")
    office.alice.ear.hears(TONE)


@pytest.mark.proves("restart of the server, idle and in a call", PEER)
@pytest.mark.timeout(180)
def test_the_phone_outlives_its_server(tmp_path: Path, trust: Path) -> None:
    often = {"minimum_expiration": "10"}
    asterisk = Asterisk(tmp_path / "asterisk", [Endpoint("1400", aor=often)], trust)
    try:
        desk = Desk(
            tmp_path / "phone", "1400", asterisk.port, voip__signalling__sip__proxy_timeout="12",
            voip__media__broken_connection_timeout="2", voip__signalling__sip__registration_failed_timeout="2",
        )  # fmt: skip
        try:
            _outlives(desk, asterisk)
        finally:
            desk.end()
    finally:
        asterisk.stop()


def _outlives(desk: Desk, asterisk: Asterisk) -> None:
    desk.registered()
    asterisk.stop()  # it says goodbye and knows the phone again: its bindings are on disk
    asterisk.start()
    # At once, unless its restart took longer than the binding's eleven seconds: then as soon as the phone is back.
    wait_until("the phone's binding", lambda: asterisk.contact("1400"), 60)
    asterisk.call("1400", "tone")
    desk.answer()
    desk.ear.hears(TONE)
    asterisk.kill()
    desk.story.idle(within=60)
    (asterisk.folder / "var" / "astdb.sqlite3").unlink()
    asterisk.start()
    wait_until("the phone's new binding", lambda: asterisk.contact("1400"), 60)
    asterisk.call("1400", "tone")
    desk.answer()
    desk.ear.hears(TONE)
    assert desk.troubles() == []
