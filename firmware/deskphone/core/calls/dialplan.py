"""The digit map: which dialled digits are a whole number, which may become one, which never will; and number rules.

Law: pure; knows nothing of calls. The notation is RFC 3435 section 2.1.5 as the 420HD writes it:
alternatives by `;` or `|`, `x` any digit, `[1-79]` a range, `.` none or more of the one before, `T` the timer.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Match(StrEnum):
    """What a digit string is to the digit map."""

    NONE = "none"
    PARTIAL = "partial"
    WHOLE = "whole"
    WHOLE_OR_MORE = "whole_or_more"


@dataclass(frozen=True, slots=True)
class _Item:
    """One position: the characters that fit, and whether it may repeat (`.`)."""

    chars: frozenset[str]
    repeat: bool = False


Pattern = tuple[_Item, ...]
_ITEM = re.compile(r"\[([^\]]{1,40})\]|([0-9*#A-Da-dxX+])|(\.)|([Tt])")
DIGITS = "0123456789"
_WRITTEN = re.compile(r"[0-9*#+ \u00a0()/.-]+")
_BETWEEN = re.compile(r"[ \u00a0()/.-]")


class DigitMapError(ValueError):
    """The digit map cannot be read; the text says where and what was expected."""


@lru_cache(maxsize=8)
def compile_map(text: str) -> tuple[Pattern, ...]:
    """Patterns of a digit map; DigitMapError where it makes no sense. An empty text is no pattern."""
    return tuple(_pattern(part) for part in _alternatives(text))


@lru_cache(maxsize=8)
def readable(text: str) -> tuple[Pattern, ...]:
    """The patterns that can be read: a map must not keep a person from dialling, whoever wrote it."""
    found = []
    for part in _alternatives(text):
        with suppress(DigitMapError):
            found.append(_pattern(part))
    return tuple(found)


def _alternatives(text: str) -> list[str]:
    """Brackets may stand round the whole map and round each alternative."""
    return [bare for part in re.split(r"[;|]", text) if (bare := part.strip("() "))]


def _pattern(part: str) -> Pattern:
    items: list[_Item] = []
    where = 0
    while where < len(part):
        found = _ITEM.match(part, where)
        if found is None:
            raise DigitMapError(f"digit map {part!r}, position {where + 1}: expected 0-9 * # x [..] . or T")
        where = found.end()
        inside, single, dot, timer = found.groups()
        if inside:
            items.append(_Item(frozenset(_range(inside))))
        elif single:
            items.append(_Item(frozenset(DIGITS if single in "xX" else single)))
        elif dot:
            if not items:
                raise DigitMapError(f"digit map {part!r}: '.' with nothing before it")
            items[-1] = _Item(items[-1].chars, repeat=True)
        elif timer:  # never a digit, so that only the timer says that nothing more comes
            items.append(_Item(frozenset(), repeat=True))
    return tuple(items)


def _range(inside: str) -> str:
    chars = ""
    for found in re.finditer(r"([0-9])-([0-9])|([0-9*#xX])", inside):
        low, high, single = found.groups()
        chars += "".join(DIGITS[int(low) : int(high) + 1]) if low else (DIGITS if single in "xX" else single)
    return chars


def match(patterns: tuple[Pattern, ...], digits: str) -> Match:
    """How `digits` stands to the map: the best answer of any alternative."""
    whole = partial = False
    for pattern in patterns:
        ends = _walk(pattern, digits)
        whole |= len(pattern) in ends
        partial |= any(end < len(pattern) or (pattern and pattern[-1].repeat) for end in ends)
    if whole:
        return Match.WHOLE_OR_MORE if partial else Match.WHOLE
    return Match.PARTIAL if partial else Match.NONE


def _walk(pattern: Pattern, digits: str) -> set[int]:
    """Positions in the pattern that `digits` can have led to (a set, as an NFA has it)."""
    here = _skip(pattern, {0})
    for digit in digits:
        step: set[int] = set()
        for place in here:
            if place < len(pattern) and digit in pattern[place].chars:
                step.add(place + 1)
                if pattern[place].repeat:
                    step.add(place)
        here = _skip(pattern, step)
        if not here:
            break
    return here


def _skip(pattern: Pattern, places: set[int]) -> set[int]:
    reached = set(places)
    for place in range(len(pattern)):
        if place in reached and pattern[place].repeat:
            reached.add(place + 1)
    return reached


def bare(number: str) -> str:
    """A number as it is dialled, without what people write between its digits (RFC 3966 section 5.1.1) and the (0) of
    who dials it at home; another text, as an address, as it is."""
    if not _WRITTEN.fullmatch(number):
        return number
    return _BETWEEN.sub("", number.replace("(0)", "") if number.lstrip().startswith("+") else number)


def rewritten(rules: str, number: str) -> str:
    """What is called for a dialled number: the target of the first rule whose pattern it fits, else the number itself.

    rules: `voip/signalling/sip/number_rules`, as `4xxx=Line_\\\\\\@192.0.2.3;00=110`: a backslash stands for one digit,
    all of them for the last ones of the number in their order (manual 2.2.8, page 116: 4123 calls Line_123@192.0.2.3).
    A rule that cannot be read does not count.
    """
    number = bare(number)
    for rule in filter(None, (each.strip() for each in rules.split(";"))):
        pattern, _, target = (each.strip() for each in rule.partition("="))
        try:
            fits = match(compile_map(pattern), number) in (Match.WHOLE, Match.WHOLE_OR_MORE)
        except DigitMapError:
            continue
        taken = target.count("\\")
        if fits and target and taken <= len(number):
            digits = iter(number[len(number) - taken :])
            return "".join(next(digits) if char == "\\" else char for char in target)
    return number
