"""The settings of a schema by name and by attribute path; built by walking the dataclasses once.

Law: `slots_of(Settings)` is what the reader, the writer, the reference page, a web form and a TR-069 tree iterate over.
No setting is named here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from deskphone.config.option import COUNT, GROUP, OPTION, Option

Path = tuple[str | int, ...]
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Slot:
    """One name that can stand in a file, N replaced by its index. path: attributes and indices from Settings to it."""

    name: str
    path: Path
    option: Option

    @property
    def attribute(self) -> str:
        """The path as a program writes it: `line[0].auth_name`."""
        shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return shown.removeprefix(".")


_INDEX = re.compile(r"/(?:0|[1-9]\d{0,2})/")


def _numbered(name: str, index: int | None) -> str:
    return name if index is None else name.replace("/N/", f"/{index}/")


def _walk(schema: type, path: Path, index: int | None) -> Iterator[Slot]:
    for member in dataclasses.fields(schema):
        here = (*path, member.name)
        if OPTION in member.metadata:
            option: Option = member.metadata[OPTION]
            yield Slot(_numbered(option.name, index), here, option)
        elif COUNT in member.metadata:
            for number in range(member.metadata[COUNT]):
                yield from _walk(member.metadata[GROUP], (*here, number), number)
        else:
            yield from _walk(member.metadata[GROUP], here, index)


@cache
def slots_of(schema: type) -> Mapping[str, Slot]:
    """All settings of a schema by name, in the order of declaration. Raises ValueError if a name is declared twice."""
    found: dict[str, Slot] = {}
    for slot in _walk(schema, (), None):
        if slot.name in found:
            raise ValueError(f"{slot.name} is declared twice: {found[slot.name].attribute} and {slot.attribute}")
        found[slot.name] = slot
    return found


@cache
def aliases_of(schema: type) -> Mapping[str, str]:
    """The name of the setting by alias, N replaced by the index; case as declared."""
    return {
        _numbered(alias, next((part for part in slot.path if isinstance(part, int)), None)): slot.name
        for slot in slots_of(schema).values()
        for alias in slot.option.aliases
    }


@cache
def names_of(schema: type) -> Mapping[str, str]:
    """The name of the setting by name or alias in case-folded form (str.casefold)."""
    found = {alias.casefold(): name for alias, name in aliases_of(schema).items()}
    return found | {name.casefold(): name for name in slots_of(schema)}


def is_beyond(schema: type, name: str) -> bool:
    """Whether a setting is called so but for a higher index than this phone has: line 29 of a phone with thirty."""
    names, folded = names_of(schema), name.casefold()
    first = _INDEX.sub("/0/", folded)
    return folded not in names and first != folded and first in names


def value_at(settings: Any, path: Path) -> Any:
    """The value at a slot's path: attribute names, and an index in an indexed group."""
    for part in path:
        settings = settings[part] if isinstance(part, int) else getattr(settings, part)
    return settings


def changed(settings: S, values: Mapping[Path, Any]) -> S:
    """A copy of the settings with other values at these paths."""
    copy: S = _changed(settings, values) if values else settings
    return copy


def _changed(node: Any, values: Mapping[Path, Any]) -> Any:
    if () in values:
        return values[()]
    below: dict[str | int, dict[Path, Any]] = {}
    for path, value in values.items():
        below.setdefault(path[0], {})[path[1:]] = value
    if isinstance(node, tuple):
        return tuple(_changed(item, below[at]) if at in below else item for at, item in enumerate(node))
    return dataclasses.replace(
        node, **{str(name): _changed(getattr(node, str(name)), deeper) for name, deeper in below.items()}
    )
