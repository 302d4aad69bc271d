"""Whether settings fit together: the table in `rules.py` applied to what a file says.

Law: a broken rule costs the lines of this file that broke it; their settings keep the value in force before the file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from deskphone.config.diagnostic import Diagnostic, Place
from deskphone.config.reading import Reading
from deskphone.config.registry import slots_of
from deskphone.config.rules import RULES, Rule
from deskphone.config.settings import Settings


def settle(reading: Reading, strict: bool) -> None:
    """Refuse and withdraw lines of the file until each rule is kept, in the order of RULES and again: what is withdrawn
    for one rule may break another.

    strict: refuse the first line of each broken rule and withdraw none, for the whole file is refused by it. A rule
    that is broken by none of this file's lines is a warning.
    """
    others: list[Rule] = []
    for _ in RULES:
        before = len(reading.written)
        others = _settle_once(reading, strict)
        if strict or len(reading.written) == before:
            break
    for rule in others:
        place = next((reading.places[key] for key in rule.keys if key in reading.places), None)
        reading.warn(place or Place(reading.source, 1), rule.keys[0], rule.message)


def _settle_once(reading: Reading, strict: bool) -> list[Rule]:
    """One pass; the rules that are broken by none of the file's lines."""
    others = []
    for rule in RULES:
        if not rule.fatal or not rule.broken(reading.layers().settings):
            continue
        here = [name for name in dict.fromkeys((*rule.refuse, *rule.keys)) if name in reading.written]
        if not here:
            others.append(rule)
        for name in here if not strict else here[:1]:
            _give_up(reading, rule, name, strict)
            if not rule.broken(reading.layers().settings):
                break
    return others


def _give_up(reading: Reading, rule: Rule, name: str, strict: bool) -> None:
    reading.refuse(reading.places[name], name, slots_of(Settings)[name], rule.message)
    if not strict:
        reading.give_up(name)


def doubts(
    settings: Settings, places: Mapping[str, Place], source: str, refused: Collection[str] = ()
) -> list[Diagnostic]:
    """One warning for each broken rule that is not fatal and speaks of no setting in `refused`.

    Its place is the line of the first of the rule's settings that the file has, else line 1 of `source`.
    """
    found = []
    for rule in RULES:
        if not rule.fatal and not any(key in refused for key in rule.keys) and rule.broken(settings):
            place = next((places[key] for key in rule.keys if key in places), Place(source, 1))
            found.append(Diagnostic(place, rule.keys[0], rule.message))
    return found
