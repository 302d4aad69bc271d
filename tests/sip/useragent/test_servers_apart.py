"""Proxy and registrar are two hosts: REGISTER goes to the one, calls go to and come from the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from deskphone.config.reader import read
from deskphone.core.effects import Account, Dial, Register
from deskphone.core.events import CallIncoming, Registered
from deskphone.core.lines import line
from deskphone.core.state import Phone as State
from tests.sip.useragent.conftest import Phone, account_at, address_of, granting
from tests.sip.useragent.peer import Peer

pytestmark = pytest.mark.sip
COMMON = "voip/line/0/enabled=1\nvoip/line/0/id=1502\nvoip/line/0/auth_name=1502\nvoip/line/0/auth_password=secret\n"
SIP = "voip/signalling/sip"


@pytest.fixture
def proxy() -> Iterator[Peer]:
    """A second far end, which takes no REGISTER."""
    made = Peer()
    yield made
    made.close()


def accounts(text: str) -> tuple[Account, ...]:
    """What a phone with this file registers."""
    layers = read((COMMON + text).encode()).layers
    assert layers is not None
    return line.accounts(replace(State(), layers=layers))


def test_the_registrar_gets_the_register_and_the_proxy_the_calls(
    make_phone: Callable[..., Phone], peer: Peer, proxy: Peer
) -> None:
    (account,) = accounts(
        f"{SIP}/use_proxy=1\n{SIP}/proxy_address={proxy.host}\n{SIP}/proxy_port={proxy.port}\n"
        f"{SIP}/use_proxy_ip_port_for_registrar=0\n{SIP}/sip_registrar/enabled=1\n"
        f"{SIP}/sip_registrar/addr={peer.host}\n{SIP}/sip_registrar/port={peer.port}\n"
    )
    phone = make_phone()
    phone.do(Register(account))
    phone.expect(Registered)
    assert peer.seen[0].uri == f"sip:{peer.host}:{peer.port}" and "route" not in dict(peer.seen[0].headers.fields)
    proxy.nothing("REGISTER")
    phone.do(Dial("out-1", 0, "2001"))
    invite = proxy.request("INVITE")
    assert invite.uri == f"sip:2001@{proxy.host}"
    proxy.reply(invite, 486, "Busy Here")
    proxy.invite(address_of(phone))
    assert phone.expect(CallIncoming).trusted, "calls come from the proxy, which never saw a REGISTER"


def test_a_registrar_alone_is_proxy_too(make_phone: Callable[..., Phone], peer: Peer) -> None:
    granting(peer)
    (account,) = accounts(
        f"{SIP}/use_proxy=0\n{SIP}/sip_registrar/enabled=1\n"
        f"{SIP}/sip_registrar/addr={peer.host}\n{SIP}/sip_registrar/port={peer.port}\n"
    )
    phone = make_phone()
    phone.do(Register(account))
    phone.expect(Registered)
    phone.do(Dial("out-1", 0, "2001"))
    peer.reply(peer.request("INVITE"), 486, "Busy Here")


@pytest.mark.parametrize(
    ("text", "registrar", "first_hop"),
    [
        (
            f"{SIP}/use_proxy=1\n{SIP}/proxy_address=a.example\n{SIP}/proxy_port=5070",
            "a.example:5070",
            "a.example:5070",
        ),
        (f"{SIP}/use_proxy=1\n{SIP}/proxy_address=fd00::1", "[fd00::1]:5060", "[fd00::1]:5060"),
        (
            f"{SIP}/sip_outbound_proxy/enabled=1\n{SIP}/sip_outbound_proxy/addr=b.example",
            "b.example:5060",
            "b.example:5060",
        ),
        (
            f"{SIP}/use_proxy=1\n{SIP}/proxy_address=a.example\n"
            f"{SIP}/sip_outbound_proxy/enabled=1\n{SIP}/sip_outbound_proxy/addr=b.example",
            "a.example:5060",
            "b.example:5060",
        ),
    ],
)
def test_each_way_to_name_a_server_registers(text: str, registrar: str, first_hop: str) -> None:
    (account,) = accounts(text)
    assert (account.registrar, account.proxy) == (f"sip:{registrar}", f"sip:{first_hop}")
    assert not account.direct_register


def test_an_account_of_one_server_sends_register_where_calls_go(peer: Peer) -> None:
    assert not account_at(peer).direct_register


def pooled(peer: Peer, *pool: str) -> Account:
    """Number 1502 at the pool of a name; the first address is in use."""
    name = "sip:pool.example:5060"
    return replace(account_at(peer), aor="sip:1502@pool.example", registrar=name, proxy=name, hop=pool[0], pool=pool)


def test_packets_go_to_an_address_of_the_pool_and_the_uris_keep_its_name(
    make_phone: Callable[..., Phone], peer: Peer, proxy: Peer
) -> None:
    phone = make_phone()
    phone.do(Register(pooled(peer, f"127.0.0.1:{peer.port}", f"127.0.0.1:{proxy.port}")))
    phone.expect(Registered)
    register = peer.seen[0]
    assert register.uri == "sip:pool.example:5060"
    assert not register.headers.get("route"), "the address is nobody's business but ours"
    phone.do(Dial("out-1", 0, "2001"))
    assert peer.request("INVITE").uri == "sip:2001@pool.example"
    proxy.phone = ("127.0.0.1", phone.agent.address[1])
    proxy.invite(address_of(phone))
    assert phone.expect(CallIncoming).trusted, "every address of the pool may ring"


def test_the_next_address_of_the_pool_gets_what_the_first_one_left_unanswered(
    make_phone: Callable[..., Phone], peer: Peer, proxy: Peer
) -> None:
    del peer.automatic["REGISTER"]
    granting(proxy)
    first, second = f"127.0.0.1:{peer.port}", f"127.0.0.1:{proxy.port}"
    phone = make_phone()
    phone.do(Register(pooled(peer, first, second)))
    peer.request("REGISTER")
    phone.do(Register(pooled(peer, second, first)))
    assert phone.expect(Registered).address == second
    phone.do(Dial("out-1", 0, "2001"))
    proxy.request("INVITE")


def test_an_address_that_left_the_pool_is_a_stranger(make_phone: Callable[..., Phone], peer: Peer, proxy: Peer) -> None:
    granting(proxy)
    left, stays = f"127.0.0.1:{peer.port}", f"127.0.0.1:{proxy.port}"
    phone = make_phone()
    phone.do(Register(pooled(peer, left, stays)))
    assert phone.expect(Registered).address == left
    phone.do(Register(pooled(peer, stays)))
    assert phone.expect(Registered).address == stays
    peer.phone = proxy.phone = ("127.0.0.1", phone.agent.address[1])
    peer.invite(address_of(phone))
    proxy.invite(address_of(phone))
    phone.expect(CallIncoming)
    phone.nothing(CallIncoming)
