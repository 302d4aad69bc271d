"""Forwarding: what happens where a rule meets another one, or ends while a call rings."""

from __future__ import annotations

import pytest

from tests.stories.bench import Story

FORWARD = "voip__line__0__call_forward__"
SYNC = {"system__feature_key_synchronization__enabled": "1"}


def forwards(phone: Story, kind: str, **settings: str) -> None:
    """A phone in service whose calls are forwarded to 2424 by the person."""
    phone.power_on(**settings)
    phone.registered()
    row = ("always", "busy", "no_reply").index(kind)
    phone.press("soft4", "ok", *["down"] * row, "ok", *"2424", "ok")
    phone.shows({"always": "Fwd 2424", "busy": "Fwd busy 2424", "no_reply": "Fwd no reply 2424"}[kind])


@pytest.mark.parametrize("call_waiting", ["0", "1"])
def test_forward_on_busy_takes_the_call_that_finds_no_room(phone: Story, call_waiting: str) -> None:
    forwards(phone, "busy", voip__number_of_calls_per_line="1", voip__services__call_waiting__enabled=call_waiting)
    phone.dial("9196")
    phone.in_call()
    customer = phone.customer()
    customer.call()
    assert customer.ended() == 302
    phone.in_call()


def test_forward_on_busy_lets_a_call_wait_where_there_is_room(phone: Story) -> None:
    forwards(phone, "busy")
    phone.dial("9196")
    phone.in_call()
    phone.customer().call()
    phone.shows("Call waiting", "Jane Customer")


def test_forward_on_no_reply_takes_the_call_after_its_time(phone: Story) -> None:
    forwards(phone, "no_reply", **{f"{FORWARD}timeout": "4"})
    customer = phone.customer()
    customer.call()
    phone.shows("Incoming call")
    phone.pass_time(4)
    assert customer.ended() == 302
    phone.shows("M1")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ('"Anna" <sip:2002@site>;reason=user-busy', "via Anna"),
        ("<sip:2002@site>;reason=no-answer, <sip:2003@site>", "via 2002"),
        ("<sip:2002@site>;privacy=full", "via Anonymous"),
    ],
)
def test_who_sent_a_call_on_is_shown(phone: Story, value: str, words: str) -> None:
    phone.power_on()
    phone.registered()
    phone.customer().call(headers=(("Diversion", value),))
    phone.shows("Incoming call", "Jane Customer", words)


@pytest.mark.parametrize("other", ["", "busy"])
def test_forwarding_ended_or_changed_at_the_desktop_while_it_rings_lets_it_ring_on(phone: Story, other: str) -> None:
    forwards(phone, "no_reply", **{f"{FORWARD}timeout": "4"}, **SYNC)
    phone.wait("the server knows", lambda state: phone.agent_server().forward == {"no_reply": "2424"})
    customer = phone.customer()
    customer.call()
    phone.shows("Incoming call")
    phone.desktop.forward("no_reply", "")
    if other:
        phone.desktop.forward(other, "2500")
    phone.pass_time(6)
    phone.shows("Incoming call")
    phone.press("soft1")
    customer.answered()
