"""The packet filter opens what the configuration in force names, and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import firewall_ports
import pytest

from deskphone.config.reader import read
from deskphone.config.settings import Settings
from tests.needs import needs

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "image/rootfs/usr/lib/deskphone"


def opened(text: str) -> dict[str, str]:
    settings = read(text.encode(), "test.cfg").settings
    assert settings is not None
    return firewall_ports.ports(settings)


def test_no_configuration_opens_nothing(tmp_path: Path) -> None:
    assert firewall_ports.in_force(tmp_path / "last-good.cfg") is None
    assert "add element" not in firewall_ports.commands(None)


def test_a_wrong_configuration_opens_nothing(tmp_path: Path) -> None:
    path = tmp_path / "last-good.cfg"
    path.write_text("<html></html>\n")
    assert "add element" not in firewall_ports.commands(firewall_ports.in_force(path))


def test_a_wrong_line_opens_what_the_phone_opens_with_it() -> None:
    assert opened("voip/signalling/sip/port=99999999\n")["sip_udp"] == "5060"


def test_udp_opens_the_sip_port_and_the_voice_ports() -> None:
    named = "voip/signalling/sip/port=5070\nvoip/media/media_port=6000\n"
    assert opened(named) == {"sip_udp": "5070", "sip_tcp": "", "voice": "6000-6099"}


def test_tls_opens_its_own_port_over_tcp_only() -> None:
    named = "voip/signalling/sip/transport_protocol=TLS\nvoip/signalling/sip/tls_port=5071\n"
    assert opened(named) == {"sip_udp": "", "sip_tcp": "5071", "voice": "4000-4099"}


def test_what_was_open_before_is_closed_in_the_same_transaction() -> None:
    lines = firewall_ports.commands(Settings()).splitlines()
    for name in ("sip_udp", "sip_tcp", "voice"):
        assert f"flush set inet deskphone {name}" in lines


def test_every_set_is_one_of_the_rules_and_the_rest_is_dropped() -> None:
    rules = (PLACE / "firewall.nft").read_text()
    for name in firewall_ports.ports(None):
        assert re.search(rf"set {name} {{ type inet_service;", rules) and f"dport @{name} accept" in rules
    assert "hook input priority filter; policy drop;" in rules
    assert "hook forward priority filter; policy drop;" in rules
    coming_in = rules[rules.index("chain input") : rules.index("chain output")]
    assert not re.search(r"dport (\d|\{)", coming_in.replace("dport 68", "").replace("dport 546", "")), (
        "a fixed open port"
    )


# --- the real rules, in a namespace -------------------------------------------------------------------

SERVER, PHONE = "10.78.0.1", "10.78.0.2"
ASK = """
import asyncio
from deskphone.provision.multicast import ask
from deskphone.wire.provisioning_url import device
print(asyncio.run(ask(device("420HD", "00908f3bbcba"), "0.1.0", every=0.5)))
"""
ANSWER = """
import re, socket
ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
ear.bind(("", 5060))
ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("224.0.1.75") + socket.inet_aton(%r))
print("ready", flush=True)
asked, phone = ear.recvfrom(9000)
call_id = re.search(rb"Call-ID: (.*)\\r", asked)[1].decode()
url = "http://prov.test/"
lines = ["NOTIFY sip:phone SIP/2.0", "Via: SIP/2.0/UDP server;branch=z9hG4bK1", "From: <sip:s@server>;tag=1",
         "To: <sip:phone@phone>;tag=2", "Call-ID: " + call_id, "CSeq: 1 NOTIFY", "Event: ua-profile",
         "Content-Type: application/url", "Content-Length: %%d" %% len(url), "", url]
ear.sendto("\\r\\n".join(lines).encode(), phone)
"""


@pytest.fixture
def cable() -> Iterator[tuple[str, str]]:
    """Names of two namespaces with a cable between them: a server's, and a phone's with the image's rules."""
    needs("ip", "nft")
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    server, phone = f"fw{os.getpid()}s", f"fw{os.getpid()}p"
    if subprocess.run(["ip", "netns", "add", server], capture_output=True, check=False).returncode != 0:
        pytest.skip("no network namespaces here")
    try:
        run("ip", "netns", "add", phone)
        run("ip", "-n", server, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", phone)
        for space, address in ((server, SERVER), (phone, PHONE)):
            run("ip", "-n", space, "addr", "add", f"{address}/24", "dev", "eth0")
            run("ip", "-n", space, "link", "set", "eth0", "up")
            run("ip", "-n", space, "route", "add", "default", "dev", "eth0")
        run("ip", "netns", "exec", phone, "nft", "-f", str(PLACE / "firewall.nft"))
        yield server, phone
    finally:
        for space in (phone, server):
            subprocess.run(["ip", "netns", "del", space], capture_output=True, check=False)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=ROOT / "firmware")
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@pytest.mark.netns
@pytest.mark.slow
def test_the_answer_to_a_multicast_question_comes_in_and_nothing_beside_it(cable: tuple[str, str]) -> None:
    server, phone = cable
    answerer = subprocess.Popen(
        ["ip", "netns", "exec", server, sys.executable, "-c", ANSWER % SERVER],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert answerer.stdout is not None
        assert answerer.stdout.readline() == "ready\n"
        assert run("ip", "netns", "exec", phone, sys.executable, "-c", ASK) == "http://prov.test/\n"
    finally:
        answerer.kill()
        answerer.communicate()
    ports = run("ip", "netns", "exec", phone, "nft", "list", "set", "inet", "deskphone", "asked_all")
    assert len(re.findall(r"\d+ timeout|\d+ expires", ports)) == 1, f"one port, for a minute: {ports}"
