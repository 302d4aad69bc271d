"""What root's side of the network reads of the phone's settings: those in force, whoever set them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deskphone.config.layers import Layer, Layers
from deskphone.config.settings import Settings, Value
from deskphone.core.state import Phone
from deskphone.drivers.network_wish import NAMES, NetworkWish, wanted

CLASS, SERVER = "deskphone/dhcp/vendor_class", "system/ntp/primary_server_address"
FILE: dict[str, Value] = {CLASS: "of the file", SERVER: "10.1.1.5"}


@pytest.fixture
def kept() -> list[tuple[str, str]]:
    return []


def test_every_name_is_said_each_time_and_on_one_line() -> None:
    said = wanted(Settings()).splitlines()
    assert tuple(line.partition("=")[0] for line in said) == NAMES
    assert f"{CLASS}=420HD" in said and "system/ntp/enabled=1" in said


@pytest.mark.parametrize("layer", [Layer.ADMINISTRATOR, Layer.PERSON])
def test_what_lies_over_the_file_counts_and_the_file_again_when_it_is_taken_away(
    layer: Layer, kept: list[tuple[str, str]]
) -> None:
    phone = Phone(powered=True, layers=Layers().with_file(FILE))
    wish = NetworkWish(lambda: phone, lambda name, text: kept.append((name, text)))
    wish.look()
    phone = replace(phone, layers=phone.layers.set(layer, CLASS, "of the web page")[0])
    wish.look()
    phone = replace(phone, layers=phone.layers.reset(layer, CLASS)[0])
    wish.look()
    assert [name for name, _ in kept] == ["network-wish"] * 3
    said = [text.splitlines() for _, text in kept]
    assert [lines[0] for lines in said] == [f"{CLASS}={of}" for of in ("of the file", "of the web page", "of the file")]
    assert all(f"{SERVER}=10.1.1.5" in lines for lines in said)


def test_a_phone_that_has_no_settings_yet_leaves_what_it_said_before(kept: list[tuple[str, str]]) -> None:
    NetworkWish(Phone, lambda name, text: kept.append((name, text))).look()
    assert kept == []


def test_other_settings_write_nothing(kept: list[tuple[str, str]]) -> None:
    phone = Phone(powered=True)
    wish = NetworkWish(lambda: phone, lambda name, text: kept.append((name, text)))
    wish.look()
    phone = replace(phone, layers=phone.layers.set(Layer.PERSON, "deskphone/volume/ring", 9)[0])
    wish.look()
    assert len(kept) == 1
