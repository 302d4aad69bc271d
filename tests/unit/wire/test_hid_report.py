"""HID report descriptors and reports of headsets and handsets: what a telephone is, what it says, what it is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskphone.wire.errors import WireError
from deskphone.wire.hid_report import telephone
from tests.unit.wire.hid_descriptors import HANDSET, HEADSET, KEYBOARD, KEYPAD_ARRAY, item

HOOK, MUTE, LOUDER = 0x0B0020, 0x0B002F, 0x0C00E9
OFF_HOOK, RING, MUTE_LAMP = 0x080017, 0x080018, 0x080009


def test_a_keyboard_is_no_telephone() -> None:
    assert telephone(KEYBOARD) is None


def test_a_headset_tells_its_keys_by_their_bits() -> None:
    device = telephone(HEADSET)
    assert device is not None and device.headset and device.numbered
    assert device.read(bytes([2, 0b0000_0001])) == ({HOOK, MUTE, 0x0B0021, 0x0B0024}, {HOOK})
    assert device.read(bytes([2, 0b0000_0010]))[1] == {MUTE}
    assert device.relative(MUTE) and not device.relative(HOOK)
    assert device.read(bytes([1, 0b0000_0001])) == ({LOUDER, 0x0C00EA}, {LOUDER})


def test_a_report_of_another_number_tells_nothing_of_the_others() -> None:
    device = telephone(HEADSET)
    assert device is not None
    assert device.read(bytes([9, 0xFF])) == (frozenset(), frozenset())


def test_a_headset_is_told_its_lamps_in_one_report() -> None:
    device = telephone(HEADSET)
    assert device is not None
    assert device.write(frozenset({OFF_HOOK, MUTE_LAMP})) == (bytes([3, 0b011]),)
    assert device.write(frozenset({RING})) == (bytes([3, 0b100]),)
    assert device.write(frozenset()) == (bytes([3, 0]),)


def test_a_handset_without_report_numbers_is_read_and_written_from_the_first_byte() -> None:
    device = telephone(HANDSET)
    assert device is not None and not device.headset and not device.numbered
    assert device.read(b"\x01")[1] == {HOOK}
    assert device.write(frozenset({RING})) == (b"\x00\x02",)


def test_keys_in_an_array_are_what_its_values_choose() -> None:
    device = telephone(KEYPAD_ARRAY)
    assert device is not None
    assert device.read(bytes([0]))[1] == frozenset()
    assert device.read(bytes([1]))[1] == {0x0B00B0}
    assert device.read(bytes([12]))[1] == {0x0B00BB}
    assert device.read(bytes([13]))[1] == frozenset(), "a value beyond the list"


def test_a_short_report_is_refused() -> None:
    device = telephone(HEADSET)
    assert device is not None
    with pytest.raises(WireError, match="input report 2"):
        device.read(bytes([2]))


@pytest.mark.parametrize(
    ("bytes_", "said"),
    [
        (HEADSET[:-1] + b"\x27", "middle of an item"),
        (bytes(5000), "at most 4096"),
        (item(0xA0, 1) * 40, "collections in collections"),
        (item(0x74, 32) + item(0x94, 65535) + item(0x08, 1) + item(0x80, 2), "a report of"),
    ],
)
def test_a_descriptor_that_is_none_is_refused(bytes_: bytes, said: str) -> None:
    with pytest.raises(WireError, match=said):
        telephone(bytes_)


@given(st.binary(max_size=200), st.binary(max_size=70), st.integers(0, 60))
def test_whatever_is_plugged_in_is_read_or_refused(noise: bytes, report: bytes, cut: int) -> None:
    for descriptor in (noise, HEADSET[:cut] + noise + HEADSET[cut:]):
        try:
            device = telephone(descriptor)
            if device is not None:
                device.read(report)
                assert all(len(each) <= 1025 for each in device.write(frozenset({OFF_HOOK, RING})))
        except WireError:
            pass
