"""New settings while the phone works: when they count, and which need a restart."""

from __future__ import annotations

import pytest

from deskphone.core import effects as fx
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.in_service import talking
from tests.stories.provisioning_server import on

pytestmark = pytest.mark.bench("core")


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
    customer = talking(phone)
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


def test_a_program_that_ends_for_its_new_transport_registers_nobody_by_the_old_one_before(phone: Story) -> None:
    server = on(phone)
    before = len(core(phone).effects)
    server.gives(number="1777", voip__signalling__sip__transport_protocol="TCP")
    assert len(server.restarts) == 1
    asked = core(phone).effects[before:]
    assert not [each for each in asked if isinstance(each, fx.Register | fx.Configure)]


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


@pytest.mark.bench("core")
def test_the_status_page_says_once_how_many_names_of_the_file_have_no_effect(phone: Story) -> None:
    server = on(phone)
    server.gives(system__pin_lock__enabled="1", security__whitelist__ip="192.0.2.1")
    phone.press("menu", "4", "6")
    for _ in range(8):
        if "No effect here" in phone.screen().text:
            break
        phone.press("down")
    phone.shows("No effect here  2")
    assert phone.state()["provisioning"]["without_effect"] == 2
