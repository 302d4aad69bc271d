"""The services' settings: each does what it says, and its default is what a phone without the line does."""

from __future__ import annotations

import pytest

from tests.stories.bench import Customer, Story

pytestmark = pytest.mark.bench("core")  # what goes over the wire is told on the sip bench as well
WIRE = pytest.mark.bench("core", "sip")
CALL_WAITING = "voip__services__call_waiting__"


def on(phone: Story, **settings: str) -> Story:
    """A phone in service with these settings."""
    phone.power_on(**settings)
    phone.registered()
    return phone


def caller(phone: Story, number: str = "0301234567", name: str = "Jane Customer") -> Customer:
    who: Customer = phone.customer(number, name)
    who.call()
    return who


def talking(phone: Story) -> Customer:
    """A customer in a call."""
    who = caller(phone)
    phone.shows("Incoming call")
    phone.press("soft1")
    who.answered()
    phone.in_call()
    return who


# --- how a call is refused ---------------------------------------------------------------------------

CODES = {
    "voip__services__sk_reject_code": "480",
    "voip__services__reject_code": "CODE_486",
    "voip__services__other_reject_code": "600",
}


@WIRE
@pytest.mark.parametrize(("key", "code"), [("soft4", 480), ("cancel", 486)])
def test_a_rejected_call_gets_the_code_of_the_key_that_rejected_it(phone: Story, key: str, code: int) -> None:
    on(phone, **CODES)
    who = caller(phone)
    phone.shows("Incoming call", "Reject")
    phone.press(key)
    assert who.ended() == code


def test_without_the_line_both_ways_decline(phone: Story) -> None:
    on(phone)
    who = caller(phone)
    phone.shows("Incoming call")
    phone.press("cancel")
    assert who.ended() == 603


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({f"{CALL_WAITING}enabled": "0"}, 600),
        ({f"{CALL_WAITING}mode": "DISABLE"}, 600),
        ({f"{CALL_WAITING}mode": "BUSY_ON_BUSY"}, 486),
        ({"voip__number_of_calls_per_line": "1"}, 600),
    ],
)
def test_a_call_that_may_not_wait_is_refused(phone: Story, settings: dict[str, str], code: int) -> None:
    on(phone, **CODES, **settings)
    talking(phone)
    assert caller(phone, "0409876", "Otto Second").ended() == code
    phone.in_call()


def test_busy_on_busy_forwards_where_busy_calls_are_forwarded(phone: Story) -> None:
    on(phone, **{f"{CALL_WAITING}mode": "BUSY_ON_BUSY"})
    phone.press("soft4", "ok", "down", "ok", *"2424", "ok")
    phone.shows("FwdB>2424")
    talking(phone)
    assert caller(phone, "0409876", "Otto Second").ended() == 302


def test_the_person_lets_calls_wait_after_all(phone: Story) -> None:
    on(phone, **{f"{CALL_WAITING}mode": "BUSY_ON_BUSY"})
    phone.press("menu", "3")
    phone.shows("Call waiting  off")
    phone.press("3")
    phone.shows("Call waiting  on")
    phone.press("menu")
    talking(phone)
    caller(phone, "0409876", "Otto Second")
    phone.shows("Call waiting", "Otto Second")


@WIRE
@pytest.mark.parametrize(("reply", "code"), [("RINGING", 180), ("QUEUED", 182)])
def test_a_waiting_caller_is_told_that_it_rings_or_that_he_waits(phone: Story, reply: str, code: int) -> None:
    on(phone, **{f"{CALL_WAITING}sip_reply": reply})
    first = talking(phone)
    assert first.provisional() == 180
    second = caller(phone, "0409876", "Otto Second")
    phone.shows("Call waiting", "Otto Second")
    assert second.provisional() == code


@pytest.mark.parametrize(("tone", "heard"), [("1", "call_waiting"), ("0", "")])
def test_the_call_waiting_tone_is_heard_as_configured(phone: Story, tone: str, heard: str) -> None:
    on(phone, **{f"{CALL_WAITING}generate_tone__enabled": tone})
    talking(phone)
    caller(phone, "0409876", "Otto Second")
    phone.shows("Call waiting")
    phone.hears(heard)


def test_who_waits_is_heard_while_everybody_is_held_and_while_one_dials(phone: Story) -> None:
    on(phone)
    phone.lift()
    phone.press(*"9196", "ok")
    phone.in_call()
    phone.press("hold")
    phone.shows("On hold")
    second = caller(phone, "0409876", "Otto Second")
    phone.hears("call_waiting")
    second.hang_up()
    phone.hears("")
    phone.press("soft2")
    phone.hears("dial")
    caller(phone, "0405555", "Third Caller")
    phone.hears("call_waiting")


# --- do not disturb, softkeys and menus -------------------------------------------------------------


def test_where_do_not_disturb_is_not_offered_it_is_nowhere_and_off(phone: Story) -> None:
    on(phone, voip__services__do_not_disturb__enabled="0", voip__line__0__do_not_disturb__activated="1")
    assert "DnD" not in phone.shows("Directory").text
    phone.press("soft4")
    assert "DnD" not in phone.shows("Command Menu").text
    phone.press("menu", "menu", "3")
    assert "DnD" not in phone.shows("Settings", "Ring tone").text
    phone.press("menu")
    caller(phone)
    phone.shows("Incoming call")


def test_softkeys_and_rows_that_are_hidden(phone: Story) -> None:
    on(
        phone, system__dnd__show_softkey="0", system__forward__show_softkey="0",
        personal_settings__soft_keys__ongoing_call_screen__new_call_sk__enable="0",
    )  # fmt: skip
    assert "DnD" not in phone.shows("Directory").softkeys
    phone.press("soft4")
    seen = phone.shows("Command Menu", "Missed calls")
    assert not any("Fwd" in row or "DnD" in row for row in seen.rows)
    phone.press("menu")
    talking(phone)
    phone.press("soft4")
    assert "New" not in phone.shows("BXfer", "End").softkeys
    phone.press("soft4", "hold")
    assert "New" not in phone.shows("Resume").softkeys


def test_the_hidden_switch_still_works_from_the_settings(phone: Story) -> None:
    on(phone, system__dnd__show_softkey="0")
    phone.press("menu", "3", "5")
    phone.shows("DnD  on")


@pytest.mark.parametrize(("row", "name"), [("Call log", "call_log"), ("Settings", "settings"), ("Status", "status")])
def test_a_row_of_the_menu_that_is_hidden(phone: Story, row: str, name: str) -> None:
    on(phone, **{f"personal_settings__menu__{name}__enabled": "0"})
    phone.press("menu", "up")
    assert row not in " ".join(phone.shows("Menu").rows)


@pytest.mark.parametrize(
    ("setting", "key", "unchanged"),
    [
        ("personal_settings__key__contacts__enabled", "contacts", "Talking"),
        ("personal_settings__key__menu__enabled", "menu", "Talking"),
        ("personal_settings__key__mute__enabled", "mute", "Talking"),
        ("personal_settings__key__volume__enabled", "volume_up", "Talking"),
        ("personal_settings__key__hold__enabled", "hold", "Talking"),
        ("personal_settings__key__headset_device__enabled", "headset", "Talking"),
        ("personal_settings__key__speaker_device__enabled", "speaker", "Talking"),
    ],
)
def test_a_key_that_is_switched_off_does_nothing(phone: Story, setting: str, key: str, unchanged: str) -> None:
    on(phone, **{setting: "0"})
    talking(phone)
    before = phone.state()
    phone.press(key)
    after = phone.state()
    assert after["title"] == before["title"] == unchanged
    assert (after["audio"], after["lamps"]) == (before["audio"], before["lamps"])


def test_the_hold_key_can_be_switched_off_by_its_older_name(phone: Story) -> None:
    on(phone, system__disable_hold_button="1")
    talking(phone)
    phone.press("hold")
    phone.shows("Talking", "Hold")
    phone.press("soft1")
    phone.shows("On hold")


def test_digits_start_no_call_where_they_may_not(phone: Story) -> None:
    on(phone, personal_settings__keypad_keys__call_functionality__enabled="0")
    phone.press(*"9196")
    phone.shows("1502", "Directory")
    phone.lift()
    phone.press(*"9196", "#")
    phone.in_call()


# --- dialling ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "called"), [("4501", "2001"), ("00", "9196"), ("9196", "9196")])
def test_a_number_is_rewritten_before_it_is_called_and_kept_as_it_was_typed(
    phone: Story, typed: str, called: str
) -> None:
    on(phone, voip__signalling__sip__number_rules="4xxx=20\\\\;00=9196")
    phone.callee(called, "Otto")
    phone.dial(typed)
    phone.in_call()
    phone.press("cancel")
    phone.idle()
    phone.press("menu", "1", "3")
    phone.shows("Dialled", typed)


@WIRE
def test_a_blind_transfer_goes_to_the_rewritten_number(phone: Story) -> None:
    on(phone, voip__signalling__sip__number_rules="4xxx=200\\")
    talking(phone)
    phone.callee("2002", after=0.1)
    phone.press("soft4", "soft1", *"4502", "soft1")
    phone.shows("Transferred", within=8)


HOT = {"voip__dialing__auto_dialing__enabled": "1", "voip__dialing__auto_dialing__destination": "9196"}


@pytest.mark.parametrize(("delay", "waits"), [("0", False), ("2", True)])
def test_the_hot_line_is_called_for_who_lifts_the_handset(phone: Story, delay: str, waits: bool) -> None:
    on(phone, **HOT, voip__dialing__auto_dialing__timeout=delay)
    phone.lift()
    if waits:
        phone.hears("dial")
    phone.in_call(within=5)
    phone.shows("Talking", "9196")


def test_who_dials_another_number_is_not_taken_to_the_hot_line(phone: Story) -> None:
    on(phone, **HOT, voip__dialing__auto_dialing__timeout="1", voip__dialing__timeout="3")
    phone.lift()
    phone.press(*"9664")
    phone.in_call(within=8)
    phone.shows("Talking", "9664")


MAP = {"voip__signalling__sip__digit_map": "91xx;91xx.;12T"}


@pytest.mark.parametrize(("typed", "seconds"), [("9196", 2.0), ("91", 5.0), ("12", 2.0)])
def test_a_number_that_is_whole_is_sent_sooner(phone: Story, typed: str, seconds: float) -> None:
    on(phone, **MAP, voip__dialing__interdigit_short_timeout="2", voip__dialing__timeout="5")
    phone.lift()
    phone.press(*typed)
    phone.pass_time(seconds - 0.3)
    phone.shows("Dial", typed, within=0)
    phone.pass_time(0.4)
    assert phone.state()["calls"] or "Unknown number" in phone.screen().text


@pytest.mark.parametrize("off", ["-1", "0"])
def test_without_a_digit_timer_a_number_waits_for_its_key(phone: Story, off: str) -> None:
    on(phone, voip__dialing__timeout=off, voip__dialing__interdigit_short_timeout="0")
    phone.lift()
    phone.press(*"9196")
    phone.pass_time(60)
    phone.shows("Dial", "9196", within=0)


def test_the_key_that_sends_a_number_can_be_the_star(phone: Story) -> None:
    on(phone, voip__dialing__dial_complete_key__key="*")
    phone.lift()
    phone.press(*"9196", "*")
    phone.in_call()


@WIRE
def test_our_call_that_nobody_answers_is_given_up(phone: Story) -> None:
    on(phone, voip__dialing__unanswered_call_timeout="2")
    phone.dial("9408")
    phone.shows("Ringing", "9408")
    phone.shows("No answer", within=5)
    phone.idle()
    phone.dial("9196")
    phone.in_call()
    phone.pass_time(3)
    phone.in_call()


def test_a_consultation_that_nobody_answers_leads_back_to_the_customer(phone: Story) -> None:
    on(phone, voip__dialing__unanswered_call_timeout="2")
    talking(phone)
    phone.press("transfer", *"9408", "soft1")
    phone.shows("No answer", within=5)
    phone.shows("On hold", "Jane Customer", "Resume", within=6)


@WIRE
def test_a_call_that_rings_elsewhere_is_taken(phone: Story) -> None:
    on(phone, voip__services__call_pickup__enabled="1", voip__services__call_pickup__access_code="*8")
    phone.callee("*82001")
    phone.press("soft4")
    phone.shows("Command Menu", "Take a call")
    phone.press("3")
    phone.shows("Take a call of")
    phone.press(*"2001", "soft1")
    phone.in_call()


def test_without_pickup_there_is_no_such_row(phone: Story) -> None:
    on(phone)
    phone.press("soft4")
    assert "Take a call" not in phone.shows("Command Menu").text


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
