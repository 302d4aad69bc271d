"""Summer time by the dates of the settings: held against the zones that have a name, and seen on the display."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from deskphone.app import clock
from deskphone.config.reader import read
from deskphone.config.settings import Settings
from deskphone.core.events import PowerOn
from deskphone.core.state import Phone
from deskphone.drivers.localtime import local, zone_of
from deskphone.view.render import render
from tests.layers import of_file
from tests.unit.core.turns import turn

DST = "system/daylight_saving"


def settings_of(offset: str, *lines: str, shift: int = 60, active: str = "ENABLE") -> Settings:
    text = "\n".join(
        (f"system/ntp/gmt_offset={offset}", f"{DST}/activate={active}", f"{DST}/offset={shift}",
         *(f"{DST}/{line}" for line in lines))
    )  # fmt: skip
    result = read(text.encode())
    assert result.settings is not None, result.report()
    return result.settings


def by_week(begin: str, end: str) -> tuple[str, ...]:
    """Lines for `month week weekday hour` of both turns."""
    names = ("month", "week", "day_of_week", "hour")
    turns = (("start_date", begin.split()), ("end_date", end.split()))
    return (
        "mode=DayOfWeek",
        *(f"{turn}/{name}={value}" for turn, words in turns for name, value in zip(names, words, strict=True)),
    )


PLACES = {
    "Europe/Berlin": ("+01:00", by_week("3 5 SUNDAY 2", "10 5 SUNDAY 3"), 60),
    "America/New_York": ("-05:00", by_week("3 2 SUNDAY 2", "11 1 SUNDAY 2"), 60),
    "Australia/Sydney": ("+10:00", by_week("10 1 SUNDAY 2", "4 1 SUNDAY 3"), 60),
    "Australia/Lord_Howe": ("+10:30", by_week("10 1 SUNDAY 2", "4 1 SUNDAY 2"), 30),
}


def compare(place: str, moments: Iterable[datetime]) -> None:
    """Our time by the dates of the settings, and the place's own, there and back."""
    offset, lines, shift = PLACES[place]
    ours, theirs = zone_of(settings_of(offset, *lines, shift=shift)), ZoneInfo(place)
    assert ours is not None
    for moment in moments:
        mine, its = moment.astimezone(ours), moment.astimezone(theirs)
        assert mine.replace(tzinfo=None) == its.replace(tzinfo=None), moment
        assert mine.astimezone(UTC) == moment, "and back, also in the hour that comes twice"


def every(minutes: int) -> list[datetime]:
    """A year and more."""
    step, first = timedelta(minutes=minutes), datetime(2025, 11, 1, tzinfo=UTC)
    return [first + step * number for number in range(timedelta(days=426) // step)]


@pytest.mark.parametrize("place", PLACES)
def test_it_is_the_time_of_the_place_on_every_day_and_in_every_half_hour_around_a_turn(place: str) -> None:
    """A turn: where the place's own time differs between two days."""
    days, zone = every(24 * 60), ZoneInfo(place)
    turns = [day for day, next_day in pairwise(days) if day.astimezone(zone).utcoffset() !=
             next_day.astimezone(zone).utcoffset()]  # fmt: skip
    assert len(turns) in (2, 3)
    halves = (turn + timedelta(minutes=30 * number) for turn in turns for number in range(-48, 96))
    compare(place, [*days, *halves])


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_it_is_the_time_of_the_place_in_every_half_hour_of_a_year_and_more(place: str) -> None:
    compare(place, every(30))


def wall(zone: tzinfo | None, *utc: int) -> str:
    return f"{local(datetime(*utc, tzinfo=UTC).timestamp(), zone):%d %H:%M}"  # type: ignore[misc, arg-type]


def test_by_fixed_days() -> None:
    days = ("mode=Fixed", "start_date/month=4", "start_date/day=10", "start_date/hour=1", "start_date/minute=30",
            "end_date/month=9", "end_date/day=20", "end_date/hour=0", "end_date/minute=15")  # fmt: skip
    zone = zone_of(settings_of("0", *days))
    assert wall(zone, 2026, 4, 10, 1, 29) == "10 01:29"
    assert wall(zone, 2026, 4, 10, 1, 30) == "10 02:30"
    assert wall(zone, 2026, 9, 19, 23, 14) == "20 00:14"
    assert wall(zone, 2026, 9, 19, 23, 15) == "19 23:15"


def test_a_day_the_month_has_not_is_its_last() -> None:
    days = ("mode=Fixed", "start_date/month=2", "start_date/day=30", "end_date/month=6", "end_date/day=31")
    zone = zone_of(settings_of("0", *days))
    assert wall(zone, 2028, 2, 29, 2, 0) == "29 03:00"
    assert wall(zone, 2027, 2, 28, 1, 59) == "28 01:59"
    assert wall(zone, 2027, 6, 30, 1, 0) == "30 01:00"


def test_it_is_added_to_what_dhcp_says_and_to_utc_where_nobody_says_anything() -> None:
    _, lines, _ = PLACES["Europe/Berlin"]
    settings = settings_of("not_set", *lines)
    assert wall(zone_of(settings, 3_600), 2026, 7, 1, 12, 0) == "01 14:00"
    assert wall(zone_of(settings, 3_600), 2026, 1, 1, 12, 0) == "01 13:00"
    assert wall(zone_of(settings), 2026, 7, 1, 12, 0) == "01 13:00"


def test_switched_off_it_is_never_summer() -> None:
    offset, lines, _ = PLACES["Europe/Berlin"]
    assert wall(zone_of(settings_of(offset, *lines, active="DISABLE")), 2026, 7, 1, 12, 0) == "01 13:00"


def test_a_zone_with_a_name_wins() -> None:
    result = read(f"deskphone/time/zone=Asia/Kolkata\n{DST}/activate=1\nsystem/ntp/gmt_offset=-5\n".encode())
    assert result.settings is not None
    assert [each.key for each in result.warnings] == [f"{DST}/activate"]
    assert wall(zone_of(result.settings), 2026, 7, 1, 12, 0) == "01 17:30"


def test_two_turns_at_one_moment_are_doubtful_and_no_summer() -> None:
    same = by_week("3 5 SUNDAY 2", "3 5 SUNDAY 2")
    text = "\n".join((f"{DST}/activate=1", "system/ntp/gmt_offset=1", *(f"{DST}/{line}" for line in same)))
    result = read(text.encode())
    assert result.settings is not None
    assert [each.key for each in result.warnings] == [f"{DST}/activate"]
    assert wall(zone_of(result.settings), 2026, 7, 1, 12, 0) == "01 13:00"


def test_only_fields_that_count_make_two_moments() -> None:
    def doubts(*lines: str) -> int:
        text = "\n".join((f"{DST}/activate=1", "system/ntp/gmt_offset=1", *(f"{DST}/{line}" for line in lines)))
        return len(read(text.encode()).warnings)

    assert doubts("mode=DayOfWeek", "start_date/day=3", "end_date/day=5") == 1
    assert doubts("start_date/week=2", "end_date/day_of_week=MONDAY") == 1
    assert doubts("start_date/day=3", "end_date/day=5") == 0
    assert doubts("mode=DayOfWeek", "start_date/week=2") == 0


def test_a_file_of_the_420hd_that_names_days_only_means_days() -> None:
    """Its defaults are Fixed, and the first week."""
    days = ("start_date/month=3", "start_date/day=10", "end_date/month=11", "end_date/day=5")
    zone = zone_of(settings_of("0", *days))
    assert [wall(zone, 2026, month, day, 12, 0) for month, day in ((3, 9), (3, 11), (11, 4), (11, 6))] == [
        "09 12:00", "11 13:00", "04 13:00", "06 12:00"
    ]  # fmt: skip
    weeks = ("mode=DayOfWeek", "start_date/month=10", "end_date/month=4")
    zone = zone_of(settings_of("10", *weeks))
    assert wall(zone, 2026, 10, 5, 0, 0) == "05 11:00", "summer from the first Sunday on, 4 October"


def test_equal_settings_are_one_zone() -> None:
    """The clock looks at once when the zone is another one, and only then."""
    offset, lines, _ = PLACES["Europe/Berlin"]
    assert zone_of(settings_of(offset, *lines)) == zone_of(settings_of(offset, *lines))
    assert zone_of(settings_of(offset, *lines)) != zone_of(settings_of(offset, *lines, shift=30))


@pytest.mark.parametrize(("late", "shown"), [(-60, "01:59"), (0, "03:00")])
def test_the_display_goes_from_two_to_three(monkeypatch: pytest.MonkeyPatch, late: int, shown: str) -> None:
    offset, lines, _ = PLACES["Europe/Berlin"]
    settings = settings_of(offset, *lines)
    moment = datetime(2026, 3, 29, 1, tzinfo=UTC).timestamp()
    monkeypatch.setattr(clock.time, "time", lambda: moment + late)
    phone, _ = turn(Phone(), PowerOn(of_file(settings)))
    phone, _ = turn(phone, clock.tick(zone_of(settings)))
    assert render(phone).screen.clock == shown
