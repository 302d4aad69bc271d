"""Many calls: each with its state and length, chosen by the arrows, counted wherever the person is."""

from __future__ import annotations

import pytest

from deskphone.view.raster import MARK_STEP, small, width_of
from tests.stories.bench import Customer, Story
from tests.stories.bench_core import core
from tests.stories.in_service import caller, on

pytestmark = pytest.mark.bench("core")
NAMES = ("Ada", "Ben", "Cleo", "Dora", "Emil", "Fay", "Gus", "Hana")


def calls(phone: Story, count: int) -> list[Customer]:
    """So many customers, answered one after the other, ten seconds apart."""
    found = []
    for place in range(count):
        found.append(caller(phone, f"030{place}", NAMES[place]))
        phone.shows(NAMES[place])
        phone.press("soft1")
        found[-1].answered()
        phone.in_call(place + 1)
        phone.pass_time(10)
    return found


def mark(phone: Story) -> list[str]:
    return [each for each in phone.state()["marks"] if each.startswith("Calls")]


def chosen(phone: Story) -> str:
    return str(next(each["name"] for each in phone.state()["calls"] if each["focus"]))


@pytest.mark.bench("core", "sip")
def test_three_calls_are_listed_with_states(phone: Story) -> None:
    on(phone)
    people = [caller(phone, f"030{place}", NAMES[place]) for place in range(3)]
    phone.wait("three ring", lambda state: len(state["calls"]) == 3)
    phone.shows("Call waiting 1/3")
    for place in range(3):
        phone.press(*["down"] * (place > 0))
        phone.shows("Call waiting", NAMES[place])
        phone.press("soft1")
        people[place].answered()
    phone.in_call(3)
    phone.shows("Talking 3/3", "Ada  Hold", "Ben  Hold", "Cleo  Talk")


def test_eight_calls_can_all_be_reached_by_the_arrows(phone: Story) -> None:
    on(phone)
    calls(phone, 8)
    seen = phone.shows("Talking 8/8", "Hana")
    assert len(seen.rows) == 4
    assert chosen(phone) == "Hana"
    reached, listed = [], set()
    for _ in range(8):
        phone.press("up")
        reached.append(chosen(phone))
        listed |= {row.split()[0] for row in phone.screen().rows}
    assert reached == [*reversed(NAMES[:7]), "Hana"]
    assert listed == set(NAMES)


def test_each_row_says_how_long_its_call_is(phone: Story) -> None:
    on(phone)
    calls(phone, 3)
    rows = phone.shows("Talking 3/3").rows
    lengths = [int(row.rpartition(":")[2]) for row in rows]
    assert all("0:" in row for row in rows)
    assert 30 <= lengths[0] <= 32 and 20 <= lengths[1] <= 22 and 10 <= lengths[2] <= 11
    phone.pass_time(60)
    assert phone.shows("1:3").rows[0].endswith(f"1:{lengths[0]:02}")


def test_the_chosen_call_is_the_one_the_keys_mean(phone: Story) -> None:
    on(phone)
    calls(phone, 4)
    phone.press("up", "up")
    phone.shows("On hold 2/4", "Resume")
    phone.press("soft1")
    phone.shows("Talking 2/4", "Ben  Talk", "Dora  Hold")


def test_a_ninth_call_is_refused(phone: Story) -> None:
    on(phone)
    calls(phone, 8)
    assert caller(phone, "0309", "Ivo").ended() == 486


@pytest.mark.parametrize("keys", [("menu",), ("contacts",), ("menu", "4", "1"), ("soft4", "soft1"), ("volume_up",)])
def test_calls_are_counted_on_every_screen(phone: Story, keys: tuple[str, ...]) -> None:
    on(phone)
    calls(phone, 1)
    assert mark(phone) == []
    phone.press(*keys)
    phone.pass_time(5)
    caller(phone, "0301", "Ben")
    assert mark(phone) == ["Calls 2"]
    phone.press("soft1")
    phone.in_call(2)
    phone.press(*keys)
    assert mark(phone) == ["Calls 2"]


def test_a_ringing_call_is_counted_and_listed_too(phone: Story) -> None:
    on(phone)
    calls(phone, 3)
    caller(phone, "0303", "Dora")
    phone.shows("Call waiting 4/4", "Dora")
    phone.press("up")
    phone.shows("Talking 3/4", "Dora  Rings")
    phone.press("down")
    phone.shows("Call waiting 4/4")


def test_beside_a_call_that_rings_stands_whom_one_talks_to_and_hold_means(phone: Story) -> None:
    on(phone)
    calls(phone, 2)
    caller(phone, "0302", "Cleo")
    phone.pass_time(1)
    phone.shows("Cleo", "Ben  Talking")
    phone.press("hold")
    phone.shows("Cleo", "Ben  On hold")
    phone.press("hold")
    phone.shows("Cleo", "Ben  Talking")


def test_the_number_of_a_transfer_is_typed_beside_the_name_of_who_is_transferred(phone: Story) -> None:
    on(phone)
    calls(phone, 2)
    phone.press("soft4", "soft1")
    phone.shows("Transfer to", "Ben  Talking")


def test_which_call_of_how_many_stands_beside_the_longest_word(phone: Story) -> None:
    on(phone)
    people = calls(phone, 3)
    people[-1].hold()
    phone.press("hold")
    phone.shows("On hold 3/3")
    core(phone).server.hold_after = 2.0
    phone.press("hold")
    title = phone.shows("Held by other side").title
    assert title.endswith(" 3/3") and width_of(small(), title) <= 128 - 2 * MARK_STEP
