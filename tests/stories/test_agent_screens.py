"""The agent's forms and lists in the corners: no server, no number, a name that is a word of the phone's own."""

from __future__ import annotations

import pytest

from deskphone.core import events as ev
from deskphone.core.screen.pages import items
from deskphone.core.screen.state import Page
from tests.stories.agent import ACD, TWO_SERVERS, fill_in, log_in, power_on
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench, core
from tests.stories.test_hot_seating import HOT, sign_in

pytestmark = pytest.mark.bench("core")
REASON = "voip__services__ACD__unavailable_reason__0__"


def test_a_log_in_while_the_server_is_gone_says_so_and_keeps_what_was_typed(phone: Story) -> None:
    power_on(phone)
    fill_in(phone)
    phone.server_lost(0)
    phone.press("soft1")
    phone.shows("Not registered")
    phone.pass_time(5)
    phone.shows("Log In", "agent7001")
    assert not phone.agent_server().heard


@pytest.mark.parametrize(("first", "mode"), [("LETTERS", "abc"), ("AUTO", "123"), ("DIGITS", "123")])
def test_what_the_keys_type_at_the_next_log_in(phone: Story, first: str, mode: str) -> None:
    power_on(phone, deskphone__login__first_mode=first)
    fill_in(phone, "7003", "99")
    phone.press("up", "soft2", "soft2", "soft2")
    phone.press("soft1")
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.press("soft1")
    phone.shows("Log In")
    assert phone.state()["marks"][:1] == [mode]


def test_the_user_names_mode_is_kept_and_not_the_passwords(phone: Story) -> None:
    power_on(phone)
    fill_in(phone)  # the name in letters
    phone.press("soft2", "soft2", "soft2")  # the password in digits
    assert phone.state()["marks"][:1] == ["123"]
    phone.press("soft1")
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.press("soft1")
    phone.shows("Log In")
    assert phone.state()["marks"][:1] == ["abc"]


@pytest.mark.parametrize(("first", "mode"), [("AUTO", "ABC"), ("LETTERS", "abc")])
def test_capitals_are_kept_to_the_next_log_in_and_not_where_letters_are_asked_for(
    phone: Story, first: str, mode: str
) -> None:
    phone.agents(AGENT="")
    phone.power_on(**ACD, deskphone__login__first_mode=first)
    phone.large("Logged Out", "Login")
    phone.press("soft1", "soft2")
    phone.type("AGENT")
    phone.press("soft1")
    phone.large("Not Ready")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.press("soft1")
    fields = core(phone).phone.pages[-1].fields
    assert [str(each.mode) for each in fields] == [mode, mode]
    assert [(each.text, each.caret, each.secret) for each in fields] == [("AGENT", 5, False), ("", 0, True)]


def test_with_hot_seating_nothing_of_the_log_in_is_stored(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**HOT, **ACD)
    sign_in(phone)
    phone.large("Logged Out")
    log_in(phone)
    phone.large("Not Ready")
    assert "login" not in core(phone).stored


def test_the_same_log_in_again_writes_nothing(phone: Story) -> None:
    power_on(phone)
    log_in(phone)
    phone.large("Not Ready")
    assert "agent7001" in core(phone).stored.pop("login")
    phone.press("soft2")
    phone.large("Logged Out")
    phone.press("soft1", "down")
    phone.type("1234")
    phone.press("soft1")
    phone.large("Not Ready")
    assert "login" not in core(phone).stored


def test_a_reason_is_called_what_the_file_calls_it(phone: Story) -> None:
    power_on(phone, **{f"{REASON}code": "500", f"{REASON}name": "restart"})
    log_in(phone)
    phone.large("Not Ready")
    phone.press("soft1")
    phone.large("Ready")
    phone.press("soft1")
    phone.shows("restart")
    assert "Restart" not in phone.screen().text
    phone.press("ok")
    phone.large("Not Ready", "restart")


# --- hot seating -------------------------------------------------------------------------------------


def test_a_sign_in_without_a_number_asks_for_it(phone: Story) -> None:
    phone.power_on(**HOT)
    sign_in(phone, number="  ")
    phone.shows("Enter a number")
    phone.pass_time(5)
    phone.shows("Sign In", "Number")


def test_a_call_answered_while_the_sign_out_waits_for_the_server_ends_with_it(phone: Story) -> None:
    phone.agents(agent7001="")
    phone.power_on(**HOT, **ACD)
    sign_in(phone)
    phone.large("Logged Out")
    log_in(phone, password="")
    phone.large("Not Ready")
    phone.agent_server().deaf = True
    phone.press("soft4", "up", "ok")
    customer = phone.customer()
    customer.call()
    phone.shows("Answer")
    phone.press("soft1")
    customer.answered()
    phone.pass_time(6)
    assert customer.ended() == 200
    phone.shows("Please sign in")


def test_a_number_that_is_refused_later_does_not_throw_the_person_out(phone: Story) -> None:
    phone.power_on(**HOT)
    sign_in(phone)
    phone.registered()
    core(phone).turn(ev.RegistrationFailed(0, 403, "Forbidden"))
    phone.pass_time(1)
    phone.shows("1777")
    assert "sign in" not in phone.screen().text


def test_one_server_of_two_that_knows_the_number_is_enough(phone: Story) -> None:
    phone.power_on(**HOT, **TWO_SERVERS)
    phone.server_silent(True)
    sign_in(phone)
    core(phone).turn(ev.RegistrationFailed(0, 404, "Not Found"))
    assert "sign in" not in phone.screen().text, "the other one has not answered yet"
    core(phone).turn(ev.RegistrationFailed(1, 403, "Forbidden"))
    phone.shows("Unknown number", "404 Not Found")
    phone.pass_time(5)
    phone.shows("Please sign in")


def test_the_sign_in_form_hides_the_password_and_is_gone_once_it_is_sent(phone: Story) -> None:
    phone.power_on(**HOT)
    phone.press("soft1")
    phone.type("1777")
    phone.press("down", *"47")
    assert phone.shows("*7").rows[1] == "1777"
    phone.pass_time(1.1)
    phone.shows("**")
    assert "7" not in phone.screen().rows[3]
    phone.press("soft1")
    assert core(phone).phone.pages == ()


def test_the_command_menu_has_sign_out_for_whom_signed_in_only(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("soft4")
    assert "sign_out" not in [each.label for each in items(core(phone).phone, core(phone).phone.pages[-1])]
    other = Story(CoreBench())
    other.power_on(**HOT)
    assert "sign_out" not in [each.label for each in items(other.bench.phone, Page("command"))]
    sign_in(other)
    other.registered()
    other.press("soft4")
    assert "sign_out" in [each.label for each in items(other.bench.phone, other.bench.phone.pages[-1])]


def test_sign_out_is_over_as_soon_as_the_server_has_logged_the_agent_out(phone: Story) -> None:
    phone.agents(agent7001="")
    phone.power_on(**HOT, **ACD)
    sign_in(phone)
    phone.large("Logged Out")
    log_in(phone, password="")
    phone.large("Not Ready")
    phone.press("soft4", "up", "ok")
    phone.shows("Please sign in", within=1)
