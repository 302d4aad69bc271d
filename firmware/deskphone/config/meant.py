"""What a refused value of a file means all the same, where files of the 420HD family write it in a way of their own.

Law: asked only for a value its kind refused, and never for a free text, a secret or codes, which mean what they say;
what is taken is said in a warning. An unknown word of a list, an id for an address, `address:port`, one of several
addresses; and for all a comment behind it, quotes of other kinds round it, the unit behind a number, blanks in a URL.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

from deskphone.config import spellings
from deskphone.config.kind import BadValue, Choice, Codes, Flag, Integer, Kind, SecretText, Text
from deskphone.config.layers import parsed
from deskphone.config.lines import Assignment
from deskphone.config.part import part_of
from deskphone.config.places import Host, Url, is_id
from deskphone.config.reading import Reading
from deskphone.config.registry import Slot, slots_of
from deskphone.config.settings import Settings, Value
from deskphone.config.zones import OFFSET, ZONE, offset_of, zone_of

_QUOTES = re.compile(r"(['\"\u2018-\u201f\u00ab\u00bb`])(.*)['\"\u2018-\u201f\u00ab\u00bb`\u00b4]\Z")
# From the first of several blanks on: from each of them the time would be the square of their number.
_EMPTY = re.compile(r"''|``|[\u201c-\u201f\u00ab][\u201c-\u201f\u00bb]")
_BEHIND = re.compile(r"(?<!\s)\s*([;,]\s.*|[;,.]|\s[#!].*|\s//.*|\s--.*|\s?/\*.*|\s?<!--.*|<br\s*/?>)\Z", re.IGNORECASE)
_NUMBERED = re.compile(r"\[([^\[\]]+)\](\s.*)?\Z")  # [1] Enable, as the guide's tables have it
_LIST = re.compile(r"[;,]|\s[#(]")
_LIST_OF_NUMBERS = re.compile(r";|,(?!\d{1,3}(?!\d))|\s[#(]")  # 3,600 may be one number, and 0,5 as well
_WHOLE = re.compile(r"\+?(\d+)(?:\.00?)?\Z", re.ASCII)  # 1.0 as spreadsheets write it; 5.000 may be thousands
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")
_NUMBER = re.compile(r"(?:CODE_)?([+-]?\d+|0[xX][0-9a-fA-F]+)\s*([a-z%]*)\.?\Z", re.IGNORECASE | re.ASCII)
_ADDRESS = re.compile(
    r"""<?(?!(?:sips?|tel):?\d*>?\Z)
    (?:(?:sips?|udp|tcp|tls)://|(?:sips?|udp|tcp|tls):(?!\d{1,5}\Z))?
    (?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@;,<>]+)
    (?:\s?:\s?(?P<port>\d{1,5})?|\s(?P<after>\d{4,5}))?
    (?:/(?:udp|tcp|tls)?)?(?:;[^<>]*)?>?\Z""",
    re.VERBOSE,
)
MODEL = "system/type"
_OURS = re.compile(r"(?<![a-z0-9])((ip)?420[ _-]?hd[a-z]{0,4}|deskphone)(?![a-z0-9])", re.IGNORECASE)
_UNITS = {
    "s": ("s", "sec", "secs", "second", "seconds"),
    "ms": ("ms", "msec", "millisecond", "milliseconds"),
    "min": ("min", "mins", "minute", "minutes"),
    "h": ("h", "hour", "hours"),
}


_COMMENT_OF_OTHERS = re.compile(r"\S\s+(?:#|//)")


def signs_about(secret: str) -> str:
    """What stands about a secret that may be no part of it, in words; "" for nothing. Never a letter of the secret."""
    if _QUOTES.fullmatch(secret):
        return "quotes round it are"
    if secret[-1:] in {";", ","}:
        return f"{secret[-1]} behind it is"
    return "comment behind it is" if _COMMENT_OF_OTHERS.search(secret) else ""


def meant(slot: Slot, assignment: Assignment, value: str, reading: Reading) -> bool:
    """Put what a refused value means, with a warning; False where it means nothing. value: without plain quotes."""
    kind, place, name = slot.option.kind, assignment.place, assignment.name
    if slot.name == OFFSET and _offset(slot, assignment, value, reading):
        return True
    if slot.name == ZONE and _zone(assignment, value, reading):
        return True
    if found := part_of(kind, value):
        return _part(slot, assignment, *found, reading)
    if _EMPTY.fullmatch(value) and not isinstance(kind, SecretText):
        reading.put(slot.name, None)
        reading.warn(place, name, "quotes with nothing in them, taken as not set")
        return True
    if isinstance(kind, (SecretText, Codes)) or (isinstance(kind, Text) and not kind.shape):
        return False
    if _said(slot, assignment, value, reading):
        return True
    for plainer in _plainer(slot.name, value, kind):
        try:
            taken = fitting(slot, plainer, reading)
        except BadValue:
            if isinstance(kind, Host) and _said(slot, assignment, plainer, reading):
                return True
            continue
        reading.put(slot.name, taken)
        if not isinstance(kind, Url):  # which may hold a login
            reading.warn(place, name, f"taken as {kind.format(taken)}")
        return True
    if isinstance(kind, Choice) and kind.unknown is not None:
        reading.put(slot.name, kind.unknown)
        reading.warn(place, name, f"{value[:40]!a} is not known here: skipped")
        return True
    return False


def fitting(slot: Slot, value: str, reading: Reading) -> Value:
    """The typed value of a text: of a zone only where the time zone database has it, of the model ours by any of its
    names. BadValue."""
    if slot.name == MODEL and _OURS.search(value):
        return Settings().system.model
    if slot.name == ZONE and value:
        zone = zone_of(value, reading.has_zone)
        if reading.has_zone is not None and not zone:
            raise BadValue("a zone of the time zone database, as Europe/Berlin", ascii(value[:60]))
        return parsed(slot, zone)
    return parsed(slot, value)


def _offset(slot: Slot, assignment: Assignment, value: str, reading: Reading) -> bool:
    """Put an offset in hours with a point, or the zone that stands in an offset's place. False where it is neither."""
    place, name = assignment.place, assignment.name
    if found := offset_of(value) or spellings.offset(value):
        try:
            reading.put(slot.name, parsed(slot, found))
        except BadValue:
            return False
        reading.warn(place, name, f"taken as {found}")
        return True
    zone = zone_of(value, reading.has_zone) if reading.has_zone is not None and "/" in value else ""
    if not zone:
        return False
    reading.put(slot.name, None)
    if ZONE not in reading.places:
        reading.put(ZONE, zone)
    reading.warn(place, name, f"a zone's name, taken as {ZONE}, unless that says another")
    return True


def _zone(assignment: Assignment, value: str, reading: Reading) -> bool:
    """Put the offset that stands in a zone's place; False for another text. One without a sign may be anything."""
    slot = slots_of(Settings)[OFFSET]
    value, _ = part_of(slot.option.kind, value) or (value, "")
    try:
        found = parsed(slot, spellings.offset(value) or value) if re.search(r"[+-]\d", value) else None
    except BadValue:
        found = None
    if found is None:
        return False
    reading.put(ZONE, None)
    if OFFSET not in reading.places:
        reading.put(OFFSET, found)
    reading.warn(assignment.place, assignment.name, f"no zone's name, taken as {OFFSET}, unless that says another")
    return True


def _part(slot: Slot, assignment: Assignment, part: str, why: str, reading: Reading) -> bool:
    """Put a part of the value and say why it is the one that counts. False where it is no value."""
    try:
        taken = parsed(slot, part)
    except BadValue:
        return False
    reading.put(slot.name, taken)
    reading.warn(assignment.place, assignment.name, f"taken as {slot.option.kind.format(taken)}: {why}")
    return True


def _said(slot: Slot, assignment: Assignment, value: str, reading: Reading) -> bool:
    """Put the host that an address with more about it names: `sip:host:port`, or none for an id. False where it is
    neither."""
    kind, place, name = slot.option.kind, assignment.place, assignment.name
    if not isinstance(kind, Host):
        return False
    if kind.ids and is_id(value):
        reading.put(slot.name, None)
        reading.warn(place, name, "an id and no address, taken as not set")
        return True
    match = _ADDRESS.match(value)
    if match is None or is_id(match["host"]):
        return False
    number = match["port"] or match["after"]
    beside = next((each for each in slots_of(Settings).values() if each.path == (*slot.path[:-1], "port")), None)
    try:
        host = parsed(slot, match["host"])
        port: Value | None = parsed(beside, number) if beside is not None and number else None
    except BadValue:
        return False
    reading.put(slot.name, host)
    told = f": there is no setting for its port {number}" if number and beside is None else ""
    if beside is not None and port is not None:
        told = f", port {number} unless {beside.name} says another"
        if beside.name not in reading.places:
            reading.put(beside.name, port)
    reading.warn(place, name, f"taken as {host}{told}")
    return True


def _plainer(name: str, value: str, kind: Kind) -> Iterator[str]:
    """The value with ever less about it, plainest last; each differs from the one before."""
    listed = isinstance(kind, Text) and kind.listed
    texts = [value, value.lstrip("=> ")]  # name == value, name => value
    texts.append(texts[-1] if listed else _BEHIND.sub("", texts[-1]))
    texts.append(spellings.spelled(name, kind, texts[-1]) or texts[-1])
    if isinstance(kind, (Flag, Integer, Choice)) and (numbered := _NUMBERED.match(texts[-1])):
        texts.append(numbered[1])
    if quoted := _QUOTES.match(texts[-1]):
        texts.append(quoted[2].strip())
    if not isinstance(kind, Url) and not listed:
        texts.append((_LIST_OF_NUMBERS if isinstance(kind, Integer) else _LIST).split(texts[-1])[0].strip())
        texts.append(unicodedata.normalize("NFKC", texts[-1]).translate(_DASHES))
    if isinstance(kind, Integer) and (whole := _WHOLE.match(texts[-1])):
        texts.append(whole[1].lstrip("0") or "0")
    if isinstance(kind, Integer) and (number := _NUMBER.match(texts[-1])):
        unit = number[2].lower()
        if not unit or unit in _UNITS.get(kind.unit, ()):
            texts.append(number[1])
    words = texts[-1].split()
    if isinstance(kind, Host) and len(words) > 1 and all("." in word or ":" in word for word in words):
        texts.append(words[0])  # several servers, not "not set"
    if isinstance(kind, Url):
        texts.append(spellings.url(texts[-1]))
    for before, text in pairwise(texts):
        if text and text != before:
            yield text
