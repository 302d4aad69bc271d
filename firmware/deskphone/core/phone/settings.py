"""The settings in force, by layer: who set what, and what a change of them means for a running phone.

Law: owns `Phone.layers`; nothing else keeps a choice of the person or of the administrator (`config.layers`). A new
file and the administrator's changes wait until nothing would be taken out of a person's hands; the person's own count
at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from deskphone.config import migration
from deskphone.config.kind import BadValue
from deskphone.config.layers import SECTIONS, Layer, Layers
from deskphone.config.registry import value_at
from deskphone.config.settings import Settings, Value
from deskphone.core.effects import Configure, Restart, Store
from deskphone.core.events import PowerOn, SettingsLoaded, SettingsRejected, SettingsSet
from deskphone.core.lines import line
from deskphone.core.screen import directory
from deskphone.core.state import Phone
from deskphone.core.turn import IllegalEvent, Turn


def restore(turn: Turn, event: PowerOn) -> None:
    """At power-on: the file's layer, and over it what the store has; an older version's sections are read once."""
    layers, stored = event.file, dict(event.stored)
    notes: list[str] = []
    for layer, section in SECTIONS.items():
        if section in stored:
            layers, said = layers.load(layer, stored[section])
            notes += said
    old = SECTIONS[Layer.PERSON] not in stored and any(section in stored for section in migration.SECTIONS)
    if old:
        layers, said = migration.person(layers, stored)
        notes += said
    turn.set(layers=layers)
    if old:
        turn.do(Store(SECTIONS[Layer.PERSON], layers.dump(Layer.PERSON)))
    for note in notes:
        turn.note(note, "warning")


def loaded(turn: Turn, event: SettingsLoaded) -> None:
    """A new file waits in `settings_waiting`; it is applied when the phone is idle, which may be at once."""
    turn.set(settings_waiting=event)
    if occupied(turn.phone):
        what = "the end of the call" if turn.phone.calls else "whoever is typing"
        turn.note(f"configuration from {event.source} waits for {what}")


def rejected(turn: Turn, event: SettingsRejected) -> None:
    """Nothing of a bad configuration is taken; the last good one stays in force."""
    turn.set(config_errors=event.errors)
    for error in event.errors[:20]:
        turn.note(f"configuration refused: {error}", "error")


def administered(turn: Turn, event: SettingsSet) -> None:
    """The administrator set or reset values; who asks has seen that they fit."""
    layers = _with_waiting(turn.phone)
    try:
        layers, _ = layers.set_all(Layer.ADMINISTRATOR, {name: text for name, text in event.values if text is not None})
        for name, text in event.values:
            if text is None:
                layers, _ = layers.reset(Layer.ADMINISTRATOR, name)
    except (BadValue, KeyError, ValueError) as error:
        raise IllegalEvent(f"settings of {event.by}: {error}") from error
    turn.do(*(Store(section, layers.dump(layer)) for layer, section in SECTIONS.items()))
    turn.set(layers_waiting=None)
    if occupied(turn.phone):
        turn.set(layers_waiting=layers)
        turn.note(f"settings of {event.by} wait until the phone is idle")
    else:
        _enforce(turn, layers, event.by, False)


def _with_waiting(phone: Phone) -> Layers:
    """The layers of now, with what the administrator set and what waits; of the person's choices, those of now."""
    if phone.layers_waiting is None:
        return phone.layers
    old = {each.name: each.value for each in phone.layers.administrator}
    new = {each.name: each.value for each in phone.layers_waiting.administrator}
    changes = {name: value for name, value in new.items() if name not in old or old[name] != value}
    layers, _ = phone.layers.set_all(Layer.ADMINISTRATOR, changes)
    for name in old.keys() - new.keys():
        layers, _ = layers.reset(Layer.ADMINISTRATOR, name)
    return layers


def take_waiting(turn: Turn) -> None:
    """The phone is idle: what waited counts now."""
    loaded_file = turn.phone.settings_waiting
    if turn.phone.layers_waiting is not None:
        layers = _with_waiting(turn.phone)
        turn.set(layers_waiting=None)
        _enforce(turn, layers, "the administrator", False)
    if loaded_file is not None:
        turn.set(source=loaded_file.source, config_errors=(), settings_waiting=None, accepted=int(turn.now.unix))
        turn.set(lines_refused=loaded_file.refused, idle_names=loaded_file.idle)
        for refused in loaded_file.refused[:20]:
            turn.note(f"line refused: {refused}", "error")
        _enforce(turn, turn.phone.layers.with_file_of(loaded_file.file), loaded_file.source, loaded_file.kept)


def _enforce(turn: Turn, layers: Layers, source: str, kept: bool) -> None:
    """Layers that somebody else than the person changed: lines register anew only where their settings changed."""
    before, accounts = turn.phone.layers, line.accounts(turn.phone)
    turn.set(layers=layers)
    ended = layers.ended(before)
    if ended:
        turn.do(*(Store(SECTIONS[layer], layers.dump(layer)) for layer in {layer: None for layer, _ in ended}))
        turn.note("ended by it: " + ", ".join(f"{name} ({layer})" for layer, name in ended))
    old, new = before.settings, layers.settings
    if new == old:
        return
    directory.forget(turn)
    late = _count_later(old, new)
    if late and kept:  # the program begins anew with them: of this one, nothing is asked that it cannot do
        turn.do(Restart(False, f"{late[0]} counts from the start of the program on"))
        return
    if line.accounts(turn.phone) != accounts:
        line.start(turn, accounts)
    else:
        turn.do(Configure(new))
    turn.note(f"configuration from {source} is in force")
    if late:
        turn.note(f"{late[0]} counts from the next start on", "warning")


def _count_later(old: Settings, new: Settings) -> list[str]:
    """Names of changed settings that a running program cannot take: ports, transport, RTP range ..."""
    return [
        slot.name
        for slot in Settings.slots().values()
        if slot.option.restart and slot.option.behaviour and value_at(old, slot.path) != value_at(new, slot.path)
    ]


def choose(turn: Turn, values: Mapping[str, Value]) -> bool:
    """The person sets these, by name; kept over power-off. False where a value does not fit, and nothing is set."""
    try:
        layers, _ = turn.phone.layers.set_all(Layer.PERSON, values)
    except BadValue as error:
        turn.note(f"not set: {error}", "warning")
        return False
    turn.set(layers=layers)
    turn.do(Store(SECTIONS[Layer.PERSON], layers.dump(Layer.PERSON)))
    return True


def occupied(phone: Phone) -> bool:
    """Whether a restart would take something out of a person's hands: a call, a number or a form half filled in."""
    typing = phone.dialling is not None or any(page.fields for page in phone.pages)
    return bool(phone.calls) or (phone.touched and typing)
