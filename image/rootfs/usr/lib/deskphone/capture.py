#!/usr/bin/python3 -IB
"""Captures packets for the phone, which has no right to: capture.py WORD FOLDER. WORD is the phone's file, one line
`capture NUMBER SECONDS ADDRESS`; what comes of it lies in FOLDER: `state` (JSON) and `capture.pcap`.

Runs as a user of its own with the right to raw packets, isolated (python3 -I). Law: nothing the phone's user wrote is
trusted; no byte of a packet reaches a file before its secrets are written over. Cut off is what is said in RTP, and
what cannot be read alone: the blocks of TFTP, letters typed at Telnet, later fragments.
Packets are kept in a ring in memory, the newest MOST_BYTES, and written when time is up.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import selectors
import signal
import stat
import struct
import subprocess
import sys
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from pathlib import Path

from deskphone.wire.masking import masked

WORD = re.compile(r"capture (\d{1,20}) (\d{1,3}) ([0-9A-Fa-f:.]{2,45})\n")
LONGEST = 600  # seconds
START = 10  # seconds for the head of its file to come from tcpdump
MOST_BYTES = 4_194_304  # of packets
SNAP = 4096  # bytes of a packet
FLOWS, CARRY = 64, 2048  # TCP flows whose last bytes are remembered, and how many of them
MAGIC = 0xA1B2C3D4
LINK = {1: (14, 12), 113: (16, 14), 276: (20, 0)}  # link type: length of its head, where the EtherType stands in it
RTP_HEAD = 12
TFTP_DATA, TFTP_HEAD = b"\0\3", 4  # RFC 1350, 5
TELNET = b"\0\x17"  # port 23
TCPDUMP = ("tcpdump", "-i", "any", "-p", "-n", "-U", "-s", str(SNAP), "-w", "-")


class BadWord(ValueError):
    """The file is not what the phone writes."""


def read_word(path: str) -> tuple[int, int, str]:
    """Number, seconds and address. BadWord for anything else, also for a file that is no plain one."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise BadWord(f"{path}: {error.strerror}") from error
    try:
        text = os.read(handle, 256).decode("ascii", "replace") if stat.S_ISREG(os.fstat(handle).st_mode) else ""
    finally:
        os.close(handle)
    match = WORD.fullmatch(text)
    if match is None or not 0 < int(match[2]) <= LONGEST:
        raise BadWord(f"{path}: expected `capture NUMBER SECONDS ADDRESS`, up to {LONGEST} seconds")
    try:
        return int(match[1]), int(match[2]), str(ipaddress.ip_address(match[3]))
    except ValueError as error:
        raise BadWord(f"{path}: {error}") from None


class Masker:
    """Writes over what is secret in packets of one link type. Of a TCP flow the last bytes are remembered, for a header
    may go on in the next segment."""

    def __init__(self, link: int) -> None:
        self._head, self._type = LINK[link]
        self._flows: OrderedDict[bytes, bytes] = OrderedDict()

    def masked(self, packet: bytes) -> bytes:
        """A packet as it may be kept: shorter where it is RTP, else of the same length."""
        found = self._payload(packet)
        if found is None:
            return masked(packet)
        start, flow = found
        head, payload = packet[:start], packet[start:]
        if flow is None or TELNET in (flow[-4:-2], flow[-2:]):
            return head
        if not flow:  # UDP
            if payload[:2] == TFTP_DATA:
                return head + payload[:TFTP_HEAD]
            if len(payload) >= RTP_HEAD and payload[0] >> 6 == 2:
                return head + (payload if 192 <= payload[1] <= 223 else payload[:RTP_HEAD])  # RTCP: RFC 5761, 4
            return head + masked(payload)
        before = self._flows.pop(flow, b"")
        whole = masked(before + payload)[len(before) :]
        alone = masked(payload)
        self._flows[flow] = (before + payload)[-CARRY:]
        if len(self._flows) > FLOWS:
            self._flows.popitem(last=False)
        return head + bytes(0x2A if 0x2A in pair else pair[0] for pair in zip(whole, alone, strict=True))

    def _payload(self, packet: bytes) -> tuple[int, bytes | None] | None:
        """Where the payload of UDP or TCP begins, and of TCP its flow, ports last (b"" for UDP, None for a
        fragment that is not the first); None for other packets."""
        kind, at = packet[self._type : self._type + 2], self._head
        try:
            if kind == b"\x08\x00":
                protocol, ends = packet[at + 9], packet[at + 12 : at + 20]
                later = struct.unpack_from(">H", packet, at + 6)[0] & 0x1FFF
                at += (packet[at] & 15) * 4
                if later:
                    return at, None
            elif kind == b"\x86\xdd":
                protocol, ends = packet[at + 6], packet[at + 8 : at + 40]
                at += 40
                if protocol == 44:  # a fragment (RFC 8200, 4.5)
                    protocol, at = packet[at], at + 8
                    if struct.unpack_from(">H", packet, at - 6)[0] & 0xFFF8:
                        return at, None
            else:
                return None
            if protocol == 17:
                return at + 8, b""
            if protocol == 6:
                return at + (packet[at + 12] >> 4) * 4, ends + packet[at : at + 4]
        except (IndexError, struct.error):
            pass
        return None


class Ring:
    """The newest packets, as records of a file (pcap-savefile(5))."""

    def __init__(self, head: bytes) -> None:
        magic, *_, self.link = struct.unpack("=IHHiIII", head)
        self.link &= 0xFFFF
        if magic != MAGIC or self.link not in LINK:
            raise BadWord(f"expected pcap of a known link type, got {magic:#x} and {self.link}")
        self.head = head
        self._masker = Masker(self.link)
        self._records: deque[bytes] = deque()
        self.size, self.count = len(head), 0

    def add(self, record: bytes, packet: bytes) -> None:
        """Keep a packet; record: its head in the file."""
        seconds, micros, _, whole = struct.unpack("=IIII", record)
        kept = self._masker.masked(packet)
        self._records.append(struct.pack("=IIII", seconds, micros, len(kept), whole) + kept)
        self.size += len(self._records[-1])
        self.count += 1
        while self.size > MOST_BYTES:
            self.size -= len(self._records.popleft())
            self.count -= 1

    def content(self) -> bytes:
        """The file."""
        return self.head + b"".join(self._records)


def capture(seconds: int, address: str, begun: Callable[[], None]) -> tuple[Ring | None, str]:
    """What passed in so many seconds from when tcpdump listens (`begun`), and what it said; a signal ends it early."""
    command = [*TCPDUMP, f"host {address}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdout is not None and program.stderr is not None
        ring, waiting, until = None, bytearray(), time.monotonic() + START
        signal.signal(signal.SIGTERM, lambda *_: program.terminate())
        with selectors.DefaultSelector() as watched:
            watched.register(program.stdout, selectors.EVENT_READ)
            while (left := until - time.monotonic()) > 0:
                if not watched.select(left):
                    break
                piece = os.read(program.stdout.fileno(), 65_536)
                if not piece:
                    break
                waiting += piece
                before, ring = ring, take(waiting, ring)
                if before is None and ring is not None:
                    begun()
                    until = time.monotonic() + seconds
        program.terminate()
        said = program.communicate(timeout=10)[1].decode("utf-8", "replace").strip()
    return ring, said


def take(waiting: bytearray, ring: Ring | None) -> Ring | None:
    """Move whole records of what came into the ring."""
    if ring is None:
        if len(waiting) < 24:
            return None
        ring = Ring(bytes(waiting[:24]))
        del waiting[:24]
    while len(waiting) >= 16:
        length = struct.unpack_from("=I", waiting, 8)[0]
        if length > 262_144:
            raise BadWord(f"a packet of {length} bytes")
        if len(waiting) < 16 + length:
            break
        ring.add(bytes(waiting[:16]), bytes(waiting[16 : 16 + length]))
        del waiting[: 16 + length]
    return ring


def put(path: Path, content: bytes) -> None:
    """A file that is there whole; the group may read it."""
    new = path.with_name(path.name + ".new")
    new.write_bytes(content)
    new.chmod(0o640)
    os.replace(new, path)


def main(word: str, folder: str) -> int:
    """0 where packets were captured; `state` says what came of it in any case."""
    state, number = Path(folder) / "state", 0

    def tell(step: str, **more: object) -> None:
        put(state, json.dumps({"step": step, "number": number, **more}).encode())

    try:
        number, seconds, address = read_word(word)
        (Path(folder) / "capture.pcap").unlink(missing_ok=True)
        ring, said = capture(seconds, address, lambda: tell("running", until=int(time.time()) + seconds))
        if ring is None:
            raise BadWord(said.splitlines()[-1][:200] if said else "tcpdump said nothing")
        content = ring.content()
        put(Path(folder) / "capture.pcap", content)
        tell("done", packets=ring.count, bytes=len(content))
    except (BadWord, OSError, subprocess.SubprocessError) as error:
        print(f"<3>{error}", file=sys.stderr)
        tell("failed", detail=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
