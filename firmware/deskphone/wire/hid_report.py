"""What a USB headset or handset says and understands: HID report descriptors, input and output reports.

Law: bytes in, frozen values or WireError out; bounded, because a descriptor comes from whatever was plugged in. Only
what a telephone has is kept: Device Class Definition for HID 1.11 sections 5.4, 6.2.2 and 8; HID Usage Tables 1.4,
pages LED (8), Telephony (0x0B) and Consumer (0x0C). What else the device has stays unread.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from deskphone.wire.errors import WireError

MAX_DESCRIPTOR: Final = 4096  # HID_MAX_DESCRIPTOR_SIZE of Linux
MAX_FIELDS: Final = 512
MAX_REPORT_BITS: Final = 8 * 1024
MAX_DEPTH: Final = 32

LED, TELEPHONY, CONSUMER = 0x08, 0x0B, 0x0C
HEADSET_APPLICATIONS: Final = (0x0B0005,)
APPLICATIONS: Final = range(0x0B0001, 0x0B0008)  # Phone, Answering Machine, Message Controls, Handset, Headset ...


@dataclass(frozen=True, slots=True)
class Field:
    """`count` values of `bits` bits each in a report (HID 1.11 section 6.2.2.5). report: the Report ID, 0 for none.

    at: the first bit, counted behind the Report ID. usages: page << 16 | usage; of an array those its values choose
    among, lowest (Logical Minimum) the first. relative: a press, not a state (Main item, bit 2).
    """

    report: int
    at: int
    bits: int
    count: int
    usages: tuple[int, ...]
    array: bool
    relative: bool
    lowest: int = 0


@dataclass(frozen=True, slots=True)
class Telephone:
    """A device whose application is telephony. headset: worn, not lifted. numbered: reports begin with a Report ID."""

    headset: bool
    inputs: tuple[Field, ...]
    outputs: tuple[Field, ...]
    numbered: bool

    def read(self, report: bytes) -> tuple[frozenset[int], frozenset[int]]:
        """One input report of /dev/hidraw: (usages it tells of, those that are on). WireError for a short one."""
        number, data = (report[0], report[1:]) if self.numbered and report else (0, report)
        value, known, on = int.from_bytes(data, "little"), set[int](), set[int]()
        for each in self.inputs:
            if each.report != number:
                continue
            if each.at + each.bits * each.count > 8 * len(data):
                raise WireError(f"{len(data)} bytes", f"input report {number}", "as many as the descriptor says")
            known.update(each.usages)
            for index in range(each.count):
                item = value >> (each.at + index * each.bits) & ((1 << each.bits) - 1)
                if each.array:
                    place = item - each.lowest
                    if 0 <= place < len(each.usages) and item:
                        on.add(each.usages[place])
                elif item and index < len(each.usages):
                    on.add(each.usages[index])
        return frozenset(known), frozenset(on)

    def relative(self, usage: int) -> bool:
        """Whether a usage is reported as a press (relative) and not as a state (absolute)."""
        return any(each.relative for each in self.inputs if usage in each.usages)

    def write(self, lit: frozenset[int]) -> tuple[bytes, ...]:
        """The output reports in which these usages are on and all others off, Report ID first as for /dev/hidraw."""
        numbers = dict.fromkeys(each.report for each in self.outputs)
        return tuple(self._write(number, lit) for number in numbers)

    def _write(self, number: int, lit: frozenset[int]) -> bytes:
        value = end = 0
        for each in self.outputs:
            if each.report != number:
                continue
            end = max(end, each.at + each.bits * each.count)
            for index in range(each.count):
                if each.array:
                    chosen = [place for place, usage in enumerate(each.usages) if usage in lit]
                    item = chosen[index] + each.lowest if index < len(chosen) else 0
                else:
                    item = int(index < len(each.usages) and each.usages[index] in lit)
                value |= (item & ((1 << each.bits) - 1)) << (each.at + index * each.bits)
        return bytes([number]) + value.to_bytes((end + 7) // 8, "little")


def telephone(descriptor: bytes) -> Telephone | None:
    """The telephone of a report descriptor, None for another device. WireError for a broken or a too long one."""
    if len(descriptor) > MAX_DESCRIPTOR:
        raise WireError(f"{len(descriptor)} bytes", "report descriptor", f"at most {MAX_DESCRIPTOR}")
    reader = _Reader()
    at = 0
    while at < len(descriptor):
        at = reader.item(descriptor, at)
    if reader.application is None:
        return None
    return Telephone(
        reader.application in HEADSET_APPLICATIONS, tuple(reader.inputs), tuple(reader.outputs), reader.numbered
    )


@dataclass(frozen=True, slots=True)
class _Globals:
    page: int = 0
    lowest: int = 0
    size: int = 0
    count: int = 0
    report: int = 0


class _Reader:
    """The item parser of HID 1.11 section 5.4: global items last until changed, local ones until a main item."""

    def __init__(self) -> None:
        self.globals = _Globals()
        self.stack: list[_Globals] = []
        self.usages: list[int] = []
        self.first = -1
        self.collections: list[int] = []
        self.application: int | None = None
        self.inputs: list[Field] = []
        self.outputs: list[Field] = []
        self.places: dict[tuple[str, int], int] = {}
        self.numbered = False

    def item(self, data: bytes, at: int) -> int:
        """Read the item at byte `at`; returns where the next one begins."""
        prefix = data[at]
        length = 1 + (0, 1, 2, 4)[prefix & 3]
        if prefix == 0xFE:  # a long item, of which none is defined
            length = 3 + data[at + 1] if at + 1 < len(data) else 3
        if at + length > len(data):
            raise WireError("it ends in the middle of an item", f"report descriptor, byte {at}", f"{length} bytes")
        if prefix != 0xFE:
            self._short(prefix >> 2 & 3, prefix >> 4, data[at + 1 : at + length], at)
        return at + length

    def _short(self, kind: int, tag: int, data: bytes, at: int) -> None:
        """One short item: kind 0 Main, 1 Global, 2 Local (HID 1.11 section 6.2.2.2); others are not needed."""
        value = int.from_bytes(data, "little")
        match kind, tag:
            case 0, 8:  # Input
                self._field("in", self.inputs, value, at)
            case 0, 9:  # Output
                self._field("out", self.outputs, value, at)
            case 0, 10:  # Collection
                self._collection(value, at)
            case 0, 12 if self.collections:  # End Collection
                self.collections.pop()
            case 1, 0:  # Usage Page
                self.globals = replace(self.globals, page=value)
            case 1, 1:  # Logical Minimum
                self.globals = replace(self.globals, lowest=int.from_bytes(data, "little", signed=True))
            case 1, 7:  # Report Size
                self.globals = replace(self.globals, size=value)
            case 1, 8:  # Report ID
                if not 1 <= value <= 255:
                    raise WireError(f"report {value}", f"report descriptor, byte {at}", "a number from 1 to 255")
                self.globals, self.numbered = replace(self.globals, report=value), True
            case 1, 9:  # Report Count
                self.globals = replace(self.globals, count=value)
            case 1, 10 if len(self.stack) < MAX_DEPTH:  # Push
                self.stack.append(self.globals)
            case 1, 11 if self.stack:  # Pop
                self.globals = self.stack.pop()
            case 2, 0:  # Usage
                self._usage(self._full(value, data))
            case 2, 1:  # Usage Minimum
                self.first = self._full(value, data)
            case 2, 2 if self.first >= 0:  # Usage Maximum
                last = self._full(value, data)
                for usage in range(self.first, min(last, self.first + MAX_FIELDS) + 1):
                    self._usage(usage)
                self.first = -1
        if kind == 0:
            self.usages, self.first = [], -1

    def _full(self, value: int, data: bytes) -> int:
        """page << 16 | usage; a usage of four bytes brings its page along (section 6.2.2.8)."""
        return value if len(data) == 4 else self.globals.page << 16 | value

    def _usage(self, usage: int) -> None:
        if len(self.usages) < MAX_FIELDS:
            self.usages.append(usage)

    def _collection(self, kind: int, at: int) -> None:
        if len(self.collections) >= MAX_DEPTH:
            raise WireError("collections in collections", f"report descriptor, byte {at}", f"at most {MAX_DEPTH}")
        usage = self.usages[0] if self.usages else 0
        self.collections.append(usage)
        if kind == 1 and usage in APPLICATIONS and self.application is None:
            self.application = usage

    def _field(self, way: str, kept: list[Field], flags: int, at: int) -> None:
        own = self.globals
        place = self.places.get((way, own.report), 0)
        end = place + own.size * own.count
        if end > MAX_REPORT_BITS:
            raise WireError(f"a report of {end} bits", f"report descriptor, byte {at}", f"at most {MAX_REPORT_BITS}")
        self.places[way, own.report] = end
        if flags & 1 or not self.usages or not 0 < own.size <= 32:  # a constant: padding
            if way == "out":  # the padding belongs to what is written
                kept.append(Field(own.report, place, own.size, own.count, (), False, False))
            return
        if len(kept) >= MAX_FIELDS:
            raise WireError("too many fields", f"report descriptor, byte {at}", f"at most {MAX_FIELDS}")
        array = not flags & 2
        usages = tuple(self.usages)
        if not array and len(usages) < own.count:  # the last usage counts for all that follow (6.2.2.8)
            usages += (usages[-1],) * (own.count - len(usages))
        kept.append(Field(own.report, place, own.size, own.count, usages, array, bool(flags & 4), own.lowest))
