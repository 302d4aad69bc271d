"""The display is bright for a hand and for what there is to see, and dims after a while."""

from __future__ import annotations

import pytest

from deskphone.core import events as ev
from tests.stories.bench import Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")


def test_waking_the_display_is_a_matter_of_any_key(phone: Story) -> None:
    phone.power_on(system__lcd__backlight__timeout="30")
    phone.registered()
    phone.pass_time(31)
    assert core(phone).phone.dim
    phone.press("mute")
    assert not core(phone).phone.dim
    phone.pass_time(29)
    assert not core(phone).phone.dim
    phone.pass_time(2)
    assert core(phone).phone.dim
    phone.customer().call()
    assert not core(phone).phone.dim, "who is called wants to see who calls"


@pytest.mark.parametrize("idle", [29, 600])
def test_the_display_is_bright_as_long_as_a_call_rings_and_dims_after_it(phone: Story, idle: int) -> None:
    phone.power_on(system__lcd__backlight__timeout="30")
    phone.registered()
    phone.press("mute")
    phone.pass_time(idle)
    customer = phone.customer()
    customer.call()
    for _ in range(5):
        phone.pass_time(20)
        assert not core(phone).phone.dim, "who is called wants to see who calls"
    customer.hang_up()
    phone.shows("M1")
    phone.pass_time(31)
    assert core(phone).phone.dim, "a missed call in the evening leaves it bright all night"


def test_a_call_from_the_desk_lights_the_display_for_its_whole_time(phone: Story) -> None:
    phone.power_on(system__lcd__backlight__timeout="30")
    phone.registered()
    phone.press("redial")
    phone.pass_time(31)
    core(phone).turn(ev.CallOrder("dial", number="9196"))
    phone.pass_time(29)
    assert not core(phone).phone.dim
    phone.pass_time(2)
    assert core(phone).phone.dim


def test_a_display_that_is_never_to_dim_does_not(phone: Story) -> None:
    phone.power_on(system__lcd__backlight__timeout="0")
    phone.registered()
    phone.press("mute")
    phone.pass_time(86_400)
    assert not core(phone).phone.dim
