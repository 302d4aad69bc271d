"""Nothing covers who calls: whatever happens, the call that rings stays on the screen, and the keys mean it."""

from __future__ import annotations

import pytest

from deskphone.core.events import CallOrder
from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core
from tests.stories.in_service import on

pytestmark = pytest.mark.bench("core")
HOT_LINE = {
    "voip__dialing__auto_dialing__enabled": "1",
    "voip__dialing__auto_dialing__destination": "2001",
    "voip__dialing__auto_dialing__timeout": "3",
}


def rings(phone: Story, name: str = "Otto") -> Customer:
    customer: Customer = phone.customer("0402", name)
    customer.call()
    stays(phone, name)
    return customer


def stays(phone: Story, name: str = "Otto") -> None:
    seen = phone.screen()
    assert name in seen.rows[0] and seen.softkeys[0] == "Answer", seen.text


def talking(phone: Story) -> Customer:
    customer: Customer = phone.customer("0301", "Jane")
    customer.call()
    phone.press("soft1")
    phone.in_call()
    return customer


def test_a_number_half_typed_is_not_called_by_itself_and_waits_for_its_key(phone: Story) -> None:
    on(phone)
    phone.press("speaker", *"2001")
    otto = rings(phone)
    phone.pass_time(60)
    stays(phone)
    assert len(phone.state()["calls"]) == 1
    otto.hang_up()
    phone.pass_time(60)
    phone.shows("Dial", "2001")
    assert phone.state()["calls"] == []
    phone.press("soft1")
    phone.in_call()


def test_a_hot_line_waits_until_nobody_rings(phone: Story) -> None:
    on(phone, **HOT_LINE)
    phone.lift()
    otto = rings(phone)
    phone.pass_time(10)
    stays(phone)
    otto.hang_up()
    phone.pass_time(4)
    phone.shows("Talking", "2001")


def test_who_is_answered_meanwhile_leaves_the_number_that_was_typed(phone: Story) -> None:
    on(phone)
    phone.press("speaker", *"2001")
    otto = rings(phone)
    phone.pass_time(60)
    phone.press("soft1")
    otto.answered()
    otto.hang_up()
    phone.shows("Dial", "2001")


def test_a_program_dials_no_number_then(phone: Story) -> None:
    on(phone)
    rings(phone)
    core(phone).turn(CallOrder("dial", number="2001", by="web"))
    stays(phone)
    phone.shows("Call under way")
    assert len(phone.state()["calls"]) == 1


@pytest.mark.parametrize("who", ["desktop", "program", "hold key"])
def test_another_call_is_taken_back_beneath_it(phone: Story, who: str) -> None:
    on(phone, voip__talk_event__enabled="1")
    jane = talking(phone)
    phone.press("hold")
    phone.shows("On hold")
    rings(phone)
    phone.pass_time(1)
    if who == "desktop":
        phone.desktop.retrieve(jane)
    elif who == "program":
        core(phone).turn(CallOrder("retrieve", phone.state()["calls"][0]["id"], by="web"))
    else:
        phone.press("hold")
    phone.shows("Jane", "Talking")
    stays(phone)


def test_a_call_that_is_sent_on_goes_on_beneath_it(phone: Story) -> None:
    on(phone)
    away = phone.callee("2002", after=None)
    phone.dial("2002")
    phone.shows("Ringing")
    rings(phone)
    core(phone).server._end(away.call_id, 302, "Moved Temporarily", redirect="sip:2001@127.0.0.1")
    phone.shows("2001")
    stays(phone)
    phone.wait("it is answered", lambda state: state["calls"][-1]["state"] == "established")
    stays(phone)
