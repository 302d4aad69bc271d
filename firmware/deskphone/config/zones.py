"""Time zones as people and other phones write them.

Law: pure; what there is in the time zone database is asked of the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ZONE, OFFSET = "deskphone/time/zone", "system/ntp/gmt_offset"
HasZone = Callable[[str], bool]
"""Whether the time zone database has that name (`Europe/Berlin`)."""
_DECIMAL = re.compile(r"(?:UTC|GMT)?\s*([+-]?)(\d{1,2})[.,](\d{1,2})\Z", re.IGNORECASE | re.ASCII)
_MINUTES = {"0": 0, "00": 0, "25": 15, "5": 30, "50": 30, "75": 45}  # of an hour: nowhere is another part of it kept
_AROUND = re.compile(r"\A(TZ=)?[\"']?:?(/\S*/zoneinfo/)?|[\"']\Z")
_SMALL = {"of", "es", "au", "da", "and", "de"}  # in Dar_es_Salaam, Port_of_Spain, Port-au-Prince and the like


def zone_of(text: str, has_zone: HasZone | None) -> str:
    """The name of a zone by which the database has it, from other cases, blanks and backslashes, and from what else a
    TZ variable or a path has; "" where it has none.

    has_zone: None takes any name as it is.
    """
    name = re.sub(r"\s+", "_", text.strip())
    if has_zone is None:
        return name
    name = _AROUND.sub("", name.replace("\\", "/"))
    parts = re.split(r"([/_-])", name.lower())
    written = "".join(part if part in _SMALL else part.capitalize() for part in parts)
    area, slash, last = written.rpartition("/")  # Etc/UTC
    return next(
        (each for each in (name, written, name.upper(), area + slash + last.upper()) if each and has_zone(each)), ""
    )


def offset_of(text: str) -> str:
    """An offset in hours with a point or comma, as +hh:mm: 5.5 is +05:30. "" for any other text."""
    found = _DECIMAL.match(text.strip())
    if found is None or found[3] not in _MINUTES:
        return ""
    return f"{found[1] or '+'}{int(found[2]):02}:{_MINUTES[found[3]]:02}"
