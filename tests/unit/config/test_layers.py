"""Settings in layers: who set a value, how long it stays, and what a phone keeps of it over power-off."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.config.kind import BadValue
from deskphone.config.layers import Layer, Layers
from deskphone.config.reader import read
from deskphone.config.registry import slots_of, value_at
from deskphone.config.schema.words import ForwardType, Language, LocalAnswer
from deskphone.config.secret import Secret
from deskphone.config.settings import Settings, Value
from deskphone.config.writer import dump

DND = "voip/line/0/do_not_disturb/activated"
RING = "deskphone/volume/ring"
FORWARD = "voip/line/0/call_forward"
PASSWORD = "voip/line/0/auth_password"
PORT = "voip/signalling/sip/port"


# --- what an earlier release kept -------------------------------------------------------------------


def test_a_user_with_a_domain_that_an_earlier_release_took_is_the_user() -> None:
    entry = {"value": "sip:4101@site.example", "over": "4100@site.example"}
    text = json.dumps({"version": 1, "values": {"voip/line/0/id": entry}})
    layers, notes = Layers().with_file({"voip/line/0/id": "4100"}).load(Layer.ADMINISTRATOR, text)
    assert layers.settings.line[0].id == "4101" and notes == ()


# --- who says what ----------------------------------------------------------------------------------


def test_nobody_set_anything_so_all_is_the_factorys() -> None:
    assert Layers().settings == Settings()
    assert set(Layers().origins().values()) == {Layer.FACTORY}
    assert Layers().origins().keys() == slots_of(Settings).keys()


def test_each_layer_lies_over_the_one_before() -> None:
    layers = Layers().with_file({RING: 3})
    assert (layers.settings.volume.ring, layers.origin(RING)) == (3, Layer.FILE)
    layers, change = layers.set(Layer.ADMINISTRATOR, RING, 4)
    assert (change.value, change.layer) == ("4", Layer.ADMINISTRATOR)
    layers, change = layers.set(Layer.PERSON, RING, 9)
    assert (change.value, change.layer, layers.settings.volume.ring) == (
        "9",
        Layer.PERSON,
        9,
    )
    assert [each.over for each in layers.person] == [4]
    layers, change = layers.reset(Layer.PERSON, RING)
    assert (change.value, change.layer) == ("4", Layer.ADMINISTRATOR)
    layers, change = layers.reset(Layer.ADMINISTRATOR, RING)
    assert (change.value, change.layer) == ("3", Layer.FILE)


def test_a_file_that_says_the_default_is_the_origin_of_it() -> None:
    assert Layers().with_file({RING: Settings().volume.ring}).origin(RING) is Layer.FILE


def test_a_value_may_come_as_text_and_an_alias_names_its_setting() -> None:
    layers, change = Layers().set(Layer.ADMINISTRATOR, "personal_settings/language", "german")
    assert layers.settings.display.language is Language.GERMAN and change.value == "GERMAN"
    layers, change = layers.set(Layer.ADMINISTRATOR, "voip/services/msg_waiting_ind/expiration_timeout", "60")
    assert change.name == "voip/services/msg_waiting_ind/expiraition_timeout" and layers.settings.mwi.expires == 60
    assert layers.origin("voip/services/msg_waiting_ind/expiration_timeout") is Layer.ADMINISTRATOR


def test_an_empty_text_is_the_default_again() -> None:
    layers, change = Layers().with_file({RING: 3}).set(Layer.ADMINISTRATOR, RING, "")
    assert (layers.settings.volume.ring, change.layer) == (
        Settings().volume.ring,
        Layer.ADMINISTRATOR,
    )


ODD = ('"Desk"', '""', '" 7 "', '"a"b"', '""a""', '"', "a;b", "#a", "//a", "a # b", "100%", "%41", "'a'", "$x", "\\",
       "B\u00fcro \u65e5\u672c", "a\u00a0b", "<MAC>x", "!a", "[a]", "include x", "off", "=",
       '""\u200f', '\u200f" 7 "', "\ufeff\x01")  # fmt: skip


@pytest.mark.parametrize("name", ["voip/line/0/description", "deskphone/web/admin_user_name", "system/type"])
@pytest.mark.parametrize("text", ODD)
def test_what_any_way_sets_can_be_written_to_a_file_and_read_again(name: str, text: str) -> None:
    layers, _ = Layers().set(Layer.ADMINISTRATOR, name, text)
    path = slots_of(Settings)[name].path
    again = read(dump(layers.settings).encode(), base=Layers().with_file({name: value_at(layers.settings, path)}))
    assert not again.errors and again.settings is not None
    assert value_at(again.settings, path) == value_at(layers.settings, path)


def test_quotes_round_a_value_are_none_of_it_but_a_secrets_are() -> None:
    layers, _ = Layers().set_all(Layer.ADMINISTRATOR, {RING: '"3"', PASSWORD: '"3"'})
    assert (layers.settings.volume.ring, layers.settings.line[0].auth_password.reveal()) == (3, '"3"')


def test_a_value_that_does_not_fit_is_refused_by_name_and_nothing_is_set() -> None:
    with pytest.raises(BadValue, match=f"{RING}: expected 0 to 10, got '11'"):
        Layers().set_all(Layer.PERSON, {DND: True, RING: 11})
    with pytest.raises(BadValue, match="expected 0 or 1"):
        Layers().set(Layer.PERSON, DND, "perhaps")
    with pytest.raises(BadValue, match="a secret of 4000 characters"):
        Layers().set(Layer.ADMINISTRATOR, PASSWORD, Secret("x" * 4000))
    with pytest.raises(KeyError):
        Layers().set(Layer.PERSON, "voip/line/0/nothing", 1)
    with pytest.raises(ValueError, match="value by value"):
        Layers().set(Layer.FILE, RING, 1)


def test_only_a_changed_value_that_the_running_program_cannot_take_asks_for_a_restart() -> None:
    layers, change = Layers().set(Layer.ADMINISTRATOR, PORT, 5070)
    assert change.restart
    assert not layers.set(Layer.ADMINISTRATOR, PORT, 5070)[1].restart
    assert layers.reset(Layer.ADMINISTRATOR, PORT)[1].restart
    assert not layers.set(Layer.ADMINISTRATOR, RING, 1)[1].restart


def test_a_secret_is_masked_in_what_is_told_of_it() -> None:
    layers, change = Layers().set(Layer.ADMINISTRATOR, PASSWORD, "hunter2")
    assert change.value == "***" and "hunter2" not in repr(layers)
    assert layers.settings.line[0].auth_password.reveal() == "hunter2"


# --- how long a value stays ---------------------------------------------------------------------------


def test_a_press_of_do_not_disturb_freezes_nothing_else() -> None:
    layers, _ = Layers().with_file({"voip/services/call_waiting/enabled": True}).set(Layer.PERSON, DND, True)
    layers = layers.with_file({"voip/services/call_waiting/enabled": False})
    assert not layers.settings.call_waiting.enabled and layers.settings.line[0].do_not_disturb


def test_a_persons_value_outlives_files_that_leave_it_alone_and_ends_with_one_that_changes_it() -> None:
    layers, _ = Layers().with_file({RING: 3}).set(Layer.PERSON, RING, 9)
    same = layers.with_file({RING: 3, DND: True})
    assert same.settings.volume.ring == 9
    other = same.with_file({RING: 4})
    assert (other.settings.volume.ring, other.origin(RING)) == (4, Layer.FILE)
    assert other.ended(same) == ((Layer.PERSON, RING),)
    assert other.with_file({RING: 3}).settings.volume.ring == 3, "what has ended does not come back"


def test_a_file_that_comes_to_agree_with_the_person_ends_the_cover_too() -> None:
    layers, _ = Layers().with_file({DND: False}).set(Layer.PERSON, DND, True)
    layers = layers.with_file({DND: True})
    assert layers.origin(DND) is Layer.FILE
    assert not layers.with_file({DND: False}).settings.line[0].do_not_disturb


def test_on_and_off_again_covers_nothing() -> None:
    layers, _ = Layers().set(Layer.PERSON, DND, True)
    layers, change = layers.set(Layer.PERSON, DND, False)
    assert (layers.person, change.layer) == ((), Layer.FACTORY)


def test_the_administrators_word_ends_the_persons_also_where_it_changes_nothing_below() -> None:
    layers, _ = Layers().set(Layer.PERSON, DND, True)
    layers, change = layers.set(Layer.ADMINISTRATOR, DND, False)
    assert (change.value, change.layer, layers.person) == ("0", Layer.FACTORY, ())


def test_a_file_ends_the_administrators_value_and_the_persons_over_it() -> None:
    layers, _ = Layers().with_file({RING: 3}).set(Layer.ADMINISTRATOR, RING, 4)
    layers, _ = layers.set(Layer.PERSON, RING, 9)
    after = layers.with_file({RING: 5})
    assert (after.settings.volume.ring, after.administrator, after.person) == (
        5,
        (),
        (),
    )
    assert set(after.ended(layers)) == {
        (Layer.ADMINISTRATOR, RING),
        (Layer.PERSON, RING),
    }


# --- a forwarding and its number are one thing --------------------------------------------------------


def _forwarded() -> Layers:
    before = Layers().with_file({f"{FORWARD}/timeout": 30})
    return before.set_all(
        Layer.PERSON,
        {
            f"{FORWARD}/active": True,
            f"{FORWARD}/type": ForwardType.NO_REPLY,
            f"{FORWARD}/destination": "4711",
        },
    )[0]


@pytest.mark.parametrize(
    "changed",
    [{"active": True}, {"type": ForwardType.UNCONDITIONAL}, {"destination": "5000"}],
    ids=lambda each: next(iter(each)),
)
def test_no_file_sends_a_persons_calls_where_nobody_asked_for(
    changed: dict[str, Value],
) -> None:
    after = _forwarded().with_file({f"{FORWARD}/{name}": value for name, value in changed.items()})
    assert after.person == ()
    assert {
        name: getattr(after.settings.forward, {"destination": "number"}.get(name, name)) for name in changed
    } == changed


def test_the_time_of_a_forwarding_may_change_under_it() -> None:
    after = _forwarded().with_file({f"{FORWARD}/timeout": 10})
    assert after.settings.forward.active and after.settings.forward.number == "4711"
    assert after.settings.forward.timeout == 10


def test_the_administrator_ends_a_forwarding_as_a_whole() -> None:
    after, _ = _forwarded().set(Layer.ADMINISTRATOR, f"{FORWARD}/active", False)
    assert after.person == () and not after.settings.forward.active


def test_automatic_answer_is_one_switch_of_two_settings() -> None:
    on: dict[str, Value] = {
        "voip/advanced_auto_answer/activated": True,
        "voip/advanced_auto_answer/type": LocalAnswer.TIMER,
    }
    layers, _ = Layers().set_all(Layer.PERSON, on)
    assert layers.settings.auto_answer.by_timer
    layers, _ = layers.set(Layer.PERSON, "voip/advanced_auto_answer/activated", False)
    assert not layers.settings.auto_answer.by_timer


# --- what is kept -------------------------------------------------------------------------------------


def _kept(layers: Layers) -> Layers:
    """The same phone after a restart."""
    again = Layers().with_file({each.name: each.value for each in layers.file})
    for layer in (Layer.ADMINISTRATOR, Layer.PERSON):
        again, notes = again.load(layer, layers.dump(layer))
        assert notes == ()
    return again


def test_each_layer_survives_power_off() -> None:
    layers, _ = _forwarded().set(Layer.ADMINISTRATOR, PASSWORD, "hunter2 ü")
    layers, _ = layers.set(Layer.PERSON, RING, 9)
    assert _kept(layers) == layers


def test_what_a_file_changed_while_the_phone_was_off_ends_at_the_start() -> None:
    layers, _ = Layers().with_file({RING: 3}).set(Layer.PERSON, RING, 9)
    again, notes = Layers().with_file({RING: 4}).load(Layer.PERSON, layers.dump(Layer.PERSON))
    assert again.settings.volume.ring == 4
    assert notes == (f"settings-person: {RING}: the layer below changed, dropped",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "7",
        '{"values": 3}',
        '{"values": null}',
        "[" * 100_000,
        '{"values":' * 5_000,
        "\ud800",
    ],
    ids=lambda text: text[:12] or "nothing",
)
def test_a_store_that_is_no_layer_is_none_and_said(text: str) -> None:
    layers, notes = Layers().load(Layer.PERSON, text)
    assert (
        layers == Layers() and len(notes) == 1 and notes[0].startswith("settings-person: expected the JSON of a layer")
    )


@pytest.mark.parametrize(
    ("name", "entry", "why"),
    [
        ("voip/gone", {"value": "1", "over": "0"}, "unknown name"),
        (RING, {"value": "77", "over": "6"}, "expected 0 to 10, got '77'"),
        (RING, {"value": "7", "over": "six"}, "expected 0 to 10, got 'six'"),
        (RING, {"value": 7, "over": "6"}, "expected two texts"),
        (RING, "7", "expected two texts"),
        (RING, {"value": "7"}, "expected two texts"),
        ("x\nvoip" * 400, {"value": "7", "over": "1"}, "unknown name"),
    ],
)
def test_what_cannot_be_read_is_dropped_by_name_and_the_rest_stays(name: str, entry: object, why: str) -> None:
    text = json.dumps({"version": 1, "values": {name: entry, DND: {"value": "1", "over": "0"}}})
    layers, notes = Layers().load(Layer.PERSON, text)
    assert layers.settings.line[0].do_not_disturb and [each.name for each in layers.person] == [DND]
    assert len(notes) == 1 and why in notes[0] and notes[0].endswith("dropped") and notes[0].isprintable()


def test_a_note_shows_no_secret() -> None:
    text = json.dumps({"values": {PASSWORD: {"value": "hunter2 ;x", "over": ""}}})
    assert "hunter2" not in "".join(Layers().load(Layer.ADMINISTRATOR, text)[1])


# --- any order of events ------------------------------------------------------------------------------

_VALUES: dict[str, st.SearchStrategy[Value]] = {
    DND: st.booleans(),
    RING: st.integers(0, 10),
    f"{FORWARD}/active": st.booleans(),
    f"{FORWARD}/destination": st.sampled_from(["", "4711", "5000"]),
    PASSWORD: st.sampled_from([Secret(""), Secret("one"), Secret("two")]),
}
_SOME = st.fixed_dictionaries({}, optional=_VALUES)
_STEPS = st.lists(st.tuples(st.sampled_from(Layer), _SOME), max_size=12)


@given(_STEPS)
def test_whatever_happens_the_topmost_word_is_in_force_and_a_restart_changes_nothing(
    steps: list[tuple[Layer, dict[str, Value]]],
) -> None:
    layers = Layers()
    for layer, values in steps:
        if layer is Layer.FACTORY:
            for name in values:
                layers, _ = layers.reset(Layer.PERSON, name)
        elif layer is Layer.FILE:
            layers = layers.with_file(values)
        else:
            before = layers
            layers, changes = layers.set_all(layer, values)
            settings, slots = layers.settings, slots_of(Settings)
            assert all(value_at(settings, slots[name].path) == value for name, value in values.items())
            assert [each.name for each in changes] == list(values)
            assert all(each.restart is False for each in changes) and before.file == layers.file
        top = {each.name: each.value for one in (layers.file, layers.administrator, layers.person) for each in one}
        for name, slot in slots_of(Settings).items():
            value = value_at(layers.settings, slot.path)
            assert value == top.get(name, value_at(Settings(), slot.path))
    assert _kept(layers) == layers
