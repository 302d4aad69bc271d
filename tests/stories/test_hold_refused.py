"""A far end refuses to be held when nobody is at the phone any more, or the person talks to somebody else: it waits in
silence, and screen, lamp and ringing device say so until somebody comes back."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")


def in_call(phone: Story) -> Customer:
    """A customer in a call on the handset."""
    phone.power_on()
    phone.registered()
    who: Customer = phone.customer()
    who.call()
    phone.lift()
    who.answered()
    phone.in_call()
    return who


@pytest.mark.parametrize("back", ["soft1", "hold", "ok", "speaker", "lift"])
def test_who_refuses_to_be_held_when_nobody_is_there_any_more_is_not_forgotten(phone: Story, back: str) -> None:
    """Hold, and the handset is down before the far end says no."""
    who = in_call(phone)
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here")
    phone.hold_waits()
    phone.press("hold")
    phone.put_down()
    phone.shows("Hold refused", "488")
    beeps = 0
    for _ in range(62):
        beeps += core(phone).rings() == "beep"
        phone.pass_time(0.5)
    assert 4 <= beeps <= 8, "for a second at once, and again every 15"
    phone.shows("Hold refused", "Jane Customer", "Resume")
    assert phone.state()["lamps"]["ring"] == "slow"
    assert not core(phone).heard()
    phone.lift() if back == "lift" else phone.press(back)
    phone.shows("Talking", "Jane Customer")
    assert core(phone).heard() == {who.call_id}
    assert core(phone).rings() == ""


def test_the_end_of_one_call_does_not_end_the_other_one_that_refused_to_be_held(phone: Story) -> None:
    in_call(phone)
    second = phone.customer("0409876", "Otto Second")
    second.call()
    phone.server_answers("re-INVITE", 488, "Not Acceptable Here", times=2)
    phone.press("soft1")
    second.answered()
    phone.pass_time(5)
    phone.shows("Talking", "Otto Second", "Jane Customer  Waits")
    assert core(phone).heard() == {second.call_id}
    phone.put_down()
    assert second.ended() == 200
    phone.shows("Hold refused", "Jane Customer", "Resume")
    phone.lift()
    phone.shows("Talking", "Jane Customer")
