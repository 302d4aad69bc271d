"""A program of the administrator's presses keys for the person: web interface, CLI, a desktop's REST."""

from __future__ import annotations

import pytest

from deskphone.config.layers import Layer
from deskphone.core.events import CallOrder, SettingsSet
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench

pytestmark = pytest.mark.bench("core")
RING, HANDSET = "deskphone/volume/ring", "deskphone/volume/handset"


def order(phone: Story, verb: str, **what: str) -> None:
    phone.bench.turn(CallOrder(verb, by="web", **what))


def test_a_program_dials_holds_retrieves_and_hangs_up(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    order(phone, "dial", number="9196")
    phone.in_call()
    order(phone, "hold")
    phone.shows("On hold")
    order(phone, "retrieve")
    phone.shows("Talking")
    order(phone, "hang_up")
    phone.pass_time(5)
    assert phone.state()["calls"] == []
    assert "dial asked for by web" in phone.journal()


def test_a_program_answers_the_call_that_rings_and_holds_the_one_that_runs(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    customer = phone.bench.customer()
    customer.call()
    phone.pass_time(0.5)
    order(phone, "answer")
    customer.answered()
    phone.pass_time(1)
    first, second = phone.state()["calls"]
    assert first["local_hold"] and second["direction"] == "in" and not second["local_hold"]


def test_of_two_calls_that_ring_a_program_answers_the_one_that_is_shown(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    for number, name in (("0301", "Jane"), ("0402", "Otto")):
        phone.customer(number, name).call()
    phone.shows("Jane")
    phone.press("down")
    phone.shows("Otto")
    order(phone, "answer")
    phone.in_call()
    assert [each["name"] for each in phone.state()["calls"] if each["state"] == "established"] == ["Otto"]


@pytest.mark.parametrize(
    ("typed", "called", "shown"),
    [
        ("2001", "2001", "2001"),
        (" 2001 ", "2001", "2001"),
        ("sip:2001@sips-b;user=phone", "sip:2001@sips-b;user=phone", "2001"),
        ("sips:2001@sips-b", "sips:2001@sips-b", "2001"),
        ("tel:+4930", "tel:+4930", "tel:+4930"),
        ("otto@sips-b", "otto@sips-b", "otto@sips-b"),
    ],
)
def test_what_a_program_may_dial(phone: Story, typed: str, called: str, shown: str) -> None:
    phone.power_on()
    phone.registered()
    order(phone, "dial", number=typed)
    assert phone.bench.server.calls_seen == [called]
    assert phone.state()["calls"][0]["number"] == shown


def test_a_number_that_cannot_be_called_now_says_why_on_the_screen(phone: Story) -> None:
    phone.power_on()
    order(phone, "dial", number="9196")
    phone.shows("Not registered")
    assert phone.state()["calls"] == []


@pytest.mark.parametrize("wrong", [
    CallOrder("jump"), CallOrder("dial"), CallOrder("dial", number="  "), CallOrder("answer"),
    CallOrder("hold", "in-9"),
])  # fmt: skip
def test_an_order_without_sense_changes_nothing_and_is_named(wrong: CallOrder) -> None:
    bench = CoreBench()
    bench.power_on()
    before = bench.phone
    bench.turn(wrong)
    assert bench.phone is before and len(bench.illegal) == 1 and bench.illegal[0].event == "CallOrder"


def test_two_changes_of_the_administrator_in_one_call_both_count_after_it(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.bench.turn(SettingsSet(((RING, "2"),), "web"))
    phone.bench.turn(SettingsSet((("voip/line/0/id", "1600"),), "CLI"))
    phone.press("cancel")
    phone.shows("1600", within=20)
    assert phone.bench.phone.volume("ring") == 2


def test_what_the_person_chooses_while_a_change_waits_is_not_lost(phone: Story) -> None:
    phone.power_on(deskphone__volume__handset="4")
    phone.registered()
    phone.lift()
    phone.press("9", "1", "9", "6", "ok")
    phone.in_call()
    phone.bench.turn(SettingsSet(((RING, "2"),), "web"))
    phone.press("volume_up")
    phone.put_down()
    phone.pass_time(20)
    layers = phone.bench.phone.layers
    assert phone.bench.phone.volume("ring") == 2
    assert layers.settings.volume.handset == 5 and layers.origin(HANDSET) is Layer.PERSON


def test_a_change_taken_back_in_the_same_call_is_none(phone: Story) -> None:
    phone.power_on(deskphone__volume__ring="7")
    phone.registered()
    phone.bench.turn(SettingsSet(((RING, "3"),), "web"))
    phone.dial("9196")
    phone.in_call()
    phone.bench.turn(SettingsSet(((RING, "2"),), "web"))
    phone.bench.turn(SettingsSet(((RING, None),), "web"))
    phone.press("cancel")
    phone.pass_time(20)
    assert phone.bench.phone.volume("ring") == 7 and phone.bench.phone.layers.origin(RING) is Layer.FILE


def test_a_setting_of_the_next_start_ends_no_program_by_itself(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.bench.turn(SettingsSet((("voip/media/media_port", "20000"),), "web"))
    assert "counts from the next start on" in phone.journal()


def test_a_program_holds_a_conference_as_a_whole(phone: Story) -> None:
    phone.callee("2001")
    phone.power_on()
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    phone.press("transfer", *"2001", "soft1")
    phone.in_call(2)
    phone.press("soft2", "soft1")
    phone.shows("Conference")
    for verb, held in (("hold", True), ("retrieve", False)):
        order(phone, verb)
        phone.wait(verb, lambda state, held=held: all(each["local_hold"] is held for each in state["calls"]))
