"""Report descriptors as headsets and handsets have them, put together item by item (HID 1.11, section 6.2.2)."""

from __future__ import annotations


def item(prefix: int, value: int) -> bytes:
    """A short item: prefix without its size, and the value in as few bytes as it takes."""
    size = 1 if value < 1 << 8 else 2 if value < 1 << 16 else 4
    return bytes([prefix | (3 if size == 4 else size)]) + value.to_bytes(size, "little")


def items(*pairs: int) -> bytes:
    """Items one after the other."""
    return b"".join(item(prefix, value) for prefix, value in zip(pairs[::2], pairs[1::2], strict=True))


PAGE, USAGE, FIRST, LAST, LOW, HIGH, SIZE, COUNT, NUMBER = 0x04, 0x08, 0x18, 0x28, 0x14, 0x24, 0x74, 0x94, 0x84
INPUT, OUTPUT, COLLECTION, END = 0x80, 0x90, 0xA0, b"\xc0"
VARIABLE, RELATIVE, CONSTANT = 2, 6, 3

# A headset with volume keys: consumer control as report 1, telephony as reports 2 (in) and 3 (out).
HEADSET = (
    items(PAGE, 0x0C, USAGE, 1, COLLECTION, 1, NUMBER, 1, LOW, 0, HIGH, 1, SIZE, 1, USAGE, 0xE9, USAGE, 0xEA,
          COUNT, 2, INPUT, VARIABLE, COUNT, 6, INPUT, CONSTANT)
    + END
    + items(PAGE, 0x0B, USAGE, 5, COLLECTION, 1, NUMBER, 2, LOW, 0, HIGH, 1, SIZE, 1,
            USAGE, 0x20, COUNT, 1, INPUT, VARIABLE, USAGE, 0x2F, USAGE, 0x21, USAGE, 0x24, COUNT, 3, INPUT, RELATIVE,
            COUNT, 4, INPUT, CONSTANT, NUMBER, 3, PAGE, 0x08, USAGE, 0x17, USAGE, 0x09, USAGE, 0x18, COUNT, 3,
            OUTPUT, VARIABLE, COUNT, 5, OUTPUT, CONSTANT)
    + END
)  # fmt: skip
# A handset with a cradle: one bit of hook, lamps off-hook and ring, no report numbers.
HANDSET = (
    items(PAGE, 0x0B, USAGE, 4, COLLECTION, 1, LOW, 0, HIGH, 1, SIZE, 1, USAGE, 0x20, COUNT, 1, INPUT, VARIABLE,
          COUNT, 7, INPUT, CONSTANT, PAGE, 0x08, USAGE, 0x17, USAGE, 0x18, COUNT, 2, OUTPUT, VARIABLE,
          COUNT, 6, OUTPUT, CONSTANT)
    + END
)  # fmt: skip
# A desk phone's keypad: one byte that names the key held, 1 for 0 and so on.
KEYPAD_ARRAY = (
    items(PAGE, 0x0B, USAGE, 1, COLLECTION, 1, LOW, 1, HIGH, 12, SIZE, 8, COUNT, 1, FIRST, 0xB0, LAST, 0xBB, INPUT, 0)
    + END
)
# Any keyboard.
KEYBOARD = (
    items(PAGE, 0x01, USAGE, 6, COLLECTION, 1, PAGE, 0x07, FIRST, 0xE0, LAST, 0xE7, LOW, 0, HIGH, 1, SIZE, 1, COUNT, 8,
          INPUT, VARIABLE, PAGE, 0x08, FIRST, 1, LAST, 5, COUNT, 5, OUTPUT, VARIABLE)
    + END
)  # fmt: skip
