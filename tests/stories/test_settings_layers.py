"""Whose a setting is: the factory's, the file's, the administrator's, the person's; and when a choice ends."""

from __future__ import annotations

import pytest

from deskphone.config.layers import Layer, Layers
from deskphone.config.reader import read
from deskphone.core.events import PowerOn, SettingsLoaded, SettingsSet
from tests.layers import of_file
from tests.stories.bench import Story
from tests.stories.bench_core import CoreBench
from tests.stories.configuration import configuration

pytestmark = pytest.mark.bench("core")
RING = "deskphone/volume/ring"
DND = "voip/line/0/do_not_disturb/activated"
WAITING = "voip/services/call_waiting/enabled"


def file(phone: Story, **settings: str) -> None:
    """A new file is accepted."""
    found = read(configuration(**settings), "new.cfg").settings
    assert found is not None
    phone.bench.turn(SettingsLoaded(of_file(found), "new.cfg", kept=True))
    phone.pass_time(0.1)


def origin(phone: Story, name: str) -> Layer:
    return phone.bench.phone.layers.origin(name)


def test_one_press_of_dnd_freezes_nothing_else(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("soft3")
    phone.shows("DnD")
    file(phone, voip__services__call_waiting__enabled="0", deskphone__volume__ring="2")
    phone.shows("DnD")
    assert not phone.bench.phone.call_waiting and phone.bench.phone.volume("ring") == 2
    assert origin(phone, DND) is Layer.PERSON and origin(phone, WAITING) is Layer.FILE


def test_a_volume_key_freezes_one_volume_until_the_file_changes_that_one(phone: Story) -> None:
    phone.power_on(deskphone__volume__ring="4", deskphone__volume__handset="4")
    phone.registered()
    phone.press("volume_up")
    assert phone.bench.phone.volume("ring") == 5
    file(phone, deskphone__volume__ring="4", deskphone__volume__handset="8")
    assert phone.bench.phone.volume("ring") == 5 and phone.bench.phone.volume("handset") == 8
    file(phone, deskphone__volume__ring="1", deskphone__volume__handset="8")
    assert phone.bench.phone.volume("ring") == 1 and origin(phone, RING) is Layer.FILE
    assert f"{RING} (person)" in phone.journal()


def test_a_choice_outlives_the_power_and_a_file_that_came_meanwhile_ends_it(phone: Story) -> None:
    phone.power_on(deskphone__volume__ring="4")
    phone.registered()
    phone.press("volume_up", "soft3")
    again = Story(CoreBench())
    again.bench.stored = dict(phone.bench.stored)
    again.power_on(deskphone__volume__ring="4")
    again.registered()
    again.shows("DnD")
    assert again.bench.phone.volume("ring") == 5
    third = Story(CoreBench())
    third.bench.stored = dict(phone.bench.stored)
    third.power_on(deskphone__volume__ring="9")
    third.registered()
    third.shows("DnD")
    assert third.bench.phone.volume("ring") == 9


def test_a_choice_that_a_file_ended_stays_ended_over_the_power(phone: Story) -> None:
    phone.power_on(deskphone__volume__ring="4")
    phone.registered()
    phone.press("volume_up", "soft3")
    file(phone, deskphone__volume__ring="9")
    again = Story(CoreBench())
    again.bench.stored = dict(phone.bench.stored)
    again.power_on(deskphone__volume__ring="9")
    again.registered()
    again.shows("DnD")
    assert again.bench.phone.volume("ring") == 9 and origin(again, RING) is Layer.FILE


def test_what_an_older_version_kept_is_read_once(phone: Story) -> None:
    phone.bench.stored = {"volumes": '{"ring": 9, "handset": 6, "speaker": 6, "headset": 6}'}
    phone.power_on()
    phone.registered()
    assert phone.bench.phone.volume("ring") == 9 and origin(phone, RING) is Layer.PERSON
    phone.press("volume_down")
    again = Story(CoreBench())
    again.bench.stored = dict(phone.bench.stored)
    again.power_on()
    again.registered()
    assert again.bench.phone.volume("ring") == 8


def test_the_administrator_lies_between_file_and_person(phone: Story) -> None:
    phone.power_on(deskphone__volume__ring="4")
    phone.registered()
    phone.press("volume_up")
    phone.bench.turn(SettingsSet(((RING, "2"),), "web"))
    assert phone.bench.phone.volume("ring") == 2 and origin(phone, RING) is Layer.ADMINISTRATOR
    phone.press("volume_up")
    assert phone.bench.phone.volume("ring") == 3 and origin(phone, RING) is Layer.PERSON
    phone.bench.turn(SettingsSet(((RING, None),), "web"))
    assert phone.bench.phone.volume("ring") == 4 and origin(phone, RING) is Layer.FILE


def test_what_the_administrator_sets_in_a_call_counts_after_it(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.dial("9196")
    phone.in_call()
    phone.bench.turn(SettingsSet((("voip/line/0/id", "1600"),), "web"))
    phone.shows("Talking")
    assert "settings-administrator" in phone.bench.stored, "kept at once, so that a power cut does not lose it"
    phone.press("cancel")
    phone.shows("1600", within=20)


@pytest.mark.parametrize("value", ["loud", "99", "-1"])
def test_a_value_that_does_not_fit_sets_nothing(value: str) -> None:
    bench = CoreBench()
    bench.power_on()
    before = bench.phone
    bench.turn(SettingsSet(((DND, "1"), (RING, value)), "web"))
    assert bench.phone is before and RING in bench.illegal[0].why


def test_a_store_that_cannot_be_read_costs_itself_and_is_named() -> None:
    bench = CoreBench()
    bench.turn(PowerOn(Layers(), (("settings-person", "{"), ("settings-administrator", '{"values": {"x": 1}}'))))
    assert "settings-person" in bench.journal() and "settings-administrator" in bench.journal()


def test_the_provisioning_page_tells_what_was_set_at_the_phone(phone: Story) -> None:
    phone.power_on()
    phone.registered()
    phone.press("volume_up")
    phone.bench.turn(SettingsSet(((WAITING, "0"),), "web"))
    phone.pass_time(3)
    phone.press("menu", "4")
    phone.shows("Status", "Network Status")
    phone.press("6", "up")
    phone.shows("By web or CLI", "call_waiting/enabled", "Set at the phone", "volume/ring")
