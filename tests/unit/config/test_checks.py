"""Rules between settings: each is broken by one small file and kept by another."""

from __future__ import annotations

import pytest

from deskphone.config.checks import RULES, run
from deskphone.config.reader import read
from deskphone.config.registry import slots_of
from deskphone.config.settings import Settings

S = "voip/signalling/sip"
A = "voip/services/ACD"
D = "system/daylight_saving"
PROXY = f"{S}/use_proxy=1\n{S}/proxy_address=sip.example\nvoip/line/0/id=1502\n"

# (a file that breaks the rule, the key reported, what mends it)
BROKEN = [
    (f"{S}/use_proxy=1", f"{S}/proxy_address", f"{S}/proxy_address=a.example"),
    (
        PROXY + f"{S}/redundant_proxy/mode=SIMULTANEOUS",
        f"{S}/secondary_proxy/address",
        f"{S}/secondary_proxy/address=b",
    ),
    (
        f"{S}/redundant_proxy/mode=SIMULTANEOUS\n{S}/secondary_proxy/address=b\n{S}/proxy_address=a",
        f"{S}/use_proxy",
        f"{S}/use_proxy=1",
    ),
    (
        PROXY + f"{S}/redundant_proxy/mode=PRIMARY_FALLBACK",
        f"{S}/redundant_proxy/address",
        f"{S}/redundant_proxy/address=b",
    ),
    (PROXY + f"{S}/redundant_proxy/enabled=1", f"{S}/redundant_proxy/address", f"{S}/redundant_proxy/address=b"),
    (f"{S}/sip_outbound_proxy/enabled=1", f"{S}/sip_outbound_proxy/addr", f"{S}/sip_outbound_proxy/addr=o"),
    (f"{S}/sip_registrar/enabled=1", f"{S}/sip_registrar/addr", f"{S}/use_proxy_ip_port_for_registrar=1"),
    (
        "voip/line/0/call_forward/active=1",
        "voip/line/0/call_forward/destination",
        "voip/line/0/call_forward/destination=9",
    ),
    (f"{S}/sip_t1=5000", f"{S}/sip_t2", f"{S}/sip_t2=5000"),
    (f"{S}/session_timer=100\n{S}/min_session_interval=200", f"{S}/min_session_interval", f"{S}/session_timer=0"),
    (f"{S}/tls_port=5060", f"{S}/tls_port", f"{S}/port=5070"),
    (
        "".join(f"voip/codec/codec_info/{n}/enabled=0\n" for n in range(5)),
        "voip/codec/codec_info/0/enabled",
        "voip/codec/codec_info/3/enabled=1",
    ),
    ("voip/media/opus_payload=101", "voip/media/opus_payload", "voip/media/dtmf_payload=96"),
    ("voip/media/media_port=5000", "voip/media/media_port", "deskphone/media/port_count=50"),
    ("voip/media/media_port=65500", "voip/media/media_port", "voip/media/media_port=65400"),
    (
        "voip/dialing/auto_dialing/enabled=1",
        "voip/dialing/auto_dialing/destination",
        "voip/dialing/auto_dialing/destination=0",
    ),
    (
        "voip/services/conference/mode=REMOTE",
        "voip/services/conference/conf_ms_addr",
        "voip/services/conference/conf_ms_addr=c",
    ),
    (PROXY + f"{A}/enabled=1\n{A}/server_use_sip_server=0", f"{A}/server_address", f"{A}/server_address=acd.example"),
    (
        "network/lan_type=STATIC\nnetwork/lan/fixed_ip/ip_address=10.0.0.5",
        "network/lan/fixed_ip/ip_address",
        "network/lan/fixed_ip/netmask=255.255.255.0",
    ),
    ("network/lan/vlan/mode=MANUAL", "network/lan/vlan/id", "network/lan/vlan/id=7"),
    ("provisioning/method=Static", "provisioning/configuration/url", "provisioning/configuration/url=http://p/c.cfg"),
    ("management/tr069/enabled=1", "management/tr069/acs_url", "management/tr069/acs_url=https://acs.example/"),
    ("system/syslog/mode=ALL", "system/syslog/server_address", "system/syslog/server_address=log.example"),
]

# (a file that is accepted with a warning, the key of the warning)
DOUBTFUL = [
    (
        PROXY + f"{S}/redundant_proxy/mode=SIMULTANEOUS\n{S}/secondary_proxy/address=SIP.example",
        f"{S}/secondary_proxy/address",
    ),
    (PROXY + f"{S}/redundant_proxy/enabled=1\n{S}/redundant_proxy/address=b", f"{S}/redundant_proxy/enabled"),
    (PROXY + f"{S}/proxy_timeout=1", f"{S}/proxy_timeout"),
    (f"{S}/use_proxy=1\n{S}/proxy_address=a", "voip/line/0/id"),
    ("voip/line/0/auth_name=x", "voip/line/0/auth_password"),
    (PROXY + f"{S}/transport_protocol=TLS", f"{S}/proxy_port"),
    ("voip/media/srtp/mode=RequireEncryption", "voip/media/srtp/mode"),
    ("voip/codec/codec_info/1/name=G722_8000", "voip/codec/codec_info/0/name"),
    ("voip/codec/codec_info/1/name=G729", "voip/codec/codec_info/0/name"),
    ("voip/headset_only/enabled=1", "voip/answer_device"),
    (f"{A}/enabled=1", f"{A}/enabled"),
    (f"{A}/unavailable_reason/0/name=a\n{A}/unavailable_reason/7/name=b", f"{A}/unavailable_reason/0/code"),
    (f"{A}/unavailable_reason/3/code=5", f"{A}/unavailable_reason/0/name"),
    (f"{D}/activate=1\ndeskphone/time/zone=UTC", f"{D}/activate"),
    (f"{D}/activate=1", f"{D}/activate"),
    ("management/telnet/enabled=1", "management/telnet/enabled"),
    ("security/provisioning/verify_server_certificate=0", "security/provisioning/verify_server_certificate"),
    ("system/type=405HD", "system/type"),
]


@pytest.mark.parametrize(("text", "key", "mend"), BROKEN)
def test_settings_that_do_not_fit_together_are_refused_and_one_more_line_mends_them(
    text: str, key: str, mend: str
) -> None:
    refused = read(text.encode(), "a.cfg")
    assert refused.settings is None
    assert [error.key for error in refused.errors] == [key]
    assert str(refused.errors[0]).startswith("a.cfg:") and ": expected " in str(refused.errors[0])
    mended = read(f"{text}\n{mend}".encode(), "a.cfg")
    assert mended.settings is not None, mended.report()


@pytest.mark.parametrize(("text", "key"), DOUBTFUL)
def test_doubtful_settings_are_accepted_with_a_warning(text: str, key: str) -> None:
    result = read(text.encode(), "a.cfg")
    assert result.settings is not None, result.report()
    assert key in [warning.key for warning in result.warnings]


def test_every_rule_has_a_story_here() -> None:
    told = {key for _, key, _ in BROKEN} | {key for _, key in DOUBTFUL}
    assert {rule.keys[0] for rule in RULES} == told


def test_every_key_of_a_rule_is_a_setting() -> None:
    assert [key for rule in RULES for key in rule.keys if key not in slots_of(Settings)] == []


def test_the_phone_as_it_leaves_the_factory_breaks_no_rule() -> None:
    assert run(Settings(), {}, "defaults") == ([], [])


def test_a_broken_rule_is_reported_where_a_setting_of_it_was_written() -> None:
    result = read(b"; first\nvoip/line/0/id=1\nvoip/signalling/sip/use_proxy=1", "a.cfg")
    assert str(result.errors[0]) == (
        "a.cfg:3: voip/signalling/sip/proxy_address: expected an address because use_proxy=1, got none"
    )


def test_a_rule_says_nothing_of_a_setting_that_could_not_be_read() -> None:
    result = read(b"voip/signalling/sip/use_proxy=1\nvoip/signalling/sip/proxy_address=a b", "a.cfg")
    assert len(result.errors) == 1


def test_the_mending_line_may_be_in_the_configuration_in_force() -> None:
    base = read(b"voip/signalling/sip/proxy_address=a.example\nvoip/line/0/id=1").settings
    assert read(b"voip/signalling/sip/use_proxy=1", "a.cfg", base).settings is not None
