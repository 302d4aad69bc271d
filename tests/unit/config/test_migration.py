"""A phone of an older version starts with this one: what its person had chosen is the person's, and nothing else is."""

from __future__ import annotations

import json

import pytest

from deskphone.config import migration
from deskphone.config.layers import Layer, Layers
from deskphone.config.schema.words import ForwardType

VOLUMES = json.dumps({"ring": 9, "handset": 6, "speaker": 6, "headset": 6})


def _services(**other: object) -> str:
    kept = {
        "dnd": False,
        "call_waiting": True,
        "forward": {"kind": "", "number": "", "after": 20},
        "auto_answer": False,
    }
    return json.dumps({**kept, **other})


def test_only_the_volume_that_is_not_as_configured_is_the_persons() -> None:
    layers, notes = migration.person(Layers(), {"volumes": VOLUMES})
    assert notes == () and layers.settings.volume.ring == 9
    assert [each.name for each in layers.person] == ["deskphone/volume/ring"]


def test_services_as_configured_are_nobodys() -> None:
    assert migration.person(Layers(), {"services": _services()}) == (Layers(), ())


def test_a_forwarding_comes_along_as_a_whole() -> None:
    stored = _services(dnd=True, forward={"kind": "always", "number": "4711", "after": 15})
    layers, _ = migration.person(Layers(), {"services": stored})
    forward = layers.settings.forward
    assert (forward.active, forward.type, forward.number, forward.timeout) == (
        True, ForwardType.UNCONDITIONAL, "4711", 15,
    )  # fmt: skip
    assert layers.settings.line[0].do_not_disturb


def test_a_configured_forwarding_that_the_person_had_ended_stays_ended() -> None:
    configured = Layers().with_file(
        {
            "voip/line/0/call_forward/active": True,
            "voip/line/0/call_forward/destination": "5000",
        }
    )
    layers, _ = migration.person(configured, {"services": _services()})
    assert not layers.settings.forward.active
    assert [each.name for each in layers.person] == ["voip/line/0/call_forward/active"]


@pytest.mark.parametrize("on", [True, False])
def test_automatic_answer_by_the_timer(on: bool) -> None:
    layers, _ = migration.person(Layers(), {"services": _services(auto_answer=on)})
    assert layers.settings.auto_answer.by_timer is on and bool(layers.person) is on


def test_answer_by_header_that_a_file_asks_for_is_not_the_persons() -> None:
    configured = Layers().with_file({"voip/advanced_auto_answer/activated": True})
    layers, _ = migration.person(configured, {"services": _services()})
    assert layers == configured


def test_a_ring_tone_by_another_name_covers_nothing() -> None:
    assert migration.person(Layers(), {"ring_tone": '"classic"'})[0] == Layers()
    layers, _ = migration.person(Layers(), {"ring_tone": '"marimba"'})
    assert layers.settings.audio.ring_tone == "marimba"
    assert layers.origin("personal_settings/lines/0/ring_tone") is Layer.PERSON


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '"x"', "7", '{"forward": 1}', "[" * 100_000])
@pytest.mark.parametrize("section", migration.SECTIONS)
def test_what_no_older_version_wrote_is_left_out_and_never_an_error(section: str, text: str) -> None:
    layers, notes = migration.person(Layers(), {section: text, "calls": "[]"})
    assert layers == Layers() and all(note.startswith(section) for note in notes)


def test_a_volume_out_of_range_is_the_nearest_one_and_a_text_is_none() -> None:
    layers, _ = migration.person(Layers(), {"volumes": '{"ring": 99, "speaker": -3, "headset": "loud"}'})
    assert (
        layers.settings.volume.ring,
        layers.settings.volume.speaker,
        layers.settings.volume.headset,
    ) == (10, 0, 6)
