"""What is hard on the wire, sent to the real process: races, forgeries, odd documents, too much."""

from __future__ import annotations

import time

import pytest

from deskphone.core.documents import AS_FEATURE, HOTELING
from tests.sip.conformance.conftest import Wire, inside
from tests.sip.useragent.peer import Dialog

pytestmark = pytest.mark.sip

TALK = {"voip__talk_event__enabled": "1"}
SYNC = {"system__feature_key_synchronization__enabled": "1"}
ACD = {"voip__services__ACD__enabled": "1", "voip__services__ACD__state_after_login": "READY"}
CSTA = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
AS_TYPE = "application/x-as-feature-event+xml"
HOTELING_TYPE = "application/x-broadworks-hoteling+xml"
EVENT_TALK = ("Event", "talk")
REFER_TO = ("Refer-To", "<sip:2002@127.0.0.1>")


def dnd(on: bool, namespace: str | None = CSTA, root: str = "DoNotDisturbEvent") -> bytes:
    """A document of do-not-disturb."""
    xmlns = f' xmlns="{namespace}"' if namespace is not None else ""
    word = "true" if on else "false"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root}{xmlns}><device>1502</device>'
        f"<doNotDisturbOn>{word}</doNotDisturbOn></{root}>"
    ).encode()


def challenge(nonce: str) -> bytes:
    """A hoteling document that asks for the password."""
    return (
        '<HotelingEvent xmlns="http://schema.broadsoft.com/hoteling"><authenticationData>'
        f"<nonce>{nonce}</nonce><algorithm>MD5</algorithm></authenticationData></HotelingEvent>"
    ).encode()


def guest(agent: str) -> bytes:
    """A hoteling document: who sits here."""
    return (
        '<HotelingEvent xmlns="http://schema.broadsoft.com/hoteling">'
        f"<guestAddress>{agent}</guestAddress></HotelingEvent>"
    ).encode()


def agent_is(event: str) -> bytes:
    """A document of the agent's state."""
    return f'<{event} xmlns="{CSTA}"><device>1502</device><agentID>7001</agentID></{event}>'.encode()


def shows_dnd(wire: Wire, on: bool) -> None:
    wire.phone.wait(f"DnD {on}", lambda state: ("DnD" in state["marks"]) is on)


# --- calls ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["local", "remote"])
@pytest.mark.parametrize("method", ["NOTIFY", "REFER"])
def test_a_wrong_tag_in_a_ringing_and_in_a_running_call_does_nothing(wire: Wire, method: str, which: str) -> None:
    wire.power_on(**TALK)
    dialog = wire.ring()
    fields = EVENT_TALK if method == "NOTIFY" else REFER_TO
    forged = Dialog(dialog.call_id, dialog.local, dialog.remote, dialog.target, 77)
    setattr(forged, which, getattr(dialog, which).partition(";tag=")[0] + ";tag=forged")
    wire.answers(481, method, forged, fields)
    wire.phone.shows("Incoming call")
    wire.phone.press("soft1")
    wire.peer.ack(dialog, wire.peer.response(200, "INVITE"))
    wire.phone.in_call()
    wire.answers(481, method, forged, fields)
    wire.peer.nothing("INVITE", 0.2)
    wire.phone.in_call(1)


def test_talk_for_another_dialog_answers_nothing(wire: Wire) -> None:
    wire.power_on(**TALK)
    dialog = wire.ring()
    wire.answers(481, "NOTIFY", Dialog("another", dialog.local, dialog.remote, dialog.target, 1), EVENT_TALK)
    outside = Dialog("another", dialog.local, "<sip:1502@127.0.0.1>", dialog.target, 1)
    wire.answers(481, "NOTIFY", outside, EVENT_TALK)
    wire.phone.shows("Incoming call")


def test_a_request_older_than_the_last_is_refused_and_does_nothing(wire: Wire) -> None:
    wire.power_on(**TALK)
    dialog = wire.talk()
    dialog.cseq = 20
    wire.answers(200, "NOTIFY", dialog, ("Event", "hold"))
    wire.is_held()
    wire.answers(500, "NOTIFY", dialog, EVENT_TALK, cseq=7)
    wire.answers(500, "REFER", dialog, REFER_TO, cseq=8)
    wire.peer.nothing("INVITE", 0.2)
    wire.phone.shows("On hold")


def test_a_talk_that_comes_again_is_answered_again_and_done_once(wire: Wire) -> None:
    wire.power_on(**TALK)
    dialog = wire.ring()
    branch = wire.peer.send("NOTIFY", dialog, (EVENT_TALK,), cseq=9)
    wire.peer.response(200, "NOTIFY")
    wire.peer.send("NOTIFY", dialog, (EVENT_TALK,), cseq=9, branch=branch)
    wire.peer.response(200, "NOTIFY")
    wire.peer.ack(dialog, wire.peer.response(200, "INVITE"))
    wire.phone.in_call()
    wire.phone.press("hold")
    wire.is_held()
    wire.peer.send("NOTIFY", dialog, (EVENT_TALK,), cseq=9, branch=branch)
    wire.peer.response(200, "NOTIFY")
    wire.peer.nothing("INVITE", 0.3)
    wire.phone.shows("On hold")


@pytest.mark.parametrize("first", ["CANCEL", "NOTIFY"])
def test_talk_that_races_cancel_leaves_one_answer_and_no_call(wire: Wire, first: str) -> None:
    wire.power_on(**TALK)
    dialog = wire.ring()
    whole = Dialog(dialog.call_id, dialog.local, dialog.remote.partition(";tag=")[0], wire.target, 1)

    def cancel() -> None:
        wire.peer.send("CANCEL", whole, cseq=1, branch=dialog.branch)

    if first == "CANCEL":
        cancel()
    wire.peer.send("NOTIFY", dialog, (EVENT_TALK,), cseq=2)
    if first == "NOTIFY":
        cancel()
    until = time.monotonic() + 5
    codes: list[int] = []
    while not codes and time.monotonic() < until:
        for code in (200, 487):
            try:
                response = wire.peer.response(code, "INVITE", 0.05)
            except AssertionError:
                continue
            codes.append(code)
            wire.peer.ack(dialog, response)
    assert len(codes) == 1
    if codes == [200]:  # talk was first, and a call that is answered cannot be cancelled
        wire.phone.in_call()
        dialog.cseq = 2
        wire.answers(200, "BYE", dialog)
    wire.phone.idle()
    wire.phone.hears("")
    wire.ring()


def test_requests_in_a_call_have_their_answers(wire: Wire) -> None:
    wire.power_on(**TALK)
    dialog = wire.talk()
    wire.peer.send("OPTIONS", dialog)
    alive = wire.peer.response(200, "OPTIONS")
    assert "NOTIFY" in alive.headers.get("allow")
    wire.peer.send("SUBSCRIBE", dialog, (EVENT_TALK, ("Expires", "60")))
    refused = wire.peer.response(489, "SUBSCRIBE")
    assert "talk" in refused.headers.get("allow-events")
    wire.peer.send("MESSAGE", dialog, (), b"hello", kind="text/plain")
    assert "INVITE" in wire.peer.response(405, "MESSAGE").headers.get("allow")
    wire.peer.send("DANCE", dialog)
    assert "INVITE" in wire.peer.response(501, "DANCE").headers.get("allow")
    wire.phone.in_call()
    wire.answers(200, "BYE", dialog)
    wire.phone.idle()


def test_a_body_of_64_kilobytes_is_refused_and_the_call_lives(wire: Wire) -> None:
    wire.power_on(**TALK)
    dialog = wire.ring()
    wire.peer.send("NOTIFY", dialog, (EVENT_TALK,), b"x" * 64_000, kind="text/plain")
    wire.peer.response(513, "NOTIFY")
    wire.peer.nothing("INVITE", 0.2)
    wire.phone.shows("Incoming call")
    wire.answers(513, "NOTIFY", dialog, EVENT_TALK, body=b"x" * 33_000, kind="text/plain")
    wire.phone.shows("Incoming call")
    wire.answers(200, "NOTIFY", dialog, EVENT_TALK)
    wire.peer.ack(dialog, wire.peer.response(200, "INVITE"))
    wire.phone.in_call()


# --- subscriptions -------------------------------------------------------------------------------------


def test_a_notify_before_the_200_counts(wire: Wire) -> None:
    wire.power_on(**SYNC)
    subscribe = wire.asked(AS_FEATURE)
    wire.tell(inside(subscribe), AS_FEATURE, dnd(True), AS_TYPE)
    wire.grant(subscribe)
    shows_dnd(wire, True)


def test_documents_with_odd_names_are_understood_or_let_be(wire: Wire) -> None:
    wire.power_on(**SYNC)
    dialog = wire.watched(AS_FEATURE)
    wire.tell(dialog, AS_FEATURE, dnd(True, "urn:somebody:else"), AS_TYPE)
    shows_dnd(wire, True)
    wire.tell(dialog, AS_FEATURE, dnd(False, None), AS_TYPE)
    shows_dnd(wire, False)
    wire.tell(dialog, AS_FEATURE, dnd(True, root="TeaIsReadyEvent"), AS_TYPE)
    wire.tell(dialog, AS_FEATURE, b"<broken", AS_TYPE)
    wire.tell(dialog, AS_FEATURE, b"", "")
    wire.phone.pass_time(0.2)
    shows_dnd(wire, False)
    wire.tell(dialog, AS_FEATURE, dnd(True), AS_TYPE)
    shows_dnd(wire, True)


def test_a_notify_that_comes_again_is_one(wire: Wire) -> None:
    wire.power_on(**SYNC)
    dialog = wire.watched(AS_FEATURE)
    wire.tell(dialog, AS_FEATURE, dnd(True), AS_TYPE, cseq=60, branch="z9hG4bK-again")
    shows_dnd(wire, True)
    wire.tell(dialog, AS_FEATURE, dnd(False), AS_TYPE, cseq=61)
    shows_dnd(wire, False)
    wire.tell(dialog, AS_FEATURE, dnd(True), AS_TYPE, cseq=60, branch="z9hG4bK-again")
    wire.phone.pass_time(0.2)
    shows_dnd(wire, False)


def test_two_documents_in_one_multipart_both_count(wire: Wire) -> None:
    wire.power_on(**SYNC)
    dialog = wire.watched(AS_FEATURE)
    forward = (
        f'<ForwardingEvent xmlns="{CSTA}"><device>1502</device><forwardingType>forwardImmediate</forwardingType>'
        "<forwardStatus>true</forwardStatus><forwardTo>2424</forwardTo></ForwardingEvent>"
    ).encode()
    parts = b"".join(b"--edge\r\nContent-Type: " + AS_TYPE.encode() + b"\r\n\r\n" + each + b"\r\n"
                     for each in (dnd(True), forward))  # fmt: skip
    wire.tell(dialog, AS_FEATURE, parts + b"--edge--\r\n", "multipart/mixed;boundary=edge")
    shows_dnd(wire, True)
    wire.phone.shows("2424")


# --- the agent -----------------------------------------------------------------------------------------


def log_in(wire: Wire) -> None:
    """What a person types."""
    wire.phone.press("soft1")
    wire.phone.shows("Log In", "Username")
    wire.phone.type("7001")
    wire.phone.press("down")
    wire.phone.type("1234")
    wire.phone.press("soft1")


def test_a_nonce_that_is_asked_twice_is_answered_once(wire: Wire) -> None:
    wire.power_on(**ACD)
    wire.tell(wire.watched(AS_FEATURE), AS_FEATURE, agent_is("AgentLoggedOffEvent"), AS_TYPE)
    dialog = wire.watched(HOTELING)
    wire.tell(dialog, HOTELING, guest(""), HOTELING_TYPE)
    wire.phone.large("Logged Out", "Login")
    log_in(wire)
    wire.grant(wire.asked(HOTELING))
    wire.tell(dialog, HOTELING, challenge("abc"), HOTELING_TYPE)
    proof = wire.asked(HOTELING)
    assert b"<nonce>abc</nonce>" in proof.body
    assert b"1234" not in proof.body
    wire.grant(proof)
    wire.tell(dialog, HOTELING, challenge("abc"), HOTELING_TYPE)
    wire.phone.large("Login failed")
    wire.peer.nothing("SUBSCRIBE", 0.3)


def test_the_last_of_fifty_reasons_goes_out(wire: Wire) -> None:
    many = {f"voip__services__ACD__unavailable_reason__{n}__code": str(600 + n) for n in range(50)}
    wire.power_on(**ACD, **many)
    state = wire.watched(AS_FEATURE)
    wire.tell(wire.watched(HOTELING), HOTELING, guest("7001"), HOTELING_TYPE)
    wire.tell(state, AS_FEATURE, agent_is("AgentLoggedOnEvent"), AS_TYPE)
    wire.tell(state, AS_FEATURE, agent_is("AgentReadyEvent"), AS_TYPE)
    wire.phone.large("Ready")
    wire.phone.press("soft1", "up")
    wire.phone.shows("649")
    wire.phone.press("ok")
    command = wire.asked(AS_FEATURE)
    while not command.body:
        wire.grant(command)
        command = wire.asked(AS_FEATURE)
    assert b">649<" in command.body
    assert b"NotReady" in command.body
    wire.grant(command)
