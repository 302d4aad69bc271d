"""The desktop's own calls by INVITE: the server calls the phone first, and the person's services do not answer that.

A customer's call stays a customer's, whatever else it looks like.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.stories.bench import Customer, Story

pytestmark = pytest.mark.bench("core")

FORWARD = "voip__line__0__call_forward__"
SERVICES: dict[str, tuple[dict[str, str], int]] = {
    "forwarding always": (
        {f"{FORWARD}active": "1", f"{FORWARD}type": "UNCONDITIONAL", f"{FORWARD}destination": "2424"}, 302,
    ),
    "do not disturb": ({"voip__line__0__do_not_disturb__activated": "1"}, 603),
}  # fmt: skip
TALK = {"voip__talk_event__enabled": "1"}
ANSWERS = {"voip__auto_answer__enabled": "1"}
MUTES = {"voip__proactive_mute__enabled": "1"}
MARKED = (("alert-info", "<http://127.0.0.1>;info=alert-autoanswer"),)
FLOWS: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "flow 1, marked": (ANSWERS, {"offer": "none", "headers": MARKED}),
    "flow 2, marked": (ANSWERS, {"offer": "nowhere", "headers": MARKED}),
    "flow 1, talk": (TALK, {"offer": "none"}),
    "flow 2, talk": (TALK, {"offer": "nowhere"}),
}


def call_of_the_desktop(phone: Story, flow: str, **settings: str) -> Customer:
    switches, how = FLOWS[flow]
    phone.power_on(**switches, **settings)
    phone.registered()
    other: Customer = phone.customer("2001", "")
    other.call(**how)
    if switches is TALK:
        phone.desktop.answer(other)
    return other


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("service", SERVICES)
def test_the_services_do_not_answer_the_call_that_the_desktop_makes(phone: Story, service: str, flow: str) -> None:
    other = call_of_the_desktop(phone, flow, **SERVICES[service][0])
    other.answered()
    phone.in_call()


@pytest.mark.parametrize("flow", FLOWS)
def test_nobody_is_muted_to_whom_the_desktop_calls(phone: Story, flow: str) -> None:
    call_of_the_desktop(phone, flow, **MUTES)
    phone.in_call()
    assert phone.state()["audio"]["muted"] is False


@pytest.mark.parametrize("flow", FLOWS)
def test_call_waiting_switched_off_keeps_no_consultation_of_the_desktop_away(phone: Story, flow: str) -> None:
    switches, how = FLOWS[flow]
    phone.power_on(**switches, voip__services__call_waiting__enabled="0")
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    consulted = phone.customer("2001", "")
    consulted.call(**how)
    if switches is TALK:
        phone.desktop.answer(consulted)
    phone.in_call(2)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_call_of_the_desktop_is_logged_as_dialled(phone: Story, flow: str) -> None:
    other = call_of_the_desktop(phone, flow)
    phone.in_call()
    other.hang_up()
    phone.press("menu", "1", "3")
    phone.shows("Dialled", "2001")


def test_a_call_that_the_desktop_gives_up_while_it_rings_is_no_missed_call(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    other = phone.customer("2001", "")
    other.call(offer="nowhere")
    phone.shows("Incoming call")
    other.hang_up()
    phone.idle()
    assert not [mark for mark in phone.state()["marks"] if mark.startswith("M")]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"headers": MARKED},
        {"offer": "nowhere", "trusted": False},
        {"offer": "nowhere", "marked": False},
    ],
)
def test_the_services_answer_everybody_else_at_once(phone: Story, service: str, how: dict[str, Any]) -> None:
    settings, code = SERVICES[service]
    phone.power_on(**settings, **ANSWERS, **TALK)
    phone.registered()
    customer = phone.customer()
    customer.call(**how)
    assert customer.ended() == (code if how.get("trusted", True) else 403)


@pytest.mark.parametrize("service", SERVICES)
def test_a_customer_without_an_offer_is_turned_away_when_no_talk_follows_and_is_not_heard_meanwhile(
    phone: Story, service: str
) -> None:
    settings, code = SERVICES[service]
    phone.power_on(**settings, **TALK)
    phone.registered()
    customer = phone.customer()
    customer.call(offer="none")
    phone.pass_time(1)
    assert phone.state()["tone"] == ""
    phone.pass_time(2)
    assert customer.ended() == code
    phone.idle()


def test_a_timer_of_the_persons_own_answers_no_call_that_is_forwarded(phone: Story) -> None:
    settings, code = SERVICES["forwarding always"]
    phone.power_on(
        **settings,
        voip__advanced_auto_answer__activated="1",
        voip__advanced_auto_answer__type="TIMER",
        voip__advanced_auto_answer__timeout="0",
    )
    phone.registered()
    customer = phone.customer()
    customer.call(offer="none")
    phone.pass_time(3)
    assert customer.ended() == code


@pytest.mark.parametrize("offer", ["live", "none"])
def test_an_agent_is_muted_to_a_customer_whom_the_desktop_answers_later(phone: Story, offer: str) -> None:
    phone.power_on(**TALK, **MUTES)
    phone.registered()
    customer = phone.customer()
    customer.call(offer=offer)
    phone.pass_time(3)
    phone.desktop.answer(customer)
    phone.in_call()
    assert phone.state()["audio"]["muted"] is True


def test_a_customer_is_muted_who_is_answered_at_the_phone_at_once(phone: Story) -> None:
    phone.power_on(**TALK, **MUTES)
    phone.registered()
    customer = phone.customer()
    customer.call(offer="none")
    phone.press("soft1")
    phone.in_call()
    assert phone.state()["audio"]["muted"] is True
