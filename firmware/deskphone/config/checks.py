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
    """Refuse and withdraw lines of the file until each rule is kept; one pass, in the order of RULES.

    strict: refuse the first line of each broken rule and withdraw none, for the whole file is refused by it. A rule
    that is broken by none of this file's lines is a warning.
    """
    for rule in RULES:
        if not rule.fatal:
            continue
        if not rule.broken(reading.layers().settings):
            continue
        here = [name for name in dict.fromkeys((*rule.refuse, *rule.keys)) if name in reading.written]
        if not here:
            place = next((reading.places[key] for key in rule.keys if key in reading.places), None)
            reading.warn(place or Place(reading.source, 1), rule.keys[0], rule.message)
        for name in here if not strict else here[:1]:
            _give_up(reading, rule, name, strict)
            if not rule.broken(reading.layers().settings):
                break


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
