"""What DHCP says beside the address, a SIP Server above all, and the name the phone gives itself there."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story
from tests.stories.in_service import talking
from tests.stories.provisioning_server import ProvisioningServer, on, server_of

pytestmark = pytest.mark.bench("core")
HOST_NAME = "network__lan__dhcp__update_hostname_after_reg"
NO_PROXY = {"voip__signalling__sip__use_proxy": "0", "voip__signalling__sip__proxy_address": "0.0.0.0"}


def test_after_registration_the_phone_is_called_by_its_number(phone: Story) -> None:
    server = on(phone, **{HOST_NAME: "PHONE_NUMBER"})
    assert server.host_names == ["1502"]
    phone.pass_time(3600)
    assert server.host_names == ["1502"]


def test_a_phone_that_cannot_register_keeps_its_name(phone: Story) -> None:
    phone.power_on(voip__line__0__auth_password="wrong", **{HOST_NAME: "PHONE_NUMBER"})
    phone.shows("Wrong password")
    assert server_of(phone).host_names == []


def test_by_default_the_name_stays(phone: Story) -> None:
    assert on(phone).host_names == []


def addresses(phone: Story) -> list[tuple[str, bool]]:
    return [(each["address"], each["registered"]) for each in phone.state()["servers"]]


def moved_during_a_call(phone: Story) -> tuple[ProvisioningServer, Customer]:
    """A phone in a call by a server of DHCP; for half a minute DHCP has named another."""
    phone.power_on(**NO_PROXY)
    server = server_of(phone)
    server.dhcp_says(sip_servers=("old.example.com",))
    phone.registered()
    customer = talking(phone)
    server.dhcp_says(sip_servers=("new.example.com",))
    phone.pass_time(30)
    return server, customer


def test_a_phone_without_a_configured_server_takes_the_one_of_option_120(phone: Story) -> None:
    phone.power_on(**NO_PROXY)
    phone.shows("No account")
    server_of(phone).dhcp_says(sip_servers=("sips.example.com", "other.example.com"))
    phone.registered()
    assert addresses(phone) == [("sips.example.com:5060", True)]


def test_a_configured_server_is_never_replaced_by_dhcp(phone: Story) -> None:
    server = on(phone)
    server.dhcp_says(sip_servers=("evil.example.com",))
    phone.pass_time(600)
    assert addresses(phone) == [("127.0.0.1:5060", True)]


def test_a_configured_server_wins_as_soon_as_it_is_known(phone: Story) -> None:
    phone.power_on(**NO_PROXY)
    server = server_of(phone)
    server.dhcp_says(sip_servers=("sips.example.com",))
    phone.registered()
    server.gives()
    phone.registered()
    assert addresses(phone) == [("127.0.0.1:5060", True)]


def test_another_server_of_dhcp_waits_for_the_end_of_the_call(phone: Story) -> None:
    _, customer = moved_during_a_call(phone)
    assert addresses(phone) == [("old.example.com:5060", True)]
    customer.hang_up()
    phone.idle()
    phone.registered()
    assert addresses(phone) == [("new.example.com:5060", True)]


def test_a_server_of_dhcp_that_comes_back_during_the_call_stays(phone: Story) -> None:
    server, customer = moved_during_a_call(phone)
    server.dhcp_says(sip_servers=("old.example.com",))
    customer.hang_up()
    phone.idle()
    phone.pass_time(30)
    assert addresses(phone) == [("old.example.com:5060", True)]


def test_a_cable_that_is_pulled_takes_no_server_away(phone: Story) -> None:
    phone.power_on(**NO_PROXY)
    server = server_of(phone)
    server.dhcp_says(sip_servers=("sips.example.com",))
    phone.registered()
    server.dhcp_says(address="")
    phone.pass_time(1)
    assert [address for address, _ in addresses(phone)] == ["sips.example.com:5060"]


def test_the_network_page_tells_what_dhcp_said_to_the_last_digit(phone: Story) -> None:
    server = on(phone)
    server.dhcp_says(
        domain="desks.example.com", dhcp_server="192.168.100.131", host_name="420hd-020000001502",
        time_servers=("192.168.100.132",), sip_servers=("sips-a.contact-centre.example.com",),
    )  # fmt: skip
    server.gives_the_same()
    phone.press("menu", "4", "1")
    seen = set[str]()
    for _ in range(30):
        seen.update(phone.screen().text.split(" | "))
        phone.press("down")
    told = " ".join(seen)
    for words in (
        "192.168.100.200", "255.255.255.128", "192.168.100.129", "192.168.100.130", "desks.example.com",
        "192.168.100.131", "DHCP option  160", "192.168.100.132", "420hd-020000001502", "02:00:00:00:15:02",
        "sips-a.contact-", "example.com",
    ):  # fmt: skip
        assert words in told, told
