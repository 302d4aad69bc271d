"""The guide's screen sequences, key by key: "Using IP Phones in Genesys Contact Centers" of the 420HD guide.

Each walk bears the name of the guide's heading; each of its steps is a picture in golden/guide/, numbered in order,
and has the words of the guide on it.
"""

from __future__ import annotations

import pytest

from tests.stories.agent import READY_AFTER, log_in
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.unit.view.pictures import GOLDEN, agreed, picture
from tests.unit.view.walks import ACD, Walk, keys, passes, types, walk

Step = tuple[str, Walk, tuple[str, ...]]  # the picture's name, what is done, what must be read then


def stay(phone: Story) -> None:
    """Nothing: the sequence begins here."""


def logged_out(phone: Story) -> None:
    phone.agents(agent7001="1234")
    phone.power_on(**{name: value for name, value in ACD.items() if "reason" not in name}, **READY_AFTER)
    phone.large("Logged Out")


def ready(phone: Story) -> None:
    logged_out(phone)
    log_in(phone)
    phone.large("Ready")


def not_ready(phone: Story) -> None:
    ready(phone)
    phone.press("soft1")
    phone.large("Not Ready")


def with_contacts(phone: Story) -> None:
    ready(phone)
    phone.press("menu", "2")
    for name, number in (("Jane Customer", "0301234567"), ("Reception", "2500")):
        phone.press("up", "ok")
        phone.type(name)
        phone.press("down", *number, "soft1")
    phone.press("menu")
    phone.large("Ready")


GUIDE: dict[str, tuple[Walk, tuple[Step, ...]]] = {
    "Logging in": (
        logged_out,
        (
            ("logged_out", stay, ("Logged Out", "Login")),
            ("log_in", keys("soft1"), ("Log In", "Username", "Password", "A/a/1")),
            ("username", walk(keys(*"2433668"), passes(1.1)), ("agent",)),
            ("mode_upper", keys("soft2"), ("agent",)),
            ("mode_title", keys("soft2"), ("agent",)),
            ("mode_digits", walk(keys("soft2"), keys(*"7001")), ("agent7001",)),
            ("password", walk(keys("down"), types("1234"), passes(1.1)), ("****", "Login")),
            ("ready", walk(keys("soft1"), passes(1)), ("Ready", "Not Ready", "Logout")),
        ),
    ),
    "Changing your Status from 'Ready' to 'Not Ready'": (
        ready,
        (
            ("ready", stay, ("Ready", "Not Ready")),
            ("not_ready", walk(keys("soft1"), passes(1)), ("Not Ready", "Ready")),
        ),
    ),
    "Restoring your Status from 'Not Ready' to 'Ready'": (
        not_ready,
        (
            ("not_ready", stay, ("Not Ready", "Ready")),
            ("ready", walk(keys("soft1"), passes(1)), ("Ready", "Not Ready")),
        ),
    ),
    "Logging out": (
        ready,
        (
            ("ready", stay, ("Ready", "Logout")),
            ("logged_out", walk(keys("soft2"), passes(1)), ("Logged Out", "Login")),
        ),
    ),
    "Configuring Automatic Forwarding": (
        with_contacts,
        (
            ("idle", stay, ("Ready",)),
            ("command_menu", keys("soft4"), ("Command Menu", "Fwd", "DnD")),
            ("automatic_forward_always", keys("ok"), ("Automatic Forward", "Always", "Busy", "No Reply")),
            ("busy", keys("down"), ("Busy",)),
            ("no_reply", keys("down"), ("No Reply",)),
            ("number_to_forward_to", keys("up", "up", "ok", *"2424"), ("Number to Forward to", "2424")),
            ("select_from_directory", keys("down"), ("Select from Directory", "Select")),
            ("contact", keys("ok", "down"), ("Select from Directory", "Jane Customer", "Reception")),
            ("forward_indication", keys("ok"), ("Ready", "Fwd 2500")),
        ),
    ),
    "Configuring Do Not Disturb (DnD)": (
        ready,
        (
            ("idle", stay, ("Ready",)),
            ("command_menu", keys("soft4"), ("Command Menu", "Fwd", "DnD")),
            ("dnd", keys("down"), ("Command Menu", "DnD", "Select")),
            ("dnd_indication", keys("ok"), ("Ready", "DnD")),
        ),
    ),
}


def name_of(heading: str, number: int, step: str) -> str:
    """The picture's name: the heading in small letters, the step's number and name."""
    plain = "".join(char if char.isalnum() else " " for char in heading.lower())
    return f"guide/{'_'.join(plain.split())}_{number}_{step}"


@pytest.mark.parametrize("heading", GUIDE)
def test_the_sequence_goes_and_looks_as_the_guide_has_it(heading: str, request: pytest.FixtureRequest) -> None:
    bench = CoreBench()
    phone = Story(bench)
    begin, steps = GUIDE[heading]
    begin(phone)
    for number, (name, act, words) in enumerate(steps, 1):
        act(phone)
        seen = phone.screen()
        assert all(word in seen.text for word in words), (name, seen)
        agreed(picture(bench), name_of(heading, number, name), request)


def test_no_picture_of_the_guide_is_left_over() -> None:
    names = {
        name_of(heading, number, step[0])
        for heading, (_, steps) in GUIDE.items()
        for number, step in enumerate(steps, 1)
    }
    assert {f"guide/{path.stem}" for path in (GOLDEN / "guide").glob("*.png")} == names
