"""What root's side says of the LAN port comes to the screen; what the phone wants of it is read without trust."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config import reader
from deskphone.core.event import Event
from deskphone.core.events import DriverFailed, DriverRecovered, LanPortTold
from deskphone.drivers.network_wish import wanted
from deskphone.net.lan_port import LanPort, troubles
from deskphone.trust import certificates

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "firmware" / "lan"))

import lan_port
import lan_wish
import lldp

FIXED = """network/lan_type=STATIC
network/lan/fixed_ip/ip_address=10.1.2.3
network/lan/fixed_ip/netmask=255.255.252.0
network/lan/fixed_ip/gateway=10.1.0.1
network/lan/fixed_ip/primary_dns=10.1.0.2
network/lan/fixed_ip/domain_name=site.test
"""
EAP = "network/lan/_802_1x/"


def test_each_trouble_is_told_once_and_once_that_it_is_over(tmp_path: Path) -> None:
    told: list[Event] = []
    port = LanPort(tmp_path / "lan")
    for text in ("vlan 120 5\n", "trouble VLAN 120: no DHCP server answers\n" * 2, "802.1X authorized\n"):
        (tmp_path / "lan").write_text(text)
        port.look(told.append)
        port.look(told.append)
    troubles_told = [each for each in told if not isinstance(each, LanPortTold)]
    assert troubles_told == [DriverFailed("VLAN 120", "no DHCP server answers"), DriverRecovered("VLAN 120")]


def test_what_is_in_force_is_told_when_it_changes(tmp_path: Path) -> None:
    told: list[Event] = []
    port = LanPort(tmp_path / "lan")
    for text in ("", "vlan 120 5\n802.1X authorized\n", "vlan 120 5\n", "vlan 99999 5\nvlan 7 9\n"):
        (tmp_path / "lan").write_text(text)
        port.look(told.append)
        port.look(told.append)
    assert told == [LanPortTold(120, 5, True), LanPortTold(120, 5, False), LanPortTold()]


@given(st.text(max_size=200) | st.text("trouble VLAN 120802.1XfixedIP: \n\x1b", max_size=200))
def test_nothing_else_in_that_file_gets_to_the_screen(text: str) -> None:
    assert all(name in ("fixed IP", "802.1X") or name.startswith("VLAN ") for name in troubles(text))


def test_what_the_phone_writes_root_reads() -> None:
    text = f"{FIXED}network/lan/vlan/mode=MANUAL\nnetwork/lan/vlan/id=120\nnetwork/lan/vlan/priority=5\n"
    text += f'{EAP}eap_type=EAP_MD5\n{EAP}md5_identity=desk 7\n{EAP}md5_password=a=b"c\n'
    read = reader.read(text.encode(), "phone.cfg")
    assert read.layers is not None and not read.errors, read.report()
    wish = lan_wish.read(wanted(read.layers.settings))
    assert wish == lan_wish.Wish(
        lan_wish.Fixed("10.1.2.3", 22, "10.1.0.1", ("10.1.0.2",), "site.test"),
        120, 5, False, 30, "EAP_MD5", "desk 7", 'a=b"c',
    )  # fmt: skip
    factory = reader.read(b"voip/line/0/id=1502\n", "phone.cfg").layers
    assert factory is not None and lan_wish.read(wanted(factory.settings)) == lan_wish.Wish()


@pytest.mark.parametrize(
    "line",
    [
        "network/lan/fixed_ip/ip_address=10.1.2.3 script=/bin/sh",
        "network/lan/fixed_ip/ip_address=127.0.0.1",
        "network/lan/fixed_ip/ip_address=224.0.1.75",
        "network/lan/fixed_ip/netmask=0.0.0.0",
        "network/lan/fixed_ip/gateway=192.0.2.1",
        "network/lan/fixed_ip/primary_dns=`id`",
    ],
)
def test_an_address_that_is_none_is_no_wish(line: str) -> None:
    assert lan_wish.read(FIXED + line + "\n").fixed is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_of_the_phone_is_a_line_or_a_quote_of_another_program(identity: str, word: str) -> None:
    text = f"{EAP}eap_type=EAP_TLS\n{EAP}tls_identity={identity}\n{EAP}private_key_password={word}\n"
    text += f"{FIXED}network/lan/fixed_ip/domain_name={word}\n"
    wish = lan_wish.read(text)
    allowed = {"ctrl_interface", "ap_scan", "network", "key_mgmt", "eapol_flags", "identity", "eap", "client_cert",
               "private_key", "private_key_passwd", "ca_cert", "}"}  # fmt: skip
    assert {line.partition("=")[0] for line in wish.supplicant(Path("/run/x")).splitlines()} <= allowed
    if wish.fixed is not None:
        assert all(line.startswith("static ") and line.isascii() and line.isprintable() for line in wish.fixed.client())


WORDS = st.sampled_from(("policy", "vlan", "pcp", "vid", "value", "apptype"))
JSON = st.recursive(
    st.text(max_size=6) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
)


@given(JSON)
def test_any_json_of_a_neighbour_is_a_vlan_or_none(found: object) -> None:
    policy = lldp.voice_policy(json.dumps(found))
    assert policy is None or (1 <= policy[0] <= 4094 and 0 <= policy[1] <= 7)


def test_the_voice_policy_of_lldpd() -> None:
    said = '{"lldp":[{"interface":[{"lldp-med":[{"policy":[{"apptype":"Voice Signaling","vlan":[{"vid":"7"}]},'
    said += '{"apptype":"Voice","defined":true,"vlan":[{"vid":"120"}],"pcp":[{"value":"5"}]}]}]}]}]}'
    assert lldp.voice_policy(said) == (120, 5)
    assert lldp.voice_policy(said.replace('"120"', '"4095"')) is None
    assert lldp.voice_policy("") is None and lldp.voice_policy("[" * 100_000) is None


def test_a_certificate_the_settings_name_no_more_is_gone_at_the_port_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, own = tmp_path / "data", tmp_path / "own"
    for each in (data, own):
        each.mkdir()
    monkeypatch.setattr(lan_port, "OWN", own)
    monkeypatch.setattr(lan_port, "CERTIFICATES", str(data / certificates.FOLDER))
    text = f"{EAP}eap_type=EAP_TLS\n{EAP}tls_identity=desk 7\nvoip/line/0/id=1502\n"
    named = f"{text}{EAP}root_ca_url=https://site.test/ca.pem\n"
    for file in (certificates.PORT_CLIENT, certificates.PORT_KEY, certificates.PORT_AUTHORITY):
        certificates.keep(data, file, b"-----BEGIN CERTIFICATE-----")

    def equip(file: str) -> bool:
        found = reader.read(file.encode(), "phone.cfg")
        assert found.settings is not None and not found.errors
        assert certificates.forget(data, found.settings) == ()
        return lan_port.LanPort(lan_wish.read(wanted(found.settings)))._equip()

    assert equip(named) and not equip(named)
    assert {each.name for each in own.glob("*.pem")} == {certificates.PORT_AUTHORITY} and not [*own.glob("*.key")]
    assert f'ca_cert="{own}/{certificates.PORT_AUTHORITY}"' in (own / "wpa_supplicant.conf").read_text()
    assert equip(text), "the supplicant is to begin anew"
    assert not [*own.glob("*.pem")] and lan_wish.SYSTEM_AUTHORITIES in (own / "wpa_supplicant.conf").read_text()


@pytest.mark.parametrize(
    ("plan", "left", "goes"),
    [
        (lan_port.Plan((120, 5)), "2: eth0 inet 10.77.0.93/24", True),
        (lan_port.Plan((120, 5)), "", False),
        (lan_port.Plan((120, 5), spare=True), "2: eth0 inet 10.77.0.93/24", False),
        (lan_port.Plan(fixed=True), "2: eth0 inet 10.77.0.93/24", False),
    ],
    ids=["left behind", "nothing left", "wanted as a spare", "no VLAN"],
)
def test_beside_a_voice_vlan_that_works_no_address_of_the_other_network_stays(
    plan: lan_port.Plan, left: str, goes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[tuple[str, ...]] = []

    def run(*command: str) -> str:
        ran.append(command)
        return left

    monkeypatch.setattr(lan_port, "run", run)
    monkeypatch.setattr(lan_port, "carrier", lambda: True)
    port = lan_port.LanPort(lan_wish.Wish(vlan=120))
    monkeypatch.setattr(port, "_tell", lambda: None)
    port.plan, port.proven, port.plugged_since = plan, True, 0.0
    port.look(100.0)
    port.look(101.0)
    flushed = ("ip", "-4", "address", "flush", "dev", lan_port.WIRED)
    assert ran.count(flushed) == goes
