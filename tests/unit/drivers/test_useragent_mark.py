"""What a server's address alone may do, and what is due at the Contact that the phone gave it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.schema.words import ContactMark
from deskphone.sip.policy.requests import judge
from deskphone.sip.policy.sender import MARK, Contact
from deskphone.wire.message import parse_request
from tests.unit.drivers.test_useragent_policy import SCENE, SERVER, SERVERS, STRANGER, code, request


def at_contact(raw: bytes) -> bytes:
    """The request, sent to the Contact that the phone gave its server."""
    return raw.replace(b"sip:1502@10.1.1.20 ", b"sip:1502@10.1.1.20;%s=a1b2 " % MARK.encode(), 1)


COMMANDS, REQUIRE, OFF = ContactMark
# (marked, rule): answers to INVITE, REFER, NOTIFY check-sync (403: or a challenge), NOTIFY message-summary; -1 is none,
# 0 is the stack's, 202 and 200 are obeyed.
FORGERY = {
    (True, COMMANDS): (0, 202, 200, 200),
    (True, REQUIRE): (0, 202, 200, 200),
    (False, COMMANDS): (0, 403, 403, 200),
    (False, REQUIRE): (-1, 403, 403, 403),
    (False, OFF): (0, 202, 200, 200),
}


@pytest.mark.parametrize(("marked", "rule"), FORGERY)
def test_a_servers_address_alone_may_ring_and_commands_nothing(marked: bool, rule: ContactMark) -> None:
    """One forged datagram made the phone dial on its speaker: an address is no proof, what only a server knows is."""
    contact, body = Contact("a1b2", rule), "Messages-Waiting: yes\r\n"
    raws = (
        request("INVITE", to_tag="", call_id="new"),
        request("REFER", "Refer-To: <sip:1502@site>", to_tag=""),
        request("NOTIFY", "Event: check-sync;reboot=true", to_tag=""),
        request("NOTIFY", "Event: message-summary", "Content-Type: application/simple-message-summary", to_tag="",
                body=body),
    )  # fmt: skip
    codes = []
    for raw in raws:
        asked = parse_request(
            raw.replace(b"sip:1502@10.1.1.20 ", b"sip:1502@10.1.1.20;%s=a1b2 " % MARK.encode(), 1) if marked else raw
        )
        codes.append(code(judge(asked, contact.judge(SERVERS.sender(SERVER), asked), SCENE)))
    assert tuple(codes) == FORGERY[marked, rule]


def test_what_a_server_has_shown_to_keep_it_has_to_show_again() -> None:
    """By default a call without the mark rings, for some servers do not keep the Contact; this one does."""
    body = "Messages-Waiting: yes\r\n"
    call = request("INVITE", to_tag="", call_id="new")
    lamp = request("NOTIFY", "Event: message-summary", "Content-Type: application/simple-message-summary", to_tag="",
                   body=body)  # fmt: skip

    def asked(contact: Contact, raw: bytes, source: str = SERVER) -> tuple[int, Contact]:
        message = parse_request(raw)
        sender = contact.judge(SERVERS.sender(source), message)
        return code(judge(message, sender, SCENE)), contact.learnt(sender, message)

    contact = Contact("a1b2", COMMANDS)
    for source, raw, expected in (
        (SERVER, call, 0),
        (STRANGER, at_contact(call), -1),  # nobody but a server shows anything
        (SERVER, call, 0),
        (SERVER, at_contact(call), 0),
        (SERVER, call, -1),
        (SERVER, lamp, 200),  # which may come from another part of it
        (SERVER, at_contact(lamp), 200),
        (SERVER, lamp, 403),
        (SERVER, at_contact(call), 0),
    ):
        answer, contact = asked(contact, raw, source)
        assert answer == expected, raw
    inside = parse_request(request("INVITE"))
    assert contact.judge(SERVERS.sender(SERVER), inside).trusted


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS", "NOTIFY", "REFER", "BYE", "ACK", "CANCEL"])
def test_an_address_that_wants_tls_is_refused_without_it(method: str) -> None:
    """RFC 3261 sections 8.2.1 and 26.2.2: the last hop of a sips: address is TLS, too."""
    raw = request(method, "Event: check-sync", "Refer-To: <sip:1@h>", to_tag="").replace(b" sip:", b" sips:", 1)
    asked = parse_request(raw)
    assert asked.uri.startswith("sips:")
    verdict = judge(asked, SERVERS.sender(SERVER), replace(SCENE, secure=False))
    refused = verdict.answer is not None and verdict.answer.code == 416
    assert refused is (method not in ("ACK", "CANCEL"))
    assert judge(asked, SERVERS.sender(SERVER), SCENE) != verdict or not refused
    if refused:
        assert judge(asked, SERVERS.sender(STRANGER), replace(SCENE, secure=False)).silent


def test_a_mark_is_no_proof_for_strangers_nor_needed_within_a_dialog() -> None:
    contact = Contact("a1b2", REQUIRE)
    marked = parse_request(
        request("REFER", "Refer-To: <sip:1@h>", to_tag="").replace(b"10.1.1.20 ", b"10.1.1.20;mark=a1b2 ", 1)
    )
    assert not contact.judge(SERVERS.sender(STRANGER), marked).trusted
    inside = parse_request(request("NOTIFY", "Event: talk"))
    assert contact.judge(SERVERS.sender(SERVER), inside).trusted
    assert not Contact("", REQUIRE).is_in(marked), "no mark fits nobody"
