"""Call control by the server: talk and hold, click to dial, calls that take the place of others."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story

ATTENDED_ONLY = "deskphone__click_to_dial__only_logged_in"
TALK = {"voip__talk_event__enabled": "1", ATTENDED_ONLY: "0"}


def power_on(phone: Story, **settings: str) -> None:
    phone.power_on(**(TALK | settings))
    phone.registered()


def ringing(phone: Story, **settings: str) -> Customer:
    """A customer is distributed to the phone."""
    power_on(phone, **settings)
    customer: Customer = phone.customer()
    customer.call()
    phone.shows("Incoming call")
    return customer


def test_talk_answers_a_ringing_call_on_the_answer_device(phone: Story) -> None:
    customer = ringing(phone, voip__answer_device="HEADSET")
    phone.desktop.answer(customer)
    customer.answered()
    phone.shows("Talking", "Jane Customer")
    phone.wait("voice on the headset", lambda state: state["audio"]["path"] == "headset")


def test_talk_holds_a_running_call_first(phone: Story) -> None:
    power_on(phone)
    phone.dial("9196")
    phone.in_call()
    customer = phone.customer()
    customer.call()
    phone.shows("Call waiting")
    phone.desktop.answer(customer)
    phone.in_call(2)
    phone.wait("one call held", lambda state: [each["local_hold"] for each in state["calls"]] == [True, False])


@pytest.mark.rig
def test_hold_and_retrieve_by_the_desktop(phone: Story) -> None:
    customer = ringing(phone)
    phone.desktop.answer(customer)
    phone.shows("Talking")
    phone.desktop.hold(customer)
    phone.shows("On hold", "Resume")
    phone.desktop.hold(customer)
    phone.shows("On hold", "Resume")
    phone.desktop.retrieve(customer)
    phone.shows("Talking", "Hold")
    phone.desktop.retrieve(customer)
    phone.shows("Talking", "Hold")


def test_hold_while_ringing_and_talk_after_the_end_do_nothing(phone: Story) -> None:
    customer = ringing(phone)
    phone.desktop.hold(customer)
    phone.shows("Incoming call")
    customer.hang_up()
    phone.desktop.answer(customer)
    phone.idle()
    phone.hears("")


def test_talk_is_ignored_while_the_switch_is_off(phone: Story) -> None:
    customer = ringing(phone, voip__talk_event__enabled="0")
    phone.desktop.answer(customer)
    phone.shows("Incoming call")


def test_talk_closes_an_open_menu_and_answers(phone: Story) -> None:
    power_on(phone)
    phone.press("menu")
    customer = phone.customer()
    customer.call()
    phone.desktop.answer(customer)
    phone.shows("Talking", "Jane Customer")


def test_click_to_dial_dials_without_asking_and_reports(phone: Story) -> None:
    power_on(phone)
    phone.desktop.make_call("2001")
    phone.in_call()
    phone.shows("Talking", "2001")
    assert phone.desktop.reports == [(100, False), (180, False), (200, True)]


def test_click_to_dial_reports_a_failure(phone: Story) -> None:
    power_on(phone)
    phone.desktop.make_call("9486")
    phone.idle()
    assert phone.desktop.reports == [(100, False), (486, True)]


def test_click_to_dial_given_up_by_the_person_is_reported(phone: Story) -> None:
    power_on(phone)
    phone.desktop.make_call("9408")
    phone.shows("Ringing")
    phone.press("soft4")
    phone.idle()
    assert phone.desktop.reports[-1] == (487, True)


def test_click_to_dial_follows_a_redirect(phone: Story) -> None:
    power_on(phone)
    phone.desktop.make_call("9302")
    phone.in_call()
    assert phone.desktop.reports[-1] == (200, True)
    assert [final for _code, final in phone.desktop.reports].count(True) == 1


def test_a_refer_in_a_call_is_a_consultation_and_the_call_is_held(phone: Story) -> None:
    customer = ringing(phone)
    phone.desktop.answer(customer)
    phone.in_call()
    phone.desktop.make_call("2001", customer)
    phone.in_call(2)
    phone.shows("Consultation", "2001", "Jane Customer", "On hold")
    phone.pass_time(0.5)
    phone.press("soft4")
    phone.shows("Talking", "Jane Customer")


@pytest.mark.parametrize(
    ("settings", "trusted", "code"),
    [
        ({}, False, 403),
        ({"voip__services___3PCC__make_call__enabled": "0"}, True, 403),
        ({"voip__number_of_calls_per_line": "1"}, True, 486),
    ],
)
def test_click_to_dial_is_refused(phone: Story, settings: dict[str, str], trusted: bool, code: int) -> None:
    power_on(phone, **settings)
    busy = 0
    if code == 486:
        phone.dial("9196")
        phone.in_call()
        busy = 1
    phone.desktop.make_call("2001", trusted=trusted)
    assert phone.desktop.reports == [(code, True)]
    phone.in_call(busy)


def test_do_not_disturb_keeps_no_call_away_that_the_desktop_dials(phone: Story) -> None:
    power_on(phone, voip__line__0__do_not_disturb__activated="1")
    phone.desktop.make_call("2001")
    phone.in_call()
    assert phone.desktop.reports[-1] == (200, True)


def test_a_phone_where_nobody_is_logged_in_dials_nothing_by_itself(phone: Story) -> None:
    phone.agents(agent7001="")
    power_on(phone, voip__services__ACD__enabled="1", **{ATTENDED_ONLY: "1"})
    phone.large("Logged Out")
    phone.desktop.make_call("2001")
    assert phone.desktop.reports == [(403, True)]
    phone.idle()
    phone.desktop.log_in("agent7001")
    phone.large("Not Ready")
    phone.desktop.make_call("2001")
    phone.in_call()


def test_within_a_call_the_server_may_refer_a_phone_without_an_agent(phone: Story) -> None:
    customer = ringing(phone, **{ATTENDED_ONLY: "1"})
    phone.desktop.answer(customer)
    phone.in_call()
    phone.desktop.make_call("2001", customer)
    phone.in_call(2)


def test_a_call_with_replaces_takes_the_place_of_the_one_it_names(phone: Story) -> None:
    first = ringing(phone)
    phone.lift()
    phone.in_call()
    second = phone.customer("0409876", "Otto Second")
    second.call(replaces=first)
    phone.shows("Talking", "Otto Second")
    phone.in_call(1)
    assert first.ended() == 200
    phone.wait("voice still on the handset", lambda state: state["audio"]["path"] == "handset")
    phone.put_down()
    assert second.ended() == 200
    phone.press("menu", "1", "2")
    phone.shows("Received", "Otto Second")
    assert "Jane" not in phone.screen().text


def test_replaces_of_a_held_call_holds_what_runs(phone: Story) -> None:
    first = ringing(phone)
    phone.press("soft1")
    phone.in_call()
    phone.press("hold")
    phone.shows("On hold")
    phone.press("soft2", *"9196", "ok")
    phone.in_call(2)
    third = phone.customer("0409876", "Otto Second")
    third.call(replaces=first)
    phone.in_call(2)
    phone.wait("one talks", lambda state: sorted(each["local_hold"] for each in state["calls"]) == [False, True])


def test_replaces_from_a_stranger_is_refused(phone: Story) -> None:
    first = ringing(phone)
    phone.press("soft1")
    phone.in_call()
    stranger = phone.customer("666", "Mallory")
    stranger.call(replaces=first, trusted=False)
    phone.pass_time(0.5)
    phone.in_call(1)
    phone.shows("Talking", "Jane Customer")


def test_a_stranger_rings_nothing(phone: Story) -> None:
    power_on(phone, voip__auto_answer__enabled="1")
    stranger = phone.customer("666", "Mallory")
    stranger.call(trusted=False, headers=(("call-info", "<sip:x>;answer-after=0"),))
    phone.pass_time(0.5)
    phone.hears("")
    phone.idle()
    assert "M1" not in phone.screen().text
