"""The data model as a tree: what a path names, in TR-106's words.

Law: pure, built once. No parameter is named here; the rows are those of `table`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from deskphone.manage.cwmp.faults import Fault

LONGEST = 256  # characters of a path


@dataclass(frozen=True, slots=True)
class Parameter:
    """A leaf. kind: of XML schema. setting: its name in the schema; fact: of the phone, which nobody sets; own: kept by
    this room. volatile: it changes by itself, so nobody is told at once."""

    path: str
    kind: str
    setting: str = ""
    fact: str = ""
    own: str = ""
    writable: bool = False
    volatile: bool = False


class Tree:
    """All parameters, in the order of the rows; and the objects above them."""

    def __init__(self, parameters: Iterable[Parameter]) -> None:
        self.parameters: dict[str, Parameter] = {}
        self._names: dict[str, None] = {}  # objects, which end in a dot, and parameters
        for each in sorted(parameters, key=lambda each: _order(each.path)):
            if each.path in self.parameters:
                raise ValueError(f"{each.path} is declared twice")
            self.parameters[each.path] = each
            parts = each.path.split(".")
            for count in range(1, len(parts)):
                self._names.setdefault(".".join(parts[:count]) + ".")
            self._names[each.path] = None

    def below(self, path: str) -> list[Parameter]:
        """The parameters of a name: itself, or all below a partial path, or of "" all. Fault 9005."""
        if path and not path.endswith("."):
            if path not in self.parameters:
                raise Fault(9005, path[:LONGEST])
            return [self.parameters[path]]
        if path and path not in self._names:
            raise Fault(9005, path[:LONGEST])
        return [each for name, each in self.parameters.items() if name.startswith(path)]

    def names(self, path: str, next_level: bool) -> list[tuple[str, bool]]:
        """Objects and parameters of a path and whether each may be set (TR-069 A.3.2.3). Fault 9005, 9003."""
        if path and not path.endswith("."):
            if next_level:
                raise Fault(9003, "NextLevel with the name of a parameter")
            return [(path, self.below(path)[0].writable)]
        if path and path not in self._names:
            raise Fault(9005, path[:LONGEST])
        found = [name for name in self._names if name.startswith(path)]
        if next_level:
            depth = path.count(".")
            found = [name for name in found if name != path and name.rstrip(".").count(".") == depth]
        return [(name, name in self.parameters and self.parameters[name].writable) for name in found]

    def is_object(self, path: str) -> bool:
        """Whether it is a partial path."""
        return path in self._names and path.endswith(".")


def _order(path: str) -> tuple[tuple[bool, int, str], ...]:
    """By the words of a path, instances as numbers."""
    return tuple((not each.isdecimal(), int(each) if each.isdecimal() else 0, each) for each in path.split("."))
