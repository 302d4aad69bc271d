"""The writer: `Settings` to the text of a configuration file.

Law: one `name=value` line a setting, in alphabetical order as the 420HD exports them. Secrets are masked unless asked
for. The layer of a value stands behind it as a comment, so that the text stays a configuration file.
"""

from __future__ import annotations

from deskphone.config import url_secrets
from deskphone.config.layers import SECTIONS, Layers
from deskphone.config.places import Url
from deskphone.config.registry import Slot, slots_of, value_at
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings, Value


def dump(settings: Settings, secrets: bool = False, only_changed: bool = False) -> str:
    """The settings as text of a configuration file. secrets: in clear. only_changed: without the defaults."""
    default = Settings()
    lines = []
    for name, slot in sorted(slots_of(Settings).items()):
        value = value_at(settings, slot.path)
        if only_changed and value == value_at(default, slot.path):
            continue
        lines.append(f"{name}={shown(slot, value, secrets)}\n")
    return "".join(lines)


def dump_file(layers: Layers) -> str:
    """The file's layer alone as text, secrets in clear: the last good configuration, which the caller keeps."""
    slots = slots_of(Settings)
    return "".join(f"{each.name}={shown(slots[each.name], each.value, secrets=True)}\n" for each in layers.file)


def dump_origins(layers: Layers, secrets: bool = False, only_changed: bool = False) -> str:
    """As `dump`, each line with the layer of its value and, of an override, the value below it.

    only_changed: leave out what equals the default and is no override.
    """
    origins, slots = layers.origins(), slots_of(Settings)
    covers = {each.name: each for layer in SECTIONS for each in layers.written(layer)}
    lines = []
    for name, slot in sorted(slots.items()):
        cover = covers.get(name)
        if (
            only_changed
            and name not in covers
            and value_at(layers.settings, slot.path) == value_at(Settings(), slot.path)
        ):
            continue
        over = f", over {shown(slot, cover.over, secrets) or 'nothing'}" if cover is not None else ""
        lines.append(f"{name}={shown(slot, value_at(layers.settings, slot.path), secrets)} ; {origins[name]}{over}\n")
    return "".join(lines)


def shown(slot: Slot, value: Value, secrets: bool) -> str:
    """A value as text of a file; without `secrets`, secrets are masked, and what may be one in a URL."""
    text = value.reveal() if secrets and isinstance(value, Secret) else slot.option.kind.format(value)
    return url_secrets.masked(text) if isinstance(slot.option.kind, Url) and not secrets else text
