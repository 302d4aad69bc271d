"""A key does something or says why not, and what it does is of what the person hears and sees."""

from __future__ import annotations

import pytest

from deskphone.core import effects as fx
from tests.stories.agent import log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.in_service import on

pytestmark = pytest.mark.bench("core")


@pytest.mark.parametrize("key", ["hold", "transfer", "mute"])
def test_a_key_of_calls_says_that_it_does_nothing_without_one(phone: Story, key: str) -> None:
    on(phone)
    phone.press(key)
    phone.shows("Not possible now")
    phone.pass_time(2.1)
    assert "Not possible now" not in phone.screen().text


@pytest.mark.parametrize("key", ["hold", "transfer", "redial"])
def test_so_it_does_while_it_rings_at_the_far_end(phone: Story, key: str) -> None:
    on(phone)
    phone.callee("9408", after=None)
    phone.dial("9408")
    phone.shows("Ringing")
    phone.press(key)
    phone.shows("Not possible now", "End")


@pytest.mark.parametrize("key", ["hold", "transfer", "redial", "menu", "contacts"])
def test_the_word_stands_under_a_caller(phone: Story, key: str) -> None:
    on(phone)
    phone.customer().call()
    phone.shows("Incoming call", "Jane Customer")
    phone.press(key)
    phone.shows("Incoming call", "Jane Customer", "Not possible now")


def test_who_is_called_hears_nothing_from_the_first_moment_where_mute_was_pressed_before(phone: Story) -> None:
    on(phone)
    phone.callee("9408", after=3)
    phone.dial("9408")
    phone.shows("Ringing")
    phone.press("mute")
    phone.shows("Ringing", "MUTED")
    phone.lamp("mute", "on")
    phone.in_call()
    phone.shows("Talking", "MUTED")
    assert phone.state()["audio"]["muted"]
    phone.press("mute")
    assert not phone.state()["audio"]["muted"]


def test_a_muted_call_that_nobody_answers_leaves_the_next_one_open(phone: Story) -> None:
    on(phone)
    phone.callee("9408", after=None)
    phone.dial("9408")
    phone.shows("Ringing")
    phone.press("mute", "cancel")
    phone.idle()
    phone.lamp("mute", "off")


def test_the_volume_keys_mean_the_talk_while_another_call_waits(phone: Story) -> None:
    on(phone)
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.customer("0409876", "Otto Second").call()
    phone.hears("call_waiting")
    phone.press("volume_up")
    phone.shows("Call waiting", "Speaker", "\u2588" * 7)


def test_the_volume_keys_mean_the_headset_where_only_it_rings(phone: Story) -> None:
    on(phone, voip__called_ringing_device="HEADSET")
    phone.customer().call()
    phone.hears("ring")
    before = phone.state()["audio"]["volume"]
    phone.press("volume_up")
    phone.shows("Incoming call", "Headset", "\u2588")
    assert phone.state()["audio"]["volume"] == before + 1


def test_a_wrong_password_is_typed_anew_not_behind_the_old_one(phone: Story) -> None:
    on(phone, system__password="9999")
    phone.press("menu", "up", "ok")
    phone.shows("Administration", "Password")
    phone.press(*"1234", "ok")
    phone.shows("Wrong password")
    phone.pass_time(5)
    phone.press(*"9999", "ok")
    phone.shows("Administration", "Restart")


def test_a_directory_that_is_full_says_so(phone: Story) -> None:
    on(phone, personal_settings__max_directory_size="0")
    phone.press("contacts", "ok")
    phone.type("Ann")
    phone.press("down", *"2001", "soft1")
    phone.shows("Directory full")


def test_a_log_out_that_is_not_answered_yet_says_so(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.shows("agent7001", "Logout")
    phone.agent_server().deaf = True
    phone.press("soft2")
    phone.large("Logging out...")
    assert core(phone).phone.agent.server is not None


# --- what a key takes away ---------------------------------------------------------------------------


@pytest.mark.parametrize("take_up", ["headset", "speaker", "handset"])
def test_who_puts_the_headset_on_while_logging_in_goes_on_where_he_was(phone: Story, take_up: str) -> None:
    power_on(phone)
    phone.press("soft1")
    phone.type("agent7001")
    phone.press("ok")
    phone.type("12")
    phone.lift() if take_up == "handset" else phone.press(take_up)
    phone.shows("Dial")
    phone.put_down() if take_up == "handset" else phone.press(take_up)
    phone.shows("Log In", "agent7001")
    phone.type("34")
    phone.press("ok")
    phone.shows("agent7001", "Logout")


def test_a_number_dialled_from_a_form_leaves_it(phone: Story) -> None:
    power_on(phone)
    phone.press("soft1")
    phone.type("agent7001")
    phone.press("speaker", *"2001", "ok")
    phone.in_call()
    phone.press("cancel")
    phone.large("Logged Out")


def test_voice_mail_covers_no_caller(phone: Story) -> None:
    on(phone, voip__services__msg_waiting_ind__voice_mail_number="9664")
    phone.customer().call()
    phone.shows("Incoming call", "Jane Customer")
    phone.press("voicemail")
    phone.shows("Incoming call", "Jane Customer", "Answer")


def test_who_was_anonymous_when_it_rang_is_so_in_the_list(phone: Story) -> None:
    on(phone)
    customer = phone.customer()
    customer.call(anonymous=True)
    phone.shows("Incoming call", "Anonymous")
    customer.hang_up()
    phone.pass_time(1)
    phone.press("soft2")
    phone.shows("Missed calls", "Anonymous")


def test_who_types_where_to_send_a_caller_hears_the_caller_and_no_dial_tone(phone: Story) -> None:
    on(phone)
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.press("soft4", "soft1")
    phone.shows("Transfer to", "Jane Customer", "Talking")
    assert phone.heard() and phone.state()["tone"] == ""
    phone.press("cancel", "transfer")
    phone.shows("Call to", "On hold")
    phone.hears("dial")


def test_a_restart_is_no_slip_and_ends_no_call(phone: Story) -> None:
    on(phone)
    phone.press("menu", "3", "7", "ok")  # OK once too often
    phone.shows("Settings")
    phone.press("menu")
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.press("menu", "3", "7", "2")
    phone.shows("Call under way")
    assert not [each for each in core(phone).effects if isinstance(each, fx.Restart)]


def test_a_number_that_could_not_be_called_is_not_called_later_by_itself(phone: Story) -> None:
    on(phone)
    phone.press("speaker")
    phone.server_lost(0)
    phone.press(*"2001", "ok")
    phone.shows("Not registered")
    phone.server_back(0)
    phone.registered(within=70)
    phone.pass_time(10)
    phone.shows("Dial", "2001")
    assert phone.state()["calls"] == []
    phone.press("ok")
    phone.in_call()


# --- what stands in the way --------------------------------------------------------------------------


def test_no_message_covers_a_caller(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.shows("agent7001", "Logout")
    phone.agent_server().deaf = True
    phone.press("soft1")
    phone.customer().call()
    phone.pass_time(5.5)
    phone.shows("Incoming call", "Jane Customer", "Not accepted")
    phone.pass_time(5)
    assert "Not accepted" not in phone.screen().text


def test_the_volume_bar_stands_under_a_caller(phone: Story) -> None:
    on(phone)
    phone.customer().call()
    phone.press("volume_up")
    phone.shows("Incoming call", "Jane Customer", "Ring", "█" * 7)


def test_who_is_logged_in_by_the_desktop_while_he_types_is_told_so(phone: Story) -> None:
    power_on(phone)
    phone.press("soft1")
    phone.type("a7002")
    phone.desktop.log_in("agent7001")
    phone.pass_time(1)
    phone.shows("Log In", "a7002")
    phone.press("soft1")
    phone.shows("Logged in already", "agent7001")
    phone.pass_time(5)
    phone.shows("agent7001", "Logout")


def test_the_hold_key_in_a_menu_shows_what_becomes_of_the_call(phone: Story) -> None:
    on(phone)
    phone.customer().call()
    phone.press("soft1")
    phone.in_call()
    phone.press("menu", "4")
    phone.press("hold")
    phone.shows("On hold", "Jane Customer", "Resume")


def test_a_long_name_of_the_phone_leaves_clock_and_marks_their_place(phone: Story) -> None:
    on(phone, voip__line__0__extension_display="Customer Service Berlin")
    phone.shows("Customer Ser..")


def test_a_caller_who_is_forwarded_to_no_number_rings_on_and_it_is_said_why(phone: Story) -> None:
    on(phone)
    phone.customer().call()
    phone.press("soft3", "soft1")
    phone.shows("Incoming call", "Jane Customer", "Enter a number", "Answer")


@pytest.mark.parametrize("how", ["volume", "tone"])
def test_a_phone_that_will_not_be_heard_ringing_says_so_at_a_glance(phone: Story, how: str) -> None:
    on(phone)
    assert "Silent" not in phone.screen().marks
    phone.press(*(["volume_down"] * 10 if how == "volume" else ["menu", "3", "1", "9", "menu"]))
    phone.pass_time(3)
    assert "Silent" in phone.screen().marks
    phone.press(*(["volume_up"] if how == "volume" else ["menu", "3", "1", "1", "menu"]))
    assert "Silent" not in phone.screen().marks


def test_a_ring_in_the_headset_is_heard_whatever_the_ringer_says(phone: Story) -> None:
    on(phone, voip__called_ringing_device="HEADSET")
    phone.press("menu", "3", "1", "9", "menu")
    assert "Silent" not in phone.screen().marks


def test_the_call_log_and_a_contact_are_deleted_after_a_question(phone: Story) -> None:
    on(phone)
    phone.press("contacts", "ok")
    phone.type("Ann")
    phone.press("down", *"2001", "soft1", "menu")
    customer = phone.customer()
    customer.call()
    customer.hang_up()
    phone.pass_time(1)
    phone.press("menu", "1", "4", "ok")  # OK once too often
    phone.shows("Call log")
    phone.press("4")
    assert phone.shows("Delete all", "Yes").rows == ("No", "Yes")
    assert core(phone).phone.log
    phone.press("2")
    phone.shows("Menu")
    assert not core(phone).phone.log
    phone.press("menu", "contacts", "ok", "4", "ok")
    phone.shows("Contact", "2001")
    phone.press("4", "2")
    phone.shows("Directory")
    assert not core(phone).phone.contacts
