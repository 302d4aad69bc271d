"""New settings while the phone works: check-sync, at idle only, what a bad file does, and the name for DHCP."""

from __future__ import annotations

import pytest

from deskphone.core.status import service_line
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.provisioning_server import ProvisioningServer

pytestmark = pytest.mark.bench("core")
FORCED = "voip__services__notify__check_sync__force_reboot_enabled"
HOST_NAME = "network__lan__dhcp__update_hostname_after_reg"


def server_of(phone: Story) -> ProvisioningServer:
    assert isinstance(phone.bench, CoreBench)
    return ProvisioningServer(phone.bench)


def on(phone: Story, **settings: str) -> ProvisioningServer:
    """A phone that has been on for a minute."""
    phone.power_on(**settings)
    phone.registered()
    phone.pass_time(60)
    return server_of(phone)


def test_check_sync_without_reboot_only_fetches(phone: Story) -> None:
    server = on(phone)
    server.check_sync(reboot=False)
    assert (server.asked, server.restarts) == (1, [])


def test_check_sync_with_reboot_restarts_the_phone(phone: Story) -> None:
    server = on(phone)
    server.check_sync(reboot=True)
    assert (server.asked, server.restarts) == (0, ["check-sync"])


def test_bare_check_sync_goes_by_the_setting(phone: Story) -> None:
    server = on(phone)
    server.check_sync()
    assert (server.asked, server.restarts) == (1, [])


def test_bare_check_sync_restarts_a_phone_that_is_set_so(phone: Story) -> None:
    server = on(phone, **{FORCED: "1"})
    server.check_sync()
    assert (server.asked, server.restarts) == (0, ["check-sync"])


def test_a_phone_set_to_restart_does_so_whatever_the_header_says(phone: Story) -> None:
    server = on(phone, **{FORCED: "1"})
    server.check_sync(reboot=False)
    assert server.restarts == ["check-sync"]


def test_no_server_restarts_the_phone_more_than_once_a_minute(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server = server_of(phone)
    server.check_sync(reboot=True)
    server.check_sync(reboot=True)
    phone.pass_time(58)
    assert (server.asked, server.restarts) == (0, [])
    phone.pass_time(2)
    assert server.restarts == ["check-sync"]


def test_nor_does_it_restart_when_that_minute_ends_in_a_call(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server, customer = server_of(phone), phone.customer()
    server.check_sync(reboot=True)
    customer.call()
    phone.press("soft1")
    phone.in_call()
    phone.pass_time(120)
    assert server.restarts == []
    customer.hang_up()
    phone.idle()
    assert server.restarts == ["check-sync"]


def test_a_fetch_need_not_wait_for_that_minute(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server = server_of(phone)
    server.check_sync(reboot=False)
    assert (server.asked, server.restarts) == (1, [])


@pytest.mark.parametrize("reboot", [True, False])
def test_check_sync_during_a_call_waits_for_its_end(phone: Story, reboot: bool) -> None:
    server = on(phone)
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    server.check_sync(reboot=reboot)
    phone.pass_time(60)
    assert (server.asked, server.restarts) == (0, [])
    customer.hang_up()
    phone.idle()
    assert (server.asked, len(server.restarts)) == ((0, 1) if reboot else (1, 0))


def test_check_sync_while_the_phone_rings_waits_too(phone: Story) -> None:
    server = on(phone)
    customer = phone.customer()
    customer.call()
    server.check_sync(reboot=True)
    assert server.restarts == []
    customer.hang_up()
    phone.idle()
    assert server.restarts == ["check-sync"]


def test_with_two_calls_the_last_one_must_be_over(phone: Story) -> None:
    server = on(phone)
    first, second = phone.customer(), phone.customer("0409876", "Otto Second")
    first.call()
    phone.press("soft1")
    phone.in_call()
    second.call()
    server.check_sync()
    first.hang_up()
    phone.pass_time(1)
    assert server.asked == 0
    second.hang_up()
    phone.idle()
    assert server.asked == 1


def test_a_new_number_is_registered_at_once_when_idle(phone: Story) -> None:
    server = on(phone)
    server.gives(number="1777")
    phone.shows("1777")
    phone.registered()
    assert phone.lines() == {"1777"}, "the old number was given back"


def test_of_two_numbers_in_one_breath_the_server_keeps_the_last(phone: Story) -> None:
    server = on(phone)
    server.gives(number="1777")
    server.gives(number="1888")
    phone.shows("1888")
    phone.registered()
    assert phone.lines() == {"1888"}, "the first number was given back, the second never taken"


def test_a_server_that_lets_the_old_number_hang_does_not_keep_the_new_one_out(phone: Story) -> None:
    server = on(phone)
    phone.server_silent(True)
    server.gives(number="1777")
    phone.server_silent(False)
    phone.pass_time(30)
    phone.registered()
    assert "1777" in phone.lines()


def test_new_settings_during_a_call_wait_for_its_end(phone: Story) -> None:
    server = on(phone)
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    server.gives(number="1777")
    phone.pass_time(30)
    assert any(each["state"] == "established" for each in phone.state()["calls"])
    assert all(each["registered"] for each in phone.state()["servers"])
    phone.press("menu", "4", "6")
    phone.shows("Provisioning", "New settings", "After this call")
    customer.hang_up()
    phone.idle()
    phone.press("cancel", "cancel", "cancel")
    phone.shows("1777")


def test_of_two_files_during_a_call_the_later_one_counts(phone: Story) -> None:
    server = on(phone)
    customer = phone.customer()
    customer.call()
    server.gives(number="1777")
    server.gives(number="1888")
    customer.hang_up()
    phone.idle()
    phone.shows("1888")


def test_settings_that_wait_are_taken_before_the_restart_that_waits(phone: Story) -> None:
    server = on(phone)
    customer = phone.customer()
    customer.call()
    server.gives(number="1777")
    server.check_sync(reboot=True)
    customer.hang_up()
    phone.idle()
    assert server.restarts == ["check-sync"]
    phone.shows("1777")


def test_a_bad_file_changes_nothing_and_says_why(phone: Story) -> None:
    server = on(phone)
    server.gives_a_login_page()
    phone.shows("1502", "Configuration refused")
    assert phone.state()["servers"][0]["registered"]
    phone.press("menu", "4", "6")
    phone.shows("Provisioning", "File refused", "000000001502.cfg:1:")
    phone.press(*["down"] * 6)
    phone.shows("HTML")


def test_once_the_old_file_is_back_nothing_is_refused_any_more(phone: Story) -> None:
    server = on(phone)
    server.gives_a_login_page()
    phone.shows("Configuration refused")
    server.gives_the_same()
    assert "Configuration refused" not in phone.screen().text


def test_a_silent_server_is_on_the_status_page_and_not_on_the_idle_screen(phone: Story) -> None:
    server = on(phone)
    server.is_silent()
    assert "refused" not in phone.screen().text
    phone.press("menu", "4", "6")
    phone.shows("Provisioning", "No answer", "Last check")


def test_the_status_page_tells_how_long_ago_the_last_check_was(phone: Story) -> None:
    server = on(phone)
    server.gives_the_same()
    phone.pass_time(3 * 3600)
    phone.press("menu", "4", "6")
    phone.shows("No change", "3h", "DHCP option  160", "From")
    phone.press("down", "down")
    phone.shows("https://prov")


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        ("verified", "Signature good"),
        ("bad_signature", "Bad signature"),
        ("wrong_model", "Wrong model"),
        ("older", "Older version"),
        ("incomplete", "Cut off"),
        ("changed", "File changed"),
        ("no_room", "No room"),
        ("unfetched", "Not fetched"),
    ],
)
def test_another_firmware_is_on_its_status_page_with_what_became_of_it(phone: Story, verdict: str, word: str) -> None:
    server = on(phone)
    server.has_firmware("0.2.0", verdict, "" if verdict == "verified" else "420HD.img: expected this, got that")
    phone.press("menu", "4", "2")
    phone.shows("Firmware Status", "0.2.0", word)
    if verdict != "verified":
        phone.press("down", "down")
        phone.shows("420HD.img: expected")


def test_a_firmware_that_is_offered_no_longer_is_on_the_page_no_longer(phone: Story) -> None:
    server = on(phone)
    server.has_firmware("0.2.0", "bad_signature")
    server.has_firmware("", "none")
    phone.press("menu", "4", "2")
    phone.shows("Firmware Status", "0.1.0")
    assert "0.2.0" not in phone.screen().text


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


def test_a_new_phone_says_what_became_of_its_first_file(phone: Story) -> None:
    phone.power_on(voip__line__0__id="")
    phone.shows("No account")
    server = server_of(phone)
    server.is_silent()
    phone.shows("No answer")
    server.gives_a_login_page()
    phone.shows("Configuration refused")
    server.gives()
    phone.registered()
    phone.shows("1502")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voip/signalling/sip/transport_protocol", "TCP"),
        ("voip/audio/echo_cancellation/enabled", "0"),
        ("voip/audio/silence_compression/enabled", "1"),
    ],
)
def test_a_setting_that_counts_from_the_start_on_restarts_the_program(phone: Story, name: str, value: str) -> None:
    server = on(phone)
    server.gives(**{name.replace("/", "__"): value})
    assert len(server.restarts) == 1
    assert name in server.restarts[0]


def test_it_does_so_after_the_call(phone: Story) -> None:
    server = on(phone)
    customer = phone.customer()
    customer.call()
    server.gives(voip__signalling__sip__transport_protocol="TCP")
    assert server.restarts == []
    customer.hang_up()
    phone.idle()
    assert len(server.restarts) == 1


def test_it_does_not_where_the_next_start_would_begin_with_the_old_file(phone: Story) -> None:
    server = on(phone)
    server.gives_but_the_disk_is_full(voip__signalling__sip__transport_protocol="TCP")
    assert server.restarts == []


def test_other_settings_need_no_restart(phone: Story) -> None:
    server = on(phone)
    server.gives(system__display__message_on_screen="Hello")
    assert server.restarts == []


# --- what DHCP says beside the address ---------------------------------------------------------------

NO_PROXY = {"voip__signalling__sip__use_proxy": "0", "voip__signalling__sip__proxy_address": "0.0.0.0"}


def addresses(phone: Story) -> list[tuple[str, bool]]:
    return [(each["address"], each["registered"]) for each in phone.state()["servers"]]


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
    phone.power_on(**NO_PROXY)
    server = server_of(phone)
    server.dhcp_says(sip_servers=("old.example.com",))
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    server.dhcp_says(sip_servers=("new.example.com",))
    phone.pass_time(30)
    assert addresses(phone) == [("old.example.com:5060", True)]
    customer.hang_up()
    phone.idle()
    phone.registered()
    assert addresses(phone) == [("new.example.com:5060", True)]


def test_a_server_of_dhcp_that_comes_back_during_the_call_stays(phone: Story) -> None:
    phone.power_on(**NO_PROXY)
    server = server_of(phone)
    server.dhcp_says(sip_servers=("old.example.com",))
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    server.dhcp_says(sip_servers=("new.example.com",))
    phone.pass_time(30)
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


def test_after_power_on_the_page_still_tells_where_the_settings_came_from(phone: Story) -> None:
    server = on(phone)
    server.gives(number="1777")
    phone.press("menu", "4", "6")
    phone.pass_time(3 * 24 * 3600)
    phone.press("down", "down", "down", "down", "down")
    phone.shows("In force  3d")


def test_systemctl_status_tells_in_one_line_what_is_wrong(phone: Story) -> None:
    server = on(phone)
    assert isinstance(phone.bench, CoreBench)
    assert service_line(phone.bench.phone) == "1502; registered at 1 of 1"
    server.gives_a_login_page()
    told = service_line(phone.bench.phone)
    assert told.startswith(
        "1502; registered at 1 of 1; provisioning refused: https://prov.example.com/000000001502.cfg:1:"
    )
    assert "login page" in told
    server.gives_the_same()
    assert service_line(phone.bench.phone) == "1502; registered at 1 of 1; provisioning unchanged"
