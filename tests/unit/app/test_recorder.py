"""A recording reproduces the state, and keeps no secret."""

from __future__ import annotations

import dataclasses
import enum
import json
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest

from deskphone.app.codec import KNOWN, CodecError, from_json, to_json
from deskphone.app.recorder import Recorder, replay
from deskphone.config.layers import SECTIONS, Layer, Layers
from deskphone.config.reader import read
from deskphone.config.secret import Secret
from deskphone.core import events
from deskphone.core.moment import Moment
from deskphone.core.reduce import reduce
from deskphone.core.state import Phone
from tests.layers import of_file

CONFIG = b"voip/line/0/id=1502\nvoip/line/0/auth_password=topsecret\nvoip/signalling/sip/use_proxy=1\n" \
         b"voip/signalling/sip/proxy_address=127.0.0.1\nweb/x=1\n"  # fmt: skip


def record(recorder: Recorder, *steps: events.Event) -> Phone:
    phone = Phone()
    for number, event in enumerate(steps):
        before = phone
        now = Moment(1000.0 + number, 1_763_979_840.0 + number, 0.125)
        phone, effects = reduce(phone, event, now)
        recorder.add(before, event, now, effects)
    return phone


def story() -> tuple[events.Event, ...]:
    settings = read(CONFIG).settings
    assert settings is not None
    keys = [event for key in ("9", "1", "ok") for event in (events.KeyDown(key), events.KeyUp(key))]
    return (
        events.PowerOn(of_file(settings)), events.ClockTicked(2025, 11, 24, 0, 10, 24),
        events.Registered(0, 300), *keys, events.CallProgress("out-1", 180), events.CallEstablished("out-1"),
    )  # fmt: skip


def test_a_recording_replays_to_the_same_state() -> None:
    recorder = Recorder()
    phone = record(recorder, *story())
    outcome = replay(json.dumps(recorder.dump(phone)))
    assert outcome.agrees
    assert outcome.phone.calls == phone.calls
    assert "CallEstablished" in outcome.log[-1]


def test_a_ring_that_has_wrapped_still_replays() -> None:
    recorder = Recorder(size=4)
    phone = record(recorder, *story())
    dump = recorder.dump(phone)
    assert len(dump["steps"]) < len(story())
    assert replay(json.dumps(dump)).agrees


def test_no_secret_is_in_a_recording() -> None:
    recorder = Recorder()
    keys = [event for key in ("menu", "5", "7", "3", "5", "5") for event in (events.KeyDown(key), events.KeyUp(key))]
    phone = record(recorder, *story()[:3], *keys)
    assert phone.pages[-1].fields[0].text == "7355"
    text = json.dumps(recorder.dump(phone))
    assert "topsecret" not in text
    assert '"key": "7"' not in text
    assert "7355" not in text
    assert replay(text).agrees


def test_layers_come_back_without_their_secrets() -> None:
    layers = Layers().with_file({"deskphone/volume/ring": 3, "voip/line/0/auth_password": Secret("topsecret")})
    layers, _ = layers.set(Layer.ADMINISTRATOR, "provisioning/configuration/url", "http://jo:topsecret@boot.example/")
    layers, _ = layers.set(Layer.PERSON, "deskphone/volume/ring", 9)
    text = json.dumps(to_json(layers))
    again = from_json(json.loads(text))
    assert "topsecret" not in text
    assert (again.settings.volume.ring, again.person, again.administrator) == (9, layers.person, ())
    with pytest.raises(CodecError):
        from_json({"is": "Layers", "file": "?", "administrator": "{}", "person": "{}"})


def test_what_is_no_recording_is_refused_in_one_sentence() -> None:
    for text in ("", "{}", "[]", '{"start": {"is": "Nothing"}, "steps": [], "end": 1}', "{" * 1000):
        with pytest.raises(CodecError):
            replay(text)


def test_what_the_administrator_sets_is_kept_without_its_secrets() -> None:
    values = (("voip/line/0/auth_password", "verysecret"), ("provisioning/configuration/url", "https://u:alsosecret@h/x"),
              ("deskphone/volume/ring", "3"))  # fmt: skip
    recorder = Recorder()
    phone = record(recorder, events.PowerOn(Layers()), events.SettingsSet(values, "web"))
    assert phone.settings.line[0].auth_password == Secret("verysecret")
    text = json.dumps(recorder.dump(phone))
    assert "verysecret" not in text and "alsosecret" not in text and "deskphone/volume/ring" in text
    assert replay(text).phone.volume("ring") == 3


def test_what_was_kept_over_the_power_off_is_recorded_without_its_secrets() -> None:
    layers, _ = Layers().set(Layer.ADMINISTRATOR, "voip/line/0/auth_password", Secret("verysecret"))
    layers, _ = layers.set(Layer.ADMINISTRATOR, "provisioning/configuration/url", "http://jo:alsosecret@boot.example/")
    layers, _ = layers.set(Layer.PERSON, "deskphone/volume/ring", 9)
    stored = tuple((SECTIONS[layer], layers.dump(layer)) for layer in (Layer.ADMINISTRATOR, Layer.PERSON))
    assert "verysecret" in stored[0][1]
    recorder = Recorder()
    record(recorder, events.PowerOn(Layers(), (*stored, ("settings-of-old", '{"password": "oldsecret"}'))))
    text = json.dumps(recorder.dump(Phone()))
    assert not [word for word in ("verysecret", "alsosecret", "oldsecret") if word in text]
    assert replay(text).phone.volume("ring") == 9


def reached(kind: Any, seen: set[Any]) -> Iterator[type[Any]]:
    """The classes of ours that a value of this type may hold, at any depth."""
    if kind in seen:
        return
    seen.add(kind)
    inner = get_type_hints(kind).values() if dataclasses.is_dataclass(kind) else get_args(kind)
    for each in inner:
        yield from reached(each, seen)
    ours = isinstance(kind, type) and kind.__module__.startswith("deskphone.core")
    if ours and (dataclasses.is_dataclass(kind) or issubclass(kind, enum.Enum)):
        yield kind


def test_a_recording_can_hold_whatever_the_state_can() -> None:
    found = set(reached(Phone, set()))
    assert len(found) > 40
    assert {each.__qualname__ for each in found if KNOWN.get(each.__name__) is not each} == set()
