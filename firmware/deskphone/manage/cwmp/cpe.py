"""The phone as an ACS sees it: its data model with the values of now, and what is remembered besides.

Law: pure. Values come in as a snapshot of the phone; secrets are none of them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from deskphone.config.settings import Settings
from deskphone.manage.cwmp import table
from deskphone.manage.cwmp.memory import VALUE_CHANGE, Memory
from deskphone.manage.cwmp.tree import Parameter, Tree

ACTIVE, PASSIVE = 2, 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the phone said: settings by name as text of a file, and facts by their words in `table`."""

    settings: Mapping[str, str]
    facts: Mapping[str, str]


class Cpe:
    """Values and memory; `memory` is what counts after whatever was done."""

    def __init__(self, tree: Tree, snapshot: Snapshot, memory: Memory) -> None:
        self.tree, self.snapshot, self.memory = tree, snapshot, memory
        self._slots = Settings.slots()

    def value(self, each: Parameter) -> str:
        """The value of a parameter, as XML schema writes it."""
        if each.setting:
            return table.out(self._slots[each.setting], self.snapshot.settings.get(each.setting, ""))
        if each.own:
            return str(getattr(self.memory, each.own))
        if each.fact.startswith("="):
            return each.fact[1:]
        if each.fact == "parameter_key":
            return self.memory.parameter_key
        return self.snapshot.facts.get(each.fact, "")

    def rows(self, parameters: list[Parameter]) -> list[tuple[str, str, str]]:
        """(path, kind, value) of each."""
        return [(each.path, each.kind, self.value(each)) for each in parameters]

    def notification(self, path: str) -> int:
        """0 off, 1 passive, 2 active."""
        return self.memory.attributes.get(path, ACTIVE if path in table.ACTIVE else 0)

    def watched(self) -> list[Parameter]:
        """Parameters with a notification."""
        paths = {*self.memory.attributes, *table.ACTIVE}
        return [each for path, each in self.tree.parameters.items() if path in paths and self.notification(path)]

    def news(self) -> list[Parameter]:
        """Those whose value the ACS does not know."""
        told = self.memory.told
        return [each for each in self.watched() if each.path in told and told[each.path] != self.value(each)]

    def looked(self) -> None:
        """Something may have changed: an event where the ACS is to be told (TR-069 3.7.1.5). What is watched since
        now begins with the value of now."""
        news = self.news()
        if any(self.notification(each.path) == ACTIVE and not each.volatile for each in news):
            self.memory = self.memory.with_event(VALUE_CHANGE)
        told = self.memory.told
        new = {each.path: self.value(each) for each in self.watched() if each.path not in told}
        if new:
            self.memory = replace(self.memory, told={**told, **new})

    def all_told(self) -> None:
        """The ACS knows every value as it is now: it was told."""
        self.memory = replace(self.memory, told={each.path: self.value(each) for each in self.watched()})

    def set_by_acs(self, settings: Collection[str], own: Collection[str]) -> None:
        """The ACS knows what it set itself. What somebody else set meanwhile it is still to be told."""
        known = {each.path: self.value(each) for each in self.watched() if each.setting in settings or each.own in own}
        self.memory = replace(self.memory, told={**self.memory.told, **known})
