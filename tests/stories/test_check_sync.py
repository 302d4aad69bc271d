"""NOTIFY check-sync: a fetch or a restart, and when the phone does it."""

from __future__ import annotations

import pytest

from tests.stories.agent import ACD
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.in_service import talking
from tests.stories.provisioning_server import on, server_of

pytestmark = pytest.mark.bench("core")
FORCED = "voip__services__notify__check_sync__force_reboot_enabled"


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


def restarted(before: Story, seconds: float) -> Story:
    """The phone after its restart, with what it kept; so long it ran before the server may restart it again."""
    again = Story(CoreBench())
    again.bench.stored = dict(before.bench.stored)
    again.power_on()
    again.registered()
    server = server_of(again)
    server.check_sync(reboot=True)
    again.pass_time(seconds - 4)
    assert server.restarts == [], f"within {seconds} s"
    again.pass_time(8)
    assert server.restarts == ["check-sync"]
    return again


def test_a_server_that_asks_for_ever_restarts_the_phone_once_an_hour_at_last(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server_of(phone).check_sync(reboot=True)
    phone.pass_time(61)
    for seconds in (120, 240, 480, 960, 1920, 3600, 3600):
        phone = restarted(phone, seconds)


@pytest.mark.parametrize("minutes", [5, 20])
def test_nor_does_one_that_asks_by_the_clock(phone: Story, minutes: int) -> None:
    """A job that asks every few minutes, for six hours; each restart is a power-off of the person's phone."""
    phone.power_on()
    restarts = []
    began = since = 0.0
    while began + since < 6 * 3600:
        phone.pass_time(minutes * 60.0)
        since += minutes * 60.0
        server = server_of(phone)
        server.check_sync(reboot=True)
        if not server.restarts:
            continue
        restarts.append(began := began + since)
        since, again = 0.0, Story(CoreBench())
        again.bench.stored = dict(phone.bench.stored)
        phone = again
        phone.power_on()
    assert 5 <= len(restarts) <= 12, restarts
    assert restarts[-1] - restarts[-2] >= 3600, "once an hour at last"


def test_a_server_that_asks_once_in_a_while_is_obeyed_after_a_minute(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server_of(phone).check_sync(reboot=True)
    phone.pass_time(61)
    phone = restarted(phone, 120)
    later = Story(CoreBench())
    later.bench.stored = dict(phone.bench.stored)
    later.power_on()
    later.registered()
    later.pass_time(3600)
    server_of(later).check_sync(reboot=True)
    later.pass_time(1)
    assert server_of(later).restarts == ["check-sync"]
    restarted(later, 60)


@pytest.mark.parametrize("kept", ["{", "[]", '{"pause": "x"}', '{"pause": 1e9}', '{"pause": true}', '{"pause": NaN}'])
def test_what_was_kept_of_it_cannot_lock_servers_out(phone: Story, kept: str) -> None:
    phone.bench.stored["check-sync"] = kept
    phone.power_on()
    phone.registered()
    server = server_of(phone)
    server.check_sync(reboot=True)
    phone.pass_time(61)
    assert server.restarts == ["check-sync"]


def test_nor_does_it_restart_when_that_minute_ends_in_a_call(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server = server_of(phone)
    server.check_sync(reboot=True)
    customer = talking(phone)
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
    customer = talking(phone)
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


def test_whoever_dials_is_not_interrupted(phone: Story) -> None:
    server = on(phone)
    phone.press("5", "5")
    server.check_sync(reboot=True)
    phone.pass_time(30)
    assert server.restarts == []
    phone.press("cancel")
    assert server.restarts == ["check-sync"]


def test_nor_is_whoever_has_just_lifted_the_handset(phone: Story) -> None:
    server = on(phone)
    phone.lift()
    server.check_sync(reboot=True)
    phone.pass_time(10)
    assert server.restarts == []
    phone.put_down()
    assert server.restarts == ["check-sync"]


def test_nor_is_a_form_that_is_being_filled_in_but_one_left_alone_is(phone: Story) -> None:
    server = on(phone, **ACD)
    phone.press("soft1")
    phone.shows("Log In")
    server.check_sync(reboot=True)
    phone.pass_time(50)
    phone.press("2")
    phone.pass_time(50)
    assert server.restarts == []
    phone.pass_time(11)
    assert server.restarts == ["check-sync"]


def test_a_restart_that_was_promised_is_not_taken_back_by_a_fetch(phone: Story) -> None:
    server = on(phone)
    customer = talking(phone)
    server.check_sync(reboot=True)
    server.check_sync(reboot=False)
    customer.hang_up()
    phone.idle()
    assert (server.asked, server.restarts) == (0, ["check-sync"])


def test_with_two_calls_the_last_one_must_be_over(phone: Story) -> None:
    server = on(phone)
    first, second = talking(phone), phone.customer("0409876", "Otto Second")
    second.call()
    server.check_sync()
    first.hang_up()
    phone.pass_time(1)
    assert server.asked == 0
    second.hang_up()
    phone.idle()
    assert server.asked == 1
