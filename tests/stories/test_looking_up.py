"""A name is looked up in the directory by the keys of its letters, for nobody scrolls through two thousand."""

from __future__ import annotations

import pytest

from deskphone.core import events as ev
from tests.stories.bench import Story
from tests.stories.bench_core import core
from tests.stories.in_service import on

pytestmark = pytest.mark.bench("core")
COMPANY = {"provisioning__corporate_directory_uri": "http://127.0.0.1/company.txt"}
NAMES = ("Anna Abel", "Anna Müller", "Émile Zola", "Eva Braun", "Jörg Müller", "Łukasz Nowak", "Zoe Ziegler 2")


@pytest.fixture
def company(phone: Story) -> Story:
    on(phone)
    entries = tuple((name, str(2000 + place)) for place, name in enumerate(NAMES))
    core(phone).turn(ev.DirectoryLoaded(entries))
    phone.press("contacts")
    phone.shows("Directory", "Anna Abel")
    return phone


def under_cursor(phone: Story) -> str:
    phone.press("ok")
    row: str = phone.shows("Contact").rows[0]
    phone.press("cancel")
    return NAMES[int(row.rsplit(maxsplit=1)[-1]) - 2000]


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ("5", "Jörg Müller"), ("5674", "Jörg Müller"), ("26620", "Anna Abel"), ("266206", "Anna Müller"),
        ("36", "Émile Zola"), ("38", "Eva Braun"), ("685", "Anna Müller"), ("66", "Łukasz Nowak"),
        ("58", "Łukasz Nowak"), ("99", "Zoe Ziegler 2"),
    ],
)  # fmt: skip
def test_the_keys_of_its_letters_lead_to_a_name_or_to_one_of_its_words(company: Story, keys: str, name: str) -> None:
    if keys == "99":
        company.press("9", "6")  # the title says how far one is
        company.shows("Directory 96")
        company.pass_time(2.5)
        assert company.screen().title == "Directory"
        keys = "963"
    company.press(*keys)
    assert under_cursor(company) == name


def test_letters_that_nobody_begins_with_are_said_and_leave_the_cursor(company: Story) -> None:
    company.press("5", "6")
    company.press("2")
    company.shows("Directory 562?")
    assert under_cursor(company) == "Jörg Müller"
    company.press("9")  # begins anew
    assert under_cursor(company) == "Zoe Ziegler 2"


def test_a_keyboard_looks_up_too(company: Story) -> None:
    assert company.state()["typing"] == "text", "letters are no shortcuts there"
    company.type("eva")
    assert under_cursor(company) == "Eva Braun"


def test_accents_do_not_put_a_name_behind_the_last_one(company: Story) -> None:
    company.press("3")
    assert under_cursor(company) == "Émile Zola"
    company.press("down")
    assert under_cursor(company) == "Eva Braun"


def test_an_arrow_held_down_goes_on(company: Story) -> None:
    company.hold_down("down", 1.7)
    company.pass_time(1)
    assert under_cursor(company) == NAMES[5]


def test_to_forward_to_a_name_it_is_looked_up_the_same_way(company: Story) -> None:
    company.press("menu", "soft4", "1", "1", "down", "ok", "5")
    company.shows("Directory 5")
    company.press("ok")
    assert core(company).phone.forward.number == "2004"


def test_names_that_come_or_go_while_one_reads_leave_the_cursor_on_its_name(company: Story) -> None:
    company.press("5", "6")
    core(company).turn(ev.DirectoryLoaded((("Aaron", "1"), *((name, str(2000 + n)) for n, name in enumerate(NAMES)))))
    assert under_cursor(company) == "Jörg Müller"
    core(company).turn(ev.DirectoryLoaded((("Aaron", "1"), ("Zoe Ziegler 2", "2006"))))
    assert under_cursor(company) == "Zoe Ziegler 2", "the next one, where its own has gone"


def test_who_adds_a_contact_is_on_it_and_who_changes_its_name_stays_on_it(company: Story) -> None:
    company.press("up", "ok")
    company.type("Bernd")
    company.press("down")
    company.type("2007")
    company.press("soft1")
    company.press("ok")
    company.shows("Contact", "2007")
    company.press("2")
    company.press(*["soft3"] * 5)
    company.type("Yves")
    company.press("soft1", "ok")
    company.shows("Contact", "2007")
