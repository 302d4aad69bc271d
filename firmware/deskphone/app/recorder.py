"""The recorder: a ring of the last events and effects with their times, and replay of it.

Law: writes nothing until asked (a crash, `kill -USR1`, the panel); no secret gets in (see `app.codec`; digits
typed into a password field are left out). A segment starts with the whole state, so that any ring replays.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from deskphone.app.codec import CodecError, from_json, to_json
from deskphone.config import url_secrets
from deskphone.config.kind import SecretText
from deskphone.config.layers import SECTIONS, slot_of
from deskphone.config.places import Url
from deskphone.config.secret import MASK
from deskphone.core.effects import Effect, SendDtmf, Store
from deskphone.core.events import (
    DtmfReceived,
    Event,
    KeyDown,
    KeyUp,
    PowerOn,
    SettingsLoaded,
    SettingsSet,
    TextTyped,
)
from deskphone.core.moment import Moment
from deskphone.core.reduce import reduce
from deskphone.core.screen.keys import TALKING as IN_CALL
from deskphone.core.screen.situation import situation
from deskphone.core.screen.slips import DIGITS
from deskphone.core.screen.state import Entry
from deskphone.core.state import Phone
from deskphone.files import write_whole

SEGMENT = 400  # events, some 2.5 kB each; two segments are kept
Found = TypeVar("Found")


@dataclass(slots=True)
class _Segment:
    start: Phone
    steps: list[tuple[Moment, Event, tuple[Effect, ...]]] = field(default_factory=list)


class Recorder:
    """Holds the last `size` to 2 * `size` turns: moment, event and effects of each."""

    def __init__(self, size: int = SEGMENT) -> None:
        self._size = size
        self._segments: deque[_Segment] = deque(maxlen=2)

    def add(self, before: Phone, event: Event, now: Moment, effects: tuple[Effect, ...]) -> None:
        """Note one turn, without the secrets in its event and effects. `before` is the state the event met."""
        if not self._segments or len(self._segments[-1].steps) >= self._size:
            self._segments.append(_Segment(before))
        if isinstance(event, TextTyped | KeyDown | KeyUp):
            event = _hidden(event) if _typing_secret(before) or _dialling_into_call(before) else event
        else:
            event = _quiet(event)
        effects = tuple(_without_secrets(effect) for effect in effects)
        self._segments[-1].steps.append((now, event, effects))

    def copy(self) -> Recorder:
        """What is there now, for another thread to dump."""
        other = Recorder(self._size)
        other._segments.extend(_Segment(each.start, list(each.steps)) for each in self._segments)
        return other

    def dump(self, phone: Phone) -> dict[str, Any]:
        """The recording as JSON types; `phone` is the state now, to compare a replay with."""
        if not self._segments:
            return {"format": 2, "start": to_json(_masked(phone)), "steps": [], "end": to_json(_masked(phone))}
        steps = [
            {"at": to_json(at), "event": to_json(event), "effects": [to_json(each) for each in effects]}
            for segment in self._segments
            for at, event, effects in segment.steps
        ]
        return {"format": 2, "start": to_json(_masked(self._segments[0].start)), "steps": steps,
                "end": to_json(_masked(phone))}  # fmt: skip

    def write(self, path: Path, phone: Phone) -> None:
        """Write the recording to a file; OSError where that fails."""
        write_whole(path, json.dumps(self.dump(phone)).encode())


def _typing_secret(phone: Phone) -> bool:
    page = phone.pages[-1] if phone.pages else None
    return page is not None and any(field.secret for field in page.fields[page.cursor : page.cursor + 1])


def _hidden(event: Event) -> Event:
    """The event as it may be kept while a secret is typed: which digit it was is left out."""
    if isinstance(event, TextTyped):
        return TextTyped("*" * len(event.text))
    if isinstance(event, KeyDown | KeyUp) and event.key in DIGITS:
        return replace(event, key="*")
    return event


def _quiet(event: Event) -> Event:
    """The event as it is kept in any case: digits of a far end may be a PIN or a card number."""
    if isinstance(event, PowerOn):
        return replace(event, stored=_without_passwords(event))
    if isinstance(event, SettingsSet):
        return replace(event, values=tuple((name, text and _shown(name, text)) for name, text in event.values))
    return replace(event, digit="*") if isinstance(event, DtmfReceived) else event


def _without_passwords(event: PowerOn) -> tuple[tuple[str, str], ...]:
    """What the phone kept over the power-off, the layers of settings as `codec` writes them."""
    layers, kept = event.file, []
    by_section = {section: layer for layer, section in SECTIONS.items()}
    for section, text in event.stored:
        if layer := by_section.get(section):
            layers, _ = layers.load(layer, text)
            kept.append((section, layers.dump(layer, secrets=False)))
        else:
            kept.append((section, MASK if section.startswith("settings") else text))
    return tuple(kept)


def _shown(name: str, text: str) -> str:
    """A value as it may be kept: neither a secret nor a URL with a password in it."""
    try:
        kind = slot_of(name).option.kind
    except KeyError:
        return MASK
    if isinstance(kind, Url):
        return url_secrets.masked(text)
    return MASK if isinstance(kind, SecretText) else text


def _dialling_into_call(phone: Phone) -> bool:
    """Digits pressed now go to the far end of a call: they may be a PIN."""
    return situation(phone) in IN_CALL


def _without_secrets(effect: Effect) -> Effect:
    """An order as it may be kept: no digits that went to a far end, no layer of settings with its passwords."""
    if isinstance(effect, Store) and effect.section in SECTIONS.values():
        return replace(effect, text=MASK)
    return replace(effect, digits="*" * len(effect.digits)) if isinstance(effect, SendDtmf) else effect


def _masked(phone: Phone) -> Phone:
    """The phone without what was typed into password fields, and without which keys are down."""

    def mask(entry: Entry) -> Entry:
        return Entry("***", secret=True, mode=entry.mode) if entry.secret else entry

    pages = tuple(replace(page, fields=tuple(mask(entry) for entry in page.fields)) for page in phone.pages)
    calls = tuple(replace(call, digits="") for call in phone.calls)
    return replace(phone, pages=pages, keys_down=(), held_until=(), calls=calls)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The outcome of a replay: the state reached, how many events were taken, whether that is the recorded end, and a
    line for each event."""

    phone: Phone
    events: int
    agrees: bool
    log: tuple[str, ...]


def replay(text: str) -> Replayed:
    """Run a recording through the reducer; CodecError where the text is no recording."""
    try:
        recording = json.loads(text)
        phone, steps = _one(Phone, recording["start"]), recording["steps"]
        log = []
        begin = _one(Moment, steps[0]["at"]).mono if steps else 0.0
        for step in steps:
            event, now = _one(Event, step["event"]), _one(Moment, step["at"])
            phone, effects = reduce(phone, event, now)
            what = ", ".join(type(effect).__name__ for effect in effects)
            log.append(f"{now.mono - begin:10.3f}  {_line(event)}" + (f"  ->  {what}" if what else ""))
        return Replayed(phone, len(steps), to_json(_masked(phone)) == recording["end"], tuple(log))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise CodecError(f"not a recording of deskphone: {error}") from error


def _one(kind: type[Found], value: Any) -> Found:
    """A value of a recording that is one of these. CodecError."""
    found = from_json(value)
    if not isinstance(found, kind):
        raise CodecError(f"expected a {kind.__name__}, got {str(value)[:40]}")
    return found


def _line(event: Event) -> str:
    return type(event).__name__ if isinstance(event, PowerOn | SettingsLoaded) else repr(event)[:300]
