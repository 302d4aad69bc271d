"""A key does something or says why not, and what it does is of what the person hears and sees."""

from __future__ import annotations

import pytest

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
def test_no_word_stands_before_a_caller(phone: Story, key: str) -> None:
    on(phone)
    phone.customer().call()
    phone.shows("Incoming call", "Jane Customer")
    phone.press(key)
    phone.shows("Incoming call", "Jane Customer")


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
    phone.shows("Volume", "Speaker")


def test_the_volume_keys_mean_the_headset_where_only_it_rings(phone: Story) -> None:
    on(phone, voip__called_ringing_device="HEADSET")
    phone.customer().call()
    phone.hears("ring")
    before = phone.state()["audio"]["volume"]
    phone.press("volume_up")
    phone.shows("Volume", "Headset")
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
