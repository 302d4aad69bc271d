"""The packet filter opens what the configuration in force names, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import firewall_ports

from deskphone.config.reader import read
from deskphone.config.settings import Settings

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
    path.write_text("voip/signalling/sip/port=99999999\n")
    assert "add element" not in firewall_ports.commands(firewall_ports.in_force(path))


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
