"""Keys held down, arrows, a keyboard, the devices one speaks with: what each does where one would not look first."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core

pytestmark = pytest.mark.bench("core")


def talking(phone: Story, number: str = "0301234567", name: str = "Jane Customer") -> Customer:
    customer: Customer = phone.customer(number, name)
    customer.call()
    phone.press("soft1")
    customer.answered()
    return customer


def path(phone: Story) -> str:
    return str(phone.state()["audio"]["path"])


# --- digits ------------------------------------------------------------------------------------------


def test_zero_held_down_is_a_plus_at_the_start_and_behind_a_zero_only(ready: Story) -> None:
    ready.hold_down("0", 2)
    ready.press("4", "9")
    ready.shows("Dial", "+49")
    ready.hold_down("0", 2)
    ready.shows("+49+")
    ready.hold_down("7", 2)
    ready.shows("+49+7")


def test_zero_held_down_is_a_plus_before_a_number_that_stands_there(ready: Story) -> None:
    ready.press("4", "9", "left", "left")
    ready.hold_down("0", 2)
    ready.shows("Dial", "+49")


def test_zero_held_down_is_a_plus_in_each_field_for_a_number_and_no_other(ready: Story) -> None:
    ready.press("soft4", "1", "1")
    ready.shows("Number to Forward to")
    ready.hold_down("0", 2)
    ready.press("4", "9", "soft1")
    ready.shows("Fwd +49")
    ready.press("menu", "5")
    ready.hold_down("0", 2)
    assert core(ready).phone.pages[-1].fields[0].text == "0", "a password"


def test_zero_held_down_in_a_call_or_a_menu_is_a_zero(ready: Story) -> None:
    customer = talking(ready)
    ready.hold_down("0", 2)
    ready.press("5", "#", "*")
    assert customer.digits == "05#*"


def test_zero_held_down_while_a_name_is_looked_up_leaves_the_number_beneath_alone(ready: Story) -> None:
    ready.press("3", "0", "contacts")
    ready.hold_down("0", 2)
    ready.press("cancel")
    ready.shows("Dial", "30")


def test_digits_go_to_the_call_that_is_shown_and_not_while_it_is_held(ready: Story) -> None:
    first = talking(ready)
    second = talking(ready, "0409876", "Otto Second")
    ready.press("5")
    assert (first.digits, second.digits) == ("", "5")
    ready.press("hold")
    ready.shows("On hold")
    ready.press("6")
    assert (first.digits, second.digits) == ("", "5")


def test_the_arrows_move_the_caret_in_the_number(ready: Story) -> None:
    ready.press(*"1503", "left", "2")
    ready.shows("15023")
    ready.press("right", "4", "left", "left", "left", "left", "left", "left", "left", "9")
    ready.shows("9150234")
    ready.press("soft3", "soft3")
    ready.shows("150234")
    ready.press("right", "right", "right", "right", "right", "right", "right", "soft3")
    ready.shows("15023")


def test_the_arrows_move_the_caret_in_a_form(ready: Story) -> None:
    ready.press("soft4", "1", "1")
    ready.press(*"123", "left", "left", "9", "right", "8")
    ready.shows("19283")


def test_a_keyboard_types_a_number_from_the_idle_screen_and_the_hash_sends_it(ready: Story) -> None:
    ready.type("91 96")
    ready.shows("Dial", "9196")
    ready.press("#")
    ready.in_call()


def test_a_keyboard_writes_in_a_call_log_or_a_call_nowhere(ready: Story) -> None:
    ready.press("menu")
    ready.type("9196")
    ready.press("menu")
    assert "9196" not in ready.screen().text
    customer = talking(ready)
    ready.type("5")
    assert customer.digits == "" and core(ready).phone.dialling is None


def test_where_letters_are_locked_a_keyboard_types_numbers_only(phone: Story) -> None:
    phone.power_on(voip__block_non_numeric_key="1")
    phone.registered()
    phone.type("abc")
    assert core(phone).phone.dialling is None
    phone.type("a+4b9")
    phone.shows("+49")


def test_the_hash_that_sends_is_no_part_of_the_number(ready: Story) -> None:
    ready.press("soft1", "menu", *"9404", "#")
    ready.shows("Unknown number")
    assert core(ready).server.calls_seen[-1] == "9404"
    ready.pass_time(5)
    ready.press("#")
    ready.shows("Dial", "#")


def test_a_number_that_could_not_be_sent_by_the_hash_can_be_mended(phone: Story) -> None:
    phone.server_silent(True)
    phone.power_on()
    phone.press(*"9196", "#")
    phone.shows("Not registered")
    phone.press("left", "5")
    phone.shows("Dial", "91956")


# --- volume ------------------------------------------------------------------------------------------


def test_a_volume_key_held_down_goes_on_until_it_is_let_go(phone: Story) -> None:
    phone.power_on(deskphone__volume__ring="2")
    phone.registered()
    core(phone).hold_down("volume_up", 1.6)
    assert core(phone).phone.volume("ring") == 7, "at once, after 0.8 s, then four times a second"
    phone.pass_time(3)
    assert core(phone).phone.volume("ring") == 7
    core(phone).hold_down("volume_down", 10)
    assert core(phone).phone.volume("ring") == 0


def test_the_volume_that_the_keys_mean(ready: Story) -> None:
    def after(*keys: str) -> dict[str, int]:
        before = {each: core(ready).phone.volume(each) for each in ("ring", "handset", "speaker", "headset")}
        ready.press(*keys)
        now = {each: core(ready).phone.volume(each) for each in before}
        return {each: now[each] - before[each] for each in before if now[each] != before[each]}

    assert after("volume_down") == {"ring": -1}
    ready.shows("Volume", "Ring")
    ready.pass_time(2.1)
    assert "Volume" not in ready.screen().text
    talking(ready)
    assert after("volume_down", "volume_down") == {"speaker": -2}
    assert after("headset", "volume_down") == {"headset": -1}
    ready.lift()
    assert after("volume_down") == {"handset": -1}
    other = ready.customer("0409876", "Otto Second")
    other.call()
    ready.shows("Call waiting")
    assert after("volume_down") == {"handset": -1}, "of what is heard: who rings is a tone there"


def test_a_volume_key_leaves_a_message_where_it_is_and_any_other_key_takes_it_away(ready: Story) -> None:
    ready.press("redial")
    ready.shows("No number yet")
    ready.press("volume_up")
    ready.pass_time(2.5)
    ready.shows("No number yet")
    ready.press("down")
    assert "No number yet" not in ready.screen().text


@pytest.mark.parametrize(
    ("before", "act", "seen"),
    [
        ((), ("1", "2"), ("Dial", "12")),
        (("menu", "5"), ("1",), ("Administration", "1")),
        ((), ("menu",), ("Menu", "Call log")),
        ((), ("speaker",), ("Dial",)),
    ],
)
def test_any_other_key_takes_the_volume_bar_away_and_what_it_does_is_seen(
    ready: Story, before: tuple[str, ...], act: tuple[str, ...], seen: tuple[str, ...]
) -> None:
    ready.press(*before, "volume_up")
    assert ready.screen().title == "Volume"
    ready.press(*act)
    for word in seen:
        assert word in ready.screen().text


def test_the_handset_and_a_keyboard_take_the_volume_bar_away_too(ready: Story) -> None:
    ready.press("volume_up")
    ready.lift()
    assert ready.screen().title == "Dial"
    ready.press("volume_up")
    ready.type("12")
    assert "12" in ready.screen().text


# --- devices -----------------------------------------------------------------------------------------


def test_speaker_then_handset_then_speaker_again_while_the_handset_is_lifted(ready: Story) -> None:
    ready.lift()
    assert path(ready) == "handset"
    ready.press("speaker")
    assert path(ready) == "speaker"
    ready.pass_time(1)
    ready.press("speaker")
    assert path(ready) == "handset"
    ready.put_down()
    assert path(ready) == "none" and core(ready).phone.dialling is None


def test_the_speaker_key_again_hangs_up_and_takes_the_typed_number_away(ready: Story) -> None:
    ready.press("speaker")
    ready.hears("dial")
    ready.pass_time(1)
    ready.press("speaker")
    ready.hears("")
    assert core(ready).phone.dialling is None
    customer = talking(ready)
    ready.pass_time(1)
    ready.press("speaker")
    assert customer.ended() == 200


def test_a_held_call_outlives_the_speaker_being_put_down(ready: Story) -> None:
    talking(ready)
    ready.press("hold")
    ready.shows("On hold")
    ready.pass_time(1)
    ready.press("speaker")
    ready.pass_time(1)
    ready.shows("On hold", "Resume")


def test_twice_at_once_takes_the_headset_up_and_hangs_nothing_up(ready: Story) -> None:
    talking(ready)
    ready.press("headset", "headset")
    ready.in_call()
    assert path(ready) == "headset"
    ready.pass_time(1)
    ready.press("headset")
    ready.idle()


def test_a_device_key_between_two_others_counts(ready: Story) -> None:
    talking(ready)
    ready.press("headset", "speaker", "headset")
    ready.in_call()
    assert path(ready) == "headset"


def test_who_answers_with_the_speaker_may_change_their_mind_at_once(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    ready.press("speaker")
    customer.answered()
    ready.press("speaker")
    assert customer.ended() == 200


def test_the_speaker_key_sends_the_number_that_stands_there(ready: Story) -> None:
    ready.press(*"9196", "speaker")
    ready.in_call()
    assert path(ready) == "speaker"


def test_lifting_the_handset_in_a_hands_free_call_goes_on_with_it(ready: Story) -> None:
    customer = talking(ready)
    ready.lift()
    assert path(ready) == "handset"
    ready.in_call()
    ready.pass_time(1)
    ready.press("speaker")
    ready.put_down()
    ready.in_call()
    assert path(ready) == "speaker"
    customer.hang_up()
    ready.idle()
    assert path(ready) == "none"


# --- several calls -----------------------------------------------------------------------------------


def test_up_and_down_go_round_the_calls(ready: Story) -> None:
    names = ("Jane Customer", "Otto Second", "Olga Third")
    for number, name in zip(("0301", "0402", "0503"), names, strict=True):
        talking(ready, number, name)
    shown = [core(ready).phone.focused.remote.name]  # type: ignore[union-attr]
    for key in ("up", "up", "up", "down", "down"):
        ready.press(key)
        shown.append(core(ready).phone.focused.remote.name)  # type: ignore[union-attr]
    assert shown == [names[2], names[1], names[0], names[2], names[0], names[1]]


def test_with_one_call_the_arrows_do_nothing(ready: Story) -> None:
    talking(ready)
    for key in ("up", "down", "left", "right", "ok"):
        ready.press(key)
        ready.shows("Talking", "Jane Customer")


def test_arrows_choose_no_call_that_a_question_or_a_number_covers(ready: Story) -> None:
    talking(ready)
    ready.press("transfer", *"2001", "soft1")
    ready.in_call(2)
    ready.press("soft3", "down", "cancel")
    ready.shows("Consultation", "2001")
    ready.press("voicemail", "hold", "soft2", "down", "cancel")
    ready.shows("On hold", "2001")


def test_hold_on_a_question_shows_what_becomes_of_it(ready: Story) -> None:
    talking(ready)
    ready.press("transfer", *"2001", "soft1")
    ready.in_call(2)
    ready.press("soft3")
    ready.shows("Transfer?")
    ready.press("hold")
    ready.shows("On hold", "2001", "Resume")


def test_cancel_on_the_dial_screen_of_a_transfer_takes_the_customer_back(ready: Story) -> None:
    talking(ready)
    ready.press("transfer", *"20")
    ready.shows("20")
    assert ready.state()["calls"][0]["local_hold"]
    ready.press("cancel")
    ready.wait("taken back", lambda state: not state["calls"][0]["local_hold"])
    ready.shows("Talking")


def test_cancel_on_the_dial_screen_of_a_new_call_leaves_the_other_one_held(ready: Story) -> None:
    talking(ready)
    ready.press("soft4", "soft2", *"20")
    ready.shows("20")
    ready.press("cancel")
    ready.pass_time(1)
    assert ready.state()["calls"][0]["local_hold"]


def test_mute_cuts_the_microphone_and_the_next_call_begins_with_it_open(ready: Story) -> None:
    customer = talking(ready)
    ready.press("mute")
    ready.lamp("mute", "on")
    customer.hang_up()
    ready.idle()
    talking(ready)
    ready.lamp("mute", "off")
    assert core(ready).phone.sound.muted is False


def test_mute_silences_what_rings_and_nothing_else(ready: Story) -> None:
    customer = ready.customer()
    customer.call()
    assert ready.state()["tone"]
    ready.press("mute")
    ready.hears("")
    ready.shows("Incoming call", "Answer")
    assert not ready.state()["audio"]["muted"]
    ready.press("soft1")
    customer.answered()


@pytest.mark.bench("core")  # half a second
def test_who_calls_is_not_hidden_by_the_volume_that_was_just_set(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("volume_up")
    phone.shows("Volume")
    phone.customer().call()
    phone.shows("Incoming call", "Jane Customer", within=0.5)
