"""Months, weeks, days, hours, times of day and URLs as people write them, where the 420HD has another form.

Law: text in, text of the setting's own form out; "" for what is no such spelling, or could mean two things.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from deskphone.config.kind import Choice, Clock, Integer, Kind
from deskphone.config.placeholder import canonical
from deskphone.config.schema.words import Weekday

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_REST = {"uary", "ruary", "ch", "il", "e", "y", "ust", "t", "tember", "ober", "ember", ""}
_WEEKS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "last": 5, "-1": 5,
}  # fmt: skip
_DAYS = ("SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")  # cron's, ISO's too
_HOUR = re.compile(r"(\d{1,2})(?::00){1,2}\Z", re.ASCII)
_LENGTH = re.compile(r"(\d{1,2}):([0-5]\d)\Z", re.ASCII)
_TIME = re.compile(r"(\d{1,2})[.h](\d\d)\Z|(\d\d)(\d\d)\Z", re.ASCII)
_OFFSET = re.compile(r"(?:UTC|GMT)? ?([+-]\d{1,2})(?::00:00| ?h(?:ours?|rs?)?|(:\d\d):00)\Z", re.IGNORECASE | re.ASCII)

_BEGINNING = re.compile(r"\A(https?|t?ftp):[/\\]{0,2}\s*(?=[^/\\\s])", re.IGNORECASE)
_ANOTHER = re.compile(r"[\s,;]+(?=(?:https?|t?ftp)://)", re.IGNORECASE)
_LETTERS = re.compile(r"[^\x00-\x7f]+")


def spelled(name: str, kind: Kind, text: str) -> str:
    """The value of the setting of that name as its kind reads it."""
    word, last = text.strip().casefold(), name.rpartition("/")[2]
    if isinstance(kind, Integer) and last == "month":
        month = word.rstrip(".")
        return str(_MONTHS.index(month[:3]) + 1) if month[:3] in _MONTHS and month[3:] in _REST else ""
    if isinstance(kind, Integer) and last == "week":
        return str(_WEEKS.get(word, ""))
    if isinstance(kind, Integer) and last == "hour":
        return found[1] if (found := _HOUR.match(word)) else ""
    if isinstance(kind, Integer) and kind.unit == "min":
        return str(int(found[1]) * 60 + int(found[2])) if (found := _LENGTH.match(word)) else ""
    if isinstance(kind, Choice) and kind.words is Weekday:
        return _DAYS[int(word)] if re.fullmatch("[0-7]", word) else ""
    if isinstance(kind, Clock):
        found = _TIME.match(word)
        return ":".join(each for each in found.groups() if each) if found else ""
    return ""


def offset(text: str) -> str:
    """An offset from UTC with seconds, or with the word for hours: +05:30:00, -5 hours. "" for any other text."""
    found = _OFFSET.match(text.strip())
    return found[1] + (found[2] or ":00") if found else ""


def url(text: str) -> str:
    """A URL without brackets round it, with slashes for backslashes and for those forgotten, its letters beyond ASCII
    and blanks escaped; of several the first. The text itself where it does not begin as one."""
    plain = canonical(text)
    if plain[:1] == "<" and plain[-1:] == ">" and _BEGINNING.match(plain[1:]):
        plain = plain[1:-1]
    if not _BEGINNING.match(plain):
        return text
    plain = _BEGINNING.sub(r"\1://", plain).replace("\\", "/")
    plain = _ANOTHER.split(plain, maxsplit=1)[0].strip()
    scheme, sign, rest = plain.partition("://")
    place, slash, path = rest.partition("/")
    return scheme + sign + place + slash + _LETTERS.sub(lambda found: quote(found[0]), path).replace(" ", "%20")
