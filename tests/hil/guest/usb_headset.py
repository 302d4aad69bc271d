"""A USB headset without USB: an HID device made with /dev/uhid. usage: usb_headset.py DESCRIPTOR COMMANDS SAID

DESCRIPTOR: the report descriptor as hexadecimal digits. COMMANDS: a named pipe, one input report a line, as digits; an
empty line pulls the plug. SAID: a file that gets each output report, a line each. linux/uhid.h has the structures.
"""

from __future__ import annotations

import os
import select
import struct
import sys

DESTROY, OUTPUT, CREATE2, INPUT2 = 1, 6, 11, 12
DATA = 4096
EVENT = 4 + 4372  # the type, and the largest event


def main(descriptor: bytes, commands: str, said: str) -> None:
    """Until the plug is pulled."""
    device = os.open("/dev/uhid", os.O_RDWR)
    name = struct.pack("<I128s64s64sHHIIII", CREATE2, b"Headset", b"rig", b"", len(descriptor), 3, 0x1209, 1, 1, 0)
    os.write(device, name + descriptor)
    pipe = os.open(commands, os.O_RDWR)
    with open(said, "a") as heard:
        line = b""
        while True:
            ready, _, _ = select.select([device, pipe], [], [])
            if device in ready:
                event = os.read(device, EVENT)
                (what,) = struct.unpack_from("<I", event)
                if what == OUTPUT:
                    (size,) = struct.unpack_from("<H", event, 4 + DATA)
                    print(event[4 : 4 + size].hex(), file=heard, flush=True)
            if pipe in ready:
                line += os.read(pipe, DATA)
                while b"\n" in line:
                    one, _, line = line.partition(b"\n")
                    report = bytes.fromhex(one.decode())
                    if not report:
                        os.write(device, struct.pack("<I", DESTROY))
                        return
                    os.write(device, struct.pack("<IH", INPUT2, len(report)) + report)


if __name__ == "__main__":
    main(bytes.fromhex(sys.argv[1]), sys.argv[2], sys.argv[3])
