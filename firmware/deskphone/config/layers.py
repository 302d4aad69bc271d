"""Settings in layers: factory < file < administrator < person, and each value knows its own.

Law: a value laid over another one, an override, remembers what it overrides; when the layer below comes to say
something else there, the override ends. So a person's volume outlives every file that leaves the volume alone, and no
file that changes it.

    layers = Layers().with_file({"deskphone/volume/ring": 6})
    layers, change = layers.set(Layer.PERSON, "deskphone/volume/ring", 9)
    layers.settings.volume.ring                        # 9
    layers.origin("deskphone/volume/ring")             # Layer.PERSON
    layers.with_file({}).origin("deskphone/volume/ring")  # Layer.FACTORY: 6 is said no more, so 9 ended with it
    text = layers.dump(Layer.PERSON)                   # for the store, section SECTIONS[Layer.PERSON]
    layers, notes = Layers().with_file(kept).load(Layer.PERSON, text)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from deskphone.config import url_secrets
from deskphone.config.kind import BadValue, SecretText, Text, cleaned, unquoted
from deskphone.config.part import part_of
from deskphone.config.places import Url
from deskphone.config.registry import Slot, aliases_of, changed, slots_of, value_at
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings, Value

VERSION = 1


class Layer(StrEnum):
    """Who set a value; a later member of this list overrides an earlier one."""

    FACTORY = "factory"
    FILE = "file"
    ADMINISTRATOR = "administrator"
    PERSON = "person"


ABOVE = (Layer.FILE, Layer.ADMINISTRATOR, Layer.PERSON)  # the factory's values are the defaults of the schema
SECTIONS = {Layer.ADMINISTRATOR: "settings-administrator", Layer.PERSON: "settings-person"}


@dataclass(frozen=True, slots=True)
class Written:
    """One value of a layer. over: what the layers below said when it was set; the override ends when that changes."""

    name: str
    value: Value
    over: Value


@dataclass(frozen=True, slots=True)
class Change:
    """What came of setting one name. value: in force now, as text, secrets masked. layer: whose it is. restart: it
    changed and is applied at the next start only."""

    name: str
    value: str
    layer: Layer
    restart: bool


@dataclass(frozen=True, slots=True)
class Layers:
    """The values of each layer, sorted by name, and `settings`: what is in force. Built by the methods here only."""

    file: tuple[Written, ...] = ()
    administrator: tuple[Written, ...] = ()
    person: tuple[Written, ...] = ()
    settings: Settings = Settings()

    def written(self, layer: Layer) -> tuple[Written, ...]:
        """The values of one layer, by name; none for the factory's."""
        match layer:
            case Layer.FILE:
                return self.file
            case Layer.ADMINISTRATOR:
                return self.administrator
            case Layer.PERSON:
                return self.person
        return ()

    def origin(self, name: str) -> Layer:
        """The layer whose value of this setting is in force. Raises KeyError for a name the schema does not have."""
        name = slot_of(name).name
        own = (layer for layer in reversed(ABOVE) if any(each.name == name for each in self.written(layer)))
        return next(own, Layer.FACTORY)

    def origins(self) -> dict[str, Layer]:
        """The layer in force of every setting, by name."""
        found = dict.fromkeys(slots_of(Settings), Layer.FACTORY)
        for layer in ABOVE:
            found |= {each.name: layer for each in self.written(layer)}
        return found

    def with_file(self, values: Mapping[str, Value]) -> Layers:
        """These typed values, by name, in place of the file's layer; overrides of what that changes end (see `ended`).

        Raises KeyError for a name the schema does not have; aliases are not looked up.
        """
        file = {name: Written(name, value, _factory(name)) for name, value in values.items()}
        return _made({**self._all(), Layer.FILE: file})

    def with_file_of(self, other: Layers) -> Layers:
        """The file's layer of `other` in place of this one's; overrides of what that changes end."""
        return self.with_file({each.name: each.value for each in other.file})

    def set(self, layer: Layer, name: str, value: Value) -> tuple[Layers, Change]:
        """`set_all` of one name."""
        layers, changes = self.set_all(layer, {name: value})
        return layers, changes[0]

    def set_all(self, layer: Layer, values: Mapping[str, Value]) -> tuple[Layers, tuple[Change, ...]]:
        """Set values in one layer and end the overrides of the layers above; what equals the value below is none.

        layer: ADMINISTRATOR or PERSON, else ValueError. A value is typed or, as in a file, text. All or none is set:
        raises BadValue (`NAME: expected ..., got ...`) where one does not fit, KeyError for an unknown name.
        """
        if layer not in SECTIONS:
            raise ValueError(f"expected a layer that is set value by value, got {layer}")
        slots = [slot_of(name) for name in values]
        typed = {slot.name: _typed(slot, value) for slot, value in zip(slots, values.values(), strict=True)}
        layers = self._all()
        for name, value in typed.items():
            layers[layer][name] = Written(name, value, _below(layers, layer, name))
        for mates in {_together(name) for name in typed}:
            covers = [each for each in map(layers[layer].get, mates) if each is not None]
            over = ABOVE[ABOVE.index(layer) + (any(each.value != each.over for each in covers)) :]
            for each in over:
                for name in mates:
                    layers[each].pop(name, None)
        after = _made(layers, self)
        return after, tuple(after.change(name, self) for name in typed)

    def reset(self, layer: Layer, name: str) -> tuple[Layers, Change]:
        """Remove a layer's value, so that the one below is in force; without one nothing changes. KeyError as above."""
        name = slot_of(name).name
        layers = self._all()
        layers[layer].pop(name, None)
        after = _made(layers, self if layer in SECTIONS else None)
        return after, after.change(name, self)

    def change(self, name: str, before: Layers) -> Change:
        """The Change of one setting from `before` to these layers; KeyError for a name the schema does not have."""
        slot = slot_of(name)
        value = value_at(self.settings, slot.path)
        restart = slot.option.restart and value != value_at(before.settings, slot.path)
        return Change(slot.name, slot.option.kind.format(value), self.origin(slot.name), restart)

    def ended(self, before: Layers) -> tuple[tuple[Layer, str], ...]:
        """Overrides that `before` has and these layers have not, as (layer, name); for the journal."""
        return tuple(
            (layer, each.name)
            for layer in SECTIONS
            for each in before.written(layer)
            if all(each.name != now.name for now in self.written(layer))
        )

    def dump(self, layer: Layer, secrets: bool = True) -> str:
        """The layer as JSON text for the store, secrets in clear. secrets False (for a recording): secrets and URLs
        with userinfo are left out."""
        rows = (each for each in self.written(layer) if secrets or not _is_secret(each))
        values = {each.name: {"value": _text(each, each.value), "over": _text(each, each.over)} for each in rows}
        return json.dumps({"version": VERSION, "values": values}, ensure_ascii=False, sort_keys=True)

    def load(self, layer: Layer, text: str) -> tuple[Layers, tuple[str, ...]]:
        """This layer from what `dump` wrote; the layers below it must be in place already.

        Never raises: an entry that cannot be read is dropped, and so is an override of what the layers below changed
        meanwhile; the notes say which (`settings-person: NAME: why`).
        """
        section, kept = SECTIONS.get(layer, layer), dict[str, Written]()
        entries, notes = _entries(text, section)
        for name, value, over in entries:
            try:
                slot = slot_of(name)
                kept[slot.name] = Written(slot.name, _kept(slot, value), _kept(slot, over))
            except KeyError:
                notes.append(f"{section}: {name[:80]!a}: unknown name, dropped")
            except BadValue as wrong:
                notes.append(f"{section}: {slot.name}: {wrong}, dropped")
        after = _made({**self._all(), layer: kept}, self if layer in SECTIONS else None)
        left = {each.name for each in after.written(layer)}
        notes += [f"{section}: {name}: the layer below changed, dropped" for name in kept if name not in left]
        return after, tuple(notes)

    def _all(self) -> dict[Layer, dict[str, Written]]:
        return {layer: {each.name: each for each in self.written(layer)} for layer in ABOVE}


def slot_of(name: str) -> Slot:
    """The setting of a name or alias, case as declared. Raises KeyError for a name the schema does not have."""
    slots = slots_of(Settings)
    return slots.get(name) or slots[aliases_of(Settings)[name]]


def bare(slot: Slot, text: str) -> str:
    """The text of a value without blanks and quotes round it and without what nobody sees, which a mail or a chat left
    in it; of a secret all of it."""
    kind, inner = slot.option.kind, unquoted(text.strip())
    if isinstance(kind, SecretText):
        return text
    if isinstance(kind, Text):
        return inner if inner.isprintable() else unquoted(" ".join(cleaned(inner).split()))
    return unquoted(cleaned(inner))


def parsed(slot: Slot, text: str) -> Value:
    """The typed value of a text as it stands in a file; an empty one means the default (Option.empty apart), and quotes
    round it are none of it, a secret's apart: so what any way sets can be written to a file. Raises BadValue."""
    text = bare(slot, text)
    value: Value = slot.option.kind.parse(text) if text or slot.option.empty else value_at(Settings(), slot.path)
    return value


def _kept(slot: Slot, text: str) -> Value:
    """The typed value of a text that may be an earlier release's, which took more. Raises BadValue."""
    try:
        return parsed(slot, text)
    except BadValue:
        if (found := part_of(slot.option.kind, text)) is None:
            raise
        return parsed(slot, found[0])


def _factory(name: str) -> Value:
    value: Value = value_at(Settings(), slots_of(Settings)[name].path)
    return value


def _typed(slot: Slot, value: Value) -> Value:
    """The typed value: text is parsed, a typed one written and parsed, so that its range is checked too. Raises
    BadValue with the name."""
    try:
        if isinstance(value, str) and not isinstance(value, StrEnum):
            return parsed(slot, value)
        if isinstance(value, Secret):
            return parsed(slot, value.reveal())
        return parsed(slot, slot.option.kind.format(value))
    except BadValue as wrong:
        raise BadValue(wrong.expected, wrong.got, slot.name) from None


def _text(written: Written, value: Value) -> str:
    """A value as text of a file, a secret in clear."""
    return value.reveal() if isinstance(value, Secret) else slots_of(Settings)[written.name].option.kind.format(value)


def _is_secret(written: Written) -> bool:
    """Whether the value is a secret, or a URL with one in it."""
    kind = slots_of(Settings)[written.name].option.kind
    return isinstance(kind, SecretText) or (
        isinstance(kind, Url) and any(url_secrets.holds_one(str(each)) for each in (written.value, written.over))
    )


def _entries(text: str, section: str) -> tuple[list[tuple[str, str, str]], list[str]]:
    """(name, value, overridden value) of each entry of the form `dump` writes, and a note on each other one."""
    try:
        stored = json.loads(text)
        values = stored["values"]
        rows = list(values.items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        return [], [f"{section}: expected the JSON of a layer, got {type(wrong).__name__}, dropped"]
    found, notes = [], []
    for name, entry in rows:
        pair = (entry.get("value"), entry.get("over")) if isinstance(entry, dict) else (None, None)
        if isinstance(pair[0], str) and isinstance(pair[1], str):
            found.append((name, pair[0], pair[1]))
        else:
            notes.append(f"{section}: {name[:80]!a}: expected two texts, value and over, dropped")
    return found, notes


@cache
def _together(name: str) -> tuple[str, ...]:
    """The names of the settings that say one thing: this one alone, or all of its group marked `together` (Option)."""
    slot = slots_of(Settings)[name]
    if not slot.option.together:
        return (name,)
    mates = (each for each in slots_of(Settings).values() if each.path[:-1] == slot.path[:-1])
    return tuple(each.name for each in mates if each.option.together)


def _below(layers: Mapping[Layer, Mapping[str, Written]], layer: Layer, name: str) -> Value:
    """What the layers below this one say of a setting."""
    return _in_force(layers, name, ABOVE[: ABOVE.index(layer)])


def _in_force(layers: Mapping[Layer, Mapping[str, Written]], name: str, which: tuple[Layer, ...] = ABOVE) -> Value:
    """What the topmost of these layers says of a setting, else its default."""
    for each in reversed(which):
        if name in layers[each]:
            return layers[each][name].value
    return _factory(name)


def _made(layers: Mapping[Layer, Mapping[str, Written]], before: Layers | None = None) -> Layers:
    """Layers of these values. An override whose value below changed ends, and with it those set together with it.

    before: layers with the same file, from which the settings differ in few values: a file has a thousand, and a volume
    key must not build them all anew.
    """
    standing: dict[Layer, dict[str, Written]] = {Layer.FILE: dict(layers[Layer.FILE]), Layer.ADMINISTRATOR: {}}
    for layer in SECTIONS:
        ended = {name for name, each in layers[layer].items() if each.over != _below(standing, layer, name)}
        ended |= {mate for name in ended for mate in _together(name)}
        standing[layer] = {name: each for name, each in layers[layer].items() if name not in ended}
    if before is None:
        names, file, settings = set(standing[Layer.FILE]), _rows(standing[Layer.FILE]), Settings()
    else:
        names, file, settings = (
            {each.name for layer in SECTIONS for each in before.written(layer)},
            before.file,
            before.settings,
        )
    names = names.union(*(standing[layer] for layer in SECTIONS))
    values = {slots_of(Settings)[name].path: _in_force(standing, name) for name in names}
    administrator, person = (_rows(standing[layer]) for layer in SECTIONS)
    return Layers(file, administrator, person, changed(settings, values))


def _rows(values: Mapping[str, Written]) -> tuple[Written, ...]:
    return tuple(values[name] for name in sorted(values))
