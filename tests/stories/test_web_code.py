"""The code for the first password of the web pages: on the display for who stands there, and in nobody's way."""

from __future__ import annotations

import pytest

from deskphone.config.secret import Secret
from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.moment import Moment
from deskphone.core.reduce import reduce
from tests.stories.agent import power_on
from tests.stories.bench import Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")
CODE = ev.WebCode(Secret("12345678"), 300)


def shows_code(phone: Story) -> bool:
    return any("1234 5678" in row for row in phone.screen().rows)


def test_it_stands_on_the_display_until_it_is_used_or_its_time_is_over(
    phone: Story,
) -> None:
    power_on(phone)
    core(phone).turn(CODE)
    assert shows_code(phone)
    phone.pass_time(299)
    assert shows_code(phone)
    phone.pass_time(2)
    assert not shows_code(phone)
    core(phone).turn(CODE)
    core(phone).turn(ev.WebCode(Secret(), 0))
    assert not shows_code(phone)


def test_a_person_puts_it_away_with_a_key(phone: Story) -> None:
    power_on(phone)
    core(phone).turn(CODE)
    phone.press("menu")
    assert not shows_code(phone)


def test_a_call_goes_before_it(phone: Story) -> None:
    power_on(phone)
    core(phone).turn(CODE)
    phone.customer().call()
    assert not shows_code(phone) and phone.screen().softkeys[0] == "Answer"


def test_it_is_not_shown_to_who_is_dialling_and_nothing_changes(phone: Story) -> None:
    power_on(phone)
    phone.press("9", "1")
    before = core(phone).phone
    after, effects = reduce(before, CODE, Moment(before.now.mono + 1, before.now.unix + 1, 0.5))
    assert after is before and isinstance(effects[0], fx.Illegal) and "in use" in effects[0].why
