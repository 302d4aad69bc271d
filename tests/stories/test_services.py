"""The services' settings: each does what it says, and its default is what a phone without the line does."""

from __future__ import annotations

import pytest

from tests.stories.bench import Story
from tests.stories.in_service import caller, on, talking

pytestmark = pytest.mark.bench("core")  # what goes over the wire is told on the sip bench as well
WIRE = pytest.mark.bench("core", "sip")
CALL_WAITING = "voip__services__call_waiting__"


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
    phone.pass_time(0.5)  # who has seen it ring
    phone.press(key)
    assert who.ended() == code


def test_without_the_line_both_ways_decline(phone: Story) -> None:
    on(phone)
    who = caller(phone)
    phone.shows("Incoming call")
    phone.pass_time(0.5)  # who has seen it ring
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
    phone.shows("Fwd busy 2424")
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
    ("setting", "key", "said"),
    [
        ("personal_settings__key__contacts__enabled", "contacts", "Key switched off"),
        ("personal_settings__key__menu__enabled", "menu", "Key switched off"),
        ("personal_settings__key__mute__enabled", "mute", "Key switched off"),
        ("personal_settings__key__volume__enabled", "volume_up", "Talking"),
        ("personal_settings__key__hold__enabled", "hold", "Key switched off"),
        ("personal_settings__key__headset_device__enabled", "headset", "Key switched off"),
        ("personal_settings__key__speaker_device__enabled", "speaker", "Key switched off"),
    ],
)
def test_a_key_that_is_switched_off_says_so_and_does_nothing(phone: Story, setting: str, key: str, said: str) -> None:
    on(phone, **{setting: "0"})
    talking(phone)
    before = phone.state()
    phone.press(key)
    after = phone.shows(said) and phone.state()
    assert (after["audio"], after["lamps"]) == (before["audio"], before["lamps"])
    assert [each["state"] for each in after["calls"]] == ["established"]
    phone.shows("Talking")


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


# --- callers who hide, forwarding by rings, logs ------------------------------------------------------


@WIRE
@pytest.mark.parametrize(("blocked", "hidden", "code"), [("1", True, 433), ("1", False, 0), ("0", True, 0)])
def test_callers_who_hide_themselves_are_refused_where_it_is_set_so(
    phone: Story, blocked: str, hidden: bool, code: int
) -> None:
    on(phone, voip__signalling__sip__anonymous_calls_blocking=blocked)
    who = phone.customer()
    who.call(anonymous=hidden)
    if code:
        assert who.ended() == code
    else:
        phone.shows("Incoming call")


def test_the_time_until_forwarding_can_be_counted_in_rings(phone: Story) -> None:
    forward = "voip__line__0__call_forward__"
    on(
        phone, voip__call_forward__timeout_mode="RINGS",
        **{f"{forward}active": "1", f"{forward}type": "NO_REPLY", f"{forward}destination": "2424",
           f"{forward}timeout": "3"},
    )  # fmt: skip
    who = caller(phone)
    phone.pass_time(17)
    phone.shows("Incoming call")
    phone.pass_time(1.5)
    assert who.ended() == 302


def test_digits_of_a_call_are_shown_or_not(phone: Story) -> None:
    on(phone, voip__dialing__display_digits_in_active_call="0")
    talking(phone)
    phone.press("1", "2")
    assert "12" not in phone.shows("Talking").rows[1].split()[0].replace("0301234567", "")


def test_the_call_log_keeps_as_many_calls_as_are_set(phone: Story) -> None:
    on(phone, deskphone__call_log__size="10")
    for place in range(12):
        caller(phone, f"03{place:02}", "").hang_up()
    phone.press("soft2")
    for _ in range(9):
        phone.press("down")
    phone.shows("0302")
    phone.press("down")
    phone.shows("0311")


def test_dialled_calls_by_number(phone: Story) -> None:
    on(phone, personal_settings__dialed_calls_list__display_caller_id_as_number__enable="1")
    phone.press("contacts", "ok")
    phone.type("Echo")
    phone.press("down", *"9196", "soft1", "menu")
    phone.dial("9196")
    phone.in_call()
    phone.press("cancel", "menu", "1", "3")
    phone.shows("Dialled", "9196")
    assert "Echo" not in phone.screen().text


def test_a_directory_that_may_hold_one_contact(phone: Story) -> None:
    on(phone, personal_settings__max_directory_size="1")
    for name in ("Anna", "Berta"):
        phone.press("contacts", "up", "ok")
        phone.type(name)
        phone.press("down", *"2001", "soft1", "menu")
    phone.press("menu", "contacts")
    phone.shows("Anna")
    assert "Berta" not in phone.screen().text
