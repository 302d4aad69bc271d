"""A key pressed in the instant in which something else happens: the call it was meant for has just gone.

What takes a call away is not done to another one; all else a key does as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from deskphone.core import effects as fx
from deskphone.core import events as ev
from deskphone.core.calls.state import CallState
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench, core
from tests.stories.test_twice import arrive

HANDS = ("soft1", "soft2", "soft3", "soft4", "cancel", "ok", "hold", "transfer", "speaker", "headset", "redial", "mute")
pytestmark = pytest.mark.bench("core")  # instants: no other bench can hit them
WHERE = [
    ("talking", False), ("talking", True), ("two_calls", False), ("two_calls", True), ("both_held", False),
    ("consulting", False), ("swapped", False), ("consultation_rings", False), ("call_waiting", False),
    ("two_ring", False), ("held", True),
]  # fmt: skip


def taken(bench: CoreBench, key: str) -> set[str]:
    """Whom one press of the key takes away, or connects with somebody else."""
    bench.effects.clear()
    bench.press(key)
    return {each.call for each in bench.effects if isinstance(each, (fx.Hangup, fx.Reject, fx.Transfer))}


def gone(bench: CoreBench, call_id: str) -> None:
    """The far end of that call ends it."""
    call = bench.phone.call(call_id)
    assert call is not None
    code = 487 if call.state is CallState.INCOMING else 486 if call.unanswered else 200
    bench.server.forget(call_id)
    bench.turn(ev.CallEnded(call_id, code))


@pytest.mark.parametrize(("name", "more"), WHERE)
def test_a_key_takes_nobody_away_in_the_place_of_who_has_just_gone(name: str, more: bool) -> None:
    for call in arrive(name, more).phone.open_calls:
        for key in HANDS:
            meant = taken(arrive(name, more), key)
            bench = arrive(name, more)
            gone(bench, call.id)
            assert taken(bench, key) <= meant, f"{call.id} went, {key}"
            assert not bench.illegal


def test_a_moment_later_it_is_meant(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer, other = phone.customer(), phone.customer("0409876", "Otto Second")
    customer.call()
    phone.press("soft1")
    phone.in_call()
    other.call()
    phone.shows("Otto Second", "Reject")
    other.hang_up()
    phone.press("cancel")  # meant for him
    phone.in_call()
    phone.pass_time(0.5)
    phone.press("cancel")
    customer.ended()


def test_a_transfer_that_fails_under_the_finger_drops_nobody(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    phone.press("soft4", "soft1", *"9408", "soft1")  # blind
    phone.shows("Transferring")
    core(phone).turn(ev.TransferProgress(core(phone).phone.calls[0].id, 486, "Busy Here", True))
    phone.press("cancel")  # no more waiting for the report
    phone.in_call()
    phone.shows("Talking", "Jane Customer")


def test_the_second_row_of_softkeys_goes_with_the_call_it_stood_for(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer, other = phone.customer(), phone.customer("0409876", "Otto Second")
    for each in (customer, other):
        each.call()
        phone.press("soft1")
        phone.in_call(1 + (each is other))
    phone.press("soft4")
    phone.shows("End")
    other.hang_up()
    phone.shows("On hold", "Resume", "Trans")


def test_who_leaves_while_his_transfer_is_typed_leaves_a_number_to_call(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    phone.press("soft4", "soft1", *"20")
    phone.shows("Transfer to", "20")
    customer.hang_up()
    phone.shows("Dial", "20")
    assert "Transfer" not in phone.screen().title
    phone.press("0", "1", "soft1")
    phone.in_call()
    assert phone.referred_to() == []


def test_who_is_replaced_by_the_server_while_his_transfer_is_typed_is_transferred(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer, other = phone.customer(), phone.customer("0409876", "Otto Second")
    customer.call()
    phone.press("soft1")
    phone.in_call()
    phone.press("soft4", "soft1", *"20")
    other.call(replaces=customer)
    phone.pass_time(0.5)
    phone.shows("Transfer to", "20", "Otto Second")
    phone.press("0", "1", "soft1")
    assert phone.referred_to() == ["2001"]


def test_two_calls_answered_at_once_leave_one_of_them_on_hold(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    customer, other = phone.customer(), phone.customer("0409876", "Otto Second")
    for each in (customer, other):  # the second one before the first one's ACK
        each.call()
        core(phone).turn(ev.KeyDown("ok"))
        core(phone).turn(ev.KeyUp("ok"))
    phone.in_call(2)
    phone.pass_time(0.5)
    assert sorted(each["local_hold"] for each in phone.state()["calls"]) == [False, True]
    assert len(phone.heard()) == 1


def test_a_digit_after_a_busy_hot_line_dials_by_hand(phone: Story) -> None:
    phone.power_on(
        voip__dialing__auto_dialing__enabled="1",
        voip__dialing__auto_dialing__destination="9486",
        voip__dialing__auto_dialing__timeout="0",
    )
    phone.registered()
    phone.lift()
    phone.shows("Busy")
    phone.press("2")
    phone.shows("Dial", "2")
    phone.type("001")
    phone.shows("Dial", "2001")


def test_who_has_pressed_another_key_since_has_seen_it() -> None:
    """A customer goes while another one is held; the person holds or resumes, and the next key is meant at once."""
    bench = arrive("two_calls", False)
    focused = bench.phone.focused
    assert focused is not None
    gone(bench, focused.id)
    assert not taken(bench, "cancel"), "it was meant for who has just gone"
    assert not taken(bench, "cancel"), "and so was the second press"
    bench.press("hold")
    assert taken(bench, "cancel"), "the other customer is ended, as the person wishes"


ANSWERING: dict[str, Callable[[CoreBench], None]] = {
    "the handset": CoreBench.lift,
    **{key: partial(lambda bench, key: bench.press(key), key=key) for key in ("ok", "soft1", "headset", "speaker")},
}


def next_rings(name: str) -> list[tuple[CoreBench, str]]:
    """Phones where a call has just ended, by each key that ends one there or by the far ends, and the next rings."""
    found: list[tuple[CoreBench, str]] = []
    for more, key in ((more, key) for more in (False, True) for key in ("", *HANDS)):
        bench = arrive(name, more)
        before = bench.phone.open_calls
        if key:
            bench.press(key)
        for each in () if key else before:
            gone(bench, each.id)
        if len(bench.phone.open_calls) < len(before):
            bench.customer("0777", "Paula Next").call()
            bench.pass_time(0.02)
            rings = bench.phone.focused
            if rings is not None and rings.remote.number == "0777":  # else who has waited stays on the screen
                found.append((bench, rings.id))
    return found


@pytest.mark.parametrize("name", ["talking", "two_calls", "call_waiting", "conference"])
def test_who_rings_right_after_another_call_ended_is_answered_whatever_ended_it(name: str) -> None:
    """At once: a press that answers is never one too many."""
    phones = next_rings(name)
    assert phones
    for bench, call in phones:
        for answer in ANSWERING.values():
            own = bench.twin()
            answer(own)
            assert fx.Answer(call) in own.effects


@pytest.mark.parametrize("answer", ANSWERING)
def test_of_two_who_ring_the_second_is_answered_when_the_first_has_just_gone(answer: str) -> None:
    bench = arrive("two_ring", False)
    gone(bench, bench.phone.focus)
    (left,) = bench.phone.open_calls
    ANSWERING[answer](bench)
    assert fx.Answer(left.id) in bench.effects
