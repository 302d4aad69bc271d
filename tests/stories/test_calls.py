"""Calling and being called."""

from __future__ import annotations

import pytest

from tests.stories.bench import Story


@pytest.mark.rig
def test_dial_by_keypad_and_hang_up_with_the_softkey(ready: Story) -> None:
    ready.press("9", "1", "9", "6")
    ready.shows("Dial", "9196")
    ready.press("soft1")
    ready.in_call()
    ready.shows("Talking", "9196", "0:0")
    ready.press("cancel")
    ready.idle()
    ready.shows("1502", "Directory")


@pytest.mark.rig
def test_dial_with_the_handset_hears_dial_tone_then_ringback(ready: Story) -> None:
    ready.lift()
    ready.hears("dial")
    ready.press("9", "4", "0", "8")
    ready.hears("")
    ready.press("#")
    ready.hears("ringback")
    ready.shows("Ringing", "9408")
    ready.put_down()
    ready.idle()
    ready.hears("")


def test_the_inter_digit_timer_sends_a_number_dialled_off_hook(ready: Story) -> None:
    ready.lift()
    ready.press(*"9196")
    ready.in_call(within=8)


def test_lifting_the_handset_sends_what_was_typed_before(ready: Story) -> None:
    ready.press(*"9196")
    ready.lift()
    ready.in_call()
    ready.wait("voice on the handset", lambda state: state["audio"]["path"] == "handset")


def test_redial_calls_the_last_number_again(ready: Story) -> None:
    ready.dial("9196")
    ready.in_call()
    ready.press("cancel")
    ready.idle()
    ready.press("redial")
    ready.in_call()
    ready.shows("9196")


@pytest.mark.rig
def test_an_incoming_call_rings_and_the_handset_answers(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call", "Jane Customer", "0301234567", "Answer", "Reject")
    ready.lamp("ring", "fast")
    ready.hears("classic")
    ready.lift()
    customer.answered()
    ready.in_call()
    ready.hears("")
    ready.lamp("ring", "on")
    ready.wait("voice on the handset", lambda state: state["audio"]["path"] == "handset")
    ready.put_down()
    assert customer.ended() == 200
    ready.idle()


@pytest.mark.parametrize("key", ["soft1", "ok"])
def test_a_key_answers_on_the_speaker(ready: Story, key: str) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call")
    ready.press(key)
    customer.answered()
    ready.wait("voice on the speaker", lambda state: state["audio"]["path"] == "speaker")
    ready.lamp("speaker", "on")


@pytest.mark.parametrize("device", ["speaker", "headset"])
def test_a_device_key_answers_there_and_ends_there(ready: Story, device: str) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call")
    ready.press(device)
    customer.answered()
    ready.wait(f"voice on the {device}", lambda state: state["audio"]["path"] == device)
    ready.press(device)
    assert customer.ended() == 200


@pytest.mark.rig
def test_the_caller_gives_up_and_the_call_is_missed(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call")
    customer.hang_up()
    ready.idle()
    ready.shows("M1")
    ready.lamp("message", "slow")
    ready.press("soft2")
    ready.shows("Missed calls", "Jane Customer")
    ready.press("cancel")
    ready.lamp("message", "off")


@pytest.mark.rig
def test_reject_refuses_the_call(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Reject")
    ready.pass_time(0.5)  # who has seen it ring
    ready.press("soft4")
    assert customer.ended() == 603
    ready.idle()


def test_silent_stops_the_ring_but_the_call_can_still_be_answered(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.hears("classic")
    ready.press("soft2")
    ready.hears("")
    ready.lamp("ring", "slow")
    assert ready.screen().softkeys == ("Answer", "", "Fwd", "Reject"), "there is nothing left to silence"
    ready.press("soft1")
    customer.answered()


def test_an_anonymous_caller_stays_anonymous(ready: Story) -> None:
    ready.customer().call(anonymous=True)
    ready.shows("Anonymous")


def test_call_waiting_beeps_holds_and_swaps(ready: Story) -> None:
    first, second = ready.customer(), ready.customer("0409876", "Otto Second")
    first.call()
    ready.shows("Jane Customer")
    ready.press("soft1")
    first.answered()
    ready.in_call()
    second.call()
    ready.shows("Call waiting", "Otto Second", "Jane Customer")
    ready.hears("call_waiting")
    ready.press("soft1")
    second.answered()
    ready.in_call(2)
    ready.shows("Talking", "Otto Second", "Jane Customer", "On hold", "Swap")
    ready.press("soft1")
    ready.wait(
        "the first call talking, the second held",
        lambda state: [call["local_hold"] for call in state["calls"]] == [False, True],
    )
    ready.shows("Jane Customer", "On hold")
    first.hang_up()
    ready.in_call(1)
    ready.shows("On hold", "Otto Second", "Resume")
    ready.pass_time(0.5)
    ready.press("hold")
    ready.shows("Talking", "Otto Second")


def test_with_call_waiting_off_a_second_caller_hears_busy(phone: Story) -> None:
    phone.power_on(voip__services__call_waiting__enabled="0")
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    second = phone.customer()
    second.call()
    assert second.ended() == 486
    phone.in_call()


@pytest.mark.rig
def test_hold_and_retrieve(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Answer")
    ready.press("soft1")
    ready.shows("Talking", "Hold")
    ready.press("hold")
    ready.shows("On hold", "Resume")
    ready.lamp("ring", "slow")
    ready.press("soft1")
    ready.shows("Talking")
    customer.hold()
    ready.shows("Held by other side")
    customer.retrieve()
    ready.shows("Talking")


def test_mute_cuts_the_microphone_until_pressed_again(ready: Story) -> None:
    ready.dial("9196")
    ready.in_call()
    ready.press("mute")
    ready.shows("MUTED")
    ready.lamp("mute", "on")
    assert ready.state()["audio"]["muted"]
    ready.press("mute")
    ready.lamp("mute", "off")
    ready.press("mute")
    ready.press("cancel")
    ready.idle()
    ready.lamp("mute", "off")


def test_volume_keys_change_the_path_in_use_and_the_ring_when_idle(ready: Story) -> None:
    ready.press("volume_up")
    ready.shows("Volume", "Ring", "7")
    ready.dial("9196")
    ready.in_call()
    before = ready.state()["audio"]["volume"]
    ready.press("volume_down")
    ready.shows("Volume", "Speaker")
    assert ready.state()["audio"]["volume"] == before - 1


@pytest.mark.parametrize("mode", ["RFC2833", "VIA_SIP", "INBAND"])
def test_digits_in_a_call_reach_the_far_end(phone: Story, mode: str) -> None:
    phone.power_on(voip__media__out_of_band_dtmf=mode)
    phone.registered()
    customer = phone.customer()
    customer.call()
    phone.shows("Answer")
    phone.press("soft1")
    customer.answered()
    phone.in_call()
    phone.press("4", "2", "#")
    phone.shows("42#")
    phone.wait("the digits at the far end", lambda state: customer.digits == "42#")


@pytest.mark.parametrize(
    ("number", "words", "tone"),
    [
        ("9486", "Busy", "busy"),
        ("9404", "Unknown number", "congestion"),
        ("9603", "Declined", "busy"),
        ("9500", "Server error", "congestion"),
        ("9503", "Service unavailable", "congestion"),
    ],
)
def test_a_failed_call_says_why(ready: Story, number: str, words: str, tone: str) -> None:
    ready.lift()
    ready.press(*number, "#")
    ready.shows(words, number[1:])
    ready.hears(tone)
    ready.put_down()
    ready.hears("")


@pytest.mark.parametrize(
    ("code", "words"),
    [(403, "Not allowed"), (408, "No answer from server"), (480, "Not available"), (484, "Number incomplete"),
     (488, "No common codec"), (600, "Busy everywhere"), (604, "Unknown number")],
)  # fmt: skip
def test_each_failure_code_has_its_words(ready: Story, code: int, words: str) -> None:
    ready.server_answers("INVITE", code, "Some Reason", times=2 if code == 488 else 1)  # asked again with RTP/AVPF
    ready.dial("2001")
    ready.shows(words, str(code))
    ready.idle()


def test_a_redirected_call_goes_on_to_the_new_number(ready: Story) -> None:
    ready.dial("9302")
    ready.in_call()
    ready.shows("Talking", "9196")


def test_early_media_is_heard_before_the_answer(ready: Story) -> None:
    ready.dial("9180")
    ready.wait("early media", lambda state: any(call["state"] == "early" for call in state["calls"]))
    ready.shows("Connecting")
    ready.hears("")
    ready.in_call()


def test_forward_always_sends_the_caller_elsewhere_without_a_ring(ready: Story) -> None:
    ready.press("soft4")
    ready.shows("Command Menu", "Fwd", "DnD")
    ready.press("ok")
    ready.shows("Automatic Forward", "Always", "Busy", "No Reply")
    ready.press("ok")
    ready.shows("Number to Forward to")
    ready.press(*"2424", "soft1")
    ready.shows("1502", "Fwd 2424")
    customer = ready.customer()
    customer.call()
    assert customer.ended() == 302
    ready.hears("")


def test_do_not_disturb_refuses_and_counts_as_missed(ready: Story) -> None:
    ready.press("soft3")
    ready.shows("DnD")
    customer = ready.customer()
    customer.call()
    assert customer.ended() == 603
    ready.shows("M1")
    ready.hears("")


def test_voice_mail_is_shown_lit_and_heard_as_stutter(ready: Story) -> None:
    ready.mailbox(3)
    ready.shows("V3")
    ready.lamp("message", "on")
    ready.lift()
    ready.hears("stutter")


def test_a_call_without_registration_says_so(phone: Story) -> None:
    phone.server_answers("REGISTER", 403, "Forbidden", times=9)
    phone.power_on()
    phone.shows("Not allowed")
    phone.dial("2001")
    phone.shows("Not registered")


def test_forward_to_a_contact_selected_from_the_directory(ready: Story) -> None:
    ready.press("menu", "2", "ok")
    ready.type("Reception")
    ready.press("down", *"2500", "soft1", "menu")
    ready.press("soft4", "ok", "ok")
    ready.shows("Number to Forward to", "Select from Directory", "A/a/1")
    ready.press("down")
    assert ready.screen().softkeys == ("Select", "", "", "Cancel")
    ready.press("5", "ok")
    ready.shows("Select from Directory", "Reception", "2500", "Back")
    ready.press("soft4")
    ready.shows("Number to Forward to")
    ready.press("soft1", "soft1")
    ready.shows("1502", "Fwd 2500")
    customer = ready.customer()
    customer.call()
    assert customer.ended() == 302


def test_a_phone_with_locked_keys_forwards_to_typed_numbers_only(phone: Story) -> None:
    phone.power_on(voip__block_non_numeric_key="1")
    phone.registered()
    phone.press("soft4", "ok", "ok", "down")
    assert "Select from Directory" not in phone.shows("Number to Forward to").text
    phone.press(*"2424", "ok")
    phone.shows("Fwd 2424")


def test_the_fwd_softkey_sends_a_ringing_call_to_a_typed_number(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call", "Fwd")
    ready.press("soft3")
    ready.shows("Forward call", "Number to Forward to")
    ready.hears("classic")
    ready.press("soft4")
    ready.shows("Incoming call", "Answer")
    ready.press("soft3", *"2500")
    ready.shows("2500")
    ready.press("soft1")
    assert customer.ended() == 302
    ready.idle()
    ready.shows("1502", "Directory")


def test_a_caller_who_gives_up_takes_the_forward_form_along(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.shows("Incoming call")
    ready.press("soft3", *"25")
    ready.shows("Forward call")
    customer.hang_up()
    ready.idle()
    ready.shows("1502", "Directory", "M1")


def test_a_key_that_lacks_its_number_says_so(ready: Story) -> None:
    ready.press("voicemail")
    ready.shows("No voice mail number")
    ready.press("redial")
    ready.shows("No number yet")


def test_administration_without_a_password_opens_without_one(ready: Story) -> None:
    ready.press("menu", "5", "ok")
    ready.shows("Administration", "SIP servers", "Provisioning", "Restart")
