"""Forms of HID report descriptors that hardly a device has, and what is told of broken ones."""

from __future__ import annotations

import pytest

from deskphone.wire.errors import WireError
from deskphone.wire.hid_report import CONSUMER, TELEPHONY, Telephone, telephone
from tests.unit.wire.hid_descriptors import HEADSET, item

LOUDER = 0x0C00E9

TELEPHONE = item(0x04, TELEPHONY) + item(0x08, 1) + item(0xA0, 1)  # Usage Page, Phone, Collection (Application)
END = bytes([0xC0])


def usages(*numbers: int) -> bytes:
    """Usage items, one for each."""
    return b"".join(item(0x08, number) for number in numbers)


def out(bits: int, count: int, flags: int = 2) -> bytes:
    """Report Size, Report Count, Output."""
    return item(0x74, bits) + item(0x94, count) + item(0x90, flags)


def into(bits: int, count: int, flags: int = 2) -> bytes:
    """Report Size, Report Count, Input."""
    return item(0x74, bits) + item(0x94, count) + item(0x80, flags)


def device(*parts: bytes) -> Telephone:
    """The telephone of these items."""
    found = telephone(TELEPHONE + b"".join(parts) + END)
    assert found is not None
    return found


def test_lamps_in_an_array_are_told_by_their_place_in_the_list() -> None:
    lamps = device(item(0x14, 1), usages(0x20, 0x2F, 0x30), out(4, 2, flags=0))
    first, second, third = 0x0B0020, 0x0B002F, 0x0B0030
    assert lamps.write(frozenset()) == (b"\x00\x00",)
    assert lamps.write(frozenset({second})) == (b"\x00\x02",)
    assert lamps.write(frozenset({first, third})) == (b"\x00\x31",)
    assert lamps.write(frozenset({first, second, third})) == (b"\x00\x21",), "two places for three"


def test_padding_is_written_and_reports_of_two_bytes_begin_with_the_lower() -> None:
    lamps = device(usages(0x20), out(1, 1), out(7, 1, flags=3), usages(0x2F), out(1, 1))
    assert lamps.write(frozenset({0x0B002F})) == (b"\x00\x00\x01",)
    assert lamps.write(frozenset({0x0B0020})) == (b"\x00\x01\x00",)
    wide = device(usages(0x20), out(3, 1))
    assert wide.write(frozenset({0x0B0020})) == (b"\x00\x01",), "on is 1, whatever fits"


def test_the_last_usage_counts_for_all_that_follow() -> None:
    keys = device(usages(0x20, 0x2F), into(1, 4))
    assert [keys.read(bytes([1 << bit]))[1] for bit in range(4)] == [{0x0B0020}, {0x0B002F}, {0x0B002F}, {0x0B002F}]


def test_values_of_an_array_count_from_its_lowest_and_nought_is_no_key() -> None:
    keys = device(bytes([0x15, 0xFF]), usages(0x20, 0x2F, 0x30), into(8, 1, flags=0))
    assert keys.read(b"\x01")[1] == {0x0B0030}
    assert keys.read(b"\x00")[1] == frozenset()
    assert keys.read(b"\x02")[1] == frozenset()


def test_a_report_that_is_just_long_enough_is_read() -> None:
    keys = device(usages(0x20), into(1, 1), into(8, 1, flags=3))
    assert keys.read(b"\x01\x00")[1] == {0x0B0020}
    assert keys.read(b"\x01")[1] == {0x0B0020}, "what is missing is padding only"
    two = device(usages(0x20, 0x2F), into(5, 2))
    with pytest.raises(WireError, match=r"^input report 0: 1 bytes; expected as many as the descriptor says$"):
        two.read(b"\x01")


def test_a_range_of_usages_is_each_of_them() -> None:
    keys = device(item(0x18, 0x20), item(0x28, 0x22), into(1, 3))
    assert keys.read(b"\x00")[0] == {0x0B0020, 0x0B0021, 0x0B0022}
    lonely = device(item(0x28, 0x22), usages(0x2F), into(1, 1))
    assert lonely.read(b"\x00")[0] == {0x0B002F}, "a last without a first is none"
    other = device(item(0x18, 0x20), into(1, 1, flags=3), item(0x28, 0x22), usages(0x2F), into(1, 1))
    assert other.read(b"\x00\x00")[0] == {0x0B002F}, "a main item ends what is local"


def test_a_usage_of_four_bytes_brings_its_page_along() -> None:
    keys = device(bytes([0x0B, 0xE9, 0x00, 0x0C, 0x00]), into(1, 1))
    assert keys.read(b"\x01")[1] == {LOUDER}


def test_global_items_are_put_aside_and_taken_back() -> None:
    push, pop = bytes([0xA4]), bytes([0xB4])
    keys = device(pop, push, item(0x04, CONSUMER), usages(0xE9), into(1, 1), pop, usages(0x20), into(1, 1))
    assert keys.read(b"\x00")[0] == {LOUDER, 0x0B0020}


def test_a_long_item_is_passed_over_whole() -> None:
    long = bytes([0xFE, 3, 0x10, 0x81, 0x81, 0x81])
    assert device(long, usages(0x20), into(1, 1)).read(b"\x01")[1] == {0x0B0020}
    assert device(bytes([0xFE, 0, 0x10]), usages(0x20), into(1, 1)).read(b"\x01")[1] == {0x0B0020}


def test_the_first_application_counts_and_only_an_application() -> None:
    physical = item(0x04, TELEPHONY) + item(0x08, 5) + item(0xA0, 0)
    assert telephone(physical + END) is None
    assert telephone(item(0x04, TELEPHONY) + item(0xA0, 1) + END) is None, "a collection without a usage"
    headset = item(0x04, TELEPHONY) + item(0x08, 5) + item(0xA0, 1) + END
    both = telephone(TELEPHONE + END + END + headset)
    assert both is not None and not both.headset
    last = telephone(headset + TELEPHONE + END)
    assert last is not None and last.headset


@pytest.mark.parametrize(
    ("descriptor", "said"),
    [
        (HEADSET[:-1] + b"\x27", f"byte {len(HEADSET) - 1}: it ends in the middle of an item; expected 5 bytes"),
        (b"\xfe", "byte 0: it ends in the middle of an item; expected 3 bytes"),
        (b"\xfe\x05\x10", "byte 0: it ends in the middle of an item; expected 8 bytes"),
        (item(0xA0, 1) * 33, "byte 64: collections in collections; expected at most 32"),
        (item(0x84, 0), "byte 0: report 0; expected a number from 1 to 255"),
        (b"\x86\x00\x01", "byte 0: report 256; expected a number from 1 to 255"),
        (item(0x74, 32) + item(0x94, 257) + item(0x80, 2), "byte 5: a report of 8224 bits; expected at most 8192"),
        (item(0x74, 32) + item(0x94, 257) + item(0x90, 2), "byte 5: a report of 8224 bits; expected at most 8192"),
        (into(1, 1) + (item(0x08, 1) + item(0x80, 2)) * 513, "byte 2056: too many fields; expected at most 512"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(descriptor: bytes, said: str) -> None:
    with pytest.raises(WireError) as told:
        telephone(descriptor)
    assert str(told.value) == f"report descriptor, {said}"


def test_a_descriptor_longer_than_linux_keeps_is_refused() -> None:
    with pytest.raises(WireError) as told:
        telephone(bytes(4097))
    assert str(told.value) == "report descriptor: 4097 bytes; expected at most 4096"


@pytest.mark.parametrize(
    "descriptor", [bytes(4096), item(0x74, 32) + item(0x94, 256) + item(0x80, 2), item(0xA0, 1) * 32]
)
def test_what_is_just_not_too_large_is_read(descriptor: bytes) -> None:
    assert telephone(descriptor) is None


def test_a_place_that_does_not_fit_its_bits_spills_into_no_other() -> None:
    lamps = device(item(0x14, 7), usages(0x20, 0x2F), out(3, 2, flags=0))
    assert lamps.write(frozenset({0x0B002F})) == (b"\x00\x00",), "8 has no room in three bits"
