"""Every value that the 420HD's parameter lists document, in their spelling: taken, or refused for a reason."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from deskphone.config.kind import Codes, Flag, Integer
from deskphone.config.registry import Slot, names_of, slots_of, value_at
from deskphone.config.result import ReadResult
from deskphone.config.settings import Settings
from tests.unit.config.family import ACCOUNT, S, reading

OTHER = "deskphone/volume/ring"
BESIDE = {
    "management/tr069/enabled": "management/tr069/acs_url=https://acs.example/",
    "network/lan_type": "network/lan/fixed_ip/ip_address=192.0.2.7\nnetwork/lan/fixed_ip/netmask=255.255.255.0",
    "network/lan/vlan/mode": "network/lan/vlan/id=7",
    "provisioning/method": "provisioning/configuration/url=https://files.example/a.cfg",
    "system/syslog/mode": "system/syslog/server_address=192.0.2.9",
    "voip/dialing/auto_dialing/enabled": "voip/dialing/auto_dialing/destination=100",
    "voip/line/0/call_forward/active": "voip/line/0/call_forward/destination=100",
    "voip/services/conference/mode": "voip/services/conference/conf_ms_addr=conf@192.0.2.9",
    f"{S}/redundant_proxy/enabled": f"{S}/redundant_proxy/address=192.0.2.9",
    f"{S}/redundant_proxy/mode": f"{S}/redundant_proxy/address=192.0.2.9\n{S}/secondary_proxy/address=192.0.2.9",
    f"{S}/min_session_interval": f"{S}/session_timer=65535",
    f"{S}/sip_t1": f"{S}/sip_t2=60000",
    f"{S}/sip_t2": f"{S}/sip_t1=100",
}
"""What stands beside some values, by the rules between settings (config/rules.py)."""
REFUSED = {
    ("network/lan/vlan/id", "4096"): "IEEE 802.1Q ends at 4094",
    ("provisioning/url_option_value", "0"): "RFC 2132 3.1: padding",
    ("provisioning/url_option_value", "255"): "RFC 2132 3.2: the end",
    ("voip/dialing/phone_number_max_size", "0"): "nothing could be dialled",
    ("voip/number_of_calls_per_line", "0"): "no call could be",
    ("voip/media/media_port", "65535"): "the ports of the range behind it are none",
    (f"{S}/subs_no_notify_timer", "0"): "every subscription would end before its NOTIFY",
}


@cache
def documented() -> tuple[tuple[str, str], ...]:
    """Name and value of each: the words of a list, both ends of a range."""
    lines = Path(__file__).with_name("vendor_values.txt").read_text("utf-8").splitlines()[1:]
    rows = ((name, value) for name, *words in map(str.split, lines) for word in words for value in word.split(".."))
    return tuple(dict.fromkeys(rows))


def named(name: str) -> Slot:
    return slots_of(Settings)[names_of(Settings)[name.casefold()]]


def read_among(lines: str) -> ReadResult:
    """What comes of lines between an account and another line, which count whatever those are."""
    result = reading(f"{ACCOUNT}{lines}\n{OTHER}=7\n")
    assert result.settings is not None and result.settings.line[0].auth_name == "4101", result.report()
    assert result.settings.get(OTHER) == 7
    return result


@pytest.mark.parametrize(("name", "value"), documented())
def test_a_documented_value_is_taken(name: str, value: str) -> None:
    result = read_among(f"{BESIDE.get(name, '')}\n{name}={value}")
    wrong = [str(each) for each in result.errors]
    if (name, value) in REFUSED:
        assert len(wrong) == 1 and f" {name}: expected " in wrong[0] and ", kept " in wrong[0]
    else:
        assert wrong == [] and not [each for each in result.warnings if "not known" in each.message], result.report()


@pytest.mark.parametrize("name", dict.fromkeys(name for name, _ in documented()))
def test_what_is_beyond_it_costs_its_own_line_and_is_said_once(name: str) -> None:
    slot = named(name)
    kind = slot.option.kind
    account = read_among("").settings
    assert account is not None
    before = value_at(account, slot.path)
    low, high = (kind.low, kind.high) if isinstance(kind, Integer) else (0, 0)
    beyond = [str(low - 1), str(high + 1)] if isinstance(kind, Integer) else [] if isinstance(kind, Codes) else ["77"]
    for value in (*beyond, "bogus", "-", "1e9", "9" * 400):
        if isinstance(kind, Integer) and value.lstrip("-").isdecimal() and int(value[:15]) in kind.also:
            continue
        result = read_among(f"{name}={value}")
        told = [str(each) for each in (*result.errors, *result.warnings) if f" {name}: " in str(each)]
        assert len(told) == 1 and len(told[0]) < 400 and told[0].startswith("a.cfg:7: "), (value, told)
        if getattr(kind, "unknown", None) is None:
            assert result.refused == 1 and "expected " in told[0]
            assert result.layers is not None and value_at(result.layers.settings, slot.path) == before


def test_the_reasons_are_those_of_values_that_are_there() -> None:
    assert set(REFUSED) <= set(documented()) and set(BESIDE) <= {name for name, _ in documented()}
    assert len(documented()) > 500 and any(isinstance(named(name).option.kind, Flag) for name, _ in documented())
