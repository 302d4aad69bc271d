"""More than one call of the agent's own, hands-free dialling beside another call, and what the call log says of it."""

from __future__ import annotations

import pytest

from tests.stories.bench import Story

SETTINGS = {"voip__services__msg_waiting_ind__voice_mail_number": "9664", "voip__talk_event__enabled": "1",
            "deskphone__click_to_dial__only_logged_in": "0"}  # fmt: skip


@pytest.fixture
def ready(phone: Story) -> Story:
    """A phone in service."""
    phone.power_on(**SETTINGS)
    phone.registered()
    return phone


def on_path(phone: Story, path: str) -> None:
    phone.wait(f"voice on the {path}", lambda state: state["audio"]["path"] == path)


def calls(phone: Story, *states: str) -> None:
    phone.wait(f"calls {states}", lambda state: [each["state"] for each in state["calls"]] == list(states))


# --- hands-free ------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["speaker", "headset"])
def test_a_number_typed_hands_free_stays_when_another_caller_gives_up(ready: Story, device: str) -> None:
    ready.press(device, "9", "1")
    on_path(ready, device)
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call")
    customer.hang_up()
    ready.shows("Dial", "91")
    on_path(ready, device)
    ready.lamp(device, "on")
    ready.press("9", "6", "ok")
    ready.in_call()
    on_path(ready, device)


def test_a_number_typed_hands_free_stays_when_another_call_is_rejected(ready: Story) -> None:
    ready.press("speaker", "9", "1")
    customer = ready.customer()
    customer.call()
    ready.shows("Reject")
    ready.pass_time(0.5)  # who has seen it ring
    ready.press("soft4")
    assert customer.ended() == 603
    ready.shows("Dial", "91")
    on_path(ready, "speaker")


def test_a_number_typed_beside_a_held_call_stays_when_the_customer_hangs_up(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Answer")
    ready.press("soft1")
    customer.answered()
    ready.in_call()
    ready.press("hold")
    ready.shows("On hold", "New")
    ready.press("soft2", "9", "1")
    ready.shows("Dial", "91")
    on_path(ready, "speaker")
    customer.hang_up()
    ready.idle()
    ready.shows("Dial", "91")
    on_path(ready, "speaker")


@pytest.mark.parametrize("device", ["speaker", "headset"])
def test_a_busy_number_called_hands_free_is_heard(ready: Story, device: str) -> None:
    ready.press(device, *"9486", "ok")
    ready.shows("Busy")
    ready.hears("busy")
    on_path(ready, device)
    ready.shows("Directory", within=6)
    on_path(ready, "none")
    ready.lamp(device, "off")


def test_the_device_key_ends_the_busy_tone(ready: Story) -> None:
    ready.press("speaker", *"9486", "ok")
    ready.hears("busy")
    ready.press("speaker")
    ready.hears("")
    ready.lamp("speaker", "off")
    assert ready.screen().title == "1502"


def test_a_digit_while_busy_is_heard_begins_the_next_number_on_the_same_device(ready: Story) -> None:
    ready.press("speaker", *"9486", "ok")
    ready.hears("busy")
    ready.press(*"9196", "ok")
    ready.in_call()
    on_path(ready, "speaker")


# --- two calls out ---------------------------------------------------------------------------------


def test_a_second_click_to_dial_holds_the_first_call(ready: Story) -> None:
    ready.desktop.make_call("9196")
    ready.in_call()
    ready.desktop.make_call("2001")
    ready.in_call(2)
    ready.wait("the first is held", lambda state: [each["local_hold"] for each in state["calls"]] == [True, False])


def test_a_double_click_to_dial_makes_one_call(ready: Story) -> None:
    ready.desktop.make_call("9408")
    ready.shows("Ringing", "9408")
    ready.desktop.make_call("9408")
    ready.wait("the second click is refused", lambda state: (486, True) in ready.desktop.reports)
    calls(ready, "ringing")
    ready.shows("Ringing", "9408")


@pytest.mark.parametrize("keys", [("voicemail",), ("menu", "1", "3", "ok")])
def test_a_key_that_calls_while_a_call_of_ours_rings_leaves_it_alone(ready: Story, keys: tuple[str, ...]) -> None:
    ready.dial("9486")
    ready.shows("Busy")
    ready.shows("Directory", within=6)
    ready.dial("9408")
    ready.shows("Ringing", "9408")
    ready.press(*keys)
    ready.shows("Call under way")
    calls(ready, "ringing")
    ready.pass_time(4)
    if "menu" in keys:
        ready.press("menu")
    ready.shows("Ringing", "9408", "End")


def test_the_voice_mail_key_in_a_call_holds_it(ready: Story) -> None:
    ready.dial("9196")
    ready.in_call()
    ready.press("voicemail")
    ready.in_call(2)
    ready.wait("the first is held", lambda state: [each["local_hold"] for each in state["calls"]] == [True, False])


def test_the_limit_counts_the_calls_that_go_out(phone: Story) -> None:
    phone.power_on(voip__number_of_calls_per_line="1", **SETTINGS)
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.press("voicemail")
    phone.shows("No free call")
    calls(phone, "established")
    phone.desktop.make_call("2001")
    phone.wait("refused", lambda state: (486, True) in phone.desktop.reports)
    customer = phone.customer()
    customer.call()
    assert customer.ended() == 486


# --- what is answered --------------------------------------------------------------------------------


def test_lifting_the_handset_in_a_call_on_the_speaker_does_not_answer_a_call_that_is_not_shown(ready: Story) -> None:
    first, second = ready.customer(), ready.customer("0409876", "Otto Second")
    first.call()
    ready.shows("Jane Customer")
    ready.press("soft1")
    first.answered()
    ready.in_call()
    second.call()
    ready.shows("Call waiting", "Otto Second")
    ready.press("down")
    ready.shows("Talking", "Jane Customer", "Otto Second")
    ready.lift()
    on_path(ready, "handset")
    ready.press("hold")
    ready.wait("the first is held", lambda state: state["calls"][0]["local_hold"])
    calls(ready, "established", "incoming")


def test_a_second_caller_does_not_come_between_the_eye_and_the_answer(ready: Story) -> None:
    first, second = ready.customer(), ready.customer("0409876", "Otto Second")
    first.call()
    ready.large("Jane Customer")
    second.call()
    ready.shows("Otto Second")
    ready.large("Jane Customer", "Otto Second")
    ready.press("soft1")
    first.answered()
    calls(ready, "established", "incoming")


def test_menu_and_contacts_while_it_rings_leave_no_page_behind(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call")
    ready.press("menu", "contacts", "menu")
    ready.shows("Incoming call", "Answer")
    customer.hang_up()
    ready.idle()
    assert ready.shows("1502", "Directory").title == "1502"


def test_contacts_while_dialling_are_seen_and_end_in_the_dial_screen(ready: Story) -> None:
    ready.press("9", "1")
    ready.press("menu")
    ready.shows("Menu", "Call log")
    ready.press("menu")
    ready.shows("Dial", "91")
    ready.press("contacts")
    ready.shows("Directory", "Add contact")
    ready.press("cancel")
    ready.shows("Dial", "91")
    ready.press("9", "6", "ok")
    ready.in_call()
    ready.shows("Talking", "9196")


# --- the call log ------------------------------------------------------------------------------------


def test_a_redirect_is_one_entry_under_the_number_that_was_dialled(ready: Story) -> None:
    ready.dial("9302")
    ready.in_call()
    ready.shows("Talking", "9196")
    ready.press("cancel")
    ready.idle()
    ready.press("menu", "1", "3")
    assert [row.split()[0] for row in ready.shows("Dialled").rows] == ["9302"]
    ready.press("menu", "redial")
    ready.in_call()
    ready.shows("Talking", "9196")


def test_a_redirect_to_a_number_that_is_busy_is_one_entry_too(ready: Story) -> None:
    ready.callee("9196", code=486, reason="Busy Here", after=0)
    ready.dial("9302")
    ready.shows("Busy")
    ready.idle()
    ready.shows("Directory", within=6)
    ready.press("menu", "1", "3")
    assert [row.split()[0] for row in ready.shows("Dialled").rows] == ["9302"]


def test_who_answers_a_call_of_ours_while_we_talk_to_a_customer_is_held(ready: Story) -> None:
    callee = ready.callee("2002", after=None)
    ready.dial("2002")
    ready.shows("Ringing", "2002")
    customer = ready.customer()
    customer.call()
    ready.shows("Call waiting", "Jane Customer")
    ready.press("soft1")
    customer.answered()
    ready.in_call(1)
    callee.accept()
    ready.in_call(2)
    ready.wait("the callee is held", lambda state: [each["local_hold"] for each in state["calls"]] == [True, False])
    ready.shows("Talking", "Jane Customer", "On hold")
