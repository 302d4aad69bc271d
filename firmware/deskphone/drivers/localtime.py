"""Which time it is where the phone stands: the zone by name, an offset by number, or what DHCP says.

Law: settings and DHCP's offset in, a tzinfo out. None is the zone of the system. Summer time is the zone's by name,
else that of the settings.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deskphone.config.settings import Settings
from deskphone.drivers.summer_time import with_summer_time

NOT_SET = "not_set"


def zone_of(settings: Settings, dhcp_offset: int | None = None) -> tzinfo | None:
    """`deskphone/time/zone`, else `system/ntp/gmt_offset`, else DHCP option 2 (seconds east of UTC) where allowed."""
    clock = settings.time
    if clock.zone:
        return ZoneInfo(clock.zone) if has_zone(clock.zone) else None
    offset = _offset(settings, dhcp_offset)
    summer = with_summer_time(settings, offset or timedelta(0))
    if summer is not None:
        return summer
    return timezone(offset) if offset is not None else None


def has_zone(name: str) -> bool:
    """Whether there is a time zone of that name here."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones ("Europe")
        return False
    return True


def _offset(settings: Settings, dhcp_offset: int | None) -> timedelta | None:
    """Standard time's distance from UTC, None where nobody says it."""
    if settings.time.offset != NOT_SET:
        return timedelta(minutes=_minutes(settings.time.offset))
    if settings.network.dhcp.time_offset and dhcp_offset is not None:
        return timedelta(seconds=dhcp_offset)
    return None


def _minutes(text: str) -> int:
    """+01:30, 1, -0500 or UTC-5:00 in minutes; the schema has checked the shape."""
    bare = text.upper().removeprefix("UTC").removeprefix("GMT").lstrip(" Z")
    digits = bare.lstrip("+-").replace(":", "")
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "")
    size = int(hours or 0) * 60 + int(minutes or 0)
    return -size if bare.startswith("-") else size


def local(unix: float, zone: tzinfo | None) -> datetime:
    """Unix time (seconds) as date and time in a zone, None for the system's."""
    return datetime.fromtimestamp(unix, zone) if zone is not None else datetime.fromtimestamp(unix).astimezone()
