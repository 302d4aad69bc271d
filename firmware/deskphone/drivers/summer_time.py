"""Summer time by the two dates of the settings (`system/daylight_saving/*`), as a tzinfo.

Law: arithmetic on dates, of this year and of any other; no clock. A zone with a name needs none of it.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from deskphone.config.schema.words import DstMode, Enable, Weekday
from deskphone.config.settings import Settings

_NOTHING = timedelta(0)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """When the clock is turned, by the clock on the wall. `day` counts with FIXED (the month's last one where it has no
    such day), else `week` (5: the last) and `weekday`."""

    mode: DstMode
    month: int
    day: int
    week: int
    weekday: Weekday
    hour: int
    minute: int

    def of(self, year: int) -> datetime:
        """The moment in a year, by the clock on the wall, without a zone."""
        last = monthrange(year, self.month)[1]
        if self.mode is DstMode.FIXED:
            return datetime(year, self.month, min(self.day, last), self.hour, self.minute)
        first = datetime(year, self.month, 1, self.hour, self.minute)
        found = first + timedelta(days=(list(Weekday).index(self.weekday) - first.isoweekday()) % 7)
        found += (self.week - 1) * _WEEK
        return found if found.month == self.month else found - _WEEK


@dataclass(frozen=True)
class SummerTime(tzinfo):
    """An offset from UTC that is larger by `shift` from `begin` (standard time) to `end` (summer time) of each year.

    South of the equator the end is before the beginning. Where both are one moment there is no summer.
    """

    standard: timedelta
    shift: timedelta
    begin: Turn
    end: Turn

    def _summer(self, standard: datetime) -> bool:
        """Whether it is summer at a moment that is told in standard time, without a zone."""
        for year in (standard.year - 1, standard.year):
            begin, end = self.begin.of(year), self.end.of(year)
            if begin == end:
                return False
            if end < begin:
                end = self.end.of(year + 1)
            if begin <= standard < end - self.shift:
                return True
        return False

    def dst(self, when: datetime | None) -> timedelta:
        """tzinfo: how far the clock on the wall is ahead of standard time. Of an hour that comes twice, fold
        tells which."""
        if when is None:
            return _NOTHING
        wall = when.replace(tzinfo=None)
        if not self._summer(wall - self.shift) or (when.fold and not self._summer(wall)):
            return _NOTHING
        return self.shift

    def utcoffset(self, when: datetime | None) -> timedelta:
        """tzinfo: the offset from UTC, positive east of it."""
        return self.standard + self.dst(when)

    def tzname(self, when: datetime | None) -> str:
        """tzinfo: no name, but the offset in minutes."""
        return f"UTC{int(self.utcoffset(when).total_seconds() // 60):+d}min"

    def fromutc(self, when: datetime) -> datetime:
        """tzinfo: the clock on the wall at a moment of UTC, with fold set in the hour that comes twice."""
        standard = when.replace(tzinfo=None) + self.standard
        if self._summer(standard):
            return (standard + self.shift).replace(tzinfo=self)
        return standard.replace(tzinfo=self, fold=int(self._summer(standard - self.shift)))


def with_summer_time(settings: Settings, standard: timedelta) -> SummerTime | None:
    """The zone of an offset from UTC with the settings' summer time, None where that is off."""
    summer = settings.time.summer
    if summer.active is not Enable.ENABLE:
        return None
    begin, end = summer.start, summer.end
    return SummerTime(
        standard,
        timedelta(minutes=summer.offset),
        Turn(summer.mode, begin.month, begin.day, begin.week, begin.weekday, begin.hour, begin.minute),
        Turn(summer.mode, end.month, end.day, end.week, end.weekday, end.hour, end.minute),
    )
