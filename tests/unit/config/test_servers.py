"""Naming the server as the real phone takes it: what a file names is registered at, or the check says not."""

from __future__ import annotations

import pytest

from deskphone.config import servers
from deskphone.config.reader import read
from deskphone.config.servers import Server

S = "voip/signalling/sip"
LINE = "voip/line/0/enabled=1\nvoip/line/0/id=4101\n"
PROXY = f"{S}/use_proxy=1\n{S}/proxy_address=sip.example\n"
REGISTRAR = f"{S}/sip_registrar/enabled=1\n{S}/sip_registrar/addr=10.0.0.2\n"
OUTBOUND = f"{S}/sip_outbound_proxy/enabled=1\n{S}/sip_outbound_proxy/addr=edge.example\n"


def named(text: str, *by_dhcp: str) -> tuple[Server, ...]:
    result = read((LINE + text).encode(), "a.cfg")
    assert result.settings is not None, result.report()
    assert bool(result.serverless) == (not servers.named(result.settings)), "the check says what the phone will do"
    return servers.named(result.settings, by_dhcp)


SIP = ("sip.example", 5060)
EDGE = ("edge.example", 5060)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PROXY, Server(SIP, SIP)),
        (PROXY + f"{S}/proxy_port=5070", Server(("sip.example", 5070), ("sip.example", 5070))),
        (PROXY + f"{S}/proxy_port=0", Server(("sip.example", 0), ("sip.example", 0))),
        (f"{S}/use_proxy=1\n{S}/proxy_address=sip.example:5070", Server(*[("sip.example", 5070)] * 2)),
        (
            f"{S}/use_proxy=1\n{S}/proxy_address=sip:10.0.0.1:5070\n{S}/proxy_port=5080",
            Server(*[("10.0.0.1", 5080)] * 2),
        ),
        (f"{S}/use_proxy=1\n{S}/proxy_address=[2001:db8::1]:5070", Server(*[("2001:db8::1", 5070)] * 2)),
        (REGISTRAR, Server(*[("10.0.0.2", 5060)] * 2)),
        (REGISTRAR + f"{S}/sip_registrar/port=5062\n{S}/use_proxy=0", Server(*[("10.0.0.2", 5062)] * 2)),
        (REGISTRAR + f"{S}/use_proxy=1", Server(*[("10.0.0.2", 5060)] * 2)),
        (REGISTRAR + f"{S}/use_proxy_ip_port_for_registrar=1", Server(*[("10.0.0.2", 5060)] * 2)),
        (PROXY + REGISTRAR, Server(SIP, ("10.0.0.2", 5060))),
        (PROXY + REGISTRAR + f"{S}/use_proxy_ip_port_for_registrar=1", Server(SIP, SIP)),
        (PROXY + f"{S}/sip_registrar/enabled=1", Server(SIP, SIP)),
        (OUTBOUND, Server(EDGE, EDGE, EDGE)),
        (OUTBOUND + f"{S}/sip_outbound_proxy/port=5080", Server(*[("edge.example", 5080)] * 3)),
        (PROXY + OUTBOUND, Server(SIP, SIP, EDGE)),
        (REGISTRAR + OUTBOUND, Server(("10.0.0.2", 5060), ("10.0.0.2", 5060), EDGE)),
        (PROXY + REGISTRAR + OUTBOUND, Server(SIP, ("10.0.0.2", 5060), EDGE)),
    ],
)
def test_each_way_to_name_a_server_is_one_to_register_at(text: str, expected: Server) -> None:
    assert named(text) == (expected,)


ONE = ("10.0.0.7", 5060)
OUT, REG = "sip_outbound_proxy", "sip_registrar"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("use_proxy=Enable proxy_address=<sip:10.0.0.7>", Server(ONE, ONE)),
        ("use_proxy=true proxy_address=udp://10.0.0.7/", Server(ONE, ONE)),
        ("use_proxy=1 proxy_address=::ffff:10.0.0.7", Server(ONE, ONE)),
        ("use_proxy=1 proxy_address=10.0.0.7 proxy_port=", Server(ONE, ONE)),
        (f"use_proxy=1 proxy_address=10.0.0.7 {REG}/addr=10.0.0.2", Server(ONE, ONE)),
        (f"use_proxy=1 proxy_address=10.0.0.7 {REG}/enabled=1 {REG}/addr=", Server(ONE, ONE)),
        (f"use_proxy=1 proxy_address=10.0.0.7 {REG}/enabled=1 {REG}/addr=10.0.0.7:5060", Server(ONE, ONE)),
        (f"use_proxy=1 proxy_address=10.0.0.7 {OUT}/enabled=0 {OUT}/addr=e", Server(ONE, ONE)),
        (f"use_proxy=1 proxy_address=0.0.0.0 {OUT}/enabled=1 {OUT}/addr=10.0.0.7", Server(ONE, ONE, ONE)),
        ("use_proxy=1 proxy_address=10.0.0.7 proxy_port=65535", Server(*[("10.0.0.7", 65535)] * 2)),
        ("use_proxy=1 proxy_address=10.0.0.7:5071 proxy_port=5072", Server(*[("10.0.0.7", 5072)] * 2)),
        ("proxy_port=5072 use_proxy=1 proxy_address=10.0.0.7:5071", Server(*[("10.0.0.7", 5072)] * 2)),
        (f"use_proxy=0 proxy_address=10.0.0.9 {REG}/enabled=yes {REG}/addr=sip:10.0.0.7", Server(ONE, ONE)),
        (f"use_proxy=1 proxy_address= {REG}/enabled=1 {REG}/addr=10.0.0.7", Server(ONE, ONE)),
    ],
)
def test_files_of_the_field_name_one_and_the_same(lines: str, expected: Server) -> None:
    assert named("".join(f"{S}/{line}\n" for line in lines.split())) == (expected,)


@pytest.mark.parametrize(
    "several", ["10.0.0.7 10.0.0.8", "10.0.0.7, 10.0.0.8", "10.0.0.7;10.0.0.8", "10.0.0.7:5060 b.example"]
)
def test_of_several_in_one_line_the_first_is_taken_and_said(several: str) -> None:
    result = read(f"{S}/use_proxy=1\n{S}/proxy_address={several}\n".encode(), "a.cfg")
    assert result.settings is not None and servers.named(result.settings) == (Server(ONE, ONE),)
    assert "proxy_address: taken as 10.0.0.7" in result.report()


@pytest.mark.parametrize(
    "lines",
    [
        "proxy_address=10.0.0.7",
        "use_proxy=1|proxy_address=http://10.0.0.7",
        "use_proxy=1|proxy_address=010.000.000.007",
        "use_proxy=1|proxy_address={$SERVER}",
        "use_proxy=1|proxy_address=|redundant_proxy/mode=SIMULTANEOUS|secondary_proxy/address=10.0.0.7",
        "use_proxy=1|proxy_address=not set",
        f"use_proxy=0|{REG}/enabled=0|{REG}/addr=10.0.0.7",
        f"use_proxy=1|proxy_address=::|{OUT}/enabled=1|{OUT}/addr=0",
    ],
)
def test_a_file_that_names_none_is_told_that_the_phone_will_not_register(lines: str) -> None:
    text = LINE + "".join(f"{S}/{line}\n" for line in lines.split("|"))
    result = read(text.encode(), "a.cfg")
    assert result.settings is not None and servers.named(result.settings) == ()
    assert "no SIP Server" in result.serverless


def test_a_call_is_sent_to_the_outbound_proxy_first_else_to_the_proxy() -> None:
    assert [each.first_hop for each in named(PROXY + REGISTRAR)] == [SIP]
    assert [each.first_hop for each in named(PROXY + REGISTRAR + OUTBOUND)] == [EDGE]


def test_two_servers_have_an_account_each() -> None:
    text = PROXY + f"{S}/redundant_proxy/mode=SIMULTANEOUS\n{S}/secondary_proxy/address=b.example"
    assert [each.registrar for each in named(text)] == [SIP, ("b.example", 5060)]


@pytest.mark.parametrize(
    ("mode", "second"), [("SIMULTANEOUS", "secondary_proxy"), ("PRIMARY_FALLBACK", "redundant_proxy")]
)
def test_a_registrar_alone_is_the_first_of_two(mode: str, second: str) -> None:
    text = REGISTRAR + f"{S}/redundant_proxy/mode={mode}\n{S}/{second}/address=b.example"
    assert [each.registrar for each in named(text)] == [("10.0.0.2", 5060), ("b.example", 5060)]
    assert "no first one" not in read((LINE + text).encode(), "a.cfg").report()
    alone = text.replace(REGISTRAR, "")
    assert named(alone) == () and "no first one" in read((LINE + alone).encode(), "a.cfg").report()


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{S}/use_proxy=1",
        f"{S}/proxy_address=sip.example",
        f"{S}/use_proxy=1\n{S}/proxy_address=0.0.0.0",
        f"{S}/sip_registrar/addr=10.0.0.2",
        f"{S}/sip_registrar/enabled=1",
        f"{S}/sip_outbound_proxy/enabled=1",
    ],
)
def test_what_names_no_server_is_said(text: str) -> None:
    assert named(text) == ()


def test_dhcp_names_one_only_where_the_file_names_none() -> None:
    assert named("", "10.9.9.9", "10.9.9.8") == (Server(("10.9.9.9", 5060), ("10.9.9.9", 5060)),)
    assert named(PROXY, "10.9.9.9") == (Server(SIP, SIP),)
    assert named(f"{S}/use_proxy=1", "10.9.9.9") == (Server(("10.9.9.9", 5060), ("10.9.9.9", 5060)),)
    assert named(f"{S}/proxy_address=sip.example", "10.9.9.9") == (), "a named proxy that is switched off is a wish"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("voip/line/0/enabled=0\nvoip/line/1/enabled=1\nvoip/line/1/id=4102\n", "line 0 is not in use"),
        ("voip/line/0/id=\n", "no DN"),
        ("voip/line/0/enabled=NONE\nvoip/line/0/id=4101\n", "line 0 is not in use"),
    ],
)
def test_an_account_that_sends_nothing_is_said(text: str, why: str) -> None:
    assert why in read((text + PROXY).encode(), "a.cfg").serverless


def test_hot_seating_needs_no_number_and_a_file_that_names_no_account_is_not_asked_for_one() -> None:
    assert read((PROXY + "voip/line/0/id=\nsystem/login_sk_before_signed_in=1").encode(), "a.cfg").serverless == ""
    assert read(b"voip/talk_event/enabled=1", "a.cfg").serverless == ""
