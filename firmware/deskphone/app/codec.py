"""Frozen values to JSON and back, for the recorder: a dataclass is {"is": class name, field: value ...}.

Law: secrets are left out; settings are the lines of a configuration file that differ from the defaults.
Only classes of `core` and `config` are known; anything else is refused by name.
"""

from __future__ import annotations

import base64
import dataclasses
import enum
from typing import Any

from deskphone.config.layers import ABOVE, Layers
from deskphone.config.reader import read
from deskphone.config.settings import Secret, Settings
from deskphone.config.writer import dump
from deskphone.core import documents, effects, events, moment, state
from deskphone.core.agent import state as agent_state
from deskphone.core.calls import state as calls_state
from deskphone.core.lines import state as lines_state
from deskphone.core.lines import subscription_table, way_state
from deskphone.core.phone import update_state
from deskphone.core.screen import state as screen_state

KNOWN: dict[str, type[Any]] = {
    name: value
    for module in (
        agent_state,
        calls_state,
        lines_state,
        screen_state,
        documents,
        effects,
        events,
        moment,
        state,
        subscription_table,
        update_state,
        way_state,
    )
    for name, value in vars(module).items()
    if isinstance(value, type) and (dataclasses.is_dataclass(value) or issubclass(value, enum.Enum))
}


class CodecError(ValueError):
    """The recording holds a class or a setting that this version does not know; the text names it."""


def to_json(value: Any) -> Any:
    """Anything the core uses, as JSON types."""
    if isinstance(value, Secret):
        return "***"
    if isinstance(value, Settings):
        lines = dump(value, only_changed=True).splitlines()
        return {"is": "Settings", "lines": [line for line in lines if not line.endswith("=***")]}
    if isinstance(value, Layers):
        return {"is": "Layers", **{layer: value.dump(layer, secrets=False) for layer in ABOVE}}
    if isinstance(value, enum.Enum):
        return {"is": type(value).__name__, "value": value.value}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, tuple | list):
        return [to_json(each) for each in value]
    if isinstance(value, bytes):
        return {"is": "bytes", "value": base64.b64encode(value).decode()}
    return value


def from_json(value: Any) -> Any:
    """The value again; CodecError for an unknown class."""
    if isinstance(value, list):
        return tuple(from_json(each) for each in value)
    if not isinstance(value, dict):
        return value
    name = value["is"]
    if name == "Settings":
        result = read("\n".join(value["lines"]).encode(), "recording")
        return result.settings or Settings()
    if name == "Layers":
        layers = Layers()
        for layer in ABOVE:
            layers, notes = layers.load(layer, value[layer])
            if notes:
                raise CodecError(f"layers of the recording: {notes[0]}")
        return layers
    if name == "bytes":
        return base64.b64decode(value["value"])
    known = KNOWN.get(name)
    if known is None:
        raise CodecError(f"unknown class {name!r} in the recording; expected one of core's")
    if issubclass(known, enum.Enum):
        return known(value["value"])
    return known(**{key: _field(known, key, each) for key, each in value.items() if key != "is"})


def _field(known: type[Any], key: str, value: Any) -> Any:
    """A field's value; a masked secret comes back empty."""
    wanted = known.__dataclass_fields__[key].type
    return Secret("") if wanted == "Secret" and value == "***" else from_json(value)
