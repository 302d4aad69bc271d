"""A file while it is read: its values over the layers in force, and the errors and warnings about its lines.

Law: collects; what a line means is `reader.py`'s, whether the values fit together is `checks.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from deskphone.config.diagnostic import Diagnostic, Place, Unknown
from deskphone.config.layers import Layers
from deskphone.config.lines import ERROR_LIMIT, Assignment, Text
from deskphone.config.registry import Slot, slots_of, value_at
from deskphone.config.settings import Settings, Value
from deskphone.config.writer import shown
from deskphone.config.zones import HasZone


@dataclass(slots=True)
class Reading:
    """What has been read so far of `source`.

    written: value by name, None for the default. places: by name, the last line that names it. known: names of the
    420HD that nothing here obeys, as an ordered set. ambiguous: lines of `system/user_name` and `system/password`, by
    name, until `reader` knows whose they are.
    """

    base: Layers
    text: Text
    source: str
    has_zone: HasZone | None = None
    written: dict[str, Value | None] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    warnings: list[Diagnostic] = field(default_factory=list)
    unknown: dict[str, Unknown] = field(default_factory=dict)
    known: dict[str, None] = field(default_factory=dict)
    ambiguous: dict[str, Assignment] = field(default_factory=dict)
    assignments: int = 0
    _refused: list[tuple[int, Slot]] = field(default_factory=list)
    _layers: Layers | None = None

    def put(self, name: str, value: Value | None) -> None:
        """Keep the file's value of a setting; None for the default."""
        self.written[name] = value
        self._layers = None

    def give_up(self, name: str) -> None:
        """Withdraw the file's value: the setting stays as it was before the file. KeyError where the file has none."""
        del self.written[name]
        self._layers = None

    def refuse(self, place: Place, key: str, slot: Slot, message: str) -> None:
        """Keep an error about a line; `errors` adds the value that is kept in its place, known only at the end."""
        self._refused.append((len(self.text.errors), slot))
        self.text.error(place, key, message)

    def warn(self, place: Place, key: str, message: str) -> None:
        """Keep a warning; it costs no line."""
        self.warnings.append(Diagnostic(place, key, message))

    @property
    def refused(self) -> set[str]:
        """Names of the settings of which a line was refused."""
        return {slot.name for _, slot in self._refused}

    def layers(self) -> Layers:
        """The layers with what was read so far: over the file's layer in force or, with whole_file, in its place."""
        if self._layers is None:
            over = self._over({each.name: each.value for each in self.base.file})
            self._layers = self._over({}) if over.settings.provisioning.whole_file else over
        return self._layers

    @property
    def whole(self) -> bool:
        """Whether `deskphone/provisioning/whole_file` holds, by this file or by the layers in force."""
        return self._over({each.name: each.value for each in self.base.file}).settings.provisioning.whole_file

    def _over(self, file: dict[str, Value]) -> Layers:
        for name, value in self.written.items():
            if value is None:
                file.pop(name, None)
            else:
                file[name] = value
        return self.base.with_file(file)

    def errors(self, kept: Layers | None) -> tuple[Diagnostic, ...]:
        """All errors. kept: the layers in force from now on, of which each refused line says the value that is kept."""
        told = list(self.text.errors)
        for index, slot in self._refused:
            if index < min(len(told), ERROR_LIMIT) and kept is not None:
                value = shown(slot, value_at(kept.settings, slot.path), secrets=False) or "nothing"
                told[index] = replace(told[index], message=f"{told[index].message}, kept {value}")
        return tuple(told)

    def idle(self) -> tuple[str, ...]:
        """Names the file sets that nothing here obeys: those that differ from the default first, then `known`."""
        slots, default = slots_of(Settings), Settings()
        named = [slots[name] for name in self.written if not slots[name].option.behaviour]
        told = sorted(named, key=lambda slot: self.written[slot.name] in (None, value_at(default, slot.path)))
        return (*(slot.name for slot in told), *self.known)

    def half_obeyed(self) -> list[Diagnostic]:
        """A warning for each setting that is obeyed for some values (Option.only) and not for the file's."""
        found = []
        for name, value in self.written.items():
            option = slots_of(Settings)[name].option
            if value is not None and option.only and value not in option.only:
                obeyed = ", ".join(option.kind.format(each) for each in option.only)
                message = f"{option.kind.format(value)} is read, without effect here; obeyed are {obeyed}"
                found.append(Diagnostic(self.places[name], name, message))
        return found
