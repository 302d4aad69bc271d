"""PRIMARY_FALLBACK: registered at one of two proxies; what makes the phone change, and when it comes home."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Attach, KeepAlive, Register
from tests.stories.agent import ACD, READY_AFTER, log_in, power_on
from tests.stories.bench import Story

pytestmark = pytest.mark.bench("core")
_P = "voip__signalling__sip__"
FALLBACK = {
    f"{_P}redundant_proxy__mode": "PRIMARY_FALLBACK",
    f"{_P}redundant_proxy__address": "127.0.0.2",
    f"{_P}redundant_proxy__keepalive_period": "20",
}
SYMMETRIC = {f"{_P}redundant_proxy__symmetric_mode": "1"}


def at(phone: Story, address: str, within: float = 0.1) -> None:
    """Registered there, and nowhere else."""

    def there(state: dict) -> bool:  # type: ignore[type-arg]
        return [(each["address"].split(":")[0], each["registered"]) for each in state["servers"]] == [(address, True)]

    phone.wait(f"the proxy {address}", there, within)


def start(phone: Story, **settings: str) -> None:
    phone.power_on(**{**FALLBACK, **settings})
    phone.pass_time(1)
    at(phone, "127.0.0.1")


@pytest.mark.parametrize("switch", [FALLBACK, {k: v for k, v in FALLBACK.items() if not k.endswith("mode")}])
def test_a_silent_primary_is_left_within_its_keep_alive(phone: Story, switch: dict[str, str]) -> None:
    older = {} if switch is FALLBACK else {f"{_P}redundant_proxy__enabled": "1"}
    phone.power_on(**switch, **older)
    phone.pass_time(1)
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.dial("2001")
    phone.in_call()
    assert phone.call_server() == 1


def test_a_call_to_a_dead_primary_is_a_sign_of_it(phone: Story) -> None:
    start(phone, **{f"{_P}redundant_proxy__keepalive_period": "300"})
    phone.server_freezes(0)
    phone.dial("2001")
    at(phone, "127.0.0.2", within=5)


def test_asymmetric_the_phone_goes_home_when_the_primary_answers_but_not_in_a_call(phone: Story) -> None:
    start(phone)
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.pass_time(100)
    phone.dial("2001")
    phone.in_call()
    phone.server_lives(0)
    phone.pass_time(60)
    at(phone, "127.0.0.2")
    phone.press("cancel")
    at(phone, "127.0.0.1", within=10)


def test_symmetric_it_stays_until_the_redundant_one_dies(phone: Story) -> None:
    start(phone, **SYMMETRIC)
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.server_lives(0)
    phone.pass_time(3600)
    at(phone, "127.0.0.2")
    phone.server_freezes(1)
    at(phone, "127.0.0.1", within=25)


def test_failback_retry_timeout_is_waited_for_and_a_new_silence_calls_it_off(phone: Story) -> None:
    start(phone, **{f"{_P}failback_retry_timeout": "300"})
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.server_lives(0)
    phone.pass_time(200)
    phone.server_freezes(0)
    phone.pass_time(300)
    at(phone, "127.0.0.2")
    phone.server_lives(0)
    phone.pass_time(280)
    at(phone, "127.0.0.2")
    at(phone, "127.0.0.1", within=60)


def test_a_flapping_primary_changes_nothing_twice_a_minute(phone: Story) -> None:
    start(phone)
    for _ in range(120):
        phone.server_freezes(0)
        phone.pass_time(15)
        phone.server_lives(0)
        phone.pass_time(15)
    switches = phone.journal().count("the phone goes over")
    assert 1 <= switches <= 61, "an hour of it"


@pytest.mark.parametrize(
    ("settings", "leaves"),
    [
        ({}, False),
        ({f"{_P}redundant_proxy__switch_on_server_failure": "1"}, True),
        (
            {
                f"{_P}redundant_proxy__switch_on_server_failure": "1",
                f"{_P}redundant_proxy__no_switch_on_code": "500,503",
            },
            False,
        ),
    ],
)
def test_a_refusal_is_a_reason_only_where_the_settings_say_so(
    phone: Story, settings: dict[str, str], leaves: bool
) -> None:
    phone.server_answers("REGISTER", 503, "Busy", times=2)
    phone.power_on(**FALLBACK, **settings)
    phone.pass_time(3)
    assert phone.state()["servers"][0]["address"].startswith("127.0.0.2") is leaves


def test_with_both_dead_the_phone_asks_turn_about_with_a_growing_pause(phone: Story) -> None:
    phone.server_freezes(0)
    phone.server_freezes(1)
    phone.power_on(**FALLBACK)
    phone.pass_time(600)
    asked = [effect.account.server for effect in phone.bench.effects if isinstance(effect, Register)][2:]
    assert asked == [number % 2 for number in range(len(asked))] or asked == [
        1 - number % 2 for number in range(len(asked))
    ]
    assert 8 <= len(asked) <= 30
    phone.server_lives(1)
    at(phone, "127.0.0.2", within=300)


def test_after_a_restart_the_phone_begins_with_the_proxy_it_used_last(phone: Story) -> None:
    start(phone, **SYMMETRIC)
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.server_lives(0)
    phone.bench.phone = type(phone.bench.phone)()
    phone.bench.effects.clear()
    phone.power_on(**FALLBACK, **SYMMETRIC)
    phone.pass_time(1)
    at(phone, "127.0.0.2")
    assert all(each.account.server == 1 for each in phone.bench.effects if isinstance(each, Register))


def test_the_primary_may_be_asked_by_register(phone: Story) -> None:
    start(phone, **{f"{_P}detect_primary_proxy__method": "REGISTER"})
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.bench.effects.clear()
    phone.pass_time(65)
    assert not any(isinstance(each, Attach) for each in phone.bench.effects)
    assert any(isinstance(each, Register) and each.account.server == 0 for each in phone.bench.effects)
    phone.server_lives(0)
    at(phone, "127.0.0.1", within=130)


def test_the_agent_goes_with_the_phone(phone: Story) -> None:
    power_on(phone, **FALLBACK, **READY_AFTER)
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.server_freezes(0)
    at(phone, "127.0.0.2", within=25)
    phone.server_sees("agent7001", "ready", server=1)
    phone.large("Ready")


def test_an_acd_server_of_its_own_has_the_agent_and_nothing_else(phone: Story) -> None:
    acd = phone.agent_server(2)
    acd.passwords["agent7001"] = "1234"
    power_on(
        phone, **READY_AFTER, voip__services__ACD__server_use_sip_server="0",
        voip__services__ACD__server_address="127.0.0.7", voip__services__ACD__server_port="5070",
    )  # fmt: skip
    attached = [each.account for each in phone.bench.effects if isinstance(each, Attach)]
    assert {(each.server, each.proxy, each.aor) for each in attached} == {
        (2, "sip:127.0.0.7:5070", "sip:1502@127.0.0.7")
    }
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.server_sees("agent7001", "ready", server=2)
    assert phone.agent_server(0).dialogs == []
    assert not any(isinstance(each, KeepAlive) and each.server == 2 for each in phone.bench.effects)
    phone.dial("2001")
    phone.in_call()
    assert phone.call_server() == 0


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER"])
def test_a_primary_that_has_a_name_is_asked_at_its_address(phone: Story, method: str) -> None:
    """A name in the user agent's hands has it wait for the name server, and every call with it."""
    names = phone.bench.server.names
    names["one.example"], names["two.example"] = ("10.0.0.1:5060",), ("10.0.0.2:5060",)
    phone.power_on(**{
        **FALLBACK, f"{_P}proxy_address": "one.example", f"{_P}redundant_proxy__address": "two.example",
        f"{_P}detect_primary_proxy__method": method,
    })  # fmt: skip
    phone.pass_time(1)
    phone.bench.server.dead_hops = {"10.0.0.1:5060"}
    at(phone, "two.example", within=30)
    before = len(phone.bench.effects)
    phone.pass_time(70)
    asked = [each.account for each in phone.bench.effects[before:] if isinstance(each, Attach | Register)]
    assert len(asked) >= 3
    assert {(each.server, each.hop) for each in asked} == {(0, "10.0.0.1:5060")}


def test_started_at_the_redundant_one_the_primary_is_asked_at_its_address_too(phone: Story) -> None:
    phone.bench.stored["proxy"] = '{"active": 1}'
    phone.bench.server.names["one.example"] = ("10.0.0.1:5060",)
    phone.power_on(**{**FALLBACK, f"{_P}proxy_address": "one.example"})
    phone.pass_time(1)
    at(phone, "127.0.0.2")
    phone.pass_time(45)
    assert [each.account.hop for each in phone.bench.effects if isinstance(each, Attach)] == ["10.0.0.1:5060"]
    at(phone, "one.example", within=120)


def test_without_a_keep_alive_the_phone_goes_home_all_the_same(phone: Story) -> None:
    start(phone, **{f"{_P}redundant_proxy__keepalive_period": "0"})
    phone.server_freezes(0)
    phone.dial("2001")
    at(phone, "127.0.0.2", within=5)
    phone.press("cancel")
    phone.server_lives(0)
    at(phone, "127.0.0.1", within=190)


NAMED_ACD = {
    **READY_AFTER,
    "voip__services__ACD__server_use_sip_server": "0",
    "voip__services__ACD__server_address": "acd.example",
    "voip__services__ACD__server_port": "5070",
}


def asked_at(phone: Story) -> list[str]:
    """The address of the ACD server each subscription went to, one after the other."""
    return [each.account.hop for each in phone.bench.effects if isinstance(each, Attach)]


def test_an_acd_server_that_is_named_is_asked_at_its_address(phone: Story) -> None:
    """A name in the user agent's hands has it wait for the name server, and every call with it."""
    names, acd = phone.bench.server.names, phone.agent_server(2)
    acd.passwords["agent7001"] = "1234"
    names["acd.example"] = ()
    phone.power_on(**ACD, **NAMED_ACD)
    phone.pass_time(20)
    assert asked_at(phone) == [], "nothing goes out before the name has an address"
    names["acd.example"] = ("10.0.0.7:5070",)
    phone.pass_time(20)
    log_in(phone)
    phone.large("Ready", "agent7001")
    phone.server_sees("agent7001", "ready", server=2)
    assert set(asked_at(phone)) == {"10.0.0.7:5070"}
    names["acd.example"] = ("10.0.0.8:5070",)
    phone.pass_time(70)
    assert asked_at(phone)[-2:] == ["10.0.0.8:5070"] * 2, "the subscriptions go along"
    phone.large("Ready", "agent7001")


def test_an_acd_server_with_two_addresses_is_asked_at_the_second_when_the_first_is_dead(phone: Story) -> None:
    phone.bench.server.names["acd.example"] = ("10.0.0.7:5070", "10.0.0.8:5070")
    phone.server_answers("SUBSCRIBE", 408, "Request Timeout", times=2)
    phone.power_on(**ACD, **NAMED_ACD)
    phone.pass_time(90)
    hops = asked_at(phone)
    assert hops[:2] == ["10.0.0.7:5070"] * 2
    assert set(hops[2:]) == {"10.0.0.8:5070"}
