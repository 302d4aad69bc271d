"""Every key pressed twice quickly in every situation: nobody is joined, dropped or exposed by the second press."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from deskphone.core import effects as fx
from deskphone.core.screen.keys import KEYS
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench


def talking(phone: Story) -> None:
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    phone.pass_time(2)


def held(phone: Story) -> None:
    talking(phone)
    phone.press("hold")
    phone.pass_time(2)


def two_calls(phone: Story) -> None:
    talking(phone)
    phone.customer("0409876", "Otto Second").call()
    phone.press("soft1")
    phone.in_call(2)
    phone.pass_time(2)


def both_held(phone: Story) -> None:
    two_calls(phone)
    phone.press("hold")
    phone.pass_time(2)


def consulting(phone: Story) -> None:
    talking(phone)
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.pass_time(2)


def swapped(phone: Story) -> None:
    consulting(phone)
    phone.press("soft1")
    phone.pass_time(2)


def consultation_rings(phone: Story) -> None:
    talking(phone)
    phone.press("transfer", *"9408", "soft1")
    phone.pass_time(2)


def call_waiting(phone: Story) -> None:
    talking(phone)
    phone.customer("0409876", "Otto Second").call()
    phone.pass_time(2)


def two_ring(phone: Story) -> None:
    phone.customer().call()
    phone.customer("0409876", "Otto Second").call()
    phone.pass_time(2)


def conference(phone: Story) -> None:
    consulting(phone)
    phone.press("soft2", "soft1")
    phone.pass_time(2)


SITUATIONS: dict[str, Callable[[Story], None]] = {
    each.__name__: each
    for each in (
        talking, held, two_calls, both_held, consulting, swapped, consultation_rings, call_waiting, two_ring,
        conference,
    )
}  # fmt: skip


@cache
def arrived(name: str, more: bool) -> CoreBench:
    bench = CoreBench()
    phone = Story(bench)
    phone.power_on()
    phone.registered()
    SITUATIONS[name](phone)
    if more:
        phone.press("soft4")
        phone.pass_time(2)
    bench.effects.clear()
    bench.effects_at.clear()
    return bench


def arrive(name: str, more: bool) -> CoreBench:
    """A phone of one's own there; what is frozen is shared."""
    return arrived(name, more).twin()


def lost(before: set[str], bench: CoreBench) -> set[str]:
    """Calls that the phone has ended, or is ending."""
    return before - {each.id for each in bench.phone.open_calls}


def hangs_up(name: str, key: str) -> bool:
    """The conference is on the speaker: who puts it down leaves two others who hear each other already."""
    return name == "conference" and key == "speaker"


@pytest.mark.parametrize("key", sorted(KEYS))
@pytest.mark.parametrize(("name", "more"), [*((each, False) for each in SITUATIONS), ("talking", True), ("held", True),
                                            ("two_calls", True), ("conference", True)])  # fmt: skip
def test_the_second_press_joins_drops_and_exposes_nobody(name: str, more: bool, key: str) -> None:
    bench = arrive(name, more)
    calls = {each.id for each in bench.phone.open_calls}
    bench.press(key)
    first = lost(calls, bench)
    bench.press(key)
    bench.pass_time(1)
    answered_and_put_down = key in ("headset", "speaker") and name in ("call_waiting", "two_ring")
    if not answered_and_put_down and not hangs_up(name, key):  # it answers there, and pressed again it ends there
        assert lost(calls, bench) == first, "the second press ended a call that the first one did not"
    moved = [each for each in bench.effects if isinstance(each, fx.Transfer)]
    assert len(moved) == hangs_up(name, key), "two others were connected"
    assert name == "conference" or not [each for each in bench.phone.calls if each.conference], "two hear each other"
    assert not bench.phone.dnd, "calls are kept away"


@pytest.mark.parametrize("name", SITUATIONS)
def test_no_single_key_connects_two_others(name: str) -> None:
    for key in KEYS:
        bench = arrive(name, more=False)
        before = sum(each.conference for each in bench.phone.calls)
        bench.press(key)
        bench.pass_time(1)
        moved = [each for each in bench.effects if isinstance(each, fx.Transfer)]
        assert len(moved) == hangs_up(name, key), key
        assert sum(each.conference for each in bench.phone.calls) <= before, key


def test_a_key_that_ended_a_call_ends_the_next_one_as_soon_as_another_key_was_pressed(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.shows("Incoming call")
    phone.pass_time(0.5)  # who has seen it ring
    phone.press("cancel")
    customer.ended()
    other = phone.customer("0409876", "Otto Second")
    other.call()
    phone.shows("Incoming call")
    phone.press("ok")
    other.answered()
    phone.in_call()
    phone.press("cancel")
    other.ended()
