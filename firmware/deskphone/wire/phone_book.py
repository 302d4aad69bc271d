"""The company's directory and the speed dials, as a server's text files have them.

Law: bytes to frozen values, bounded. A directory is `name,number[,number ...]` a line; commas, semicolons, tabs or bars
part the fields, quotes may stand round one (RFC 4180), a comment behind the line. What is no number is the name, up to
the next number, so that `Meier;Anna;2001` is one as well; a line without a number (a heading, a comment) is none. Speed
dials are `key,number[,blf]`, keys 1 to 9.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from deskphone.config.decoding import lines_of, text_of
from deskphone.wire.errors import WireError

MAX_ENTRIES: Final = 2_000
MAX_NAME: Final = 64  # characters
_DECORATION: Final = re.compile(r"[\s()\[\]./\u00a0\u2010-\u2015-]")
_NUMBER: Final = re.compile(r"\+?[0-9*#][0-9*#,]{0,31}", re.ASCII)
_ADDRESS: Final = re.compile(r"(sips?:)?[\w.+*#~!$'-]{1,64}@[\w.:\[\]-]{1,128}", re.ASCII)
_FORMULA: Final = re.compile(r"=\s*\"([^\"]*)\"|(\d+)\.0")  # how a spreadsheet keeps zeros in front, and what it adds
_SCHEME: Final = re.compile(r"(tel|callto):", re.IGNORECASE)
_COMMENT: Final = re.compile(r"(?<!\s)\s+;")  # as behind a value of the configuration
_QUOTES: Final = re.compile(r"'([^']*)'|[\u2018\u201c\u201e]([^\u201c\u201d\u2019]*)[\u2019\u201c\u201d]")
_SEPARATORS: Final = ",;\t|"


def directory(data: bytes) -> tuple[tuple[str, str], ...]:
    """(name, number) of every number in the file, at most MAX_ENTRIES. WireError where there is none: a login page,
    binary data."""
    found = list[tuple[str, str]]()
    for row in _rows(data):
        name, numbers = _entry(row)
        found += ((name, number) for number in numbers if name)
        if len(found) >= MAX_ENTRIES:
            break
    if not found:
        raise WireError("none", "company directory", "lines name,number")
    return tuple(dict.fromkeys(found[:MAX_ENTRIES]))


def speed_dials(data: bytes) -> tuple[tuple[str, str], ...]:
    """(key, number), keys "1" to "9", the first of each; WireError where the file has none."""
    found = dict[str, str]()
    for row in _rows(data):
        number = _dialled(row[1]) if len(row) > 1 else ""
        if number and re.fullmatch("[1-9]", row[0].strip(), re.ASCII):
            found.setdefault(row[0].strip(), number)
    if not found:
        raise WireError("none", "speed dials", "lines key,number")
    return tuple(found.items())


def _rows(data: bytes) -> Iterator[list[str]]:
    text = text_of(data)
    if text is None:
        raise WireError("binary data", "directory", "text")
    lines = [line for line in lines_of(text) if line.strip() and line.lstrip()[0] not in ";#<"]
    separator = max(_SEPARATORS, key=lambda each: sum(each in line for line in lines))
    for line in lines:
        try:
            bare = _COMMENT.split(line, maxsplit=1)[0] if separator != ";" else line
            whole = bare if bare.count('"') % 2 == 0 else line  # not in the middle of a field
            yield next(csv.reader([whole], delimiter=separator, skipinitialspace=True))
        except (csv.Error, StopIteration):
            continue


def _entry(row: list[str]) -> tuple[str, list[str]]:
    """The name and the numbers behind it; those before it where none comes behind it."""
    numbers = [_dialled(field) for field in row]
    first = next((at for at, number in enumerate(numbers) if not number and row[at].strip()), len(row))
    behind = next((at for at in range(first, len(row)) if numbers[at]), len(row))
    name = " ".join(" ".join(row[first:behind]).split())
    if quoted := _QUOTES.fullmatch(name):
        name = (quoted[1] or quoted[2] or "").strip()
    clean = "".join(char for char in name if char.isprintable())[:MAX_NAME].strip()
    return clean, [number for number in numbers[behind:] or numbers[:first] if number]


def _dialled(field: str) -> str:
    """A number as it is dialled, or an address; "" for another text."""
    field = unicodedata.normalize("NFKC", field).strip()
    if formula := _FORMULA.fullmatch(field):
        field = formula[1] or formula[2]
    field = _SCHEME.sub("", field.strip("<> '\u2018\u2019\u201c\u201d\u201e"))
    if _ADDRESS.fullmatch(field):
        return field
    bare = _DECORATION.sub("", field.replace("(0)", "") if field.startswith("+") else field)
    return bare if _NUMBER.fullmatch(bare) else ""
