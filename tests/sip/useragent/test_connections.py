"""Whose connection it is: a registration is touched by those that the phone opened to its server, and by no other."""

from __future__ import annotations

import resource
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from deskphone.config.schema.words import Transport
from deskphone.core.effects import Register, Unregister
from deskphone.core.events import Registered, RegistrationFailed, ServerSilent, Unregistered
from deskphone.sip.stack import account
from deskphone.wire import fields
from deskphone.wire.message import Request
from tests.sip.useragent.conftest import Phone, account_at, granting, settings_for, wait_for
from tests.sip.useragent.peer import Peer, StreamPeer

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def one_that_calls_and_goes(phone: Phone) -> None:
    """A connection of a stranger to the phone's own door, until the phone has it and until it has no more."""
    endpoint = phone.agent._endpoint
    assert endpoint is not None
    port = int(endpoint.local(Transport.TCP).rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.2", 0)) as stranger:
        stranger.sendall(b"OPTIONS sip:x SIP/2.0\r\nContent-Length: 0\r\n\r\n" * 2)
        stranger.shutdown(socket.SHUT_WR)
        while stranger.recv(65536):  # it closes, too
            pass


def test_a_connection_of_a_stranger_says_nothing_of_the_server(make_phone: Make) -> None:
    """Six that came and went had the phone register each time, and then wait a minute after a real loss."""
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    phone.expect(Registered)
    for _ in range(6):
        one_that_calls_and_goes(phone)
    phone.nothing(ServerSilent)
    registration = phone.agent._registrations.accounts[0]
    assert (registration.moves, registration._short_lived, registration._contact_is_old) == (0, 0, False)
    peer.hang_up()
    assert phone.expect(Registered).fresh  # within a second, not a minute
    assert [each.cseq[1] for each in peer.seen].count("REGISTER") == 2
    phone.stop()
    peer.close()


@contextmanager
def no_socket_can_be_opened() -> Iterator[None]:
    """The process has as many files open as it may."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_farewell_that_fails_at_once_is_said_once(make_phone: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no connection can be had pjsip tells of the failure before the order to send has returned."""
    monkeypatch.setattr(account.bindings, "pause_before_reconnect", lambda _short_lived, _drawn: 60.0)
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    phone.expect(Registered)
    peer.close()  # the connection, too
    phone.expect(ServerSilent)
    with no_socket_can_be_opened():
        phone.do(Unregister(0))
        phone.expect(Unregistered)
    phone.nothing(Unregistered)
    phone.stop()


def test_a_lost_connection_is_that_of_its_server_alone(make_phone: Make) -> None:
    peers = StreamPeer(), StreamPeer()
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    for number, peer in enumerate(peers):
        granting(peer)
        phone.do(Register(account_at(peer, number, transport="tcp")))
        phone.expect(Registered, server=number)
    peers[1].hang_up()
    assert phone.expect(Registered, server=1).fresh
    phone.nothing(Registered)
    assert [each.server for each in phone.events if isinstance(each, ServerSilent)] == [1]
    phone.stop()
    for peer in peers:
        peer.close()


def test_a_server_by_name_has_the_connection_to_the_address_that_answered(make_phone: Make) -> None:
    """Beside one by address: neither is touched by what is lost of the other."""
    named, other = StreamPeer(), StreamPeer()
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    first = account_at(named, transport="tcp")
    name = f"sip:localhost:{named.port}"
    for peer in named, other:
        granting(peer)
    phone.do(Register(replace(first, aor=f"sip:1502@localhost:{named.port}", registrar=name, proxy=name)))
    phone.expect(Registered, server=0)
    phone.do(Register(account_at(other, 1, transport="tcp")))
    phone.expect(Registered, server=1)
    registrations = phone.agent._registrations.accounts
    other.hang_up()
    phone.expect(Registered, server=1)
    assert (registrations[0].moves, registrations[1].moves) == (0, 1)
    named.hang_up()
    assert phone.expect(Registered, server=0).fresh
    wait_for(lambda: (registrations[0].moves, registrations[1].moves) == (1, 1), "one move each")
    phone.stop()
    for peer in named, other:
        peer.close()


def contacts(register: Request) -> list[tuple[str, bool]]:
    """Those of a REGISTER: the URI, and whether it is to be removed."""
    found = [fields.address(each) for each in register.headers.every("contact")]
    return [(each.uri, each.params.get("expires") == "0") for each in found]


def registers(peer: Peer) -> list[list[tuple[str, bool]]]:
    """The Contacts of all REGISTERs that came."""
    return [contacts(each) for each in peer.seen if isinstance(each, Request) and each.method == "REGISTER"]


def test_with_the_binding_of_a_new_connection_that_of_the_old_one_goes(make_phone: Make) -> None:
    peer = StreamPeer()
    granting(peer)
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    account = account_at(peer, transport="tcp")
    phone.do(Register(account))
    phone.expect(Registered)
    peer.hang_up()
    phone.expect(Registered)
    phone.do(Register(account))
    phone.expect(Registered)
    first, second, third = registers(peer)
    ((old, _),) = first
    ((new, _), removed) = second
    assert removed == (old, True)
    assert (third, new != old) == ([(new, False)], True)
    assert f":{peer.phone[1]};" in new
    phone.stop()
    assert registers(peer)[-1] == [(new, False)]
    peer.close()


@pytest.mark.parametrize("code", [400, 403, 500])
def test_a_registrar_that_removes_no_other_binding_is_not_asked_twice(make_phone: Make, code: int) -> None:
    def grant_one(request: Request) -> None:
        (mine, *others) = request.headers.every("contact")
        peer.reply(request, code if others else 200, "OK", (("Contact", mine), ("Expires", "300")))

    peer = StreamPeer()
    peer.automatic["REGISTER"] = grant_one
    phone = make_phone(settings_for(sip={"transport": "TCP"}))
    phone.do(Register(account_at(peer, transport="tcp")))
    phone.expect(Registered)
    for _ in range(2):
        peer.hang_up()
        phone.expect(Registered)
    assert [len(each) for each in registers(peer)] == [1, 2, 1, 1]
    phone.nothing(RegistrationFailed, 0)
    granting(peer)
    phone.stop()
    peer.close()
