"""The request hook: what it sees before pjsip does, what it may answer, and what it leaves alone."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from tests.native.native_peer import Message, Peer
from tests.native.native_phone import Phone, Watched, answer, ring


def send(peer: Peer, phone: Phone, method: str, event: str = "", call_id: str = "outside", **extra: str) -> bytes:
    """Send a request outside any dialog; `extra` are further headers, "_" for "-"."""
    headers = [
        ("From", "<sip:server@sips-a.example.com>;tag=server"),
        ("To", "<sip:1502@sips-a.example.com>"),
        ("Call-ID", call_id),
        ("CSeq", f"1 {method}"),
        *([("Event", event)] if event else []),
        *((name.replace("_", "-"), value) for name, value in extra.items()),
    ]
    return peer.request(method, phone.port, headers)


def only_known_events(message: bytes) -> Any:
    """Answer an event that nobody here knows."""
    if b"Event: check-sync" in message:
        return 200, "", []
    return 489, "Bad Event", [("Allow-Events", "talk, hold, check-sync")]


def test_a_check_sync_is_answered_and_the_hook_knows_who_sent_it(phone: Phone, peer: Peer) -> None:
    phone.decide = only_known_events
    sent = send(peer, phone, "NOTIFY", "check-sync;reboot=false")
    assert phone.take("NOTIFY", 200).tag("To")
    assert phone.seen == [(sent, "127.0.0.1", peer.port, "UDP")]


def test_a_check_sync_can_be_challenged_and_proved(phone: Phone, peer: Peer) -> None:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    proof = md5(f"{md5('1502:phone:secret')}:fresh:{md5('NOTIFY:sip:1502@127.0.0.1')}")

    def decide(message: bytes) -> Any:
        if f'response="{proof}"'.encode() in message:
            return 200, "", []
        return 401, "", [("WWW-Authenticate", 'Digest realm="phone", nonce="fresh", algorithm=MD5')]

    phone.decide = decide
    send(peer, phone, "NOTIFY", "check-sync", call_id="one")
    refused = phone.take("NOTIFY", 401)
    assert refused.first_line == "SIP/2.0 401 Unauthorized"
    assert 'nonce="fresh"' in refused.get("WWW-Authenticate")
    value = f'Digest username="1502", realm="phone", nonce="fresh", uri="sip:1502@127.0.0.1", response="{proof}"'
    send(peer, phone, "NOTIFY", "check-sync", call_id="two", Authorization=value)
    assert phone.take("NOTIFY", 200)


def test_an_unknown_event_is_refused_with_the_known_ones(phone: Phone, peer: Peer) -> None:
    phone.decide = only_known_events
    send(peer, phone, "NOTIFY", "x-nonsense")
    refused = phone.take("NOTIFY", 489)
    assert refused.first_line == "SIP/2.0 489 Bad Event"
    assert refused.get("Allow-Events") == "talk, hold, check-sync"


def test_a_retransmission_never_reaches_the_hook(phone: Phone, peer: Peer) -> None:
    phone.decide = only_known_events
    datagram = send(peer, phone, "NOTIFY", "check-sync")
    phone.take("NOTIFY", 200)
    peer.socket.sendto(datagram, ("127.0.0.1", phone.port))
    phone.take("NOTIFY", 200)
    assert len(phone.seen) == 1


def test_bytes_that_are_no_utf8_reach_the_hook_as_they_are(phone: Phone, peer: Peer) -> None:
    phone.decide = only_known_events
    headers = [("From", "<sip:a@b>;tag=1"), ("To", "<sip:1502@b>"), ("Call-ID", "raw"), ("CSeq", "1 NOTIFY")]
    body = bytes(range(256)) * 36
    sent = peer.request("NOTIFY", phone.port, [*headers, ("Event", "check-sync"), ("Content-Type", "a/b")], body)
    phone.take("NOTIFY", 200)
    assert phone.seen[0][0] == sent and sent.endswith(body)


@pytest.mark.parametrize(("method", "code"), [("OPTIONS", 486), ("REFER", 603)])
def test_other_methods_are_hooked(phone: Phone, peer: Peer, method: str, code: int) -> None:
    phone.decide = lambda _message: (code, "", [])
    send(peer, phone, method, Refer_To="<sip:2001@sips-a.example.com>")
    assert phone.take(method, code)
    assert phone.seen[0][0].startswith(method.encode())


def test_what_the_hook_leaves_alone_is_pjsips(phone: Phone, peer: Peer) -> None:
    send(peer, phone, "OPTIONS")
    assert "INVITE" in phone.take("OPTIONS", 200).get("Allow")
    ring(peer, phone)
    assert [message.split(b" ", 1)[0] for message, *_ in phone.seen] == [b"OPTIONS", b"INVITE"]


def test_a_method_nobody_knows_can_be_answered(phone: Phone, peer: Peer) -> None:
    phone.decide = lambda message: (501, "", []) if message.startswith(b"FOO ") else None
    send(peer, phone, "FOO")
    assert phone.take("FOO", 501).first_line == "SIP/2.0 501 Not Implemented"
    send(peer, phone, "CANCEL", call_id="nothing to cancel")
    send(peer, phone, "OPTIONS", call_id="pjsip answers")
    phone.take("OPTIONS", 200)
    assert [message.split(b" ", 1)[0] for message, *_ in phone.seen] == [b"FOO", b"OPTIONS"]


@pytest.mark.parametrize(
    "answer_of_hook",
    [
        pytest.param((99, "", []), id="code too low"),
        pytest.param((200, ""), id="too short"),
        pytest.param("200 OK", id="text"),
        pytest.param((200, "a\r\nb", []), id="line end in reason"),
        pytest.param((200, "", [("A", "b\r\nEvil: 1")]), id="line end in header"),
        pytest.param((200, "", ["A: b"]), id="header is text"),
        pytest.param((200, "", 7), id="headers are a number"),
        pytest.param(ValueError, id="exception"),
    ],
)
def test_a_broken_hook_answers_500(
    phone: Phone, peer: Peer, monkeypatch: pytest.MonkeyPatch, answer_of_hook: Any
) -> None:
    problems: list[str] = []  # words only: an exception holds its frames, and they hold the endpoint
    monkeypatch.setattr("sys.unraisablehook", lambda problem: problems.append(str(problem.exc_value)))

    def decide(_message: bytes) -> Any:
        if answer_of_hook is ValueError:
            raise ValueError("the hook failed")
        return answer_of_hook

    phone.decide = decide
    send(peer, phone, "NOTIFY", "check-sync")
    refused = phone.take("NOTIFY", 500)
    assert not refused.get("Evil") and len(problems) == 1


def in_dialog(peer: Peer, phone: Phone, ringing: Message, request: str, event: str = "") -> None:
    """Send a request, named as in CSeq ("2 NOTIFY"), in the dialog of the call."""
    headers = [(name, ringing.get(name)) for name in ("From", "To", "Call-ID")]
    headers += [("CSeq", request), *([("Event", event)] if event else [])]
    peer.request(request.split()[1], phone.port, headers)


def test_talk_while_ringing_and_hold_in_the_call_are_seen_by_the_hook(phone: Phone, peer: Peer) -> None:
    phone.decide = lambda message: (200, "", []) if re.search(rb"\r\nEvent: (talk|hold)\r\n", message) else None
    ringing, call = ring(peer, phone)
    assert ringing.get("Allow-Events") == "talk,hold"
    in_dialog(peer, phone, ringing, "2 NOTIFY", "talk")
    assert phone.take("NOTIFY", 200)
    message = phone.seen[1][0]
    assert b"Call-ID: a-call\r\n" in message and f"tag={ringing.tag('To')}".encode() in message

    answer(call, 200)
    ok = phone.take("INVITE", 200)
    assert ok.get("Allow-Events") == "talk,hold" and ok.tag("To") == ringing.tag("To")
    in_dialog(peer, phone, ringing, "1 ACK")
    in_dialog(peer, phone, ringing, "3 NOTIFY", "hold")
    assert phone.take("NOTIFY", 200)
    in_dialog(peer, phone, ringing, "4 BYE")
    assert phone.take("BYE", 200)
    assert [message.split(b" ", 1)[0] for message, *_ in phone.seen] == [b"INVITE", b"NOTIFY", b"NOTIFY", b"BYE"]


def test_the_headers_of_a_call_can_be_read(phone: Phone, peer: Peer) -> None:
    ring(peer, phone)
    (invite,) = phone.account.invites
    assert 'P-Asserted-Identity: "Jane" <sip:2001@sips-a.example.com>' in invite
    assert "Call-Info: <sip:sips-a.example.com>;answer-after=0" in invite


def test_a_notify_of_a_subscription_passes_the_hook_first(phone: Phone, peer: Peer) -> None:
    watched = Watched(phone)
    subscribe = watched.establish()
    assert b"Subscription-State: active" in phone.seen[0][0]
    phone.decide = lambda _message: (403, "", [])
    peer.notify(subscribe, "active", b"kept from evsub")
    assert phone.take("NOTIFY", 403)
    assert watched.kinds().count("NOTIFY") == 1
