"""Devices: which may be used, where the phone rings and how, and who is still on hold."""

from __future__ import annotations

import pytest

from tests.stories.bench import Story
from tests.stories.in_service import caller, on, talking

pytestmark = pytest.mark.bench("core")  # what goes over the wire is told on the sip bench as well
WIRE = pytest.mark.bench("core", "sip")


# --- devices -----------------------------------------------------------------------------------------


def voice_on(phone: Story, path: str) -> None:
    phone.wait(f"voice on the {path}", lambda state: state["audio"]["path"] == path)


@WIRE
def test_where_only_the_headset_may_be_used_everything_is_heard_there(phone: Story) -> None:
    on(phone, voip__headset_only__enabled="1")
    who = caller(phone)
    phone.shows("Incoming call")
    phone.lift()
    phone.press("speaker")
    phone.shows("Incoming call")
    phone.press("soft1")
    who.answered()
    voice_on(phone, "headset")
    phone.put_down()
    phone.in_call()
    phone.press("headset")
    assert who.ended() == 200


def test_where_the_speakerphone_may_not_be_used_a_softkey_answers_on_the_headset(phone: Story) -> None:
    on(phone, voip__hands_free_mode__enabled="0")
    who = caller(phone)
    phone.shows("Incoming call")
    phone.press("speaker")
    phone.shows("Incoming call")
    phone.press("soft1")
    who.answered()
    voice_on(phone, "headset")
    phone.lift()
    voice_on(phone, "handset")


def test_where_the_handset_may_not_be_used_lifting_it_does_nothing(phone: Story) -> None:
    on(phone, voip__handset_mode__enabled="0")
    phone.lift()
    phone.shows("1502", "Directory")
    who = caller(phone)
    phone.shows("Incoming call")
    phone.press("soft1")
    who.answered()
    voice_on(phone, "speaker")
    phone.put_down()
    phone.in_call()


@WIRE
def test_a_blocked_mute_key_mutes_nobody_but_ends_a_proactive_mute(phone: Story) -> None:
    on(phone, voip__block_mute_key="1", voip__proactive_mute__enabled="1")
    talking(phone)
    phone.shows("MUTED")
    phone.press("mute")
    phone.lamp("mute", "off")
    phone.press("mute")
    phone.press("volume_up")
    phone.lamp("mute", "off")


def test_the_ring_volume_can_be_locked(phone: Story) -> None:
    on(phone, voip__block_ringer_volume__enabled="1")
    phone.press("volume_up")
    phone.shows("Volume", "Ring", "6")


def test_a_handset_put_down_ends_a_held_call_where_it_is_set_so(phone: Story) -> None:
    on(phone, voip__onhook_disconnect_when_held__enabled="1")
    who = caller(phone)
    phone.shows("Incoming call")
    phone.lift()
    who.answered()
    phone.in_call()
    phone.press("hold")
    phone.shows("On hold")
    phone.put_down()
    assert who.ended() == 200


# --- how it rings ------------------------------------------------------------------------------------


def test_the_phone_beeps_three_times_in_place_of_ringing(phone: Story) -> None:
    on(phone, voip__beep_to_ringing_device__enabled="1", voip__beep_during_time__number_of_hundred_millisecond="4")
    caller(phone)
    heard = ""
    for _ in range(30):
        heard += "b" if phone.state()["ringing"] else "."
        phone.pass_time(0.1)
    assert heard.rstrip(".").strip(".") == "bbbb....bbbb....bbbb"
    phone.shows("Incoming call")
    phone.lamp("ring", "fast")
    phone.press("soft1")
    phone.in_call()


@WIRE
@pytest.mark.parametrize(
    ("settings", "rings", "headset"),
    [
        ({}, "classic", ""),
        ({"voip__ring_via_answer_device__enabled": "1"}, "classic", ""),
        ({"voip__ring_via_answer_device__enabled": "1", "voip__answer_device": "HEADSET"}, "classic", "ring"),
        ({"voip__called_ringing_device": "HEADSET"}, "", "ring"),
        (
            {"voip__called_ringing_device": "HEADSET", "voip__beep_to_ringing_device__enabled": "1",
             "voip__beep_during_time__number_of_hundred_millisecond": "50"},
            "", "ring_beep",
        ),
    ],
)  # fmt: skip
def test_the_phone_rings_where_it_is_set_to(phone: Story, settings: dict[str, str], rings: str, headset: str) -> None:
    on(phone, **settings)
    who = caller(phone)
    phone.shows("Incoming call")
    state = phone.state()
    assert (state["ringing"] or {"name": ""})["name"] == rings
    assert (state["call_tone"], state["audio"]["path"]) == (headset, "headset" if headset else "none")
    phone.press("soft1")
    who.answered()
    phone.hears("")
    who.hang_up()
    phone.idle()
    voice_on(phone, "none")


# --- who is held -------------------------------------------------------------------------------------


def test_after_a_while_the_agent_is_told_that_somebody_is_still_on_hold(phone: Story) -> None:
    on(phone, deskphone__hold_reminder__after="30")
    talking(phone)
    phone.press("hold")
    phone.pass_time(29)
    assert phone.state()["tone"] == ""
    phone.pass_time(2)
    assert phone.state()["call_tone"] == "hold_reminder"
    phone.press("hold")
    phone.hears("")


def test_with_the_handset_down_the_ringing_device_says_so_every_15_seconds(phone: Story) -> None:
    on(phone, deskphone__hold_reminder__after="30")
    who = caller(phone)
    phone.lift()
    who.answered()
    phone.in_call()
    phone.press("hold")
    phone.put_down()
    beeps, before = [], None
    for tenth in range(640):
        rings = phone.state()["ringing"]
        if rings and rings != before:
            assert (rings["name"], rings["once"]) == ("beep", True)
            beeps.append(tenth // 10)
        before = rings
        phone.pass_time(0.1)
    assert beeps[0] in (30, 31)
    assert [each - beeps[0] for each in beeps] == [0, 15, 30]


def test_nobody_is_reminded_where_it_is_set_so(phone: Story) -> None:
    on(phone, deskphone__hold_reminder__after="0")
    talking(phone)
    phone.press("hold")
    phone.pass_time(600)
    assert phone.state()["tone"] == ""
