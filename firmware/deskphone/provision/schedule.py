"""When to look for new files again: pure arithmetic on local time.

Law: settings and a time in, a time out. Waiting and chance are the driver's. Moments are compared and added to as
moments (`timestamp`): on the wall an hour comes twice a year, and datetimes forget which of the two when added to.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from deskphone.config.schema.words import PeriodType, Weekday
from deskphone.config.settings import Settings

MINUTES = {PeriodType.EVERY5MINUTES: 5, PeriodType.EVERY15MINUTES: 15}
SPREAD = (PeriodType.DAILY, PeriodType.WEEKLY)  # all phones of a site at the same minute: spread them


def next_check(settings: Settings, now: datetime) -> datetime | None:
    """The next regular check after `now` (local time of the phone); None where only power-up counts."""
    prov = settings.provisioning
    if prov.period in MINUTES:
        return _later(now, 60 * MINUTES[prov.period])
    if prov.period is PeriodType.HOURLY:
        return _later(now, 3600 * prov.hours)
    if prov.period is PeriodType.DAILY:
        return _at(now, prov.daily_time, 1, 0)
    if prov.period is PeriodType.WEEKLY:
        days = (list(Weekday).index(prov.weekly_day) - now.isoweekday()) % 7
        return _at(now, prov.weekly_time, 7, days)
    return None


def _at(now: datetime, minutes: int, step: int, days: int) -> datetime:
    """`minutes` after midnight in so many days, `step` days later where that is over."""
    due = now.replace(hour=minutes // 60, minute=minutes % 60, second=0, microsecond=0, fold=0) + timedelta(days=days)
    return due if due.timestamp() > now.timestamp() else due + timedelta(days=step)


def _later(now: datetime, seconds: float) -> datetime:
    return datetime.fromtimestamp(now.timestamp() + seconds, now.tzinfo)


def longest_wait(settings: Settings) -> float:
    """Seconds that a regular check may be late at random."""
    prov = settings.provisioning
    return float(prov.random_wait) if prov.period in SPREAD else 0.0
