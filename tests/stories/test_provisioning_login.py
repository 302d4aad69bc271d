"""The provisioning server wants a login nobody configured: the phone asks the person for it, when there is time."""

from __future__ import annotations

import pytest

from deskphone.app.recorder import Recorder
from deskphone.core.effects import FetchLogin
from deskphone.core.events import ClockTicked
from deskphone.core.moment import Moment
from tests.stories.bench import Story
from tests.stories.provisioning_server import URL, ProvisioningServer, server_of

pytestmark = pytest.mark.bench("core")
TITLE = "Settings Login"


def asking(phone: Story, **settings: str) -> ProvisioningServer:
    """A phone that may ask."""
    phone.power_on(provisioning__configuration__http_auth__ui_interaction_enabled="1", **settings)
    phone.registered()
    return server_of(phone)


def fill_in(phone: Story, user: str = "floor3", password: str = "geheim") -> None:
    phone.type(user)
    phone.press("down")
    phone.type(password)
    phone.press("ok")


def typed(user: str = "floor3", password: str = "geheim", source: str = URL) -> tuple[str, str, str]:
    return source, user, password


def shown(logins: list[FetchLogin]) -> list[tuple[str, str, str]]:
    return [(each.source, each.user, each.password.reveal()) for each in logins]


def test_what_the_person_types_is_for_the_server_that_asked_and_is_used_at_once(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    phone.shows(TITLE, "Username:", "Password:", "Login")
    fill_in(phone)
    assert shown(server.logins) == [typed()]
    assert TITLE not in phone.screen().text
    server.gives(number="1777")
    phone.shows("1777")
    phone.registered()


def test_by_default_nobody_is_asked(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    server_of(phone).wants_a_login()
    phone.shows("Configuration refused")
    assert TITLE not in phone.screen().text


def test_no_other_failure_and_no_protocol_without_logins_asks(phone: Story) -> None:
    server = asking(phone)
    server.gives_a_login_page()
    server.is_silent()
    server.wants_a_login("tftp://10.1.1.5/x.cfg")
    assert TITLE not in phone.screen().text


def test_a_wrong_one_is_said_and_asked_for_again(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    fill_in(phone, password="wrong")
    server.wants_a_login()
    phone.shows("Login failed")
    phone.pass_time(5)
    phone.shows(TITLE)
    fill_in(phone)
    assert shown(server.logins) == [typed(password="wrong"), typed()]


def test_another_server_that_asks_did_not_refuse_what_was_typed(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    fill_in(phone)
    server.wants_a_login("https://other.example.com/000000001502.cfg")
    assert "Login failed" not in phone.screen().text
    phone.shows(TITLE)
    fill_in(phone, "otto", "anders")
    assert shown(server.logins) == [typed(), ("https://other.example.com/000000001502.cfg", "otto", "anders")]


def test_the_configured_user_stands_there_already(phone: Story) -> None:
    server = asking(phone, provisioning__configuration__http_auth__user_name="desk")
    server.wants_a_login()
    phone.shows(TITLE, "desk")
    phone.press("down")
    phone.type("geheim")
    phone.press("ok")
    assert shown(server.logins) == [typed(user="desk")]


def test_without_a_user_name_nothing_is_tried(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    phone.press("ok")
    phone.shows("Enter a user name")
    assert server.logins == []


def test_who_cancels_is_asked_at_the_next_check_and_not_before(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    phone.press("cancel")
    phone.pass_time(3_600)
    assert TITLE not in phone.screen().text
    server.wants_a_login()
    phone.shows(TITLE)


def test_checks_while_it_asks_neither_empty_the_form_nor_open_it_again(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    phone.type("floor3")
    server.wants_a_login()
    phone.shows(TITLE, "floor3")
    phone.press("cancel")
    assert TITLE not in phone.screen().text


def test_in_a_call_or_in_the_menu_nobody_is_asked_until_it_is_over(phone: Story) -> None:
    server = asking(phone)
    customer = phone.customer()
    customer.call()
    phone.press("soft1")
    phone.in_call()
    server.wants_a_login()
    phone.in_call()
    assert TITLE not in phone.screen().text
    phone.press("menu")
    customer.hang_up()
    phone.idle()
    phone.shows("Menu")
    phone.press("menu")
    phone.shows(TITLE)


def test_a_number_being_dialled_is_not_interrupted_nor_is_its_call(phone: Story) -> None:
    server = asking(phone)
    phone.press(*"9196")
    server.wants_a_login()
    phone.shows("9196")
    phone.press("ok")
    phone.in_call()
    phone.shows("Talking")
    phone.press("cancel")
    phone.shows(TITLE)


def test_a_call_comes_through_while_it_asks(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    customer = phone.customer()
    customer.call()
    phone.shows("Incoming call")
    customer.hang_up()
    phone.shows(TITLE)


def test_once_a_file_came_without_it_nobody_is_asked_any_more(phone: Story) -> None:
    server = asking(phone)
    phone.press("menu")
    server.wants_a_login()
    server.gives_the_same()
    phone.press("menu")
    assert TITLE not in phone.screen().text


def test_no_recording_and_no_journal_holds_the_password(phone: Story) -> None:
    server = asking(phone)
    server.wants_a_login()
    fill_in(phone)
    recorder = Recorder()
    recorder.add(phone.bench.phone, ClockTicked(), Moment(), tuple(server.bench.effects))
    assert "floor3" in str(recorder.dump(phone.bench.phone))
    assert "geheim" not in str(recorder.dump(phone.bench.phone))
    assert "geheim" not in phone.journal()
