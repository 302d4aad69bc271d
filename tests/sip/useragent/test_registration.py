"""Registrations on the wire, with a far end that says what a test tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.effects import KeepAlive, Register, Unregister
from deskphone.core.events import Registered, RegistrationFailed, Unregistered
from tests.sip.useragent.conftest import Phone, account_at, granting
from tests.sip.useragent.peer import Peer

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]
CHALLENGE = (("WWW-Authenticate", 'Digest realm="site", nonce="n1", algorithm=MD5, qop="auth"'),)


def test_a_line_registers_and_says_which_events_it_understands(phone: Phone, peer: Peer) -> None:
    register = next(message for message in peer.seen)
    assert "talk" in register.headers.get("allow-events")
    assert register.headers.get("expires") == "300"


def test_a_challenge_is_answered_with_the_password(make_phone: Make, peer: Peer) -> None:
    del peer.automatic["REGISTER"]
    phone = make_phone()
    phone.do(Register(account_at(peer)))
    peer.reply(peer.request("REGISTER"), 401, "Unauthorized", CHALLENGE)
    second = peer.request("REGISTER")
    assert 'username="1502"' in second.headers.get("authorization")
    assert "secret" not in second.headers.get("authorization")
    peer.reply(second, 200, "OK", (("Contact", second.headers.get("contact")), ("Expires", "120")))
    event = phone.expect(Registered)
    assert event == Registered(0, 120, f"127.0.0.1:{peer.port}")
