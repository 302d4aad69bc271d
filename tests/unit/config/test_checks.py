"""Rules between settings: each is broken by one small file and kept by another; a broken one costs a line."""

from __future__ import annotations

import pytest

from deskphone.config.checks import doubts
from deskphone.config.layers import Layer, Layers
from deskphone.config.reader import read
from deskphone.config.registry import slots_of
from deskphone.config.result import Verdict
from deskphone.config.rules import RULES
from deskphone.config.settings import Settings

S = "voip/signalling/sip"
A = "voip/services/ACD"
D = "system/daylight_saving"
PROXY = f"{S}/use_proxy=1\n{S}/proxy_address=sip.example\nvoip/line/0/id=1502\n"

# (a file that breaks the rule, the line that is refused, what mends it)
BROKEN = [
    (
        PROXY + f"{S}/redundant_proxy/mode=SIMULTANEOUS",
        f"{S}/redundant_proxy/mode",
        f"{S}/secondary_proxy/address=b",
    ),
    (
        PROXY + f"{S}/redundant_proxy/mode=PRIMARY_FALLBACK",
        f"{S}/redundant_proxy/mode",
        f"{S}/redundant_proxy/address=b",
    ),
    (PROXY + f"{S}/redundant_proxy/enabled=1", f"{S}/redundant_proxy/enabled", f"{S}/redundant_proxy/address=b"),
    (
        "voip/line/0/call_forward/active=1",
        "voip/line/0/call_forward/active",
        "voip/line/0/call_forward/destination=9",
    ),
    (f"{S}/sip_t1=5000", f"{S}/sip_t1", f"{S}/sip_t2=5000"),
    (f"{S}/session_timer=100\n{S}/min_session_interval=200", f"{S}/min_session_interval", f"{S}/session_timer=0"),
    (f"{S}/tls_port=5060", f"{S}/tls_port", f"{S}/port=5070"),
    ("voip/media/opus_payload=101", "voip/media/opus_payload", "voip/media/dtmf_payload=96"),
    ("voip/media/media_port=5000", "voip/media/media_port", "deskphone/media/port_count=50"),
    ("voip/media/media_port=65500", "voip/media/media_port", "voip/media/media_port=65400"),
    (
        "voip/dialing/auto_dialing/enabled=1",
        "voip/dialing/auto_dialing/enabled",
        "voip/dialing/auto_dialing/destination=0",
    ),
    (
        "voip/services/conference/mode=REMOTE",
        "voip/services/conference/mode",
        "voip/services/conference/conf_ms_addr=c",
    ),
    (
        PROXY + f"{A}/enabled=1\n{A}/server_use_sip_server=0",
        f"{A}/server_use_sip_server",
        f"{A}/server_address=acd.example",
    ),
    (
        "network/lan/fixed_ip/ip_address=10.0.0.5\nnetwork/lan_type=STATIC",
        "network/lan_type",
        "network/lan/fixed_ip/netmask=255.255.255.0",
    ),
    (
        "network/lan_type=STATIC\nnetwork/lan/fixed_ip/ip_address=10.0.0.5\n"
        "network/lan/fixed_ip/netmask=255.255.255.0\nnetwork/lan/fixed_ip/gateway=10.0.1.1",
        "network/lan/fixed_ip/gateway",
        "network/lan/fixed_ip/netmask=255.255.254.0",
    ),
    ("network/lan/vlan/mode=MANUAL", "network/lan/vlan/mode", "network/lan/vlan/id=7"),
    ("provisioning/method=Static", "provisioning/method", "provisioning/configuration/url=http://p/c.cfg"),
    (
        "system/http_server_port=8443\nsystem/https_server_port=8443",
        "system/http_server_port",
        "system/http_server_port=8080",
    ),
    ("management/tr069/enabled=1", "management/tr069/enabled", "management/tr069/acs_url=https://acs.example/"),
    ("system/syslog/mode=ALL", "system/syslog/mode", "system/syslog/server_address=log.example"),
]

# (a file that is accepted with a warning, the key of the warning)
DOUBTFUL = [
    (PROXY + f"{S}/proxy_port=65535", f"{S}/proxy_port"),
    (f"{S}/sip_outbound_proxy/enabled=1\n{S}/sip_outbound_proxy/port=65535", f"{S}/sip_outbound_proxy/port"),
    (
        PROXY + f"{S}/redundant_proxy/mode=SIMULTANEOUS\n{S}/secondary_proxy/address=SIP.example",
        f"{S}/secondary_proxy/address",
    ),
    (PROXY + f"{S}/redundant_proxy/enabled=1\n{S}/redundant_proxy/address=b", f"{S}/redundant_proxy/enabled"),
    (PROXY + f"{S}/proxy_timeout=1", f"{S}/proxy_timeout"),
    (f"{S}/use_proxy=1\n{S}/proxy_address=a", "voip/line/0/id"),
    (f"{S}/use_proxy=1\n{S}/sip_registrar/enabled=1\n{S}/sip_registrar/addr=r", f"{S}/proxy_address"),
    (f"{S}/proxy_address=a", f"{S}/use_proxy"),
    (PROXY + f"{S}/sip_registrar/enabled=1", f"{S}/sip_registrar/addr"),
    (PROXY + f"{S}/sip_outbound_proxy/enabled=1", f"{S}/sip_outbound_proxy/addr"),
    ("voip/line/1/enabled=1\nvoip/line/1/id=4102", "voip/line/1/enabled"),
    (f"{S}/redundant_proxy/mode=SIMULTANEOUS\n{S}/secondary_proxy/address=b", f"{S}/redundant_proxy/mode"),
    ("voip/line/0/auth_name=x", "voip/line/0/auth_password"),
    (PROXY + f"{S}/transport_protocol=TLS", f"{S}/proxy_port"),
    ("voip/media/srtp/mode=RequireEncryption", "voip/media/srtp/mode"),
    ("voip/codec/codec_info/1/name=G722_8000", "voip/codec/codec_info/0/name"),
    ("voip/headset_only/enabled=1", "voip/answer_device"),
    (f"{A}/enabled=1", f"{A}/enabled"),
    (f"{A}/unavailable_reason/0/name=a\n{A}/unavailable_reason/7/name=b", f"{A}/unavailable_reason/0/code"),
    (f"{A}/unavailable_reason/3/code=5", f"{A}/unavailable_reason/0/name"),
    (f"{D}/activate=1\ndeskphone/time/zone=UTC", f"{D}/activate"),
    (f"{D}/activate=1", f"{D}/activate"),
    ("management/telnet/enabled=1", "management/telnet/enabled"),
    ("system/https_server_port=0", "system/https_server_port"),
    (PROXY + f"{S}/transport_protocol=TCP\nsystem/https_server_port=5060", "system/https_server_port"),
    ("security/provisioning/verify_server_certificate=0", "security/provisioning/verify_server_certificate"),
]


# Half of what makes a doubt, or what settles it: nothing to say.
QUIET = [
    PROXY + f"{S}/redundant_proxy/mode=SIMULTANEOUS\n{S}/secondary_proxy/address=b.example",
    PROXY,
    "voip/line/0/auth_name=x\nvoip/line/0/auth_password=y",
    PROXY + f"{S}/transport_protocol=TLS\n{S}/proxy_port=5061",
    PROXY + f"{S}/transport_protocol=TCP",
    "voip/codec/codec_info/1/name=OPUS\nvoip/codec/codec_info/1/enabled=0",
    "voip/headset_only/enabled=1\nvoip/answer_device=HEADSET",
    "voip/answer_device=HEADSET",
    "deskphone/time/zone=UTC",
    f"{D}/activate=1\n{D}/start_date/month=3\n{D}/end_date/month=10",
    f"{D}/activate=0\n{D}/start_date/month=3\n{D}/end_date/month=3",
    f"{A}/unavailable_reason/0/name=a\n{A}/unavailable_reason/0/code=1",
]


@pytest.mark.parametrize("text", QUIET)
def test_half_of_a_doubt_is_none(text: str) -> None:
    result = read(text.encode(), "a.cfg")
    assert result.settings is not None, result.report()
    told = [str(warning) for warning in result.warnings]
    assert [line for line in told if "without effect here" not in line] == []


def test_dates_of_summer_time_beside_a_zone_with_a_name_do_not_count_and_no_other_fault_is_found_in_them() -> None:
    result = read(f"{D}/activate=1\ndeskphone/time/zone=UTC".encode(), "a.cfg")
    assert [warning.key for warning in result.warnings] == [f"{D}/activate"]
    assert "these dates do not count" in str(result.warnings[0])


@pytest.mark.parametrize(("text", "key", "mend"), BROKEN)
def test_settings_that_do_not_fit_together_cost_a_line_and_one_more_line_mends_them(
    text: str, key: str, mend: str
) -> None:
    refused = read(text.encode(), "a.cfg")
    assert refused.verdict is Verdict.PARTLY
    assert [error.key for error in refused.errors] == [key]
    assert str(refused.errors[0]).startswith("a.cfg:") and ": expected " in str(refused.errors[0])
    assert refused.settings is not None
    assert not [rule for rule in RULES if rule.fatal and rule.broken(refused.settings)], "what is kept fits"
    mended = read(f"{text}\n{mend}".encode(), "a.cfg")
    assert mended.verdict is Verdict.TAKEN, mended.report()


@pytest.mark.parametrize(("text", "key", "mend"), BROKEN)
def test_where_it_is_strict_they_cost_the_file(text: str, key: str, mend: str) -> None:
    result = read(f"deskphone/provisioning/strict=1\n{text}".encode(), "a.cfg")
    assert result.settings is None and [error.key for error in result.errors] == [key]


def test_without_any_codec_that_is_built_in_the_places_as_delivered_are_kept() -> None:
    text = "".join(f"voip/codec/codec_info/{n}/name=G729\n" for n in range(5))
    result = read(text.encode(), "a.cfg")
    assert result.settings is not None and result.verdict is Verdict.PARTLY
    assert any(codec.name != "G729" for codec in result.settings.media.codecs)
    off = "".join(f"voip/codec/codec_info/{n}/enabled=0\n" for n in range(5))
    result = read(off.encode(), "a.cfg")
    assert result.settings is not None and len(result.settings.media.codecs) == 1


@pytest.mark.parametrize(("text", "key"), DOUBTFUL)
def test_doubtful_settings_are_taken_with_a_warning(text: str, key: str) -> None:
    result = read(text.encode(), "a.cfg")
    assert result.settings is not None and result.verdict is Verdict.TAKEN, result.report()
    assert key in [warning.key for warning in result.warnings]


def test_every_rule_has_a_story_here() -> None:
    told = {key for _, key, _ in BROKEN} | {key for _, key in DOUBTFUL} | {"voip/codec/codec_info/0/enabled"}
    assert {rule.keys[0] for rule in RULES} - told == {
        rule.keys[0] for rule in RULES if any(key in told for key in (*rule.refuse, *rule.keys[1:]))
    } - told


def test_every_name_of_a_rule_is_a_setting() -> None:
    assert [key for rule in RULES for key in (*rule.refuse, *rule.keys) if key not in slots_of(Settings)] == []


def test_the_phone_as_it_leaves_the_factory_breaks_no_rule() -> None:
    assert doubts(Settings(), {}, "defaults") == []
    assert not [rule for rule in RULES if rule.broken(Settings())]


def test_a_broken_rule_is_reported_at_the_line_that_is_given_up() -> None:
    result = read(b"; first\nvoip/line/0/id=1\nvoip/services/conference/mode=REMOTE", "a.cfg")
    assert str(result.errors[0]) == (
        "a.cfg:3: voip/services/conference/mode: expected an address in conf_ms_addr because conference/mode=REMOTE, "
        "got none, kept LOCAL"
    )


def test_a_doubt_says_nothing_of_a_setting_that_could_not_be_read() -> None:
    result = read(b"voip/line/0/auth_name=x\nvoip/line/0/auth_password=\x01" + b"x" * 300, "a.cfg")
    assert len(result.errors) == 1 and result.warnings == ()


def test_the_mending_line_may_be_in_the_configuration_in_force() -> None:
    base = read(b"voip/services/conference/conf_ms_addr=c").layers
    assert read(b"voip/services/conference/mode=REMOTE", "a.cfg", base).verdict is Verdict.TAKEN


def test_what_breaks_a_rule_from_above_the_file_costs_no_line_of_it() -> None:
    base, _ = Layers().set_all(
        Layer.ADMINISTRATOR, {"voip/services/conference/mode": "REMOTE", "voip/services/conference/conf_ms_addr": "c"}
    )  # fmt: skip
    base, _ = base.reset(Layer.ADMINISTRATOR, "voip/services/conference/conf_ms_addr")
    result = read(b"voip/line/0/id=7", "a.cfg", base)
    assert result.settings is not None and result.settings.line[0].id == "7" and result.errors == ()
    assert "voip/services/conference/conf_ms_addr" in [warning.key for warning in result.warnings]


def test_what_is_withdrawn_for_one_rule_may_break_another() -> None:
    """The port is in the range of voice: withdrawn, it is 5060 again, which the file gave to TLS meanwhile."""
    result = read(f"{S}/port=4050\n{S}/tls_port=5060\n".encode(), "a.cfg")
    assert result.settings is not None
    sip = result.settings.sip
    assert sip.port != sip.tls.port, result.report()
    assert len(result.errors) == 2


def test_the_hundred_and_first_mistake_says_so_and_nothing_of_a_value() -> None:
    result = read(b"voip/signalling/sip/port=x\n" * 101, "a.cfg")
    assert str(result.errors[-1]).endswith("expected fewer mistakes, got more than 100")
