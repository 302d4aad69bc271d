"""Time is what passes, not what the clock shows: a time server that answers late, the edge of a minute, a long day."""

from __future__ import annotations

import pytest

from deskphone.core.effects import Register, Subscribe
from deskphone.core.moment import NEVER
from deskphone.core.reduce import next_deadline
from tests.stories.agent import ACD
from tests.stories.bench import Story
from tests.stories.test_agent_servers import two

pytestmark = pytest.mark.bench("core")
YEARS = 56 * 365 * 86400.0


def test_a_clock_that_is_set_in_a_call_makes_the_call_no_longer(phone: Story) -> None:
    phone.bench.set_clock(-YEARS)  # a Pi has no clock: it begins in 1970
    phone.power_on()
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.pass_time(65)
    phone.shows("Talking", "1:05")
    phone.bench.set_clock(YEARS)
    phone.shows("Talking", "1:05")
    phone.pass_time(2)
    phone.shows("Talking", "1:07")
    phone.press("soft4", "menu", "4", "3")
    phone.shows("SIP servers", "Registered", "1m")


def test_a_clock_that_is_set_back_stops_no_retry_and_no_notice(phone: Story) -> None:
    phone.server_answers("REGISTER", 503, "Busy", times=2)
    phone.power_on()
    phone.bench.set_clock(-YEARS)
    phone.registered(within=12)
    phone.dial("9486")
    phone.shows("Busy")
    phone.bench.set_clock(-YEARS)
    phone.pass_time(5)
    phone.idle()


def test_a_subscription_that_lived_two_seconds_over_a_minutes_edge_did_not_last(phone: Story) -> None:
    phone.power_on(**ACD)
    phone.registered()
    phone.pass_time(59 - phone.bench.now)
    for _ in range(4):
        phone.ends_subscription("as-feature-event", "deactivated")
        phone.pass_time(2)
    asked = [each for each in phone.bench.effects if isinstance(each, Subscribe) and each.package == "as-feature-event"]
    assert len(asked) == 2, "the first time at once, then never more than one new dialog in half a minute"


def test_after_a_short_outage_of_both_the_agent_waits_for_his_own_server(phone: Story) -> None:
    two(phone)
    phone.server_lost(1)
    phone.server_lost(0)
    phone.pass_time(3)
    phone.server_back(1)
    phone.pass_time(10)
    phone.server_sees("", "logged off", server=1)
    phone.server_back(0)
    phone.pass_time(60)
    phone.server_sees("agent7001", "ready", server=0)
    phone.server_sees("", "logged off", server=1)


def test_nothing_is_waited_for_that_is_gone(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.lift()
    phone.press("9", "1")
    phone.put_down()
    phone.pass_time(60)
    phone.idle()
    customer = phone.customer()
    customer.call()
    customer.hang_up()
    assert next_deadline(phone.bench.phone) > phone.bench.moment.mono
    phone.pass_time(3600)
    assert next_deadline(phone.bench.phone) == NEVER, "an idle phone sleeps until somebody wants something"


@pytest.mark.long
def test_a_day_at_a_flapping_server(phone: Story) -> None:
    """The server goes for twenty seconds every three minutes, from one midnight to the next."""
    two(phone)
    for _ in range(24 * 20):
        phone.server_lost(0)
        phone.pass_time(20)
        phone.server_back(0)
        phone.pass_time(160)
    phone.large("Ready", "agent7001")
    registers = [each for each in phone.bench.effects if isinstance(each, Register)]
    assert len(registers) < 24 * 20 * 6
    assert not phone.bench.illegal


@pytest.mark.parametrize(("order", "shown"), [("EUROPEAN", "Mon 24 Nov"), ("AMERICAN", "Mon Nov 24")])
def test_day_or_month_comes_first_as_the_file_says(phone: Story, order: str, shown: str) -> None:
    phone.power_on(system__ntp__date_display_format=order)
    phone.registered()
    phone.shows(shown)
