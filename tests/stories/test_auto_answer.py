"""Automatic answer by a header or by the person's own setting, and the ring tones that callers bring along."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story

ON = {"voip__auto_answer__enabled": "1"}
AFTER_0 = (("call-info", "<sip:sips-a.example.com>;answer-after=0"),)
AFTER_3 = (("call-info", "<sip:sips-a.example.com>;answer-after=3"),)
TIMER = {"voip__advanced_auto_answer__activated": "1", "voip__advanced_auto_answer__type": "TIMER"}


def called(phone: Story, headers: tuple[tuple[str, str], ...] = (), /, **settings: str) -> Customer:
    """A customer calls with these header fields."""
    phone.power_on(**settings)
    phone.registered()
    customer: Customer = phone.customer()
    customer.call(headers=headers)
    return customer


@pytest.mark.parametrize(
    "headers",
    [
        AFTER_0,
        (("alert-info", "<http://127.0.0.1>;info=alert-autoanswer"),),
        (("alert-info", "ring answer"),),
        (("alert-info", "Auto Answer"),),
        (("alert-info", "<sip:x>;answer-after=0"),),
        (("call-info", "<sip:x>;info=alert-autoanswer;delay=0"),),
        (("answer-mode", "Auto"),),
        (("priv-answer-mode", "Auto;require"),),
    ],
)
def test_each_form_of_the_header_answers_at_once(phone: Story, headers: tuple[tuple[str, str], ...]) -> None:
    customer = called(phone, headers, **ON)
    customer.answered()
    phone.shows("Talking", "Jane Customer")
    phone.wait("voice on the speaker", lambda state: state["audio"]["path"] == "speaker")


@pytest.mark.bench("core")
@pytest.mark.parametrize(
    ("headers", "settings", "rings"),
    [
        ((), {}, True),
        ((), ON, True),
        (AFTER_0, ON, True),
        (AFTER_0, {**ON, "voip__auto_answer_use_180__enabled": "0"}, False),
        (AFTER_3, {**ON, "voip__auto_answer_use_180__enabled": "0"}, True),
        ((), {**ON, "voip__auto_answer_use_180__enabled": "0"}, True),
        (AFTER_0, {}, True),
        (AFTER_3, ON, True),
        ((), {**TIMER, "voip__advanced_auto_answer__timeout": "2"}, True),
    ],
)
def test_the_caller_hears_ringing_unless_the_answer_comes_at_once(
    phone: Story, headers: tuple[tuple[str, str], ...], settings: dict[str, str], rings: bool
) -> None:
    assert called(phone, headers, **settings).hears_ringing is rings  # type: ignore[attr-defined]


def test_answer_after_rings_first_and_wins_over_the_other_forms(phone: Story) -> None:
    customer = called(phone, (*AFTER_3, ("alert-info", "<http://127.0.0.1>;info=alert-autoanswer")), **ON)
    phone.shows("Incoming call")
    phone.hears("classic")
    phone.pass_time(2.5)
    phone.shows("Incoming call")
    phone.pass_time(0.6)
    customer.answered()


def test_a_manual_answer_in_between_wins(phone: Story) -> None:
    customer = called(phone, AFTER_3, **ON)
    phone.shows("Incoming call")
    phone.lift()
    customer.answered()
    phone.pass_time(4)
    phone.wait("voice on the handset", lambda state: state["audio"]["path"] == "handset")


def test_a_reject_in_between_wins(phone: Story) -> None:
    customer = called(phone, AFTER_3, **ON)
    phone.shows("Reject")
    phone.pass_time(0.5)  # who has seen it ring
    phone.press("soft4")
    assert customer.ended() == 603
    phone.pass_time(4)
    phone.idle()


def test_the_caller_who_gives_up_in_between_is_missed(phone: Story) -> None:
    customer = called(phone, AFTER_3, **ON)
    phone.shows("Incoming call")
    customer.hang_up()
    phone.pass_time(4)
    phone.shows("M1")


@pytest.mark.bench("core")
def test_while_it_is_off_the_phone_rings(phone: Story) -> None:
    called(phone, AFTER_0)
    phone.shows("Incoming call")
    phone.pass_time(10)
    phone.shows("Incoming call")


def test_what_requires_an_automatic_answer_is_refused_while_it_is_off(phone: Story) -> None:
    customer = called(phone, (("answer-mode", "Auto;require"),))
    assert customer.ended() == 403
    phone.idle()


@pytest.mark.bench("core")
def test_a_stranger_is_never_answered(phone: Story) -> None:
    phone.power_on(**ON, **TIMER, deskphone__security__registered_servers_only="0")
    phone.registered()
    stranger = phone.customer()
    stranger.call(headers=AFTER_0, trusted=False)
    phone.shows("Incoming call")
    phone.pass_time(20)
    phone.shows("Incoming call")


@pytest.mark.bench("core")
@pytest.mark.parametrize("settings", [ON, TIMER, {**ON, **TIMER}])
def test_who_only_wrote_the_servers_address_opens_no_microphone(phone: Story, settings: dict[str, str]) -> None:
    phone.power_on(**settings)
    phone.registered()
    forger = phone.customer()
    forger.call(headers=AFTER_0, marked=False)
    phone.shows("Incoming call")
    phone.pass_time(20)
    phone.shows("Incoming call")
    forger.hang_up()
    honest = phone.customer()
    honest.call(headers=AFTER_0)
    phone.pass_time(6)
    honest.answered()


def test_do_not_disturb_is_stronger(phone: Story) -> None:
    customer = called(phone, AFTER_0, **ON, voip__line__0__do_not_disturb__activated="1")
    assert customer.ended() == 603


@pytest.mark.parametrize("device", ["headset", "speakerphone"])
def test_the_beep_is_heard_on_the_device_it_is_configured_for(phone: Story, device: str) -> None:
    answer_on = "HEADSET" if device == "headset" else "SPEAKER"
    called(
        phone, AFTER_0, **ON, voip__answer_device=answer_on,
        **{f"voip__auto_answer__{device}_beep__enabled": "1"},
    )  # fmt: skip
    phone.hears("auto_answer")
    phone.pass_time(1.5)
    phone.hears("")
    phone.shows("Talking")


def test_no_beep_on_the_other_device(phone: Story) -> None:
    called(phone, AFTER_0, **ON, voip__auto_answer__headset_beep__enabled="1")
    phone.shows("Talking")
    assert phone.state()["tone"] == ""


def test_proactive_mute_starts_the_call_muted_until_mute_is_pressed(phone: Story) -> None:
    called(phone, AFTER_0, **ON, voip__proactive_mute__enabled="1")
    phone.shows("MUTED")
    phone.lamp("mute", "on")
    assert phone.state()["audio"]["muted"]
    phone.press("mute")
    phone.lamp("mute", "off")


def test_a_running_call_is_held_first(phone: Story) -> None:
    phone.power_on(**ON)
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.customer().call(headers=AFTER_0)
    phone.in_call(2)
    phone.shows("Talking", "Jane Customer", "9196", "On hold")


def test_each_automatic_answer_leaves_a_line_in_the_journal(phone: Story) -> None:
    called(phone, AFTER_0, **ON)
    phone.shows("Talking")
    lines = phone.journal().splitlines()
    assert any("answered automatically" in line and "0301234567" in line for line in lines)


def test_the_persons_own_automatic_answer_waits_its_delay(phone: Story) -> None:
    customer = called(phone, **TIMER, voip__advanced_auto_answer__timeout="6")
    phone.shows("Incoming call")
    phone.pass_time(3)
    phone.shows("Incoming call")
    phone.pass_time(4)
    customer.answered()
    assert "in 6 s, asked for by local setting" in phone.journal()


@pytest.mark.bench("core")
def test_the_persons_own_automatic_answer_may_trust_the_headers_only(phone: Story) -> None:
    customer = called(phone, voip__advanced_auto_answer__activated="1")
    phone.shows("Incoming call")
    phone.pass_time(20)
    phone.shows("Incoming call")
    customer.hang_up()
    again = phone.customer()
    again.call(headers=AFTER_0)
    again.answered()


def test_the_person_switches_the_own_automatic_answer_on_and_off(phone: Story) -> None:
    phone.power_on(voip__advanced_auto_answer__timeout="1")
    phone.registered()
    phone.press("menu", "3", "6")
    phone.shows("Settings", "Auto answer  on")
    phone.press("menu")
    customer = phone.customer()
    customer.call()
    phone.pass_time(1.5)
    customer.answered()
    phone.press("cancel", "menu", "3", "6")
    phone.shows("Auto answer  off")


@pytest.mark.bench("core")
def test_manual_require_forbids_the_timer_too(phone: Story) -> None:
    called(phone, (("answer-mode", "Manual;require"),), **ON, **TIMER)
    phone.pass_time(20)
    phone.shows("Incoming call")


def test_alert_info_chooses_the_ring_tone(phone: Story) -> None:
    called(
        phone, (("alert-info", "<http://127.0.0.1/bellcore-dr3>"),),
        voip__distinctive_ringing__0__type="bellcore-dr3", voip__distinctive_ringing__0__ringtone="marimba",
    )  # fmt: skip
    phone.hears("marimba")


def test_a_contact_rings_with_its_own_tone(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("menu", "2", "ok")
    phone.type("Jane")
    phone.press("down")
    phone.type("0301234567")
    phone.press("soft1")
    phone.shows("Directory", "Jane")
    phone.press("ok", "3")
    phone.shows("Ring tone", "As the phone", "Classic")
    phone.press("3")
    phone.shows("Contact", "Ring tone", "Double")
    phone.press("menu")
    phone.customer().call()
    phone.hears("double")


def test_a_contact_that_is_renamed_keeps_its_tone(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("menu", "2", "ok")
    phone.type("Jane")
    phone.press("down", *"0301234567", "soft1")
    phone.shows("Jane")
    phone.press("ok", "3", "4")
    phone.shows("Contact", "Marimba")
    phone.press("2")
    phone.shows("Name", "Jane")
    phone.type(" Customer")
    phone.press("soft1", "menu")
    phone.customer().call()
    phone.shows("Jane Customer")
    phone.hears("marimba")
