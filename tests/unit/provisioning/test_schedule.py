"""When the phone looks again: every period of the settings, across midnight, weeks and summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config.reader import read
from deskphone.config.schema.management import Provisioning
from deskphone.config.schema.words import PeriodType, Weekday
from deskphone.config.settings import Settings
from deskphone.drivers.localtime import zone_of
from deskphone.provision.schedule import longest_wait, next_check

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2025, 11, 24, 10, 24, 30, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Provisioning(period=PeriodType.EVERY5MINUTES), MONDAY + timedelta(minutes=5)),
        (Provisioning(period=PeriodType.EVERY15MINUTES), MONDAY + timedelta(minutes=15)),
        (Provisioning(period=PeriodType.HOURLY), MONDAY + timedelta(hours=24)),
        (Provisioning(period=PeriodType.HOURLY, hours=1), MONDAY + timedelta(hours=1)),
        (Provisioning(period=PeriodType.DAILY), datetime(2025, 11, 25, tzinfo=BERLIN)),
        (Provisioning(period=PeriodType.DAILY, daily_time=630), datetime(2025, 11, 24, 10, 30, tzinfo=BERLIN)),
        (Provisioning(period=PeriodType.DAILY, daily_time=624), datetime(2025, 11, 25, 10, 24, tzinfo=BERLIN)),
        (Provisioning(period=PeriodType.WEEKLY), datetime(2025, 11, 30, tzinfo=BERLIN)),
        (
            Provisioning(period=PeriodType.WEEKLY, weekly_day=Weekday.MONDAY, weekly_time=600),
            datetime(2025, 12, 1, 10, 0, tzinfo=BERLIN),
        ),
        (
            Provisioning(period=PeriodType.WEEKLY, weekly_day=Weekday.MONDAY, weekly_time=660),
            datetime(2025, 11, 24, 11, 0, tzinfo=BERLIN),
        ),
        (Provisioning(period=PeriodType.POWERUP), None),
    ],
)
def test_the_next_check_is_where_the_settings_put_it(settings: Provisioning, expected: datetime | None) -> None:
    assert next_check(Settings(provisioning=settings), MONDAY) == expected


def test_the_day_summer_time_begins_has_its_check_too() -> None:
    evening = datetime(2026, 3, 28, 20, 0, tzinfo=BERLIN)
    due = next_check(Settings(provisioning=Provisioning(period=PeriodType.DAILY, daily_time=3 * 60)), evening)
    assert due is not None
    assert due.timestamp() - evening.timestamp() == 6 * 3600  # 20:00 to 03:00, an hour of which does not exist


def at_one_ten_utc_of_the_day_summer_ends() -> datetime:
    """02:10 in winter time: the hour comes twice. A zone by dates is made anew at each look."""
    lines = ("activate=ENABLE", "mode=DAYOFWEEK", "start_date/month=3", "start_date/week=5",
             "end_date/month=10", "end_date/week=5", "end_date/hour=3")  # fmt: skip
    text = "system/ntp/gmt_offset=+01:00\n" + "\n".join(f"system/daylight_saving/{line}" for line in lines)
    settings = read(text.encode()).settings
    assert settings is not None
    now = datetime(2026, 10, 25, 1, 10, tzinfo=UTC).astimezone(zone_of(settings))
    assert (now.hour, now.fold) == (2, 1)
    return now


@pytest.mark.parametrize(
    ("settings", "minutes"),
    [
        (Provisioning(period=PeriodType.EVERY5MINUTES), 5),
        (Provisioning(period=PeriodType.EVERY15MINUTES), 15),
        (Provisioning(period=PeriodType.HOURLY, hours=1), 60),
        (Provisioning(period=PeriodType.DAILY, daily_time=150), 24 * 60 + 20),
        (Provisioning(period=PeriodType.DAILY, daily_time=190), 60),
    ],
    ids=["5 minutes", "15 minutes", "an hour", "02:30, which is over", "03:10"],
)
def test_in_the_hour_that_comes_twice_nothing_is_due_at_once(settings: Provisioning, minutes: int) -> None:
    now = at_one_ten_utc_of_the_day_summer_ends()
    due = next_check(Settings(provisioning=settings), now)
    assert due is not None
    assert due.timestamp() - now.timestamp() == 60 * minutes


@given(
    st.sampled_from([each for each in PeriodType if each is not PeriodType.POWERUP]),
    st.integers(1, 168),
    st.integers(0, 1439),
    st.sampled_from(list(Weekday)),
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
)
def test_a_check_is_always_ahead_and_never_more_than_a_week_away(
    period: PeriodType, hours: int, minutes: int, day: Weekday, at: datetime
) -> None:
    now = at.replace(tzinfo=BERLIN)
    period_of_site = Provisioning(period=period, hours=hours, daily_time=minutes, weekly_time=minutes, weekly_day=day)
    due = next_check(Settings(provisioning=period_of_site), now)
    assert due is not None
    assert timedelta(0) < due - now <= timedelta(days=7)
    if period is PeriodType.WEEKLY:
        assert list(Weekday)[due.isoweekday() % 7] is day


def test_only_checks_at_a_fixed_minute_are_spread() -> None:
    assert longest_wait(Settings(provisioning=Provisioning(period=PeriodType.DAILY, random_wait=90))) == 90
    assert longest_wait(Settings(provisioning=Provisioning(period=PeriodType.HOURLY, random_wait=90))) == 0
