"""The reader: bytes of a configuration file to `Settings`, all errors at once.

Any error and there are no settings, so the caller keeps the last good ones. A file changes only what it names; later
lines win. Limits and line syntax are in `lines.py`, the settings in `schema/`, rules between settings in `checks.py`.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from typing import Any

from deskphone.config import checks
from deskphone.config.diagnostic import Diagnostic, Place, Unknown
from deskphone.config.kind import MASKED_USER, BadValue, SecretText, Url
from deskphone.config.known import is_known
from deskphone.config.lines import Assignment, Fetch, Text
from deskphone.config.registry import Path, Slot, aliases_of, changed, slots_of
from deskphone.config.secret import MASK, Secret
from deskphone.config.settings import Settings

SUGGESTION_LIMIT = 50  # unknown names for which a like one is looked up; it costs milliseconds each
UNKNOWN_LIMIT = 2_000

# The 420HD guide binds these to the agent, the 420HD's own parameter list to the web administrator.
USER_NAME = "system/user_name"
PASSWORD = "system/password"


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a configuration says. `settings` is None when there is any error.

    assignments: how many lines have the form name=value, whether the name is known or not.
    """

    settings: Settings | None
    errors: tuple[Diagnostic, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    assignments: int = 0

    def report(self) -> str:
        """All messages, one a line: errors, warnings, unknown names."""
        lines = [f"{item}" for item in self.errors]
        lines += [f"{item} (warning)" for item in self.warnings]
        lines += [f"{item} (warning)" for item in self.unknown]
        return "".join(line + "\n" for line in lines)


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    values: dict[Path, Any] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    unknown: dict[str, Unknown] = field(default_factory=dict)
    ambiguous: dict[str, Assignment] = field(default_factory=dict)


def read(
    data: bytes, source: str = "configuration", base: Settings | None = None, fetch: Fetch | None = None
) -> ReadResult:
    """Read a configuration over `base` (the defaults if none). Never raises, whatever the bytes are.

    source: file name or URL, shown in messages; includes are relative to it. fetch: see lines.Fetch.
    """
    text, reading, assignments = Text(fetch), _Reading(), 0
    for assignment in text.read(data, source):
        _take(assignment, text, reading)
        assignments += 1
    settings = changed(base or Settings(), reading.values)
    settings = _agent_or_administrator(settings, text, reading)
    errors = text.errors
    wrong = {aliases_of(Settings).get(error.key, error.key) for error in errors}
    if not wrong & {"include", "file"}:  # with a part missing, rules between settings would cry wolf
        broken, doubts = checks.run(settings, reading.places, source, wrong)
        errors += broken
        reading.warnings += doubts
    return ReadResult(
        None if errors else settings,
        tuple(errors),
        tuple(reading.warnings),
        tuple(reading.unknown.values()),
        assignments,
    )


def _take(assignment: Assignment, text: Text, reading: _Reading) -> None:
    """One line: a value, an error, or an unknown name."""
    name = aliases_of(Settings).get(assignment.name, assignment.name)
    slot = slots_of(Settings).get(name)
    if name in (USER_NAME, PASSWORD):
        reading.ambiguous[name] = assignment
    elif slot is None:
        _keep_unknown(assignment, reading)
    elif _is_masked(slot, assignment.value):
        reading.warnings.append(
            Diagnostic(assignment.place, name, f"{MASK} stands for a secret that was not shown: the old one stays")
        )
    else:
        _set(slot, assignment, text, reading)


def _is_masked(slot: Slot, value: str) -> bool:
    """Whether the value is what `dump` writes in place of a secret."""
    kind = slot.option.kind
    return (isinstance(kind, SecretText) and value == MASK) or (isinstance(kind, Url) and MASKED_USER in value)


def _set(slot: Slot, assignment: Assignment, text: Text, reading: _Reading) -> None:
    try:
        reading.values[slot.path] = slot.option.kind.parse(assignment.value)
    except BadValue as wrong:
        text.error(assignment.place, assignment.name, str(wrong))
    reading.places[slot.name] = assignment.place


def _keep_unknown(assignment: Assignment, reading: _Reading) -> None:
    name = assignment.name
    suggestion = ""
    known = is_known(name)
    if not known and name not in reading.unknown and len(reading.unknown) < SUGGESTION_LIMIT:
        suggestion = suggest(name)
    elif name in reading.unknown:
        suggestion = reading.unknown[name].suggestion
    if len(reading.unknown) < UNKNOWN_LIMIT or name in reading.unknown:
        reading.unknown[name] = Unknown(assignment.place, name, assignment.value, known, suggestion)


def suggest(name: str) -> str:
    """The setting that was probably meant by a name, or ""."""
    slots = slots_of(Settings)
    folded = {each.casefold(): each for each in slots}
    exact = folded.get(name.casefold())
    if exact:
        return exact
    like = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.8)
    return folded[like[0]] if like else ""


def _agent_or_administrator(settings: Settings, text: Text, reading: _Reading) -> Settings:
    """Give `system/user_name` and `system/password` the meaning the rest of the configuration asks for.

    The agent's, as the 420HD guide has it, when agent login is on; the web administrator's otherwise, and always when
    the name is `admin` or the password is a crypt hash, as in files written by a real phone. The unambiguous
    `deskphone/...` names win wherever they stand.
    """
    if not reading.ambiguous:
        return settings
    user, password = (reading.ambiguous.get(name) for name in (USER_NAME, PASSWORD))
    exported = (user is not None and user.value == "admin") or (password is not None and password.value[:1] == "$")
    agent = settings.acd.enabled and not exported
    owner = "acd" if agent else "web"
    pairs = ((user, "user_name" if agent else "admin_user"), (password, "password" if agent else "admin_password"))
    for assignment, attribute in pairs:
        if assignment is None:
            continue
        slot = next(each for each in slots_of(Settings).values() if each.path == (owner, attribute))
        meaning = "the agent's, because agent login is on" if agent else "the web administrator's"
        message = f"taken as {meaning}; write {slot.name} to be clear"
        if assignment.value == MASK:
            message = f"{MASK} stands for a secret that was not shown: the old one stays"
        elif assignment.value.startswith("$") and attribute.endswith("password"):
            message = f"a hash of another phone's password is of no use here; write {slot.name}"
        elif slot.name not in reading.places:
            try:
                value = slot.option.kind.parse(assignment.value)
            except BadValue as wrong:
                text.error(assignment.place, assignment.name, str(wrong))
                continue
            else:
                part = replace(getattr(settings, owner), **{attribute: value})
                settings = replace(settings, **{owner: part})
        reading.warnings.append(Diagnostic(assignment.place, assignment.name, message))
    return settings


__all__ = ["ReadResult", "Secret", "read", "suggest"]
