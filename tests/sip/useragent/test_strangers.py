"""Who is no server of the phone, and calls it: silence, or what the settings say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deskphone.core.effects import Register, Reject
from deskphone.core.events import CallIncoming, Party, Registered
from deskphone.wire.message import Response
from tests.sip.useragent.conftest import Phone, account_at, address_of, settings_for
from tests.sip.useragent.peer import Dialog, Peer, Rtp, sdp

pytestmark = pytest.mark.sip
Make = Callable[..., Phone]


def answers(sender: Peer, phone: Phone) -> list[Response]:
    """What a sender was answered to its INVITEs; the OPTIONS it sends now is answered after them."""
    sender.send("OPTIONS", Dialog("alive", "<sip:a@b>;tag=o", "<sip:c@d>", address_of(phone)))
    sender.response(200, "OPTIONS")
    return [each for each in sender.seen if isinstance(each, Response) and each.cseq[1] == "INVITE"]


def test_a_stranger_rings_nothing(phone: Phone, peer: Peer, rtp: Rtp) -> None:
    stranger = Peer("127.0.0.2")
    stranger.phone = peer.phone
    stranger.invite(address_of(phone), (("Alert-Info", "info=alert-autoanswer"),), sdp(rtp.port))
    assert not answers(stranger, phone)
    phone.nothing(CallIncoming, 0.1)
    stranger.close()


@pytest.mark.parametrize("odd", [("CSeq", "1 OPTIONS"), ("Call-ID", "another"), ("From", "<sip:666@x>;tag=b")])
def test_what_cannot_be_read_of_a_strangers_call_is_not_answered_either(
    phone: Phone, peer: Peer, odd: tuple[str, str]
) -> None:
    stranger = Peer("127.0.0.2")
    for sender in (stranger, peer):
        sender.phone = ("127.0.0.1", phone.agent.address[1])
        sender.invite(address_of(phone), (odd,), sdp(4000))
    assert not answers(stranger, phone)
    assert peer.response(400)
    stranger.close()


def test_a_stranger_is_told_so_where_the_settings_say_so(make_phone: Make, peer: Peer, rtp: Rtp) -> None:
    phone = make_phone(settings_for(sip={"answer_strangers": True}))
    stranger = Peer("127.0.0.2")
    stranger.phone = ("127.0.0.1", phone.agent.address[1])
    stranger.invite(address_of(phone), (), sdp(rtp.port))
    assert stranger.response(403)
    phone.nothing(CallIncoming, 0.1)
    stranger.close()


@pytest.mark.parametrize("by_port", [True, False])
def test_another_process_on_the_servers_host_is_a_stranger(
    make_phone: Make, peer: Peer, rtp: Rtp, by_port: bool
) -> None:
    phone = make_phone(settings_for(sip={"server_port": by_port}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    beside = Peer("127.0.0.1")
    beside.phone = ("127.0.0.1", phone.agent.address[1])
    beside.invite(address_of(phone), (), sdp(rtp.port))
    if by_port:
        assert not answers(beside, phone)
        phone.nothing(CallIncoming, 0.1)
        peer.phone = beside.phone
        peer.invite(address_of(phone), (), sdp(rtp.port))
    assert phone.expect(CallIncoming).trusted
    beside.close()


@pytest.mark.parametrize("by", ["option", "settings"])
def test_a_phone_open_to_everybody_may_be_called_directly(make_phone: Make, peer: Peer, rtp: Rtp, by: str) -> None:
    if by == "option":
        phone = make_phone(only_servers=False)
    else:
        phone = make_phone(settings_for(calls={"trusted_only": False}))
    phone.do(Register(account_at(peer)))
    phone.expect(Registered)
    stranger = Peer("127.0.0.2")
    stranger.phone = ("127.0.0.1", phone.agent.address[1])
    identity = (("P-Asserted-Identity", '"The Boss" <sip:1@site>'),)
    stranger.invite(address_of(phone), identity, sdp(rtp.port), '"Mallory" <sip:666@127.0.0.2>')
    incoming = phone.expect(CallIncoming)
    assert not incoming.trusted
    assert incoming.remote == Party("666", "Mallory", "sip:666@127.0.0.2")
    phone.do(Reject(incoming.call, 486))
    stranger.response(486)
    stranger.close()
